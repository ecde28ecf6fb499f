"""What may wait for clients: in messages, in time, and for all of them together."""

import re

import pytest

from slow_clients import SMALL, Follower, Orders, config, counts, dropped, over_sse, round_of


@pytest.mark.parametrize("policy", [{"updated": "drop_newest"}, {"updated": "conflate"}])
def test_the_number_of_messages_is_a_bound_too(start, tmp_path, client, policy):
    host = start(config=config(tmp_path, policy, buffer="16MiB", buffer_messages=10))
    orders = Orders(host, 40, 8192)
    reader, sleeper = (Follower(client(over_sse, host, "orders/all", receive_buffer=size)) for size in (None, SMALL))
    for follower in (reader, sleeper):
        follower.read_to(orders)
    orders.publish_until(lambda: sum(dropped(host).values()) > 100, reader)
    assert counts(host, "waiting_bytes") < 20 * 9000
    sleeper.read_to(orders)


def test_a_client_that_is_held_and_takes_nothing_is_closed_at_its_write_timeout(start, tmp_path, client):
    host = start(config=config(tmp_path, {"updated": "drop_oldest", "appended": "block"}, write_timeout="5s"))
    orders = Orders(host, 40, 4096)
    reader, sleeper = (Follower(client(over_sse, host, "orders/all", receive_buffer=size)) for size in (None, SMALL))
    for follower in (reader, sleeper):
        follower.read_to(orders)
    orders.publish_until(lambda: dropped(host).get("drop_oldest", 0) > 0, reader, more=0)  # well before its time is up
    assert "disconnected: it took nothing for 5000 ms; " in host.wait_for_log("disconnected")


def test_past_the_budget_of_all_clients_the_slowest_goes_first(start, tmp_path, client):
    host = start(config=config(tmp_path, {}, buffer="16MiB", limits={"buffers": "2MiB"}))
    orders = Orders(host, 100, 8000)  # of all, 0.8 MB wait at most; of one, 8 kB
    reader = Follower(client(over_sse, host, "orders/all"))
    reader.read_to(orders)
    little = [client(over_sse, host, f"orders/{order}", receive_buffer=SMALL) for order in orders.names[:5]]
    much = [client(over_sse, host, "orders/all", receive_buffer=SMALL) for _ in range(4)]
    for opened in (*little, *much):
        opened.until(lambda m: "orderId" in m)
    orders.publish_until(lambda: counts(host, "sessions_closed_total", "reason").get("buffer_overflow", 0) > 0, reader)
    assert re.search(
        r"disconnected: it is the slowest: more than limits.buffers \(2097152 bytes\) waits for all clients together; ",
        host.wait_for_log("disconnected"),
    )
    assert counts(host, "waiting_bytes") <= 2 * 1024 * 1024
    for opened, order in zip(little, orders.names):
        opened.until(lambda m: m.get("orderId") == order and round_of(m) == orders.round)
    closed = counts(host, "sessions_closed_total", "reason")["buffer_overflow"]
    assert 1 <= closed < len(much), "no more than have to"
