"""Clients of updated topics that stop reading while much is published, and then read again: each policy, over each transport.

Each ends at the current values, goes only forward, and is told what it was not sent; another client sees everything meanwhile.
"""

import re

import pytest

from slow_clients import SMALL, TOO_SLOW, Follower, Orders, Relisted, config, counts, dropped, over_sse, partitioned, transports, windowed


DROPPING = {
    "conflate": "conflated",
    "drop_oldest": "drop_oldest",
    "drop_newest": "drop_newest",
}


@windowed
@partitioned
@transports
@pytest.mark.parametrize("policy", DROPPING)
def test_a_client_that_stops_reading_gets_the_current_values_once_it_reads_again(start, tmp_path, client, connect, policy, partitions, window):
    host = start(config=config(tmp_path, {"updated": policy}, partitions, flush_window=window))
    orders = Orders(host, 60, 4096)  # a round is more than the buffer
    reader = Follower(client(over_sse, host, "orders/all"))
    reader.read_to(orders)
    sleeper = Follower(client(connect, host, "orders/all", receive_buffer=SMALL))
    sleeper.read_to(orders)
    orders.publish_until(lambda: dropped(host).get(DROPPING[policy], 0) > 200, reader)
    assert reader.seen == len(orders.names) * (orders.round + 1)
    sleeper.read_to(orders)
    assert sleeper.seen < reader.seen
    orders.publish_round()
    reader.read_to(orders)
    sleeper.read_to(orders)
    # It was told of each that it was not sent. Cursors are dropped, too, and are nobody's message.
    told = sum(notice.pop("messages") for notice in sleeper.told)
    assert all(notice == {"type": "dropped", "topic": "orders/all", "reason": TOO_SLOW} for notice in sleeper.told)
    counted = dropped(host)
    assert set(counted) <= {DROPPING[policy], "conflated"}
    assert told == counted[DROPPING[policy]] if partitions == 1 else 0 < told <= sum(counted.values())
    assert not reader.told
    if partitions == 1:  # its cursor came with the last value
        again = Follower(client(connect, host, "orders/all", last_event_id=sleeper.client.last_id), sleeper.known)
        orders.publish_round()
        again.read_to(orders)


def test_values_that_take_the_place_of_others_in_the_queue_are_told_when_it_is_empty(start, tmp_path, client):
    host = start(config=config(tmp_path, {}, buffer="1MiB"))
    orders = Orders(host, 5, 16000)  # fewer than the buffer holds
    reader, sleeper = (Follower(client(over_sse, host, "orders/all", receive_buffer=size)) for size in (None, SMALL))
    for follower in (reader, sleeper):
        follower.read_to(orders)
    orders.publish_until(lambda: dropped(host).get("conflated", 0) > 20, reader)
    sleeper.read_to(orders)
    while not sleeper.told:
        assert sleeper.step()
    assert sleeper.told == [{"type": "dropped", "topic": "orders/all", "reason": TOO_SLOW, "messages": dropped(host)["conflated"]}]
    assert reader.seen - sleeper.seen == sleeper.told[0]["messages"]


@partitioned
@transports
@pytest.mark.parametrize("policy", DROPPING)
def test_a_slow_client_may_leave_at_any_moment_and_misses_nothing_by_its_cursor(start, tmp_path, client, connect, policy, partitions):
    host = start(config=config(tmp_path, {"updated": policy}, partitions))
    orders = Orders(host, 60, 4096)
    reader = Follower(client(over_sse, host, "orders/all"))
    reader.read_to(orders)
    sleepers = [Follower(client(connect, host, "orders/all", receive_buffer=SMALL)) for _ in range(4)]
    for sleeper in sleepers:
        sleeper.read_to(orders)
    orders.publish_until(lambda: dropped(host).get(DROPPING[policy], 0) > 4 * 200, reader)
    for number, sleeper in enumerate(sleepers):
        for _ in range(1 + 40 * number):
            if sleeper.known != orders.current:
                sleeper.step()
        sleeper.client.close()
        # What follows the cursor may be what came before it too, when it is no message's own.
        again = Follower(client(connect, host, "orders/all", last_event_id=sleeper.client.last_id))
        known = dict(sleeper.known)
        while known != orders.current:
            assert again.step()
            known |= again.known


@transports
def test_a_snapshot_that_is_taken_slowly_ends_with_the_values_of_that_moment(start, tmp_path, client, connect):
    host = start(config=config(tmp_path, {}, buffer="64KiB"))
    orders = Orders(host, 600, 16000)
    reader = Follower(client(over_sse, host, "orders/all"))
    reader.read_to(orders)
    # The snapshot is more than the kernel and the buffer hold; what is listed of it changes while it waits.
    sleeper = Relisted(client(connect, host, "orders/all", receive_buffer=SMALL))
    host.wait_until(lambda: counts(host, "waiting_bytes") > 0, "the kernel has all that it takes of the snapshot")
    orders.publish_round()
    reader.read_to(orders)
    sleeper.read_to(orders)
    assert sleeper.told
    orders.publish_round()
    sleeper.read_to(orders)


@transports
def test_updated_disconnect_closes_a_slow_client_which_then_resumes(start, tmp_path, client, connect):
    host = start(config=config(tmp_path, {"updated": "disconnect"}))
    orders = Orders(host, 20, 4096)
    reader = Follower(client(over_sse, host, "orders/all"))
    sleeper = Follower(client(connect, host, "orders/all", receive_buffer=SMALL))
    for follower in (reader, sleeper):
        follower.read_to(orders)
    orders.publish_until(lambda: counts(host, "sessions_closed_total", "reason").get("buffer_overflow") == 1, reader)
    assert re.search(r"disconnected: it is too slow: more than its buffer \(65536 bytes, 1024 messages\) waits for it; ", host.wait_for_log("disconnected"))
    sleeper.read_to_the_end()
    assert sleeper.known != orders.current and not sleeper.told
    assert set(dropped(host)) == {"buffer_overflow"}
    again = Follower(client(connect, host, "orders/all", last_event_id=sleeper.client.last_id), sleeper.known)
    again.read_to(orders)
