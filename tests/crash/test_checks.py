"""Each check finds what it is there for, and nothing in what is good."""

import random

import pytest

from checks import appended_findings, log_findings, subscriber_findings, updated_findings
from witness import Sighting, Witness
from workload import LIFECYCLE, Workload, is_on, state_updates_in, values_in


def update(number, node="n-1", job="j-1"):
    state = {"job": job, "event": f"p.{number}"}
    return {"type": "state_update", "node": node, "status": "idle", "state": state, "timestamp": 1, "index": number}


def order(seq, status="PENDING", id="o-1"):
    return {"type": "order_update", "orderId": id, "data": {"seq": seq, "status": status}}


def seen(*messages):
    return [Sighting(message) for message in messages]


UPDATES = [update(number) for number in range(1, 5)]
FIRST, SECOND, THIRD, FOURTH = UPDATES
VALUES = values_in(
    [
        {"type": "OrderCreated", "subject": "o-1", "data": {"seq": 0}},
        {"type": "OrderStatusUpdated", "subject": "o-1", "data": {"seq": 1, "status": "CONFIRMED"}},
        {"type": "OrderStatusUpdated", "subject": "o-1", "data": {"seq": 2, "status": "CONFIRMED"}},
    ]
)
LAST = order(2, "CONFIRMED")


def test_a_good_log_has_each_event_once_also_those_whose_answer_was_lost():
    assert log_findings(["p.1", "q.1", "p.2"], {"p.1", "p.2", "q.1", "q.2"}, {"p.1", "q.1"}) == []


BAD_LOGS = [
    ("a loss", ["p.1"], "the log lost 1 acknowledged events: p.2"),
    ("a double", ["p.1", "p.2", "p.2"], "the log has 1 events more than once: p.2"),
    ("an invention", ["p.1", "p.2", "p.3"], "the log has 1 events that nobody sent: p.3"),
    ("a reorder", ["p.2", "p.1"], "the log has p.1 after p.2, which was sent later"),
]


@pytest.mark.parametrize("name, ids, finding", BAD_LOGS, ids=[b[0] for b in BAD_LOGS])
def test_it_is_found_in_the_log(name, ids, finding):
    assert log_findings(ids, {"p.1", "p.2"}, {"p.1", "p.2"}) == [finding]


def test_all_messages_once_and_in_order_are_good():
    assert appended_findings(UPDATES, seen(*UPDATES)) == []


BAD_STREAMS = [
    ("a loss", [FIRST, SECOND, FOURTH], "never saw 1 of 4 messages: p.3"),
    ("a double", [FIRST, SECOND, THIRD, FOURTH, FOURTH], "saw p.4 twice"),
    ("a reorder", [FIRST, THIRD, SECOND, FOURTH], "saw p.2 after p.3, which is later in the log"),
    ("an invention", [*UPDATES, update(9)], "saw p.9, which the log does not have for it"),
    ("another index", [FIRST, SECOND, THIRD, {**FOURTH, "index": 5}], f"saw {({**FOURTH, 'index': 5})} where the log makes {FOURTH}"),
]


@pytest.mark.parametrize("name, messages, finding", BAD_STREAMS, ids=[b[0] for b in BAD_STREAMS])
def test_it_is_found_in_what_was_appended(name, messages, finding):
    assert appended_findings(UPDATES, seen(*messages)) == [finding]


def test_what_was_never_done_with_must_come_again_and_may_come_as_often_as_it_likes():
    open_ones = [Sighting(FOURTH, repeatable=True), Sighting(FOURTH, repeatable=True)]
    assert appended_findings(UPDATES, [*seen(FIRST, SECOND, THIRD), *open_ones, *seen(FOURTH)]) == []
    assert appended_findings(UPDATES, [*seen(FIRST, SECOND, THIRD), *open_ones]) == ["never saw 1 of 4 messages: p.4"]


def test_what_was_done_with_may_not_come_again_even_if_it_is_not_done_with_then():
    again = Sighting(SECOND, repeatable=True)
    assert appended_findings(UPDATES, [*seen(FIRST, SECOND), again, *seen(THIRD, FOURTH)]) == ["saw p.2 twice"]


def test_each_line_has_an_order_of_its_own():
    log = [update(1, "n-1"), update(2, "n-2"), update(3, "n-1")]
    swapped = seen(log[1], log[0], log[2])
    by_node = lambda message: message["node"]
    assert appended_findings(log, swapped, by_node) == []
    assert appended_findings(log, swapped) == ["saw p.1 after p.2, which is later in the log"]
    assert appended_findings(log, seen(log[2], log[1], log[0]), by_node) == ["saw p.1 after p.3, which is later in the log"]


def test_values_that_only_go_forward_to_the_last_are_good_also_with_gaps():
    assert updated_findings(VALUES, seen(order(0), LAST)) == []


V = "Value(order='o-1', seq={}, status='{}')"
BAD_VALUES = [
    ("a value that goes back", [order(1, "CONFIRMED"), order(0), LAST],
     f"saw {V.format(0, 'PENDING')} after {V.format(1, 'CONFIRMED')}: it went back"),
    ("a double", [LAST, LAST], f"saw {V.format(2, 'CONFIRMED')} twice"),
    ("an end before the last value", [order(0), order(1, "CONFIRMED")],
     f"ended at {V.format(1, 'CONFIRMED')} where the log ends at {V.format(2, 'CONFIRMED')}"),
    ("an order never seen", [], f"ended at None where the log ends at {V.format(2, 'CONFIRMED')}"),
    ("a value of no event", [order(1, "READY"), LAST],
     f"saw {V.format(1, 'READY')}, which the log does not have"),
]


@pytest.mark.parametrize("name, messages, finding", BAD_VALUES, ids=[b[0] for b in BAD_VALUES])
def test_it_is_found_in_what_was_updated(name, messages, finding):
    assert finding in updated_findings(VALUES, seen(*messages))


def test_a_status_that_goes_back_is_found_also_when_the_number_grows():
    statuses = [None, "READY", "CONFIRMED"]
    types = ["OrderCreated", "OrderStatusUpdated", "OrderStatusUpdated"]
    log = [{"type": t, "subject": "o-1", "data": {"seq": n, "status": s}} for n, (t, s) in enumerate(zip(types, statuses))]
    (finding,) = updated_findings(values_in(log), seen(order(1, "READY"), order(2, "CONFIRMED")))
    assert finding.endswith("it went back")


def test_updates_before_a_creation_are_part_of_the_first_value():
    update = lambda seq, status: {"type": "OrderStatusUpdated", "subject": "o-1", "data": {"seq": seq, "status": status}}
    creation = {"type": "OrderCreated", "subject": "o-1", "data": {"seq": 0}}
    log = [update(1, "PENDING"), update(2, "CONFIRMED"), creation, update(3, "CONFIRMED")]
    values = values_in(log)
    assert updated_findings(values, seen(order(2, "CONFIRMED"), order(3, "CONFIRMED"))) == []
    assert f"saw {V.format(0, 'PENDING')}, which the log does not have" in updated_findings(values, seen(order(0)))


def test_a_value_that_was_never_done_with_may_come_again_but_not_an_older_one():
    assert updated_findings(VALUES, [Sighting(LAST, repeatable=True), *seen(LAST)]) == []
    (finding,) = updated_findings(VALUES, [Sighting(order(1, "CONFIRMED"), repeatable=True), *seen(order(0), LAST)])
    assert finding.endswith("it went back")


def test_a_subscriber_is_held_against_its_own_topics_and_its_oddities_are_told():
    witness = Witness(oddities=["was told something"])
    for message in FIRST, THIRD, LAST:
        witness.see(message, "cursor")
    log = [FIRST, update(2, "n-2", "j-2"), THIRD], VALUES
    assert subscriber_findings(["jobs/j-1", "orders/o-1"], witness, log) == ["was told something"]
    assert "never saw 1 of 3 messages: p.2" in subscriber_findings(["jobs/all"], witness, log)


def test_a_message_is_done_with_at_its_own_cursor_or_the_next():
    witness = Witness()
    witness.see(FIRST, "c-1")
    witness.see(SECOND)
    witness.settle("c-2")
    witness.see(THIRD)
    witness.lose_connection()
    assert [s.repeatable for s in witness.sightings] == [False, False, True]
    assert (witness.cursor, witness.settled) == ("c-2", 2)


def test_a_message_with_the_cursor_that_is_known_is_not_done_with():
    witness = Witness(cursor="c-1")
    witness.see(FIRST, "c-1")
    assert not witness.is_settled


def test_a_workload_makes_a_log_of_which_orders_only_go_forward():
    workload = Workload("p", random.Random(1))
    log = workload.batch(2000) + workload.last()
    assert log_findings([event["id"] for event in log], {event["id"] for event in log}, set()) == []
    for values in values_in(log).values():
        assert all(later.is_after(earlier) for earlier, later in zip(values, values[1:]))
    assert {values[-1].status for values in values_in(log).values()} > {LIFECYCLE[-1]}
    firsts = {}
    for event in log:
        if event["type"].startswith("Order"):
            firsts.setdefault(event["subject"], event["type"])
    early = [order for order, first in firsts.items() if first != "OrderCreated"]
    assert 3 < len(early) < len(firsts) == len(values_in(log))
    updates = state_updates_in(log)
    assert appended_findings(updates, seen(*updates)) == []
    assert all(any(is_on(topic, message) for message in updates) for topic in ("jobs/all", "jobs/j-1", "nodes/n-1"))
