"""What must hold of the log and of what each subscriber has seen. Each check returns what it found: nothing is good."""

from collections import Counter

from workload import is_on, value_of

LARGEST_REPORT = 10  # findings of one subscriber that are told: one mistake makes many


def _few(things):
    shown = ", ".join(map(str, things[:5]))
    return shown + (f" and {len(things) - 5} more" if len(things) > 5 else "")


def _publisher_and_number(id):
    publisher, _, number = id.rpartition(".")
    return publisher, int(number)


def log_findings(ids, sent, acknowledged):
    """The ids in the log, in order, against those that were sent, and those of them that were acknowledged."""
    times = Counter(ids)
    found = []
    if lost := [id for id in acknowledged if id not in times]:
        found.append(f"the log lost {len(lost)} acknowledged events: {_few(lost)}")
    if double := [id for id, n in times.items() if n > 1]:
        found.append(f"the log has {len(double)} events more than once: {_few(double)}")
    if unknown := [id for id in times if id not in sent]:
        found.append(f"the log has {len(unknown)} events that nobody sent: {_few(unknown)}")
    last = {}
    for id in ids:
        publisher, number = _publisher_and_number(id)
        if number < last.get(publisher, 0):
            found.append(f"the log has {id} after {publisher}.{last[publisher]}, which was sent later")
            break
        last[publisher] = number
    return found


def _identity(message):
    return message["state"]["event"]


def appended_findings(expected, sightings, line_of=lambda message: None):
    """The messages that the log makes for a subscriber, in order, against those that it has seen.

    Those of one line, which is all of them if nothing else is said, came in the log's order.
    """
    of_log = {_identity(message): (place, message) for place, message in enumerate(expected)}
    found, settled, last = [], set(), {}
    for sighting in sightings:
        id = _identity(sighting.message)
        if id not in of_log:
            found.append(f"saw {id}, which the log does not have for it")
            continue
        place, message = of_log[id]
        if sighting.message != message:
            found.append(f"saw {sighting.message} where the log makes {message}")
        if id in settled:
            found.append(f"saw {id} twice")
        if sighting.repeatable:
            continue
        settled.add(id)
        line = line_of(message)
        if place < last.get(line, -1):
            found.append(f"saw {id} after {_identity(expected[last[line]])}, which is later in the log")
        last[line] = max(place, last.get(line, -1))
    if missed := [id for id in of_log if id not in settled]:
        found.append(f"never saw {len(missed)} of {len(of_log)} messages: {_few(missed)}")
    return found


def updated_findings(values, sightings):
    """The values that each order has had by the log, first to last, against those that a subscriber has seen."""
    found, last = [], {}
    for sighting in sightings:
        value = value_of(sighting.message)
        if value not in values.get(value.order, []):
            found.append(f"saw {value}, which the log does not have")
        before = last.get(value.order)
        last[value.order] = sighting
        if before is None or value.is_after(value_of(before.message)):
            continue
        if value != value_of(before.message):
            found.append(f"saw {value} after {value_of(before.message)}: it went back")
        elif not before.repeatable:
            found.append(f"saw {value} twice")
    for order, all_values in values.items():
        seen = value_of(last[order].message) if order in last else None
        if seen != all_values[-1]:
            found.append(f"ended at {seen} where the log ends at {all_values[-1]}")
    return found


def subscriber_findings(topics, witness, log, line_of=lambda message: None):
    """All that is wrong with what a subscriber of these topics has seen; `log` is the state updates and values in it."""
    updates, values = log
    orders = {topic.removeprefix("orders/") for topic in topics if topic.startswith("orders/")}
    appended = [topic for topic in topics if not topic.startswith("orders/")]
    watched = {order: all_values for order, all_values in values.items() if "all" in orders or order in orders}
    expected = [message for message in updates if any(is_on(topic, message) for topic in appended)]
    of_type = lambda type: [s for s in witness.sightings if s.message["type"] == type]
    found = updated_findings(watched, of_type("order_update")) + appended_findings(expected, of_type("state_update"), line_of)
    return witness.oddities + found[:LARGEST_REPORT] + [f"and {len(found) - LARGEST_REPORT} more"] * (len(found) > LARGEST_REPORT)
