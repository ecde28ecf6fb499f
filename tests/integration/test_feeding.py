"""Sources that feed the log: a recording that is replayed, and a simulator."""

import json

from host import configuration, run_to_end, sentence, write_yaml
from recording import fold
from simulated import record

OF_ORDERS = ("OrderCreated", "PaymentProcessed", "OrderStatusUpdated")


def fed_by(host, source):
    sources = host.admin("/api/v1/status").json["sources"]
    return next(each for each in sources if each["source"] == source)


def feeding(tmp_path, **source):
    return {"events": {"type": "log", "path": str(tmp_path / "events.db")}, "feed": {"into": "events", **source}}


def wait_until_fed(host, events):
    host.wait_until(lambda: fed_by(host, "feed")["fed_events"] == events, f"{events} events are fed")


def expect_orders(host, events):
    expected = fold([event for event in events if event["type"] in OF_ORDERS])
    for order in expected.history:
        value = lambda: host.get(f"/api/v1/topics/orders/{order}").json.get("data")
        host.wait_until(lambda: value() == expected.final(order), f"{order} is as it ended")


def test_a_recording_is_in_the_log_once_however_often_it_is_replayed(start, tmp_path):
    events = record(orders=30)
    lines = [json.dumps(event) for event in events]
    lines.insert(5, "nonsense")
    (tmp_path / "recording.ndjson").write_text("\n".join(lines))
    sources = feeding(tmp_path, type="file", path="recording.ndjson", pace=0)

    first = start(sources=sources)
    first.wait_for_log(r"recording.ndjson:6: left out: it is no JSON, from byte 2: 'nonsense'")
    first.wait_for_log(rf"recording.ndjson: replayed to the end: {len(events)} events, 1 bad lines left out")
    wait_until_fed(first, len(events))
    assert fed_by(first, "feed")["duplicates"] == 0
    expect_orders(first, events)
    first.stop()

    second = start(sources=sources)
    wait_until_fed(second, len(events))
    assert fed_by(second, "feed")["duplicates"] == len(events)
    expect_orders(second, events)


def test_a_simulator_that_was_cut_short_goes_on_to_its_end(start, tmp_path):
    settings = {"seed": 11, "rate": 60, "drivers": 40, "merchants": 5, "customers": 20}
    events = record(orders=40, **settings)
    sources = feeding(
        tmp_path, type="simulator", pace=0, orders=40, start="2023-12-20T12:00:00Z", location_interval="30s", **settings
    )

    first = start(sources=sources)
    first.kill()
    second = start(sources=sources)
    wait_until_fed(second, len(events))
    expect_orders(second, events)


def test_a_recording_that_is_missing_stops_the_start_with_a_sentence(tmp_path):
    sources = feeding(tmp_path, type="file", path="gone.ndjson")
    status, _, errors = run_to_end("run", write_yaml(tmp_path, configuration(tmp_path, sources=sources)))
    assert status == 1
    assert sentence(errors).splitlines()[0] == (
        f"statecast: source 'feed' (plugin file 0.1.0): path: {tmp_path}/gone.ndjson cannot be opened: "
        "No such file or directory"
    )
