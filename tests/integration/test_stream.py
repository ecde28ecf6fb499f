"""What one SSE stream carries, byte for byte where clients depend on it."""

from urllib.parse import quote

from events import created, is_status, status
from host import CUSTOMER, STAFF


def statuses(messages):
    return [(m["orderId"], m["data"]["status"]) for m in messages if m["type"] == "order_update"]


def test_the_first_message_says_what_the_stream_is(host, stream):
    host.publish(created("o-1"), wait=True)
    opened = stream(host, "/api/v1/realtime/orders/o-1/stream", token=CUSTOMER)
    assert opened.status == 200
    assert opened.headers["content-type"] == "text/event-stream"
    assert opened.headers["cache-control"] == "no-store"
    assert opened.headers["x-accel-buffering"] == "no"
    first = opened.next()
    assert first.pop("session")
    assert first == {"type": "connected", "topics": ["orders/o-1"], "resumed": False}
    assert opened.parser.retry_ms == 2000


def test_an_entity_that_does_not_exist_yet_comes_when_it_appears(host, stream):
    waiting = stream(host, "/api/v1/realtime/orders/o-1/stream", token=STAFF)
    assert waiting.next()["type"] == "connected"
    host.publish(created("o-1"))
    assert statuses([waiting.next()]) == [("o-1", "PENDING")]


def test_staff_sees_what_a_customer_does_not(host, stream):
    host.publish(created("o-1"), status("o-1", "CONFIRMED", internalNote="ring twice"), wait=True)
    seen = {}
    for token in (CUSTOMER, STAFF):
        seen[token] = stream(host, "/api/v1/realtime/orders/o-1/stream", token=token).until(is_status("o-1", "CONFIRMED"))
    assert "internalNote" not in seen[CUSTOMER][-1]["data"]
    assert seen[STAFF][-1]["data"]["internalNote"] == "ring twice"


def test_a_snapshot_larger_than_the_buffer_comes_whole(start, stream):
    host = start(transports={"sse": {"type": "sse", "buffer": "16KiB"}})
    orders = [f"o-{number:04}" for number in range(1000)]
    host.publish(*(created(order) for order in orders), wait=True)
    everything = stream(host, "/api/v1/stream?topic=orders/all", token=STAFF).until(is_status("o-0999", "PENDING"))
    assert [order for order, _ in statuses(everything)] == orders


def test_an_unchanged_topic_brings_nothing_on_resume(host, stream):
    host.publish(created("o-1"), wait=True)
    first = stream(host, "/api/v1/realtime/orders/o-1/stream", token=CUSTOMER)
    first.until(is_status("o-1", "PENDING"))
    again = stream(host, "/api/v1/realtime/orders/o-1/stream", token=CUSTOMER, last_event_id=first.last_id)
    assert again.next()["resumed"] is True
    host.publish(status("o-1", "CONFIRMED"))
    assert statuses([again.next()]) == [("o-1", "CONFIRMED")]


def test_the_cursor_may_come_in_the_query(host, stream):
    host.publish(created("o-1"), wait=True)
    path = "/api/v1/realtime/orders/o-1/stream"
    first = stream(host, path, token=CUSTOMER)
    first.until(is_status("o-1", "PENDING"))
    again = stream(host, f"{path}?last_event_id={quote(first.last_id)}", token=CUSTOMER)
    assert again.next()["resumed"] is True


def test_a_malformed_cursor_brings_a_reset_and_a_fresh_snapshot(host, stream):
    host.publish(created("o-1"), wait=True)
    opened = stream(host, "/api/v1/realtime/orders/o-1/stream", token=CUSTOMER, last_event_id="!no cursor!")
    connected, reset, value = opened.next(), opened.next(), opened.next()
    assert connected["resumed"] is False
    assert reset == {"type": "reset", "topic": "orders/o-1", "reason": "the cursor is malformed"}
    assert statuses([value]) == [("o-1", "PENDING")]


def test_a_cursor_of_another_log_brings_a_reset(start, stream, tmp_path):
    one, other = start(tmp_path / "one"), start(tmp_path / "other")
    for host in (one, other):
        host.publish(created("o-1"), wait=True)
    path = "/api/v1/realtime/orders/o-1/stream"
    first = stream(one, path, token=CUSTOMER)
    first.until(is_status("o-1", "PENDING"))
    moved = stream(other, path, token=CUSTOMER, last_event_id=first.last_id)
    assert moved.next()["resumed"] is False
    assert moved.next() == {"type": "reset", "topic": "orders/o-1", "reason": "the cursor is of another history"}
    assert statuses([moved.next()]) == [("o-1", "PENDING")]


def test_an_idle_stream_is_kept_alive(start, stream):
    host = start(transports={"sse": {"type": "sse", "heartbeat": "100ms"}})
    host.publish(created("o-1"), wait=True)
    opened = stream(host, "/api/v1/realtime/orders/o-1/stream", token=CUSTOMER)
    opened.until(is_status("o-1", "PENDING"))
    while opened.parser.heartbeats < 3:
        assert opened.parser.feed(opened.socket.recv(4096)) == []


def test_partitions_make_no_difference_to_what_clients_see(start, stream):
    host = start(states={"orders": {"type": "order", "sources": ["events"], "partitions": 4}})
    orders = [f"o-{number}" for number in range(40)]
    host.publish(*(created(order) for order in orders), wait=True)
    everything = stream(host, "/api/v1/stream?topic=orders/all", token=STAFF)
    seen = statuses([everything.next() for _ in range(41)])
    assert sorted(seen) == sorted((order, "PENDING") for order in orders)
    host.publish(*(status(order, "CONFIRMED") for order in orders), wait=True)
    seen = statuses([everything.next() for _ in orders])
    assert sorted(seen) == sorted((order, "CONFIRMED") for order in orders)
    everything.close()
    host.publish(status("o-7", "PREPARING"), wait=True)
    again = stream(host, "/api/v1/stream?topic=orders/all", token=STAFF, last_event_id=everything.last_id)
    assert again.next()["resumed"] is True


def test_a_stop_says_goodbye_and_when_to_come_back(start, stream):
    host = start()
    host.publish(created("o-1"), wait=True)
    opened = stream(host, "/api/v1/realtime/orders/o-1/stream", token=CUSTOMER)
    opened.until(is_status("o-1", "PENDING"))
    host.stop()
    assert host.process.returncode == 0
    (closing,) = opened.rest()
    assert closing == {"type": "closing", "reason": "the host stops", "retry": opened.parser.retry_ms}
    assert 500 <= opened.parser.retry_ms < 5000
