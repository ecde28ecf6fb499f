"""Names without end from the outside: a host's tables of topics, keys and entities stay within their bounds, and say so."""

from events import cloud_event, created, is_status, status
from host import STAFF, configuration, run_to_end
from test_metrics import page

TOPICS, ORDERS, RUNS = 64, 50, 20


def publish(host, events):
    for at in range(0, len(events), 1000):
        host.publish(*events[at : at + 1000], wait=True)


def of_a_job(number):
    data = {"status": "busy", "state": {"job": f"j-{number}"}}
    return cloud_event({"type": "NodeStateUpdated", "subject": "n-1", "data": data}, f"u-{number}")


def jobs_config(folder, store):
    jobs = {"type": "job", "sources": ["events"]}
    kept = {"store": {"path": str(folder / "states"), "every": "50ms"}} if store else {}
    return configuration(folder, states={"jobs": jobs}, limits={"history_topics": TOPICS}, **kept)


def check_jobs(host, newest):
    metrics = page(host)
    assert metrics.get("history_topics_limit", state="jobs") == TOPICS
    assert metrics.get("history_topics", state="jobs") <= TOPICS
    items = host.get(f"/api/v1/topics/jobs/j-{newest}", token=STAFF).json["items"]
    assert [item["state"] for item in items] == [{"job": f"j-{newest}"}]
    whole = host.get("/api/v1/topics/jobs/all?limit=1", token=STAFF)
    assert whole.json["items"], "the topic that got something all the time is not the one that goes"


def test_a_node_with_job_ids_without_end_keeps_to_its_topics(start, tmp_path):
    host = start(config=jobs_config(tmp_path, store=False))
    publish(host, [of_a_job(number) for number in range(3000)])
    check_jobs(host, 2999)
    assert page(host).get("history_topics_dropped_total", state="jobs") >= 3000 - TOPICS
    host.wait_for_log("appended topics are more than limits.history_topics allows")
    assert host.get("/api/v1/topics/jobs/j-1", token=STAFF).json.get("items", []) == []


def test_topics_that_were_forgotten_are_not_back_after_a_restart(start, tmp_path):
    host = start(config=jobs_config(tmp_path, store=True))
    publish(host, [of_a_job(number) for number in range(2000)])
    check_jobs(host, 1999)
    host.stop()
    host.start()
    check_jobs(host, 1999)
    publish(host, [of_a_job(number) for number in range(2000, 2100)])
    check_jobs(host, 2099)


def test_what_was_evicted_is_still_in_the_log(start, tmp_path):
    host = start(config=jobs_config(tmp_path, store=False))
    publish(host, [of_a_job(number) for number in range(500)])
    host.stop()
    code, out, errors = run_to_end("log", "dump", tmp_path / "events.db")
    assert code == 0, errors
    assert '"j-0"' in out and '"j-499"' in out


def test_orders_that_never_end_keep_to_their_number(start, tmp_path):
    host = start(config=configuration(tmp_path, states={"orders": {"type": "order", "sources": ["events"], "max_orders": ORDERS, "hold_early": "0s"}}))
    publish(host, [created(f"o-{number}") for number in range(2000)])
    metrics = page(host)
    of_orders = {"kind": "state", "instance": "orders"}
    assert metrics.get("plugin_orders", **of_orders) == metrics.get("plugin_orders_limit", **of_orders) == ORDERS
    assert metrics.get("plugin_orders_evicted_total", **of_orders) == 2000 - ORDERS
    assert metrics.get("plugin_orders_bytes", **of_orders) <= metrics.get("plugin_orders_bytes_limit", **of_orders)
    assert metrics.get("state_keys", state="orders") == ORDERS, "the host forgets what the state has evicted"
    host.wait_for_log("orders are evicted because of max_orders, 'o-0' first")
    verdicts = host.publish(status("o-1999", "CONFIRMED"), status("o-1949", "CONFIRMED"), wait=True)["verdicts"]
    assert [verdict["verdict"] for verdict in verdicts] == ["applied", "rejected"]
    assert verdicts[1]["reason"] == "order o-1949 does not exist"


def test_the_stream_of_an_order_that_is_evicted_ends_with_a_word(start, stream, tmp_path):
    host = start(config=configuration(tmp_path, states={"orders": {"type": "order", "sources": ["events"], "max_orders": 1}}))
    host.publish(created("o-1"), wait=True)
    watching = stream(host, "/api/v1/realtime/orders/o-1/stream", token=STAFF)
    watching.until(is_status("o-1", "PENDING"))
    host.publish(created("o-2"), wait=True)
    assert watching.rest() == [{"type": "ended", "topic": "orders/o-1"}]


def test_runs_drivers_and_merchants_keep_to_their_numbers(start, tmp_path):
    states = {"runs": {"type": "delivery", "sources": ["events"], "max_runs": RUNS, "max_drivers": RUNS, "max_orders": RUNS},
              "merchants": {"type": "merchant", "sources": ["events"], "max_merchants": RUNS}}  # fmt: skip
    host = start(config=configuration(tmp_path, states=states))
    location = {"latitude": 43.6, "longitude": -79.3, "heading": 180, "speed": 45.5}
    for number in range(100):
        host.publish({"type": "RunUpdated", "subject": f"r-{number}", "data": {"status": "PLANNED"}},
                     {"type": "DriverLocationUpdated", "subject": f"d-{number}", "data": location},
                     {"type": "RestaurantStatusChanged", "subject": f"m-{number}", "data": {"open": True}},
                     created(f"o-{number}"), wait=True)  # fmt: skip
    metrics = page(host)
    for kind, state in (("runs", "runs"), ("drivers", "runs"), ("orders", "runs"), ("merchants", "merchants")):
        of_it = {"kind": "state", "instance": state}
        assert metrics.get(f"plugin_{kind}", **of_it) == metrics.get(f"plugin_{kind}_limit", **of_it) == RUNS
    assert metrics.get("events_rejected_total", state="merchants") == 100 - RUNS
