"""A long history from the outside: memory holds a small part of it, and still nobody misses a message, restart or not."""

import pytest

from events import cloud_event
from host import STAFF, configuration
from test_metrics import page

MEMORY = 64 * 1024
NODES = 5


def history_config(folder, **settings):
    jobs = {"type": "job", "sources": ["events"], "history": 10_000, **settings}
    return configuration(folder, states={"jobs": jobs}, limits={"history_memory": "64KiB"},
                         store={"path": str(folder / "states"), "every": "50ms"})  # fmt: skip


def update(number):
    data = {"status": "busy", "state": {"step": str(number), "job": f"j-{number % 2}"}}
    return cloud_event({"type": "NodeStateUpdated", "subject": f"n-{number % NODES}", "data": data}, f"u-{number}")


def publish(host, numbers):
    for at in range(0, len(numbers), 500):
        host.publish(*map(update, numbers[at : at + 500]), wait=True)


def run_until_evicted(host):
    """Until memory is within its budget; nothing may be lost for that."""
    host.wait_until(lambda: page(host).get("history_bytes", state="jobs") <= MEMORY, "most messages have left memory")
    assert page(host).get("history_dropped_total", state="jobs") == 0


def follow(stream, host, *topics, **more):
    query = "&".join(f"topic={topic}" for topic in topics)
    return stream(host, f"/api/v1/stream?{query}", token=STAFF, **more)


def steps(opened, n):
    """The steps of the next n updates, and nothing else but what concerns the session."""
    found = []
    while len(found) < n:
        message = opened.next()
        assert message["type"] in ("connected", "state_update"), message
        if message["type"] == "state_update":
            found.append(int(message["state"]["step"]))
    return found


def read(host, topic, limit):
    """All pages of a topic."""
    found, after = [], ""
    while True:
        answer = host.get(f"/api/v1/topics/{topic}?limit={limit}{after}", token=STAFF)
        assert answer.status == 200, answer.body
        found += [int(item["state"]["step"]) for item in answer.json["items"]]
        if "next" not in answer.json:
            return found
        after = f"&after={answer.json['next']}"


def test_who_comes_late_gets_all_of_it_and_what_happens_meanwhile(start, stream, tmp_path):
    host = start(config=history_config(tmp_path))
    publish(host, range(3000))
    run_until_evicted(host)
    assert page(host).get("history_evicted_total", state="jobs") > 6000
    assert page(host).get("history_topics", state="jobs") == 1 + 2 + NODES
    opened = follow(stream, host, "jobs/all")
    publish(host, range(3000, 3300))
    assert steps(opened, 3300) == list(range(3300))
    several = follow(stream, host, "jobs/j-0", "nodes/n-1", "nodes/n-2")
    expected = [number for number in range(3300) if number % 2 == 0 or number % NODES in (1, 2)]
    assert steps(several, len(expected)) == expected


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_it_is_whole_after_a_restart(start, stream, tmp_path, end):
    first = start(config=history_config(tmp_path))
    publish(first, range(1000))
    left = follow(stream, first, "jobs/all")
    assert steps(left, 1000) == list(range(1000))
    assert left.last_id
    publish(first, range(1000, 2500))
    run_until_evicted(first)
    getattr(first, end)()
    second = start(config=history_config(tmp_path))
    assert steps(follow(stream, second, "jobs/all"), 2500) == list(range(2500))
    publish(second, range(2500, 2600))
    assert steps(follow(stream, second, "jobs/all"), 2600) == list(range(2600))
    again = follow(stream, second, "jobs/all", last_event_id=left.last_id)
    assert again.next()["resumed"] is True
    assert steps(again, 1600) == list(range(1000, 2600))
    assert read(second, "jobs/all", 700) == list(range(2600))
    assert read(second, "nodes/n-3", 90) == list(range(3, 2600, NODES))


def test_what_is_beyond_its_bound_is_gone_and_a_client_that_lacks_it_is_told(start, stream, tmp_path):
    host = start(config=history_config(tmp_path, history=500))
    publish(host, range(10))
    left = follow(stream, host, "jobs/all")
    assert steps(left, 10) == list(range(10))
    left.close()
    publish(host, range(10, 1200))
    run_until_evicted(host)
    assert read(host, "jobs/all", 1000) == list(range(700, 1200))
    again = follow(stream, host, "jobs/all", last_event_id=left.last_id)
    assert again.next()["resumed"] is False
    assert again.next() == {"type": "reset", "topic": "jobs/all", "reason": "the history after the cursor was trimmed"}
    assert steps(again, 500) == list(range(700, 1200))
