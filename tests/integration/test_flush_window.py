"""A transport whose changes wait for others to the same client: they come all, in order, in fewer writes."""

import time

from events import created, status
from host import configuration
from slow_clients import counts, over_sse, over_websocket, transports


def started(start, tmp_path, window):
    kinds = {name: {"type": name, "flush_window": window} for name in ("sse", "websocket")}
    return start(config=configuration(
        tmp_path,
        server={"listen": "127.0.0.1:0", "admin": "127.0.0.1:0", "publish": "events", "shards": 1},
        states={"orders": {"type": "order", "sources": ["events"]}},
        transports=kinds))


def is_order(message):
    return message.get("orderId") == "o-0"


def until(opened, wanted):
    """All that comes up to the first message for which it holds."""
    seen = []
    while not seen or not wanted(seen[-1]):
        seen.append(opened.next())
        assert seen[-1] is not None, f"the stream closed; it brought {seen}"
    return seen


@transports
def test_changes_within_a_window_come_in_order_and_in_fewer_writes(start, tmp_path, client, connect):
    host = started(start, tmp_path, "1s")
    host.publish(created("o-0"), wait=True)
    opened = client(connect, host, "orders/all")
    until(opened, is_order)
    deadline, last, writes, n = time.monotonic() + host.deadline, 0, 20, 20
    while writes >= n:  # the window in which the client came may not be over yet
        assert time.monotonic() < deadline
        before = counts(host, "writes_total")
        numbers = [f"o-{number}" for number in range(last + 1, last + n + 1)]
        for number in numbers:
            host.publish(created(number), wait=True)  # a round of its own
        seen = [m["orderId"] for m in until(opened, lambda m: m.get("orderId") == numbers[-1]) if "orderId" in m]
        assert seen == numbers
        last, writes = last + n, counts(host, "writes_total") - before


def test_who_comes_while_a_window_is_under_way_gets_the_snapshot_and_then_the_changes(start, tmp_path, client):
    host = started(start, tmp_path, "1s")
    host.publish(created("o-0"), wait=True)
    first = client(over_websocket, host, "orders/all")
    until(first, is_order)
    host.publish(status("o-0", "CONFIRMED"), wait=True)
    late = [client(connect, host, "orders/o-0") for connect in (over_sse, over_websocket)]
    for opened in late:
        assert until(opened, is_order)[-1]["data"]["status"] == "CONFIRMED"
    host.publish(status("o-0", "PREPARING"), wait=True)
    for opened in (first, *late):
        until(opened, lambda m: is_order(m) and m["data"]["status"] == "PREPARING")
