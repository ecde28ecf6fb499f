"""GET /metrics: what it counts of a known traffic, and that nobody but the configuration decides what is on it."""

import json
import os
import re
import socket
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from events import cloud_event, created, is_status, status
from host import CUSTOMER, PLUGINS, STAFF, TEST_PLUGINS, WAIT, configuration, request
from sse import DEADLINE
from stock_clients import WsClient

ROOT = Path(os.environ["STATECAST_SHIPPED_CONFIG"]).parent
ONE_SHARD = {"listen": "127.0.0.1:0", "admin": "127.0.0.1:0", "publish": "events", "shards": 1}


class Page:
    def __init__(self, host):
        response = host.admin("/metrics")
        assert response.status == 200
        assert response.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
        self.text = response.body.decode()
        self.families = list(text_string_to_metric_families(self.text))
        samples = [sample for family in self.families for sample in family.samples]
        self.values = {(s.name, frozenset(s.labels.items())): s.value for s in samples}
        assert len(self.values) == len(samples), "a series stands on the page twice"

    def get(self, name, **labels):
        return self.values["statecast_" + name, frozenset(labels.items())]

    def all(self, name):
        """The values of every series of that name."""
        return [value for (key, _), value in self.values.items() if key == "statecast_" + name]


def page(host):
    return Page(host)


def open_socket(host, path, token=STAFF):
    client = socket.create_connection(("127.0.0.1", host.port), timeout=DEADLINE)
    client.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n".encode())
    return client


def read_until(client, text, received=b""):
    while text not in received or not received.endswith(b"\n\n"):
        piece = client.recv(65536)
        assert piece, received
        received += piece
    return received


def publish_as_cloud_events(host, *events):
    answer = host.post(json.dumps(events),
                       "application/cloudevents-batch+json", headers=WAIT)
    assert answer.status == 202, answer.body
    return answer.json


# ---- exact numbers


def test_published_events_are_counted_from_the_request_to_the_states(start):
    host = start(server=ONE_SHARD)
    order = cloud_event(created("o-1"), "e-1")
    publish_as_cloud_events(host, order, cloud_event(status("o-1", "CONFIRMED"), "e-2"))
    publish_as_cloud_events(host, order, cloud_event(status("o-1", "DELIVERED"), "e-3"))
    host.publish({"type": "OfNobody", "subject": "x", "data": {}}, wait=True)
    seen = page(host)
    outcomes = {outcome: seen.get("events_published_total", source="events", outcome=outcome)
                for outcome in ("accepted", "duplicate", "refused", "failed")}
    assert outcomes == {"accepted": 4, "duplicate": 1, "refused": 0, "failed": 0}
    assert seen.get("append_batches_total", source="events") == 3
    assert seen.get("append_seconds_count", source="events") == 3
    assert seen.get("call_seconds_count", kind="source", instance="events", function="append") == 3
    assert seen.get("events_applied_total", state="orders") == 2
    assert seen.get("events_rejected_total", state="orders") == 1
    assert seen.get("state_keys", state="orders") == 1
    assert seen.get("append_failing", source="events") == 0
    # Nobody waits for the event of nobody.
    host.wait_until(lambda: page(host).get("events_unconsumed_total", source="events") == 1, "the tail reads the last event")
    host.wait_until(lambda: page(host).get("lag_events", state="orders", partition="0", source="events") == 0, "the lane has it too")
    seen = page(host)
    assert seen.get("events_read_total", source="events", reader="tail") == 4
    assert seen.get("events_read_total", source="events", reader="catch_up") == 0
    assert seen.get("lag_seconds", state="orders", partition="0", source="events") == 0
    assert seen.get("lanes_behind", source="events") == seen.get("lanes_replaying", source="events") == 0


def test_frames_are_counted_from_the_rendering_to_the_socket(start):
    host = start(server=ONE_SHARD)
    path = "/api/v1/realtime/orders/o-1/stream"
    clients = [open_socket(host, path), open_socket(host, path)]
    # Both have the end of their empty snapshot, the only frame yet that carries an id.
    received = [read_until(client, b"\nid: orders.", b"") for client in clients]
    host.publish(created("o-1"), status("o-1", "CONFIRMED"), status("o-1", "PENDING"), wait=True)
    received = [read_until(client, b'"CONFIRMED"', start) for client, start in zip(clients, received)]
    size = sum(map(len, received))
    host.wait_until(lambda: page(host).get("sent_bytes_total") == size, f"{size} bytes are counted as sent")
    seen = page(host)
    updates = sum(text.count(b"data: {") for text in received) / 2 - 1  # one order, two changes: one frame or two, as they met
    assert updates in (1, 2)
    # To each client its head, `connected`, the end of its snapshot, and the updates.
    assert seen.get("frames_queued_total") == seen.get("frames_sent_total") == 2 * (3 + updates)
    assert seen.get("renders_total", state="orders") == updates
    assert seen.get("encodes_total", transport="sse", encoding="plain") == 2 + updates
    assert seen.get("encodes_total", transport="sse", encoding="bare") == 0
    assert seen.get("frames_posted_total", state="orders") == 2 + updates
    assert seen.get("call_seconds_count", kind="state", instance="orders", function="render") == updates
    assert seen.get("render_failures_total", state="orders") == 0
    assert 2 <= seen.get("writes_total") <= seen.get("frames_sent_total")
    assert sum(seen.all("frames_dropped_total")) == 0
    for client in clients:
        client.close()


def test_sessions_are_counted_by_transport_and_by_how_they_end(start, stream, stock):
    host = start(server=ONE_SHARD)
    host.publish(created("o-1"), wait=True)
    streams = [stream(host, "/api/v1/realtime/orders/o-1/stream", token=STAFF),
               stream(host, "/api/v1/stream?topic=orders/o-1&topic=customers/c-1", token=CUSTOMER)]
    for opened in streams:
        opened.until(is_status("o-1", "PENDING"))
    socket_client = stock(WsClient, host, "orders/o-1")
    assert socket_client.next()["orderId"] == "o-1"
    seen = page(host)
    assert (seen.get("sessions", transport="sse"), seen.get("sessions", transport="websocket")) == (2, 1)
    assert (seen.get("subscriptions", prefix="orders"), seen.get("subscriptions", prefix="customers")) == (3, 1)
    assert seen.get("http_requests_total", route="/api/v1/realtime/orders/{id}/stream", status="2xx") == 1
    assert seen.get("http_requests_total", route="/api/v1/stream", status="2xx") == 1
    assert seen.get("http_requests_total", route="/ws", status="1xx") == 1
    for opened in streams:
        opened.close()
    ended = lambda: page(host).get("sessions_closed_total", transport="sse", reason="client")
    host.wait_until(lambda: ended() == 2, "both streams have ended")
    seen = page(host)
    assert sum(seen.all("sessions_closed_total")) == 2
    assert (seen.get("sessions", transport="sse"), seen.get("sessions", transport="websocket")) == (0, 1)
    assert (seen.get("subscriptions", prefix="orders"), seen.get("subscriptions", prefix="customers")) == (1, 0)
    assert seen.get("sessions_opened_total", transport="sse") == 2


def test_a_session_that_a_websocket_closes_ended_by_its_client(start, stock):
    host = start()
    client = stock(WsClient, host, "orders/o-1")
    host.wait_until(lambda: page(host).get("subscriptions", prefix="orders") == 1, "the client is subscribed")
    client.close()
    host.wait_until(lambda: page(host).get("sessions_closed_total", transport="websocket", reason="client") == 1, "it has ended")


def test_requests_are_counted_by_route_and_class_of_status(start):
    host = start()
    host.publish(created("o-1"), wait=True)
    for path, token in (("/api/v1/topics/orders/o-1", STAFF), ("/api/v1/topics/orders/o-9", STAFF), ("/api/v1/topics/orders/o-1", None),
                        ("/api/v1/realtime/subscribers", STAFF), ("/nowhere", STAFF), ("/api/v1/stream", STAFF)):
        host.get(path, token=token)
    seen = page(host)
    counted = {(dict(labels)["route"], dict(labels)["status"]): value
               for (name, labels), value in seen.values.items() if name == "statecast_http_requests_total" and value}
    assert counted == {
        ("/api/v1/events", "2xx"): 1,
        ("/api/v1/topics/{topic}", "2xx"): 1,
        ("/api/v1/topics/{topic}", "4xx"): 2,
        ("/api/v1/realtime/subscribers", "2xx"): 1,
        ("/api/v1/stream", "4xx"): 1,
        ("unmatched", "4xx"): 1,
    }
    assert seen.get("connections_accepted_total") == 7


@pytest.mark.parametrize("limit", ["connections", "per_ip"])
def test_connections_beyond_a_limit_are_counted_as_refused(start, stream, limit):
    host = start(limits={limit: 1})
    stream(host, "/api/v1/stream?topic=orders/o-1", token=STAFF)
    assert host.get("/api/v1/realtime/subscribers").status == 503
    seen = page(host)
    assert (seen.get("connections"), seen.get("connections_accepted_total")) == (1, 1)
    other = {"connections": "per_ip", "per_ip": "connections"}[limit]
    assert seen.get("connections_refused_total", limit=limit) == 1
    assert seen.get("connections_refused_total", limit=other) == 0


def test_every_frame_that_was_queued_was_sent_or_dropped(start, stream):
    host = start(transports={"sse": {"type": "sse", "buffer": "64KiB", "slow_clients": {"updated": "disconnect"}}})
    orders = [f"o-{number:02}" for number in range(40)]
    host.publish(*(created(order) for order in orders), wait=True)
    sleeper = stream(host, "/api/v1/stream?topic=orders/all", token=STAFF)
    sleeper.until(is_status("o-39", "PENDING"))
    for _ in range(200):
        host.publish(*(status(order, "PENDING", text=os.urandom(4096).hex()) for order in orders), wait=True)
        if page(host).get("sessions_closed_total", transport="sse", reason="buffer_overflow") == 1:
            break
    seen = page(host)
    assert seen.get("sessions_closed_total", transport="sse", reason="buffer_overflow") == 1
    dropped = sum(seen.all("frames_dropped_total"))
    assert seen.get("frames_dropped_total", reason="buffer_overflow") > 0
    assert seen.get("frames_queued_total") == seen.get("frames_sent_total") + dropped


def test_failures_of_a_plugin_are_counted_by_instance_and_function(start, tmp_path):
    host = start(config=configuration(tmp_path, plugins={"search": [PLUGINS, TEST_PLUGINS]}, states={
        "orders": {"type": "order", "sources": ["events"]},
        "bad": {"type": "bad-render", "sources": ["events"]},
    }))
    host.publish(created("o-1"), {"type": "BadEvent", "subject": "b-1", "data": {}}, wait=True)
    for topic in ("bad-render/b-1", "bad-render/b-1", "orders/o-1"):
        host.get(f"/api/v1/topics/{topic}")
    seen = page(host)
    failures = {instance: seen.get("call_failures_total", kind="state", instance=instance, function="render") for instance in ("bad", "orders")}
    assert failures == {"bad": 2, "orders": 0}
    assert [seen.get("renders_total", state=state) for state in failures] == [2, 1]
    assert [seen.get("render_failures_total", state=state) for state in failures] == [2, 0]
    assert seen.get("call_failures_total", kind="state", instance="bad", function="apply") == 0
    assert seen.get("instance_info", kind="state", instance="bad", plugin="bad-render", version="1.0.0") == 1


def test_a_plugins_own_metrics_are_shown_summed_over_its_partitions(start, tmp_path):
    config = configuration(tmp_path, plugins={"search": [PLUGINS, TEST_PLUGINS]})
    config["states"] = {"notes": {"type": "notes", "sources": ["events"], "partitions": 3}}
    host = start(config=config)
    host.publish(*({"type": "NoteAdded", "subject": f"n-{i}", "data": {}} for i in range(10)), wait=True)
    seen = page(host)
    assert seen.get("plugin_notes_added_total", kind="state", instance="notes") == 10
    assert seen.get("events_applied_total", state="notes") == 10
    assert len(seen.all("lag_events")) == 3


# ---- what is on the page


def use_everything(host, stream, word):
    """Asks for what the word names in every way that a client has to choose a name."""
    headers = {"X-Weird": word, "User-Agent": word, "Last-Event-ID": word}
    for path in (f"/{word}", f"/api/v1/topics/orders/{word}", f"/api/v1/topics/{word}/x", f"/api/v1/stream?topic={word}/x",
                 f"/api/v1/realtime/orders/{word}/stream?last_event_id={word}", f"/api/v1/realtime/subscribers?{word}={word}"):
        request(host.port, "HEAD", path, token=STAFF, headers=headers)
    request(host.port, word, "/api/v1/events", token=word)
    with stream(host, f"/api/v1/stream?topic=orders/{word}&topic=customers/{word}", token=STAFF) as opened:
        opened.next()
        host.publish(created(word, customer=word), {"type": word, "subject": word, "data": {word: word}}, wait=True)
        opened.until(is_status(word, "PENDING"))


def test_no_name_that_clients_choose_comes_onto_the_page(start, stream):
    host = start()
    use_everything(host, stream, "plain")
    before = page(host)
    for word in ("Weirdo1", "Weirdo2"):
        use_everything(host, stream, word)
    after = page(host)
    assert "eirdo" not in after.text
    assert after.values.keys() == before.values.keys()


def test_names_follow_the_conventions(start, stream):
    host = start()
    use_everything(host, stream, "plain")
    for family in page(host).families:
        assert re.fullmatch(r"statecast_[a-z][a-z_]*", family.name)
        assert family.documentation.endswith("."), family.name
        assert family.type in ("counter", "gauge", "histogram"), family.name
        names = {sample.name for sample in family.samples}
        if family.type == "counter":
            assert names == {family.name + "_total"}
        elif family.type == "histogram":
            assert family.name.endswith("_seconds")
            assert names == {family.name + end for end in ("_bucket", "_count", "_sum")}
        else:
            assert names == {family.name} and not family.name.endswith(("_total", "_count", "_sum", "_bucket"))


def test_every_metric_is_documented(start, stream, tmp_path):
    states = {id: {"type": type, "sources": ["events"]} for id, type in (("orders", "order"), ("jobs", "job"))}
    host = start(store={"path": str(tmp_path / "store"), "every": "20ms"}, states=states)
    use_everything(host, stream, "plain")
    host.wait_until(lambda: page(host).all("checkpoint_age_seconds"), "there is a checkpoint")
    shown = {family.name + ("_total" if family.type == "counter" else "") for family in page(host).families}
    told = set(re.findall(r"^\| `(statecast_[a-z_]+)", (ROOT / "ARCHITECTURE.md").read_text(), re.MULTILINE))
    of_plugins = {name for name in shown if name.startswith("statecast_plugin_")}
    assert shown - told - of_plugins == set()
    # This host runs no source that feeds a log.
    of_feeders = {"statecast_fed_events_total", "statecast_fed_duplicates_total", "statecast_fed_refused_total"}
    assert told - shown == {"statecast_plugin_"} | of_feeders


def test_the_status_tells_the_same(start, stream):
    host = start(server=ONE_SHARD)
    host.publish(created("o-1"), status("o-1", "DELIVERED"), wait=True)
    stream(host, "/api/v1/realtime/orders/o-1/stream", token=STAFF).until(is_status("o-1", "PENDING"))
    known = host.admin("/api/v1/status").json
    seen = page(host)
    state, source, shard = known["states"][0], known["sources"][0], known["shards"][0]
    assert (state["events"], state["rejected"]) == (2, 1)
    assert seen.get("events_applied_total", state="orders") == state["events"] - state["rejected"]
    assert seen.get("renders_total", state="orders") == state["renders"]
    assert state["lag"] == [{"source": "events", "events": 0, "seconds": 0.0}]
    assert seen.get("events_published_total", source="events", outcome="accepted") == source["published_events"] == 2
    assert seen.get("append_batches_total", source="events") == source["commits"]
    assert seen.get("sessions", transport="sse") == shard["sessions"] == 1
    assert seen.get("frames_queued_total") == shard["frames"]


def test_the_metrics_are_on_the_admin_listener_alone(host):
    assert host.get("/metrics").status == 404
    assert request(host.admin_port, "POST", "/metrics").status == 405
