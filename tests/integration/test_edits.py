"""An edit of the configuration and back loses nothing that a state has saved: what was saved for something else is told, kept
aside, and found again."""

import json
import re
from datetime import datetime, timedelta, timezone

import pytest

from events import created, status
from test_checkpoints import letters_listed, orders_of, read_again, saved_up_to

DELIVERY = ["CONFIRMED", "PREPARING", "READY", "OUT_FOR_DELIVERY", "DELIVERED"]


@pytest.fixture
def run(start, tmp_path):
    """Starts a host with these settings of the state; the one before is stopped."""
    running = []

    def with_state(logs=None, **state):
        if running:
            running.pop().stop()
        all_logs = {name: {"type": "log", "path": str(tmp_path / f"{name}.db")} for name in ("events", "more")} | (logs or {})
        running.append(start(store={"path": str(tmp_path / "store"), "every": "50ms"}, sources=all_logs,
                             states={"orders": {"type": "order", "sources": ["events"], "refresh": "50ms", **state}}))
        return running[0]

    return with_state


def fill(host):
    """Orders, one of which has come to its end, and a dead letter."""
    host.publish(*[created(f"o-{i}") for i in range(20)], *[status("o-1", step) for step in DELIVERY], status("none-1", "NO_STATUS"), wait=True)
    saved_up_to(host, 26)
    return orders_of(host)


OTHER_STATES = [{"type": "merchant"}, {"type": "job"}, {"type": "window", "size": "1m"}]


@pytest.mark.parametrize("other", OTHER_STATES, ids=lambda other: other["type"])
def test_a_state_of_another_plugin_and_back_has_every_order_and_dead_letter(run, tmp_path, other):
    before = fill(run())
    host = run(**other)
    host.wait_until_told(rf"warning orders: \S+/orders\.state: it is of plugin 'order', not '{other['type']}': "
                         r"it is kept as \S+/orders\.state\.order-[0-9a-f]{16}, with its 1 dead letter; history is replayed from its start")
    assert letters_listed(host) == [], "an order's dead letter cannot be redelivered to another plugin"
    host.publish({"type": "RestaurantStatusChanged", "subject": "m-1", "data": {"open": True}}, wait=True)
    saved_up_to(host, 27)
    after = run()
    after.wait_until_told(rf"orders: \S+: it is of plugin '{other['type']}', not 'order': .*; what was kept under the present configuration is taken back")
    assert orders_of(after) == before
    assert letters_listed(after) == ["none-1"]
    assert read_again(after) == 1, "the event that came since"


@pytest.mark.parametrize(
    "edit, fact",
    [
        ({"keep": "1s"}, "the setting 'keep' was another"),
        ({"keep_idle": "1s"}, "the setting 'keep_idle' was another"),
        ({"max_orders": 1}, "the setting 'max_orders' was another"),
        ({"max_memory": "64KiB"}, "the setting 'max_memory' was another"),
        ({"lifecycle": {"PENDING": []}}, "the setting 'lifecycle' was another"),
        ({"sources": ["events", "more"]}, r"it is of other sources \(events, not events, more\)"),
        ({"sources": ["more"]}, r"it is of other sources \(events, not more\)"),
    ],
)
def test_settings_that_shape_what_is_saved_and_back(run, edit, fact):
    before = fill(run())
    host = run(**edit)
    host.wait_until_told(rf"orders: \S+: {fact}: it is kept as \S+, and its dead letters are taken over; history is replayed from its start")
    host.publish(created("o-new"), wait=True)
    host.wait_until(lambda: int(host.admin("/api/v1/status").json["states"][0]["checkpoint"]["checkpoints"]) > 0, "it has saved")
    after = run()
    assert orders_of(after) == before | {"o-new": orders_of(after)["o-new"]}
    assert "none-1" in letters_listed(after)
    assert read_again(after) == 1


@pytest.mark.parametrize("edit", [{"history": 5}, {"history_age": "1s"}, {"history_idle": "1s"}], ids=lambda edit: next(iter(edit)))
def test_what_bounds_a_history_and_back(run, edit):
    def messages(host):
        return [item["index"] for item in host.get("/api/v1/topics/nodes/n-1?limit=100").json["items"]]

    host = run(type="job")
    update = {"type": "NodeStateUpdated", "subject": "n-1", "data": {"status": "busy", "state": {"job": "j-1"}}}
    now = datetime.now(timezone.utc)
    host.publish(*[update | {"time": (now - timedelta(minutes=ago)).isoformat()} for ago in range(40, 10, -1)], wait=True)
    saved_up_to(host, 30)
    before = messages(host)
    assert len(before) == 30
    host = run(type="job", **edit)
    host.publish(update | {"subject": "n-2"}, wait=True)
    host.wait_until(lambda: len(messages(host)) < 30, "some are gone")
    assert messages(run(type="job")) == before


def test_settings_that_matter_to_rendering_alone_keep_the_checkpoint(run):
    before = fill(run())
    host = run(staff_only=["secret"], send="always", history=7)
    host.wait_until_told("orders: begins at its checkpoint: 20 keys")
    assert orders_of(host) == before
    assert read_again(host) == 0
    assert "is kept as" not in host.log_text


def test_another_order_of_sources_is_told_and_replayed(run):
    before = fill(run(sources=["events", "more"]))
    host = run(sources=["more", "events"])
    host.wait_until_told(r"it is of other sources \(events, more, not more, events\)")
    assert orders_of(host) == before
    assert orders_of(run(sources=["events", "more"])) == before


def test_another_number_of_partitions_and_back(run, tmp_path):
    before = fill(run())
    host = run(partitions=3)
    file = tmp_path / "store" / "orders.state"
    host.wait_until_told(re.escape(f"store: {file}: is not used, since no state of this configuration has this name and number of partitions"))
    assert orders_of(host) == before
    host.publish(created("o-new"), wait=True)
    after = run()
    assert orders_of(after) == before | {"o-new": orders_of(after)["o-new"]}
    assert read_again(after) == 1
    # A file that carries the name of another partition is not taken for it.
    (tmp_path / "store" / "orders.1.3.state").rename(tmp_path / "store" / "orders.1.2.state")
    split = run(partitions=2)
    split.wait_until_told(r"orders\.1\.2\.state: it is of partition 2 of 3, not 2 of 2: it is kept as ")
    assert orders_of(split).keys() == before.keys() | {"o-new"}


def test_another_log_and_back(run, tmp_path):
    before = fill(run())
    host = run(logs={"events": {"type": "log", "path": str(tmp_path / "elsewhere.db")}})
    host.wait_until_told("orders: .*: source 'events' has another history now: it is kept as ")
    assert orders_of(host) == {}
    host.publish(created("o-elsewhere"), wait=True)
    after = run()
    assert orders_of(after) == before
    assert read_again(after) == 0


def test_a_replay_says_how_many_events_the_log_no_longer_has(run, tmp_path):
    log = {"events": {"type": "log", "path": str(tmp_path / "events.db"), "retention": {"age": "72h", "size": "1MiB"}}}
    host = run(logs=log)
    lines = "\n".join(json.dumps(created(f"o-{n}", note="x" * 2000)) for n in range(200))
    for _ in range(20):
        assert host.post(lines, "application/x-ndjson").status == 202
    host.wait_until(lambda: re.search(r'deleted_events_total\{[^}]*\} [1-9]', host.admin("/metrics").body.decode()), "events have gone")
    again = run(logs=log, keep="1s")
    again.wait_until_told(r"warning orders: (\d+) events of source 'events' are missing, 1 to \d+: "
                          "the source no longer has them, and the state begins without what they said")
    found = re.search(r"(\d+) events of source 'events' are missing, 1 to (\d+)", again.log_text)
    assert found[1] == found[2]
