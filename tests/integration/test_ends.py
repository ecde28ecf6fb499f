"""What comes to its end: the last value, the word that it was the last, and no more connections."""

from urllib.parse import quote

from events import created, is_status, status
from host import CUSTOMER, STAFF
from stock_clients import EventSourceClient, WsClient

ORDER = "/api/v1/realtime/orders/o-1/stream"
LONG_AGO = "2020-01-01T00:00:00Z"
ENDED = {"type": "ended", "topic": "orders/o-1"}


def cancelled(order, time=None):
    event = status(order, "CANCELLED", reason="no rice")
    return {**event, "id": f"{order}-cancelled", "time": time} if time else event


def kinds(messages):
    return [message["type"] for message in messages]


def test_a_stream_closes_after_the_last_message(host, stream):
    host.publish(created("o-1"), wait=True)
    watching = stream(host, ORDER, token=CUSTOMER)
    watching.until(is_status("o-1", "PENDING"))
    host.publish(cancelled("o-1"))
    last, ended = watching.rest()
    assert last["data"]["status"] == "CANCELLED"
    assert ended == ENDED


def test_a_client_that_has_all_of_it_is_told_not_to_come_back(host, stream):
    host.publish(created("o-1"), wait=True)
    watching = stream(host, ORDER, token=CUSTOMER)
    watching.until(is_status("o-1", "PENDING"))
    before = watching.last_id
    host.publish(cancelled("o-1"), wait=True)
    watching.rest()

    again = host.get(ORDER, token=CUSTOMER, headers={"Last-Event-ID": watching.last_id})
    assert (again.status, again.body) == (204, b"")
    assert host.get(f"{ORDER}?last_event_id={quote(watching.last_id)}", token=CUSTOMER).status == 204

    missed = stream(host, ORDER, token=CUSTOMER, last_event_id=before)
    assert missed.status == 200
    assert kinds(missed.rest()) == ["connected", "order_update", "ended"]


def test_who_comes_late_sees_the_last_value(host, stream):
    host.publish(created("o-1"), cancelled("o-1"), wait=True)
    connected, last, ended = stream(host, ORDER, token=CUSTOMER).rest()
    assert connected["resumed"] is False
    assert last["data"]["status"] == "CANCELLED"
    assert ended == ENDED


def test_a_restart_does_not_forget_the_end(start, stream, tmp_path):
    first = start(tmp_path)
    first.publish(created("o-1"), cancelled("o-1"), wait=True)
    watching = stream(first, ORDER, token=CUSTOMER)
    watching.rest()
    first.kill()
    second = start(tmp_path)
    assert second.get(ORDER, token=CUSTOMER, headers={"Last-Event-ID": watching.last_id}).status == 204


def test_a_stream_of_several_topics_goes_on_with_the_others(host, stream):
    host.publish(created("o-1"), created("o-2"), wait=True)
    both = stream(host, "/api/v1/stream?topic=orders/o-1&topic=orders/o-2", token=STAFF)
    both.until(is_status("o-2", "PENDING"))
    host.publish(cancelled("o-1"))
    assert both.until(lambda m: m["type"] == "ended")[-1] == ENDED
    host.publish(status("o-2", "CONFIRMED"))
    both.until(is_status("o-2", "CONFIRMED"))
    both.close()
    again = stream(host, "/api/v1/stream?topic=orders/o-1&topic=orders/o-2", token=STAFF, last_event_id=both.last_id)
    assert again.next()["resumed"] is True
    assert again.next() == ENDED
    host.publish(cancelled("o-2"))
    assert kinds(again.rest()) == ["order_update", "ended"]
    assert host.get("/api/v1/stream?topic=orders/o-1&topic=orders/o-2", headers={"Last-Event-ID": again.last_id}).status == 204


def test_topics_of_several_lanes_end_one_by_one(start, stream):
    host = start(states={"orders": {"type": "order", "sources": ["events"], "partitions": 4}})
    orders = [f"o-{number}" for number in range(1, 9)]
    host.publish(*map(created, orders), wait=True)
    path = "/api/v1/stream?" + "&".join(f"topic=orders/{order}" for order in orders)
    watching = stream(host, path, token=STAFF)
    host.publish(*map(cancelled, orders[:-1]), wait=True)
    ends = 0
    while ends < len(orders) - 1:
        ends += watching.next()["type"] == "ended"
    host.publish(status(orders[-1], "CONFIRMED"))
    watching.until(is_status(orders[-1], "CONFIRMED"))
    host.publish(cancelled(orders[-1]))
    assert kinds(watching.rest()) == ["order_update", "ended"]
    assert host.get(path, headers={"Last-Event-ID": watching.last_id}).status == 204


def test_a_stock_event_source_stays_away(host, stock):
    host.publish(created("o-1"), wait=True)
    client = stock(EventSourceClient, host, "orders/o-1")
    client.until(is_status("o-1", "PENDING"))
    host.publish(cancelled("o-1"))
    assert kinds(client.until(lambda m: m["type"] == "ended")) == ["order_update", "ended"]
    assert client.refused() == 204


def test_a_websocket_stays_open(host, stock):
    host.publish(created("o-1"), wait=True)
    client = stock(WsClient, host, "orders/o-1")
    client.until(is_status("o-1", "PENDING"))
    host.publish(cancelled("o-1"))
    client.until(lambda m: m["type"] == "ended")
    client.send({"action": "subscribe", "topic": "orders/o-1"})
    assert kinds(client.until(lambda m: m["type"] == "ended")).count("order_update") == 1
    client.send({"action": "ping"})
    client.until(lambda m: m["type"] == "pong")


def test_ended_orders_go_after_keep(start):
    host = start(states={"orders": {"type": "order", "sources": ["events"], "refresh": "50ms"}})
    host.publish(created("o-1"), created("o-2"), cancelled("o-1", LONG_AGO), cancelled("o-2"))
    listed = lambda: [item["orderId"] for item in host.get("/api/v1/topics/orders/all").json["items"]]
    host.wait_until(lambda: listed() == ["o-2"], "the order that ended long ago is gone")
    assert host.get("/api/v1/topics/orders/o-1", token=CUSTOMER).status == 403
