"""What the WebSocket answers to each command, and how it ends."""

import pytest

from events import created, is_status, status
from host import CUSTOMER, STAFF
from stock_clients import WsClient


@pytest.fixture
def commands(host, stock):
    """A WebSocket on which commands are sent and answers read."""

    def open_socket(token=STAFF):
        client = stock(WsClient, host, token=token)
        assert client.line() == {"open": True}
        return client

    return open_socket


def answer(client, command):
    client.send(command)
    while True:
        message = client.line()["message"]
        if message["type"] not in ("connected", "cursor", "order_update"):
            return message


def test_a_subscription_is_confirmed_before_its_first_value(host, commands):
    host.publish(created("o-1"), wait=True)
    client = commands(CUSTOMER)
    assert answer(client, {"action": "subscribe", "topic": "orders/o-1", "id": 7}) == {
        "type": "subscribed", "topic": "orders/o-1", "resumed": False, "id": 7,
    }
    first = client.line()["message"]
    assert first["orderId"] == "o-1"
    assert list(first)[-1] == "cursor"


def test_the_topic_may_be_written_as_in_stomp(host, commands):
    host.publish(created("o-1"), wait=True)
    client = commands(CUSTOMER)
    assert answer(client, {"action": "subscribe", "topic": "/topic/orders/o-1"})["topic"] == "orders/o-1"


def test_nothing_comes_after_an_unsubscription(host, commands):
    host.publish(created("o-1"), created("o-2"), wait=True)
    client = commands()
    for order in ("o-1", "o-2"):
        client.send({"action": "subscribe", "topic": f"orders/{order}"})
        client.until(is_status(order, "PENDING"))
    assert answer(client, {"action": "unsubscribe", "topic": "orders/o-1", "id": "u"}) == {
        "type": "unsubscribed", "topic": "orders/o-1", "id": "u",
    }
    host.publish(status("o-1", "CONFIRMED"), status("o-2", "CONFIRMED"))
    assert client.next()["orderId"] == "o-2"


def test_an_event_may_be_published_on_the_socket(host, commands):
    client = commands()
    published = answer(client, {"action": "publish", "event": created("o-1"), "id": 1})
    assert published.pop("cursor")
    (event,) = published.pop("events")
    assert event["duplicate"] is False
    assert published == {"type": "published", "accepted": 1, "duplicates": 0, "id": 1}
    client.send({"action": "subscribe", "topic": "orders/o-1"})
    client.until(is_status("o-1", "PENDING"))


def test_a_ping_is_answered(commands):
    assert answer(commands(), {"action": "ping", "id": "p"}) == {"type": "pong", "id": "p"}


def test_a_denial_concerns_one_topic_and_leaves_the_others(host, commands):
    host.publish(created("o-1"), created("o-2", customer="c-2"), wait=True)
    client = commands(CUSTOMER)
    client.send({"action": "subscribe", "topic": "orders/o-1"})
    client.until(is_status("o-1", "PENDING"))
    denied = answer(client, {"action": "subscribe", "topic": "orders/o-2", "id": 2})
    assert denied == {
        "type": "error", "action": "subscribe", "topic": "orders/o-2", "id": 2,
        "status": 403, "title": "Forbidden", "detail": "order o-2 is not yours or does not exist",
    }
    host.publish(status("o-1", "CONFIRMED"))
    assert client.next()["data"]["status"] == "CONFIRMED"


WRONG = [
    ("not JSON", "hello",
     'the message is not JSON: send one object such as {"action":"subscribe","topic":"orders/o-1"}'),
    ("no action", {"topic": "orders/o-1"},
     "'action' must be one of subscribe, unsubscribe, publish, renew, ping"),
    ("an unknown action", {"action": "dance"},
     "'action' must be one of subscribe, unsubscribe, publish, renew, ping"),
    ("a subscription to nothing", {"action": "subscribe"},
     "'topic' must be a string of 1 to 256 bytes, such as orders/o-1"),
]


@pytest.mark.parametrize("name, command, detail", WRONG, ids=[w[0] for w in WRONG])
def test_a_wrong_command_is_answered_and_the_socket_stays_open(commands, name, command, detail):
    client = commands()
    wrong = answer(client, command)
    assert (wrong["type"], wrong["status"], wrong["detail"]) == ("error", 400, detail)
    assert answer(client, {"action": "ping"})["type"] == "pong"


def test_a_malformed_cursor_brings_a_reset_and_a_fresh_value(host, commands):
    host.publish(created("o-1"), wait=True)
    client = commands(CUSTOMER)
    client.send({"action": "subscribe", "topic": "orders/o-1", "last_event_id": "!no cursor!"})
    reset, value = client.next(), client.next()
    assert reset == {"type": "reset", "topic": "orders/o-1", "reason": "the cursor is malformed"}
    assert value["data"]["status"] == "PENDING"


def test_a_stop_closes_with_going_away(start, stock):
    host = start()
    client = stock(WsClient, host)
    assert client.line() == {"open": True}
    host.stop()
    line = client.line()
    while "closed" not in line:
        line = client.line()
    assert line == {"closed": 1001}
