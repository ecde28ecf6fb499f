"""What a publisher that waits hears of its events: a verdict is known, or it is `unknown`; none is made of what is not there."""

import json

import pytest

from events import cloud_event, created
from host import WAIT, configuration

REMEMBERED = 10_000  # rejections a lane: as many as events in one request
LIMITS = {"limits": {"body": "4MiB"}}
OLD = "it came too long ago for the state to remember what became of it"
SEEN_BEFORE = "it was rejected before: the dead letter says why"


def wrong(number):
    """An order that every state rejects, under an id of its own."""
    return cloud_event({"type": "OrderCreated", "subject": f"o-{number}", "data": {}}, f"wrong-{number}")


def right(number):
    return cloud_event(created(f"o-{number}"), f"right-{number}")


def verdicts(host, events):
    lines = "\n".join(json.dumps(event) for event in events)
    answer = host.post(lines, "application/x-ndjson", headers=WAIT)
    assert answer.status == 202, answer.body
    assert not answer.json["pending"]
    assert [verdict["index"] for verdict in answer.json["verdicts"]] == list(range(len(events)))
    return [(verdict["verdict"], verdict.get("reason")) for verdict in answer.json["verdicts"]]


def words(host, events):
    return [word for word, _ in verdicts(host, events)]


@pytest.fixture
def config(tmp_path, request):
    """With a store or without one."""
    store = {"store": {"path": str(tmp_path / "store"), "every": "100ms"}} if request.param else {}
    return configuration(tmp_path, **LIMITS, **store)


with_and_without_a_store = pytest.mark.parametrize("config", [True, False], indirect=True, ids=["store", "no-store"])


@with_and_without_a_store
def test_each_of_as_many_rejections_as_fit_into_a_request_is_told(start, config):
    host = start(config=config)
    events = [wrong(n) for n in range(REMEMBERED - 1)] + [right(1)]
    got = verdicts(host, events)
    assert got[-1] == ("applied", None)
    assert {word for word, _ in got[:-1]} == {"rejected"}
    assert all(reason for _, reason in got[:-1])
    # They stay known when they are published again.
    assert verdicts(host, events[:10]) == got[:10]


def test_what_is_older_than_the_rejections_remembered_is_unknown_unless_there_is_a_dead_letter(start, tmp_path):
    store = {"store": {"path": str(tmp_path / "store"), "every": "100ms"}}
    host = start(config=configuration(tmp_path, **LIMITS, **store))
    assert words(host, [right(0), wrong(0)]) == ["applied", "rejected"]
    for first in (1, 6_001):
        assert set(words(host, [wrong(first + n) for n in range(6_000)])) == {"rejected"}
    # The oldest rejections are forgotten, and of the dead letters 10,000 stay.
    assert verdicts(host, [right(0), wrong(0), wrong(1)]) == [("unknown", OLD)] * 3
    assert words(host, [wrong(12_000)]) == ["rejected"]
    assert words(host, [right(1)]) == ["applied"]


def test_a_duplicate_is_not_called_applied_after_a_restart(start, tmp_path):
    config = configuration(tmp_path, store={"path": str(tmp_path / "store"), "every": "100ms"})
    host = start(config=config)
    assert words(host, [right(1), wrong(1)]) == ["applied", "rejected"]
    host.stop()
    again = start(config=config)
    assert verdicts(again, [right(1), wrong(1), right(2)]) == [("unknown", OLD), ("rejected", SEEN_BEFORE), ("applied", None)]


def test_a_duplicate_is_judged_anew_by_a_state_that_has_replayed_it(start, tmp_path):
    config = configuration(tmp_path)
    host = start(config=config)
    first = verdicts(host, [right(1), wrong(1)])
    host.stop()
    assert verdicts(start(config=config), [right(1), wrong(1)]) == first
