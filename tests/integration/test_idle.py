"""Clients that are idle, and what is left when they have gone: nothing but their records, and then nothing."""

from contextlib import ExitStack

from events import created, is_status, status
from host import CUSTOMER, STAFF
from raw_websocket import RawWebSocket
from slow_clients import SMALL, config, counts, over_sse, over_websocket, transports

ONE_SHARD = {"listen": "127.0.0.1:0", "admin": "127.0.0.1:0", "publish": "events", "shards": 1}


def read_until(client, wanted):
    while not wanted(message := client.next()):
        pass
    return message


def detailed(host):
    return counts(host, "sessions_detailed")


def sessions(host):
    return sum(counts(host, "sessions", "transport").values())


@transports
def test_a_client_that_has_its_snapshot_holds_no_more_than_its_record(start, connect):
    host = start(server=ONE_SHARD)
    host.publish(created("o-1"), wait=True)
    with ExitStack() as clients:
        opened = []
        for _ in range(5):
            opened.append(connect(host, "orders/o-1"))
            clients.callback(opened[-1].close)
            read_until(opened[-1], is_status("o-1", "PENDING"))
        host.wait_until(lambda: detailed(host) == 0, "no session holds more than its record")
        assert sessions(host) == 5
        assert counts(host, "topics") == 1
        host.publish(status("o-1", "CONFIRMED"))
        for client in opened:
            read_until(client, is_status("o-1", "CONFIRMED"))
        host.wait_until(lambda: detailed(host) == 0, "nor does one that has had an update")


@transports
def test_a_client_of_several_topics_holds_more_until_it_goes(start, connect):
    host = start(server=ONE_SHARD)
    host.publish(created("o-1"), created("o-2"), wait=True)
    client = connect(host, "orders/o-1")
    try:
        read_until(client, is_status("o-1", "PENDING"))
        host.wait_until(lambda: detailed(host) == 0, "one topic has room in the record")
        several = connect(host, "orders/o-1&topic=orders/o-2") if connect is over_sse else client
        if several is client:
            client.send({"action": "subscribe", "topic": "orders/o-2"})
        read_until(several, is_status("o-2", "PENDING"))
        assert detailed(host) == 1
        assert counts(host, "topics") == 2
        host.publish(status("o-1", "CONFIRMED"), status("o-2", "CONFIRMED"))
        read_until(several, is_status("o-2", "CONFIRMED"))
        several.close()
    finally:
        client.close()
    host.wait_until(lambda: (sessions(host), detailed(host), counts(host, "topics")) == (0, 0, 0), "all are gone")


def test_a_websocket_keeps_what_states_are_told_of_its_client_for_later_subscriptions(start):
    host = start(server=ONE_SHARD)
    host.publish(created("o-1", customer="c-1"), created("o-2", customer="c-2"), wait=True)
    clients = [RawWebSocket(host, "orders/o-1", token) for token in (CUSTOMER, STAFF, CUSTOMER)]
    for client in clients:
        read_until(client, is_status("o-1", "PENDING"))
    host.wait_until(lambda: detailed(host) == 0, "all are idle")
    for client, allowed in zip(clients, (False, True, False)):
        client.send({"action": "subscribe", "topic": "orders/o-2", "id": 7})
        answer = read_until(client, lambda m: m.get("id") == 7)
        assert answer["type"] == ("subscribed" if allowed else "error")
    host.wait_until(lambda: detailed(host) == 1, "a refusal leaves nothing behind")
    for client in clients:
        client.close()


def test_a_slow_client_holds_more_until_it_has_taken_all(tmp_path, start):
    host = start(config=config(tmp_path, {"updated": "conflate"}))
    host.publish(created("o-1"), wait=True)
    with over_sse(host, "orders/o-1", receive_buffer=SMALL) as client:
        read_until(client, is_status("o-1", "PENDING"))
        host.wait_until(lambda: detailed(host) == 0, "it is idle")
        note = "x" * 60_000
        number = 0
        while detailed(host) == 0:
            number += 1
            host.publish(status("o-1", "PENDING", note=note, number=number), wait=True)
        read_until(client, lambda m: m.get("data", {}).get("number") == number)
        host.wait_until(lambda: detailed(host) == 0, "it has all, and is idle again")


def test_nothing_is_left_of_two_thousand_clients_that_came_and_went(start):
    host = start(server=ONE_SHARD)
    host.publish(*(created(f"o-{n}") for n in range(20)), wait=True)
    for round_ in range(10):
        with ExitStack() as clients:
            for n in range(200):
                connect = over_websocket if n % 2 else over_sse
                client = connect(host, f"orders/o-{(n + round_) % 20}")
                clients.callback(client.close)
                if n % 3 == 0:  # the others leave at once, in the middle of whatever is under way for them
                    read_until(client, is_status(f"o-{(n + round_) % 20}", "PENDING"))
    left = ("sessions_detailed", "topics", "connections", "waiting_bytes")
    host.wait_until(lambda: sessions(host) == 0 and [counts(host, name) for name in left] == [0, 0, 0, 0], "nothing is left")
    assert sum(counts(host, "sessions_opened_total", "transport").values()) == 2_000
    assert counts(host, "subscriptions", "prefix") == {}
    subscribers = host.get("/api/v1/realtime/subscribers").json
    assert set(subscribers.values()) == {0}
    with over_sse(host, "orders/o-1") as client:
        read_until(client, is_status("o-1", "PENDING"))
