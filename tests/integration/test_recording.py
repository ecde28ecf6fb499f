"""The recording of ten thousand orders of a living platform, replayed through `file`: all states come to what independent
folds of it come to."""

import json
from urllib.parse import quote

import simulated
from models import delivery, merchant, window
from recording import fold, record

ORDERS = 10_000
FOR_EVER = "3650d"
PLATFORM = {"rate": 240, "drivers": 400, "merchants": 40, "customers": 500, "location_interval": 60_000}
STATES = {
    "orders": {"type": "order", "sources": ["events"], "keep": FOR_EVER},
    "runs": {"type": "delivery", "sources": ["events"], "keep": FOR_EVER, "keep_orders": FOR_EVER, "stale_after": FOR_EVER},
    "merchants": {"type": "merchant", "sources": ["events"], "refresh": "1h"},
    "counts": {"type": "window", "sources": ["events"], "size": "1m", "allowed_lateness": "10s", "history": 1_000_000, "refresh": "1h"},
}


def sources(host):
    return {source["source"]: source for source in json.loads(host.admin("/api/v1/status").body)["sources"]}


def positions(host):
    states = json.loads(host.admin("/api/v1/status").body)["states"]
    return {place["position"] for state in states for place in state["positions"]}


def everything_on(host, topic):
    """Every message of a topic, page by page."""
    messages, path = [], f"/api/v1/topics/{topic}?limit=1000"
    while path:
        page = host.get(path).json
        messages += page["items"]
        path = page.get("next") and f"/api/v1/topics/{topic}?limit=1000&after={quote(page['next'])}"
    return messages


def test_a_replayed_recording_comes_to_the_same_as_independent_folds(start, tmp_path):
    # A platform makes no mistakes; the orders of the other recording do.
    events = simulated.record(orders=ORDERS, seed=11, **PLATFORM) + record(orders=1000)
    recording = tmp_path / "platform.ndjson"
    recording.write_text("".join(json.dumps(event) + "\n" for event in events))

    folder = tmp_path / "replay"
    replay = {"type": "file", "path": str(recording), "pace": 0, "into": "events"}
    log = {"type": "log", "path": str(folder / "events.db")}
    host = start(folder, sources={"events": log, "replay": replay}, states=STATES)
    host.deadline = 300
    host.wait_until(lambda: sources(host)["replay"]["fed_events"] == len(events), "the recording is in the log")
    replayed = sources(host)["replay"]
    assert replayed["refused"] == 0
    newest = {str(replayed["fed_events"] - replayed["duplicates"])}
    host.wait_until(lambda: positions(host) == newest, "every state has folded it")

    orders = fold(event for event in events if event["type"] in ("OrderCreated", "OrderStatusUpdated", "PaymentProcessed"))
    assert len(orders.history) > ORDERS and orders.rejected > 100 and orders.duplicates > 10
    expected = {("orders", order): {"type": "order_update", "orderId": order, "data": orders.final(order)} for order in orders.history}
    expected |= delivery.fold(events) | merchant.fold(events)

    seen = {}
    for topic, name in (("orders", "orderId"), ("runs", "runId"), ("drivers", "driverId"), ("merchants", "merchantId")):
        seen |= {(topic, message[name]): message for message in everything_on(host, f"{topic}/all")}
    assert set(seen) == set(expected)
    assert [seen[key] for key in sorted(seen)] == [expected[key] for key in sorted(expected)]

    windows = window.windows(events, size_ms=60_000, lateness_ms=10_000)
    assert len(windows) > 10
    assert everything_on(host, "windows/counts") == windows
