"""Ten thousand orders of a living platform, recorded from one host and replayed into another: all its states come to what
independent folds of the recording come to."""

import json
from urllib.parse import quote

from host import STAFF, configuration, run_to_end
from models import delivery, merchant, window
from recording import fold, record

ORDERS = 10_000
FOR_EVER = "36500d"
PLATFORM = {
    "type": "simulator", "into": "events", "pace": 0, "orders": ORDERS, "seed": 11, "start": "2023-12-20T12:00:00Z",
    "rate": 240, "drivers": 400, "merchants": 40, "customers": 500, "location_interval": "60s",
}
STATES = {
    "orders": {"type": "order", "sources": ["events"], "keep": FOR_EVER},
    "runs": {"type": "delivery", "sources": ["events"], "keep": FOR_EVER, "keep_orders": FOR_EVER, "stale_after": FOR_EVER},
    "merchants": {"type": "merchant", "sources": ["events"], "refresh": "1h"},
    "counts": {"type": "window", "sources": ["events"], "size": "1m", "allowed_lateness": "10s", "history": 1_000_000, "refresh": "1h"},
}


def sources(host):
    return {source["source"]: source for source in json.loads(host.admin("/api/v1/status").body)["sources"]}


def everything_on(host, topic):
    """Every message of a topic, page by page."""
    messages, path = [], f"/api/v1/topics/{topic}?limit=1000"
    while path:
        page = host.get(path).json
        messages += page["items"]
        path = page.get("next") and f"/api/v1/topics/{topic}?limit=1000&after={quote(page['next'])}"
    return messages


def live(start, folder):
    """A host on whose log the platform has lived to its end."""
    log = {"type": "log", "path": str(folder / "events.db")}
    host = start(folder, sources={"events": log, "platform": PLATFORM})
    host.deadline = 300
    host.wait_until(lambda: ended_orders(host) >= ORDERS, "every order has ended")
    return host


def ended_orders(host):
    return sum(1 for order in everything_on(host, "orders/all") if order["data"]["status"] in ("DELIVERED", "CANCELLED", "FAILED"))


def test_a_replayed_recording_comes_to_the_same_as_independent_folds(start, tmp_path):
    platform = live(start, tmp_path / "platform")
    recording = tmp_path / "platform.ndjson"
    status, _, errors = run_to_end(
        "record", recording, "--source", "events", "--admin", f"http://127.0.0.1:{platform.admin_port}", deadline=300
    )
    assert status == 0, errors
    platform.stop()

    # A platform makes no mistakes; these orders do.
    with recording.open("a") as file:
        file.writelines(json.dumps(event) + "\n" for event in record(orders=1000))
    events = [json.loads(line) for line in recording.read_text().splitlines()]

    folder = tmp_path / "replay"
    replay = {"type": "file", "path": str(recording), "pace": 0, "into": "events"}
    log = {"type": "log", "path": str(folder / "events.db")}
    host = start(folder, sources={"events": log, "replay": replay}, states=STATES)
    host.deadline = 300
    host.wait_until(lambda: sources(host)["replay"]["fed_events"] == len(events), "the recording is in the log")
    assert sources(host)["replay"]["refused"] == 0
    marker = host.publish({"type": "OrderCreated", "subject": "marker", "data": {}}, wait=True)  # refused, after all the rest
    assert marker["accepted"] == 1

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
