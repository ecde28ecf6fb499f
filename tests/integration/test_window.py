"""Windows over events from the outside: what is appended, once, and the same again after a restart."""

import random
from datetime import datetime, timedelta

import pytest

from events import cloud_event, created, status
from host import CUSTOMER, STAFF, configuration, problem, run_to_end, write_yaml
from models.window import windows

ORDERS = {"type": "order", "sources": ["events"]}
NOON = datetime(2023, 12, 20, 12)


def states(**settings):
    return {"orders": ORDERS, "minutes": {"type": "window", "sources": ["events"], **settings}}


def at(event, seconds, id):
    time = (NOON + timedelta(seconds=seconds)).isoformat(timespec="milliseconds") + "Z"
    return {**cloud_event(event, id), "time": time}


def written(seed, n=400):
    """Events of an hour or so, the same on every run: some late, some far ahead, and a pause; many are rejected by orders."""
    dice = random.Random(seed)
    events, now = [], 0.0
    for number in range(n):
        now += dice.expovariate(1 / 8) + (20_000 if number == n // 2 else 0)
        order = f"o-{dice.randrange(40)}"
        event = dice.choice([created(order), status(order, "CONFIRMED"), {"type": "Unheard", "subject": order, "data": {}}])
        event["data"] = {**event["data"], "merchantId": dice.choice(["m-1", "m-2", "m-3", "no id", 4, None])}
        shift = dice.choices([0, dice.uniform(-60, 0), 40_000], [80, 15, 5])[0]
        events.append(at(event, now + shift, f"e-{number}"))
    return events


def follow(stream, host, topic, n, **more):
    """The stream of a topic, and its first n messages."""
    opened = stream(host, f"/api/v1/stream?topic=windows/{topic}", token=STAFF, **more)
    messages = []
    while len(messages) < n:
        message = opened.next()
        assert message["type"] in ("connected", "window"), message
        if message["type"] == "window":
            messages.append(message)
    return opened, messages


def next_result(host, opened, seconds):
    """Publishes what closes the windows that are open, and gives the first result that follows."""
    host.publish(at({"type": "Last", "subject": "x", "data": {}}, seconds, f"last-{seconds}"),
                 at({"type": "Last", "subject": "x", "data": {}}, seconds + 120, f"last-{seconds}-closes"))  # fmt: skip
    return opened.next()


def test_windows_are_told_once_and_are_the_same_after_a_restart(start, stream):
    events = written(seed=1)
    expected = windows(events)
    assert len(expected) > 40
    assert any("late_events" in message for message in expected)
    host = start(states=states())
    answer = host.publish(*events, wait=True)
    assert {v["verdict"] for v in answer["verdicts"] if v["state"] == "minutes"} == {"applied"}
    assert {v["verdict"] for v in answer["verdicts"] if v["state"] == "orders"} >= {"applied", "rejected"}
    opened, messages = follow(stream, host, "minutes", len(expected))
    assert messages == expected
    host.stop()
    host = start(states=states())
    again, messages = follow(stream, host, "minutes", len(expected))
    assert messages == expected
    resumed = stream(host, "/api/v1/stream?topic=windows/minutes", token=STAFF, last_event_id=opened.last_id)
    assert resumed.next()["resumed"] is True
    one_more = next_result(host, again, 24_500)
    assert one_more == resumed.next()
    assert one_more == windows(events + [at({"type": "Last"}, 24_500, "l-1"), at({"type": "Last"}, 24_620, "l-2")])[len(expected)]


def group_of(event):
    value = event["data"].get("merchantId")
    return {"no id": None, None: None}.get(value, str(value))


def test_each_group_has_a_topic_of_its_own(start, stream):
    events = written(seed=2)
    settings = {"group_by": "/data/merchantId", "size": "2m", "allowed_lateness": "30s"}
    host = start(states=states(**settings, types=["OrderCreated", "Unheard"], name="all"))
    host.publish(*events, wait=True)
    expected = windows(events, 120_000, 30_000, types={"OrderCreated", "Unheard"}, group=group_of)
    assert {message["group"] for message in expected} == {"m-1", "m-2", "m-3", "4"}
    assert follow(stream, host, "all", len(expected))[1] == expected
    for group in ("m-1", "4"):
        own = [message for message in expected if message["group"] == group]
        assert follow(stream, host, group, len(own))[1] == own


def test_a_live_client_gets_a_window_when_it_closes(start, stream):
    host = start(states=states())
    opened = stream(host, "/api/v1/stream?topic=windows/minutes", token=STAFF)
    assert opened.next()["type"] == "connected"
    host.publish(at(created("o-1"), 5, "e-1"), at(status("o-9", "READY"), 59, "e-2"), at(created("o-2"), 70, "e-3"))
    assert opened.next() == {
        "type": "window",
        "window_start": "2023-12-20T12:00:00.000Z",
        "window_end": "2023-12-20T12:01:00.000Z",
        "total_events": 2,
        "event_types": {"OrderCreated": 1, "OrderStatusUpdated": 1},
    }


def test_windows_are_for_staff(start):
    host = start(states=states())
    refused = host.get("/api/v1/stream?topic=windows/minutes", token=CUSTOMER)
    assert problem(refused) == (403, "Forbidden", "windows are shown to the roles staff and admin only")


def test_explain_says_that_it_takes_every_type(start):
    host = start(states=states())
    assert "consumes every type, by /subject\n" in run_to_end("explain", "state/window", "--config", host.file)[1]


@pytest.mark.parametrize("settings, sentence", [
    ({"size": "1s", "allowed_lateness": "2h"},
     "allowed_lateness: is as long as 7200 windows of this size; 1000 may be open at a time, so shorten it, or lengthen 'size'"),
    ({"group_by": "merchantId"}, "group_by: must be '/subject' or begin with '/data/', is 'merchantId'"),
])  # fmt: skip
def test_settings_that_cannot_be_are_refused_at_the_start(tmp_path, settings, sentence):
    file = write_yaml(tmp_path, configuration(tmp_path, states=states(**settings)))
    exit_status, _, errors = run_to_end("run", file)
    assert exit_status == 1
    assert f"state 'minutes' (plugin window 1.0.0): {sentence}" in errors
