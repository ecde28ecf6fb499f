"""What tumbling windows over events come to, worked out here independently: the messages, in the order of their coming."""

from collections import Counter, defaultdict
from datetime import datetime, timedelta, timezone

ORIGIN = datetime(1, 1, 1, tzinfo=timezone.utc)
CONFIRMATIONS = 10
MICROSECOND = timedelta(microseconds=1)


def windows(events, size_ms=60_000, lateness_ms=10_000, max_ahead_ms=3_600_000, types=None, group=None):
    """The results of every window that these CloudEvents close.

    types: which are counted, None = all. group(event): an event's group, None = it has none and is not counted; without
    it nothing is grouped. Bounds of groups and types are not modelled.
    """
    stream = _Stream(size_ms * 1000, lateness_ms * 1000, max_ahead_ms * 1000)
    seen = set()
    for event in events:
        envelope = (event.get("source"), event.get("id"))
        if envelope in seen:
            continue
        if None not in envelope:
            seen.add(envelope)
        name = group(event) if group else ""
        counted = (types is None or event["type"] in types) and name is not None
        stream.take((_since_origin(event["time"]), event["type"] if counted else None, name))
    return stream.results


class _Stream:
    def __init__(self, size, lateness, max_ahead):
        self.size, self.lateness, self.max_ahead = size, lateness, max_ahead
        self.newest = None
        self.held = []
        self.open = defaultdict(Counter)  # (number of the window, group) -> type -> count; None: late ones
        self.results = []

    def take(self, arrival):
        if self._is_far_ahead(arrival[0]):
            self.held.append(arrival)
            if len(self.held) == CONFIRMATIONS:
                self._move_on()
        else:
            self.held = []
            self._count(arrival)

    def _is_far_ahead(self, time):
        return self.newest is not None and self.max_ahead and time > self.newest + self.max_ahead

    def _move_on(self):
        arrivals = sorted(self.held, key=lambda arrival: arrival[0])
        self.newest = arrivals[0][0]
        self.held = []
        for arrival in arrivals:
            if self._is_far_ahead(arrival[0]):
                self.held.append(arrival)
            else:
                self._count(arrival)

    def _count(self, arrival):
        time, type, group = arrival
        self.newest = time if self.newest is None else max(time, self.newest)
        first_open = (self.newest - self.lateness) // self.size
        self._close_before(first_open)
        if type is None:
            return
        if time // self.size < first_open:
            self.open[first_open, group][None] += 1
        else:
            self.open[time // self.size, group][type] += 1

    def _close_before(self, first_open):
        for number, group in sorted(place for place in self.open if place[0] < first_open):
            self.results.append(self._message(number, group, self.open.pop((number, group))))

    def _message(self, number, group, counts):
        late = counts.pop(None, 0)
        return {
            "type": "window",
            **({"group": group} if group else {}),
            "window_start": _rfc3339(number * self.size),
            "window_end": _rfc3339((number + 1) * self.size),
            "total_events": sum(counts.values()),
            "event_types": dict(counts),
            **({"late_events": late} if late else {}),
        }


def _since_origin(text):
    return (datetime.fromisoformat(text.replace("Z", "+00:00")) - ORIGIN) // MICROSECOND


def _rfc3339(microseconds):
    return (ORIGIN + microseconds * MICROSECOND).isoformat(timespec="milliseconds").replace("+00:00", "Z")
