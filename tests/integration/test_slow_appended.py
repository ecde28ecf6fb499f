"""Clients of appended topics that stop reading while much is published: they get every message once, in order."""

from slow_clients import SMALL, Listener, Updates, config, counts, dropped, over_sse, partitioned, transports, windowed


@windowed
@partitioned
@transports
def test_block_refills_a_slow_client_from_history_so_that_it_gets_every_message_once(start, tmp_path, client, connect, partitions, window):
    host = start(config=config(tmp_path, {"appended": "block"}, partitions, flush_window=window))
    updates = Updates(host)
    updates.publish()
    reader, sleeper = (Listener(client(kind, host, "jobs/all", receive_buffer=size), partitions=partitions)
                       for kind, size in ((over_sse, None), (connect, SMALL)))
    for listener in (reader, sleeper):
        listener.read_to(updates)
    for _ in range(2):  # it stops more than once
        before = dropped(host).get("blocked", 0)
        updates.publish_until(lambda: dropped(host).get("blocked", 0) > before + 100, reader)
        sleeper.read_to(updates)
        updates.publish()
        for listener in (reader, sleeper):
            listener.read_to(updates)
    assert set(dropped(host)) <= {"blocked", "conflated"}
    if partitions == 1:  # its cursor came with the last message
        again = Listener(client(connect, host, "jobs/all", last_event_id=sleeper.client.last_id), sleeper.taken)
        updates.publish()
        again.read_to(updates)


@partitioned
@transports
def test_a_blocked_client_may_leave_at_any_moment_and_misses_nothing_by_its_cursor(start, tmp_path, client, connect, partitions):
    host = start(config=config(tmp_path, {"appended": "block"}, partitions))
    updates = Updates(host)
    updates.publish()
    reader = Listener(client(over_sse, host, "jobs/all"), partitions=partitions)
    sleepers = [Listener(client(connect, host, "jobs/all", receive_buffer=SMALL), partitions=partitions) for _ in range(3)]
    for listener in (reader, *sleepers):
        listener.read_to(updates)
    updates.publish_until(lambda: dropped(host).get("blocked", 0) > 300, reader)
    for number, sleeper in enumerate(sleepers):
        for _ in range(1 + 30 * number):
            sleeper.step()
        sleeper.client.close()
        again = client(connect, host, "jobs/all", last_event_id=sleeper.client.last_id)
        taken = set(sleeper.taken)
        while taken != set(range(1, updates.published + 1)):
            message = again.next()
            assert message.get("type") not in ("reset", "error", "dropped"), message
            if message.get("type") == "state_update":
                taken.add(int(message["state"]["number"]))


def test_a_blocked_client_whose_history_is_gone_is_told_to_start_over(start, tmp_path, client):
    conf = config(tmp_path, {"appended": "block"})
    conf["states"]["jobs"]["history"] = 50
    host = start(config=conf)
    updates = Updates(host)
    updates.publish()
    reader, sleeper = (Listener(client(over_sse, host, "jobs/all", receive_buffer=size)) for size in (None, SMALL))
    for listener in (reader, sleeper):
        listener.read_to(updates)
    updates.publish_until(lambda: dropped(host).get("blocked", 0) > 300, reader)
    seen = sleeper.client.until(lambda m: m.get("type") == "reset")
    assert seen[-1] == {"type": "reset", "topic": "jobs/all", "reason": "the history after the cursor was trimmed"}
    after = sleeper.client.until(lambda m: m["state"]["number"] == str(updates.published))
    assert [int(m["state"]["number"]) for m in after] == list(range(updates.published - 49, updates.published + 1))


def test_a_blocked_client_of_two_lanes_whose_history_is_gone_is_closed_and_starts_over(start, tmp_path, client):
    conf = config(tmp_path, {"appended": "block"}, partitions=2)
    conf["states"]["jobs"]["history"] = 20
    host = start(config=conf)
    updates = Updates(host)
    updates.publish()
    reader, sleeper = (Listener(client(over_sse, host, "jobs/all", receive_buffer=size), partitions=2) for size in (None, SMALL))
    for listener in (reader, sleeper):
        listener.read_to(updates)
    updates.publish_until(lambda: dropped(host).get("blocked", 0) > 300, reader)
    while sleeper.step():
        pass
    assert "disconnected: it was too slow: what it missed is no longer kept; " in host.wait_for_log("disconnected")
    again = client(over_sse, host, "jobs/all", last_event_id=sleeper.client.last_id)
    resets = [m for m in again.until(lambda m: m.get("type") == "state_update") if m.get("type") == "reset"]
    assert [m["topic"] for m in resets] == ["jobs/all"]


@transports
def test_appended_disconnect_closes_a_slow_client_which_then_gets_the_rest(start, tmp_path, client, connect):
    host = start(config=config(tmp_path, {}))
    updates = Updates(host)
    updates.publish()
    reader, sleeper = (Listener(client(kind, host, "jobs/all", receive_buffer=size)) for kind, size in ((over_sse, None), (connect, SMALL)))
    for listener in (reader, sleeper):
        listener.read_to(updates)
    updates.publish_until(lambda: counts(host, "sessions_closed_total", "reason").get("buffer_overflow") == 1, reader)
    while sleeper.step():
        pass
    assert len(sleeper.taken) < updates.published
    assert set(dropped(host)) == {"buffer_overflow"}
    again = Listener(client(connect, host, "jobs/all", last_event_id=sleeper.client.last_id), sleeper.taken)
    again.read_to(updates)
