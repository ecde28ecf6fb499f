"""Events that come before their order is created: held, folded in their order when it comes, and dead letters when it does not.

The times are the events' own: which clock is on the wall makes no difference.
"""

import json
import re
from datetime import datetime, timedelta, timezone

import pytest

import events
from commands import Command
from host import STAFF, request

BEGIN = datetime(2024, 5, 1, 10, 0, tzinfo=timezone.utc)
LETTERS = "/api/v1/dead-letters"
PAID = {"paymentId": "p-1", "status": "SUCCEEDED", "amount": 7}


def at(second, event):
    """The event, as it happened so many seconds after the beginning."""
    return {**event, "time": (BEGIN + timedelta(seconds=second)).isoformat().replace("+00:00", "Z")}


def created(order, second=0):
    return at(second, events.created(order))


def status(order, to, second=0, **more):
    return at(second, events.status(order, to, **more))


def paid(order):
    return at(0, {"type": "PaymentProcessed", "subject": order, "data": PAID})


def orders(**settings):
    return {"orders": {"type": "order", "sources": ["events"], **settings}}


@pytest.fixture
def sections(tmp_path):
    return {"store": {"path": str(tmp_path / "store"), "every": "50ms"}}


def verdicts(answer):
    return [(verdict["verdict"], verdict.get("reason", "")) for verdict in answer["verdicts"]]


def words(answer):
    return [word for word, _ in verdicts(answer)]


def next_value(stream):
    return stream.until(lambda m: m.get("type") == "order_update")[-1]["data"]


def data_of(host, order):
    return host.get(f"/api/v1/topics/orders/{order}").json["data"]


def letters(host):
    return host.admin(LETTERS).json["dead_letters"]


def wait_for_letters(host, number):
    host.wait_until(lambda: len(letters(host)) == number, f"{number} dead letters are listed")
    return letters(host)


def metric(host, name):
    page = host.admin("/metrics").body.decode()
    return sum(float(value) for value in re.findall(rf"^{name}\{{[^}}]*\}} (\S+)", page, re.MULTILINE))


def redeliver(host, letter):
    body = json.dumps({"letters": [letter["letter"]]})
    return request(host.admin_port, "POST", f"{LETTERS}/redeliver", body, headers={"Content-Type": "application/json"}).json


def saved_up_to(host, position):
    def there():
        lanes = [lane["checkpoint"] for lane in host.admin("/api/v1/status").json["states"]]
        return all(int(lane["positions"][0]["position"]) >= position for lane in lanes)

    host.wait_until(there, f"position {position} is saved")


@pytest.mark.parametrize("partitions", [1, 2])
def test_an_update_ten_events_before_its_creation_is_folded_when_that_comes(start, stream, partitions):
    host = start(states=orders(partitions=partitions))
    watching = stream(host, "/api/v1/stream?topic=orders/o-1", token=STAFF)
    host.publish(status("o-1", "CONFIRMED", eta="soon"), paid("o-1"), status("o-1", "PREPARING"), wait=True)
    host.publish(*[created(f"o-{10 + i}") for i in range(10)], wait=True)
    assert host.get("/api/v1/topics/orders/o-1").status == 404
    creation = host.publish(created("o-1"), wait=True)
    assert words(creation) == ["applied"]
    assert next_value(watching) == {**created("o-1")["data"], "status": "PREPARING", "eta": "soon", "payment": PAID}
    host.publish(status("o-1", "READY"), wait=True)
    assert next_value(watching)["status"] == "READY"
    assert metric(host, "statecast_events_held_total") == 3
    assert metric(host, "statecast_plugin_held_events") == 0
    assert metric(host, "statecast_events_applied_total") == 15


def test_clients_get_what_comes_of_it_at_the_position_of_the_creation(start, stream):
    host = start()
    early = host.publish(status("o-1", "CONFIRMED"), wait=True)["cursor"]
    creation = host.publish(created("o-1"), wait=True)["cursor"]
    resumed = stream(host, f"/api/v1/stream?topic=orders/o-1&last_event_id={early}", token=STAFF)
    assert next_value(resumed)["status"] == "CONFIRMED"
    later = stream(host, f"/api/v1/stream?topic=orders/o-1&last_event_id={creation}", token=STAFF)
    host.publish(status("o-1", "PREPARING"), wait=True)
    assert next_value(later)["status"] == "PREPARING", "it has the one before"


def test_a_publisher_that_waits_is_told_that_it_is_held(start):
    host = start()
    held = host.publish({**status("o-1", "CONFIRMED"), "id": "e-1"}, wait=True)
    reason = "order o-1 does not exist yet: its OrderCreated is waited for, for 1m of the events' time at most (hold_early)"
    assert (verdicts(held), held["pending"]) == ([("held", reason)], False)
    assert metric(host, "statecast_plugin_held_events") == 1
    assert metric(host, "statecast_events_applied_total") == metric(host, "statecast_events_rejected_total") == 0
    assert words(host.publish({**status("o-1", "CONFIRMED"), "id": "e-1"}, wait=True)) == ["held"], "it is the same event"
    host.publish(created("o-1"), wait=True)
    assert words(host.publish({**status("o-1", "CONFIRMED"), "id": "e-1"}, wait=True)) == ["applied"], "it is folded by now"


def test_a_terminal_is_told_that_it_is_held(start):
    host = start()
    options = ["--type", "OrderStatusUpdated", "--subject", "o-1", "--data", '{"status":"CONFIRMED"}', "--wait", "30s"]
    exit_status, out, errors = Command("publish", *options, "--url", host.url, "--token", STAFF).end()
    assert (exit_status, out) == (0, ["1 event published, 0 rejected"])
    assert "held by state 'orders': order o-1 does not exist yet" in errors


def test_never_created_it_is_a_dead_letter_after_the_hold(start, sections):
    host = start(**sections)
    early = {**status("o-1", "CONFIRMED", eta="soon"), "id": "e-1"}
    host.publish(created("o-0"), early, created("o-2", 59), wait=True)
    assert letters(host) == []
    host.publish(created("o-3", 61), wait=True)
    (letter,) = wait_for_letters(host, 1)
    assert (letter["state"], letter["source"], letter["position"], letter["failed"]) == ("orders", "events", "2", False)
    assert (letter["id"], letter["type"], letter["subject"]) == ("e-1", "OrderStatusUpdated", "o-1")
    assert letter["reason"] == "no OrderCreated of order o-1 came within 1m (hold_early)"
    event = host.admin(f"{LETTERS}/{letter['letter']}").json["event"]
    assert (event["data"], event["time"]) == ({"status": "CONFIRMED", "eta": "soon"}, "2024-05-01T10:00:00Z")
    host.wait_until_told(r"rejected event 'e-1' \(OrderStatusUpdated, subject 'o-1'\): no OrderCreated of order o-1 came within 1m")
    again = host.publish(early, wait=True)
    assert verdicts(again) == [("rejected", letter["reason"])]
    assert metric(host, "statecast_events_rejected_total") == 1
    host.publish(created("o-1", 62), wait=True)
    assert data_of(host, "o-1")["status"] == "PENDING"


def test_one_event_of_a_far_future_ends_no_hold(start):
    host = start()
    host.publish(status("o-1", "CONFIRMED"), created("o-2", 1_000_000), created("o-1", 1), wait=True)
    assert data_of(host, "o-1")["status"] == "CONFIRMED"


def test_the_clock_on_the_wall_ends_no_hold(start):
    host = start(states=orders(hold_early="1ms", refresh="10ms"))
    host.publish(status("o-1", "CONFIRMED"), wait=True)
    calls = r'statecast_call_seconds_count\{[^}]*function="refresh"[^}]*\} (\d+)'
    refreshed = lambda: int((re.findall(calls, host.admin("/metrics").body.decode()) or ["0"])[0])
    host.wait_until(lambda: refreshed() > 5, "the state was refreshed")
    host.publish(created("o-1"), wait=True)
    assert data_of(host, "o-1")["status"] == "CONFIRMED"


@pytest.mark.parametrize("store", [True, False])
@pytest.mark.parametrize("crash", [True, False])
def test_a_restart_between_makes_no_difference(start, sections, crash, store):
    kept = sections if store else {}
    first = start(**kept)
    first.publish(status("o-1", "CONFIRMED"), status("o-2", "CONFIRMED"), status("o-1", "PREPARING", 1), wait=True)
    if store:
        saved_up_to(first, 3)
    first.kill() if crash else first.stop()
    second = start(**kept)
    assert metric(second, "statecast_plugin_held_events") == 3
    assert words(second.publish(created("o-1", 2), wait=True)) == ["applied"]
    assert data_of(second, "o-1")["status"] == "PREPARING"
    second.publish(created("o-3", 70), wait=True)
    if store:
        assert [letter["position"] for letter in wait_for_letters(second, 1)] == ["2"]
    second.kill() if crash else second.stop()
    third = start(**kept)
    assert data_of(third, "o-1")["status"] == "PREPARING"
    assert third.get("/api/v1/topics/orders/o-2").status == 404
    assert metric(third, "statecast_plugin_held_events") == 0
    if store:
        assert [letter["position"] for letter in letters(third)] == ["2"]


def test_a_replay_of_all_history_comes_to_the_same(start, sections, tmp_path):
    history = [created(f"o-{i}", i) if i % 3 else status(f"o-{i + 2 + i % 2 * 100}", "CONFIRMED", i) for i in range(150)]
    first = start(**sections)
    first.publish(*history, wait=True)
    saved_up_to(first, 150)
    values, dead = first.get("/api/v1/topics/orders/all?limit=1000").json, letters(first)
    assert 10 < len(dead) < 40 and '"CONFIRMED"' in json.dumps(values)
    first.kill()
    for file in (tmp_path / "store").glob("orders*"):
        file.unlink()
    second = start(**sections)
    assert second.get("/api/v1/topics/orders/all?limit=1000").json == values
    told = lambda found: [(letter["position"], letter["reason"]) for letter in found]
    assert told(wait_for_letters(second, len(dead))) == told(dead)


def test_beyond_the_bound_of_all_the_oldest_is_a_dead_letter_that_names_it(start, sections):
    host = start(**sections, states=orders(max_early=5))
    held = host.publish(*[status(f"o-{i}", "CONFIRMED") for i in range(8)], wait=True)
    bound = " had come when more than 5 events waited for theirs (max_early)"
    assert verdicts(held)[0] == ("rejected", f"no OrderCreated of order o-0{bound}")
    assert words(held) == ["rejected"] * 3 + ["held"] * 5
    assert [letter["reason"] for letter in wait_for_letters(host, 3)] == [f"no OrderCreated of order o-{i}{bound}" for i in range(3)]
    assert metric(host, "statecast_plugin_held_events") == 5
    host.publish(*[created(f"o-{i}") for i in range(8)], wait=True)
    assert [data_of(host, f"o-{i}")["status"] for i in range(8)] == ["PENDING"] * 3 + ["CONFIRMED"] * 5


def test_beyond_the_bound_of_one_order_they_are_rejected_at_once(start):
    host = start()
    answer = host.publish(*[status("o-1", "CONFIRMED") for _ in range(21)], wait=True)
    assert words(answer) == ["held"] * 20 + ["rejected"]
    assert verdicts(answer)[20][1] == "order o-1 does not exist, and 20 events wait for it already"


def test_what_the_order_then_refuses_is_a_dead_letter_with_the_usual_reason(start, sections):
    host = start(**sections)
    host.publish(status("o-1", "DELIVERED"), created("o-1"), wait=True)
    (letter,) = wait_for_letters(host, 1)
    usual = "an order cannot go from PENDING to DELIVERED: from PENDING it can go to CONFIRMED, CANCELLED"
    assert (letter["position"], letter["type"], letter["reason"]) == ("1", "OrderStatusUpdated", usual)
    assert data_of(host, "o-1")["status"] == "PENDING"


def test_redelivered_it_is_folded_or_rejected_and_not_held_again(start, sections):
    host = start(**sections)
    host.publish(status("o-1", "CONFIRMED"), created("o-0"), created("o-2", 60), wait=True)
    (letter,) = wait_for_letters(host, 1)
    assert redeliver(host, letter)["rejected"] == [{"letter": letter["letter"], "reason": "order o-1 does not exist"}]
    assert len(wait_for_letters(host, 1)) == 1
    host.publish(created("o-1", 61), wait=True)
    assert redeliver(host, letter)["redelivered"] == [letter["letter"]]
    assert data_of(host, "o-1")["status"] == "CONFIRMED"
    assert letters(host) == []


def test_turned_off_they_are_rejected_at_once(start):
    host = start(states=orders(hold_early="0s"))
    assert verdicts(host.publish(status("o-1", "CONFIRMED"), wait=True)) == [("rejected", "order o-1 does not exist")]


def test_of_several_sources_each_is_given_up_under_its_own(start, sections, tmp_path):
    recording = tmp_path / "other.ndjson"
    recording.write_text(json.dumps(events.cloud_event(status("o-2", "CONFIRMED"), "e-2")) + "\n")
    sources = {
        "events": {"type": "log", "path": str(tmp_path / "events.db")},
        "other": {"type": "log", "path": str(tmp_path / "other.db")},
        "replay": {"type": "file", "path": str(recording), "pace": 0, "into": "other"},
    }
    host = start(**sections, sources=sources, states={"orders": {"type": "order", "sources": ["events", "other"]}})
    host.wait_until(lambda: metric(host, "statecast_plugin_held_events") == 1, "the other source's event is held")
    host.publish(status("o-1", "CONFIRMED"), created("o-0", 61), created("o-3", 122), wait=True)
    found = [(letter["source"], letter["position"], letter["subject"]) for letter in wait_for_letters(host, 2)]
    assert sorted(found) == [("events", "1", "o-1"), ("other", "1", "o-2")]
