"""A state that hangs hurts only itself, and everybody is told."""

import re
import shutil
import signal
import threading

import pytest

from events import created, is_status, status
from host import CUSTOMER, PLUGINS, STAFF, TEST_PLUGINS, Host, configuration, problem
from stock_clients import WsClient

REFUSED = (503, "Service Unavailable", "The state 'bad' is degraded and answers no requests until it has recovered: try again later.")
DEGRADED = {"type": "degraded", "state": "bad",
            "reason": "it does not answer now: what has changed meanwhile comes when it does again"}
RECOVERED = {"type": "recovered", "state": "bad"}
SENTENCE = (r"state 'bad' \(plugin hangs 1\.0\.0\) is degraded since \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ: "
            r"it has not returned from apply")


@pytest.fixture
def gate(tmp_path):
    """A file for as long as which the state hangs; it never outlasts a test, so that the host can stop."""
    gate = tmp_path / "gate"
    yield gate
    gate.unlink(missing_ok=True)


@pytest.fixture
def host_config(tmp_path, gate):
    """A configuration in which the state `bad` hangs while the gate is there, beside the orders."""

    def make(**settings):
        folder = tmp_path / "plugins"
        folder.mkdir(exist_ok=True)
        shutil.copy(f"{TEST_PLUGINS}/slow_apply.so", folder)
        config = configuration(tmp_path, plugins={"search": [PLUGINS, str(folder)]})
        config["server"]["drain"] = "4s"
        config["states"]["bad"] = {"type": "hangs", "sources": ["events"], "gate": str(gate), "hang_after": "1s", **settings}
        return config

    return make


def bad_event(subject, n):
    return {"type": "BadEvent", "subject": subject, "data": {"n": n}}


def value(subject, n):
    return {"type": "bad_update", "id": subject, "data": {"n": n}}


def metric(host, name, labels=""):
    page = host.admin("/metrics").body.decode()
    return float(re.search(rf"^statecast_{name}{{{labels}[^}}]*}} (\S+)$", page, re.MULTILINE)[1])


def hang(host, gate, *events):
    gate.touch()
    host.publish(*events or [bad_event("x", 1)])


def hang_until_known(host, gate, *events):
    hang(host, gate, *events)
    return host.wait_for_log("is degraded since")


def test_nobody_else_is_delayed(start, host_config, stream, stock, gate):
    host = start(config=host_config())
    assert re.fullmatch("error +main: " + SENTENCE, hang_until_known(host, gate))
    # Publishing, the other state's streams, old and new, its values.
    answer = host.publish(created("o-1"), wait=True)
    assert [v["verdict"] for v in answer["verdicts"]] == ["applied"]
    orders = stream(host, "/api/v1/realtime/orders/o-1/stream", token=CUSTOMER)
    orders.until(is_status("o-1", "PENDING"))
    host.publish(status("o-1", "CONFIRMED"), bad_event("x", 2))
    orders.until(is_status("o-1", "CONFIRMED"))
    assert host.get("/api/v1/topics/orders/o-1").json["data"]["status"] == "CONFIRMED"
    client = stock(WsClient, host, "orders/o-1")
    assert client.next()["orderId"] == "o-1"
    # The operator.
    assert host.admin("/healthz").status == 200
    ready = host.admin("/readyz")
    assert ready.status == 503
    [reason] = ready.json["reasons"]
    assert re.fullmatch(SENTENCE, reason)
    states = {state["state"]: state for state in host.admin("/api/v1/status").json["states"]}
    assert states["orders"]["degraded"] is None
    assert states["bad"]["degraded"]["reason"] == "it has not returned from apply"
    assert f"since {states['bad']['degraded']['since']}:" in reason
    assert metric(host, "lane_degraded", 'state="bad"') == 1
    assert metric(host, "lane_degraded", 'state="orders"') == 0
    assert metric(host, "breaker_state", 'state="bad"') == 0, "to hang is not to fail"


def test_its_clients_are_told_and_have_every_value_once_it_has_recovered(start, host_config, stream, gate):
    host = start(config=host_config())
    host.publish(bad_event("x", 0), wait=True)
    watchers = [stream(host, "/api/v1/stream?topic=hangs/x", token=STAFF),
                stream(host, "/api/v1/stream?topic=hangs/x&topic=orders/all", token=STAFF)]
    bystander = stream(host, "/api/v1/stream?topic=orders/all", token=STAFF)
    for watcher in watchers:
        assert watcher.until(lambda m: m == value("x", 0))
    hang(host, gate)
    for watcher in watchers:
        assert watcher.next() == DEGRADED
    host.publish(bad_event("x", 2))
    gate.unlink()
    for watcher in watchers:
        seen = watcher.until(lambda m: m == value("x", 2))
        seen += [] if RECOVERED in seen else [watcher.next()]
        assert [m for m in seen if m["type"] != "bad_update"] == [RECOVERED]
    assert re.fullmatch(r"warning main: state 'bad' \(plugin hangs 1\.0\.0\) has recovered; it was degraded for \d+ ms",
                        host.wait_for_log("has recovered"))
    assert host.admin("/readyz").status == 200
    assert host.get("/api/v1/topics/hangs/x").json == value("x", 2)
    # Each was told once, and whoever listens to other states was told nothing.
    host.publish(created("o-1"))
    assert [m["type"] for m in bystander.until(is_status("o-1", "PENDING"))] == ["connected", "order_update"]


def test_events_that_it_missed_come_by_its_catch_up_reader(start, host_config, stream, gate):
    host = start(config=host_config())
    subjects = [f"x-{i}" for i in range(10)]
    watcher = stream(host, "/api/v1/stream?" + "&".join(f"topic=hangs/{subject}" for subject in subjects), token=STAFF)
    hang_until_known(host, gate, bad_event("x-0", 0))
    published = 1
    while metric(host, "lanes_behind", 'source="events"') == 0:
        assert published < 5000, "more than any mailbox holds"
        for subject in subjects:
            host.publish(bad_event(subject, published))
            published += 1
    last = {subject: value(subject, published - 10 + i) for i, subject in enumerate(subjects)}
    gate.unlink()
    missing = set(subjects)
    while missing:
        message = watcher.next()
        if message["type"] == "bad_update" and message == last[message["id"]]:
            missing.discard(message["id"])
    applied = lambda: metric(host, "events_applied_total", 'state="bad"')
    host.wait_until(lambda: metric(host, "lag_events", 'state="bad"') == 0, "it has caught up")
    assert applied() == published
    assert metric(host, "events_read_total", 'source="events",reader="catch_up"') > 0


def test_new_requests_for_it_are_refused_at_once(start, host_config, stream, stock, gate):
    host = start(config=host_config())
    hang_until_known(host, gate)
    for path in ("/api/v1/stream?topic=hangs/x", "/api/v1/stream?topic=orders/all&topic=hangs/x", "/api/v1/topics/hangs/x"):
        refused = host.get(path)
        assert problem(refused) == REFUSED
        assert refused.headers["retry-after"] == "5"
    client = stock(WsClient, host, "hangs/x", "orders/all")
    while (message := client.line().get("message", {})).get("type") != "error":
        pass
    assert (message["action"], message["topic"], message["status"], message["detail"]) == ("subscribe", "hangs/x", 503, REFUSED[2])
    host.publish(created("o-1"))
    assert client.next()["orderId"] == "o-1", "the socket goes on"
    gate.unlink()
    host.wait_for_log("has recovered")
    host.wait_until(lambda: host.get("/api/v1/topics/hangs/x").status == 200, "it answers again")
    client.send({"action": "subscribe", "topic": "hangs/x"})
    assert client.until(lambda m: m["type"] == "bad_update")[-1] == value("x", 1)


def test_requests_that_wait_for_it_end_when_it_is_known_to_hang(start, host_config, gate):
    host = start(config=host_config())
    hang(host, gate)
    answers = {}
    ask = lambda path: answers.update({path: host.get(path)})
    paths = ["/api/v1/stream?topic=hangs/x", "/api/v1/topics/hangs/x"]
    asking = [threading.Thread(target=ask, args=[path]) for path in paths]
    for thread in asking:
        thread.start()
    host.wait_for_log("is degraded since")
    for thread in asking:
        thread.join(host.deadline)
    assert [problem(answers[path]) for path in paths] == [REFUSED, REFUSED]


def test_a_request_is_given_up_at_its_deadline_when_nobody_knows_yet(start, host_config, gate):
    host = start(config=host_config(hang_after="1h"))
    hang(host, gate)
    for path in ("/api/v1/stream?topic=hangs/x", "/api/v1/topics/hangs/x"):
        refused = host.get(path)
        assert problem(refused) == (503, "Service Unavailable", "The state 'bad' did not answer in time: try again.")
        assert refused.headers["retry-after"] == "1"


def test_a_publisher_that_waits_is_told_that_the_verdict_is_unknown(start, host_config, gate):
    host = start(config=host_config())
    hang(host, gate)
    unknown = {"index": 0, "state": "bad", "verdict": "unknown",
               "reason": "the state is degraded: it gets the event once it has recovered"}
    lines = '{"type":"BadEvent","subject":"x","data":{"n":2}}\n{"type":"OfNobody","subject":"y","data":{}}'
    for known in (False, True):  # as it becomes known, and when it is known already
        answer = host.post(lines, "application/x-ndjson", headers={"Prefer": "wait=60"})
        assert answer.status == 202
        assert answer.json["verdicts"] == [unknown]
        assert answer.json["pending"] is True
    assert host.publish(bad_event("x", 3))["accepted"] == 1


def test_a_stop_leaves_it_behind(start, host_config, stream, gate):
    host = start(config=host_config())
    watcher = stream(host, "/api/v1/stream?topic=orders/all", token=STAFF)
    hang_until_known(host, gate)
    host.process.send_signal(signal.SIGTERM)
    assert watcher.rest()[-1]["type"] == "closing"
    assert host.wait_for_log("left behind") == "error   main: a plugin did not return from a call; it is left behind"
    assert host.process.wait(host.deadline) == 0


def test_the_host_ends_with_a_failure_when_the_state_is_to_be_restarted(host_config, tmp_path, stream, gate):
    host = Host(tmp_path, host_config(on_hang="restart")).start()
    try:
        watcher = stream(host, "/api/v1/stream?topic=hangs/x", token=STAFF)
        hang(host, gate)
        assert (host.wait_for_log("on_hang") == "error   main: state 'bad' (plugin hangs 1.0.0) hangs, and its 'on_hang' is restart: "
                "the host ends, to be started anew")
        assert watcher.rest()[-1]["type"] == "closing"
        assert host.process.wait(host.deadline) == 1
    finally:
        host.process.kill()
        host.process.wait(host.deadline)
