"""A wall clock that is wrong, or jumps: nothing that is kept goes for it, nothing comes twice, and nothing stalls."""

from datetime import datetime, timedelta, timezone

import pytest

from events import created, status
from fake_clock import FakeClock
from host import STAFF, configuration
from test_delivery import moved, run
from test_history import update
from test_merchant import promotion
from test_metrics import page

WRONG = {"a day forward": "+1d", "a day back": "-1d", "1970": "@1970-01-02 00:00:05"}
RIGHT = "+0"
JUMPED = r"the wall clock jumped from \S+Z to \S+Z, \d+ s (forward|back): nothing is evicted for that"
STATES = ("orders", "deliveries", "merchants", "jobs", "minutes")


def wrong_clocks(test):
    return pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)(test)


def config(folder, keep="1h", **sections):
    def state(type, **settings):
        return {"type": type, "sources": ["events"], "refresh": "50ms", **settings}

    states = {
        "orders": state("order", keep=keep),
        "deliveries": state("delivery", keep=keep, keep_orders=keep, stale_after="1h"),
        "merchants": state("merchant"),
        "jobs": state("job", history_age=keep),
        "minutes": state("window"),
    }
    transports = {"sse": {"type": "sse", "heartbeat": "100ms"}}
    store = {"path": str(folder / "states"), "every": "50ms"}
    return configuration(folder, states=states, transports=transports, store=store, **sections)


@pytest.fixture
def hosts(start, tmp_path):
    """Starts hosts one after the other, on the same files, each with a clock that says this; with none, the right one."""
    return lambda clock=None, **more: start(config=config(tmp_path, **more), environment=clock.environment if clock else None)


def publish_round(host, n):
    """Events of every kind, without times: an order, a run and a driver that are over, an update, a rejection, a promotion."""
    soon = (datetime.now(timezone.utc) + timedelta(hours=2)).isoformat(timespec="seconds")
    step = {key: update(n)[key] for key in ("type", "subject", "data")}
    host.publish(created(f"o-{n}"), status(f"o-{n}", "DELIVERED"), status(f"o-{n}", "CANCELLED"), moved(f"d-{n}"),
                 run(f"r-{n}", status="COMPLETED"), step, promotion(f"p-{n}", endsAt=soon), wait=True)  # fmt: skip


def refreshed(host):
    """Until every state was refreshed from its beginning to its end."""
    calls = lambda: [page(host).get("call_seconds_count", kind="state", instance=id, function="refresh") for id in STATES]
    before = calls()
    host.wait_until(lambda: all(now >= then + 2 for now, then in zip(calls(), before)), "every state is refreshed")


def items(host, topic):
    answer = host.get(f"/api/v1/topics/{topic}?limit=1000", token=STAFF)
    assert answer.status == 200, answer.body
    return answer.json["items"]


def kept(host):
    """What of every round is there, after a refresh."""
    refreshed(host)
    return {
        "orders": [item["orderId"] for item in items(host, "orders/all")],
        "drivers": [item["driverId"] for item in items(host, "drivers/all")],
        "runs": [item["runId"] for item in items(host, "runs/all")],
        "steps": [item["state"]["step"] for item in items(host, "jobs/all")],
        "dead letters": [letter["subject"] for letter in host.admin("/api/v1/dead-letters").json["dead_letters"]],
    }


def rounds(last):
    numbers = range(1, last + 1)
    named = lambda letter: [f"{letter}-{n}" for n in numbers]
    return {"orders": named("o"), "drivers": named("d"), "runs": named("r"), "steps": [str(n) for n in numbers], "dead letters": named("o")}


def promotions(host):
    (merchant,) = items(host, "merchants/all")
    return [each["promotionId"] for each in merchant["data"]["promotions"]]


def stale(host):
    return [item["driverId"] for item in items(host, "drivers/all") if item.get("stale")]


def uncounted(host):
    """Events that came too late for their window, or too far ahead of the others."""
    metric = lambda name: page(host).get(f"plugin_{name}_events_total", kind="state", instance="minutes")
    return metric("late"), metric("ahead")


def check_alive(host, stream, n):
    """Clients are kept alive and get what is published, once; it is saved."""
    opened = stream(host, "/api/v1/stream?topic=orders/all", token=STAFF)
    for _ in range(n):
        assert opened.next()["type"] in ("connected", "order_update")
    beats = opened.parser.heartbeats
    saved = sum(page(host).all("checkpoints_total"))
    publish_round(host, n)
    seen = opened.until(lambda m: m.get("orderId") == f"o-{n}" and m["data"]["status"] == "CANCELLED")
    assert [m["data"]["status"] for m in seen if m.get("orderId") == f"o-{n}"].count("CANCELLED") == 1
    while opened.parser.heartbeats < beats + 3:
        assert opened.parser.feed(opened.socket.recv(4096)) == []
    host.wait_until(lambda: sum(page(host).all("checkpoints_total")) > saved, "checkpoints are saved")


@wrong_clocks
def test_a_boot_with_a_wrong_clock_evicts_nothing_and_stalls_nothing(hosts, stream, tmp_path, wrong):
    first = hosts()
    publish_round(first, 1)
    assert kept(first) == rounds(1)
    first.stop()
    second = hosts(FakeClock(tmp_path, wrong))
    assert kept(second) == rounds(1)
    check_alive(second, stream, 2)
    assert kept(second) == rounds(2)
    second.stop()
    third = hosts()
    check_alive(third, stream, 3)
    assert kept(third) == rounds(3)


@wrong_clocks
def test_a_clock_that_jumps_and_is_put_right_changes_nothing(hosts, stream, tmp_path, wrong):
    clock = FakeClock(tmp_path)
    host = hosts(clock)
    publish_round(host, 1)
    clock.set(wrong)
    host.wait_until_told(JUMPED)
    assert kept(host) == rounds(1)
    check_alive(host, stream, 2)
    assert kept(host) == rounds(2)
    clock.set(RIGHT)
    host.wait_until_told(JUMPED, times=2)
    check_alive(host, stream, 3)
    assert kept(host) == rounds(3)
    assert (stale(host), promotions(host), uncounted(host)) == ([], ["p-1", "p-2", "p-3"], (0, 0))
    host.stop()
    again = hosts()
    assert kept(again) == rounds(3)
    assert (stale(again), promotions(again)) == ([], ["p-1", "p-2", "p-3"])


@wrong_clocks
def test_a_clock_that_was_wrong_from_the_first_boot_may_be_put_right_while_the_host_runs(hosts, stream, tmp_path, wrong):
    clock = FakeClock(tmp_path, wrong)
    host = hosts(clock)
    publish_round(host, 1)
    clock.set(RIGHT)
    host.wait_until_told(JUMPED)
    assert kept(host) == rounds(1)
    check_alive(host, stream, 2)
    assert kept(host) == rounds(2)
    host.stop()
    assert kept(hosts()) == rounds(2)


@wrong_clocks
def test_a_clock_that_was_wrong_from_the_first_boot_may_be_put_right_by_a_restart(hosts, stream, tmp_path, wrong):
    first = hosts(FakeClock(tmp_path, wrong))
    publish_round(first, 1)
    assert kept(first) == rounds(1)
    first.stop()
    second = hosts()
    check_alive(second, stream, 2)
    assert kept(second) == rounds(2)


def test_what_a_clock_a_day_ahead_at_a_boot_hides_is_still_there(hosts, tmp_path):
    first = hosts()
    publish_round(first, 1)
    first.stop()
    second = hosts(FakeClock(tmp_path, WRONG["a day forward"]))
    second.wait_until(lambda: promotions(second) == [] and stale(second) == ["d-1"], "it looks as if it were tomorrow")
    second.stop()
    third = hosts()
    third.wait_until_told("the wall clock was put back while the host was down, or is wrong")
    assert kept(third) == rounds(1)


@pytest.mark.parametrize("jump", WRONG.values(), ids=WRONG)
def test_the_simulator_goes_on_when_the_clock_jumps(hosts, tmp_path, jump):
    clock = FakeClock(tmp_path)
    sources = {"events": {"type": "log", "path": str(tmp_path / "events.db")}, "demo": {"type": "simulator", "into": "events", "pace": 100}}
    host = hosts(clock, sources=sources)
    fed = lambda: page(host).get("fed_events_total", source="demo", into="events")
    for says, times in ((jump, 1), (RIGHT, 2)):
        clock.set(says)
        host.wait_until_told(JUMPED, times)
        before = fed()
        host.wait_until(lambda: fed() > before + 20, "the simulator goes on")


# ---- publishers with a wrong clock

FUTURE = "2999-12-31T00:00:00Z"
LATE_COMERS = {
    "an order": ([created("x"), status("x", "CANCELLED")], "orders/all"),
    "a driver": ([moved("x")], "drivers/all"),
    "a run": ([run("x", status="COMPLETED")], "runs/all"),
    "a message": ([{"type": "NodeStateUpdated", "subject": "x", "data": {"status": "busy", "state": {"job": "j"}}}], "jobs/all"),
}


@pytest.mark.parametrize("events, topic", LATE_COMERS.values(), ids=LATE_COMERS)
def test_an_event_from_the_future_keeps_nothing_for_ever(hosts, events, topic):
    host = hosts(keep="1s")
    host.publish(*({**event, "time": FUTURE} for event in events), wait=True)
    host.wait_until(lambda: items(host, topic) == [], f"{topic} is empty")
