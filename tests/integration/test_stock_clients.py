"""What an application meets that uses a client library as it comes."""

import pytest

from events import created, is_status, status
from host import CUSTOMER, OTHER_CUSTOMER, configuration
from stock_clients import STOCK_CLIENTS, EventSourceClient

every_client = pytest.mark.parametrize("kind", STOCK_CLIENTS, ids=lambda kind: kind.__name__)


def order_of(message):
    return message["orderId"], message["data"]["status"]


@every_client
def test_a_client_gets_the_current_state_at_once(host, stock, kind):
    host.publish(created("o-1"), status("o-1", "CONFIRMED"), wait=True)
    client = stock(kind, host, "orders/o-1", token=CUSTOMER)
    message = client.next()
    assert message["type"] == "order_update"
    assert order_of(message) == ("o-1", "CONFIRMED")
    assert message["data"]["customerId"] == "c-1"
    assert client.last_id


@every_client
def test_a_client_gets_each_change_when_it_is_published(host, stock, kind):
    host.publish(created("o-1"), wait=True)
    client = stock(kind, host, "orders/o-1", token=CUSTOMER)
    assert order_of(client.next()) == ("o-1", "PENDING")
    for step in ("CONFIRMED", "PREPARING", "READY"):
        host.publish(status("o-1", step))
        assert order_of(client.next()) == ("o-1", step)


@every_client
def test_a_client_watches_several_topics_on_one_connection(host, stock, kind):
    host.publish(created("o-1"), created("o-2"), created("o-3", customer="c-2"), wait=True)
    client = stock(kind, host, "orders/o-1", "orders/o-2", token=CUSTOMER)
    assert {order_of(client.next()), order_of(client.next())} == {("o-1", "PENDING"), ("o-2", "PENDING")}
    host.publish(status("o-3", "CONFIRMED"), status("o-2", "CONFIRMED"), status("o-1", "CANCELLED"))
    assert order_of(client.next()) == ("o-2", "CONFIRMED")
    assert order_of(client.next()) == ("o-1", "CANCELLED")


@every_client
def test_a_client_that_comes_back_gets_what_it_missed_and_nothing_twice(host, stock, kind):
    host.publish(created("o-1"), created("o-2"), wait=True)
    first = stock(kind, host, "customers/c-1", token=CUSTOMER)
    first.until(is_status("o-2", "PENDING"))
    host.publish(status("o-1", "CONFIRMED"))
    first.until(is_status("o-1", "CONFIRMED"))
    first.close()
    host.publish(status("o-2", "CONFIRMED"), status("o-2", "PREPARING"), wait=True)
    again = stock(kind, host, "customers/c-1", token=CUSTOMER, last_id=first.last_id)
    assert order_of(again.next()) == ("o-2", "PREPARING")
    host.publish(status("o-1", "CANCELLED"))
    assert order_of(again.next()) == ("o-1", "CANCELLED")


@every_client
def test_a_client_is_refused_what_is_not_its_own(host, stock, kind):
    host.publish(created("o-1"), wait=True)
    assert stock(kind, host, "orders/o-1", token=OTHER_CUSTOMER).refused() == 403


@every_client
def test_a_client_without_a_known_token_is_refused(host, stock, kind):
    assert stock(kind, host, "orders/o-1", token="nobody-knows-me").refused() == 401


def test_an_eventsource_comes_back_by_itself_after_a_restart(start, stock, tmp_path):
    first = start()
    config = configuration(tmp_path)
    config["server"]["listen"] = f"127.0.0.1:{first.port}"
    first.publish(created("o-1"), wait=True)
    client = stock(EventSourceClient, first, "orders/o-1", token=CUSTOMER)
    client.until(is_status("o-1", "PENDING"))
    first.stop()
    second = start(config=config)
    second.publish(status("o-1", "CONFIRMED"))
    seen = client.until(lambda message: message["type"] == "order_update")
    assert [message["type"] for message in seen] == ["closing", "order_update"]
    assert order_of(seen[-1]) == ("o-1", "CONFIRMED")
