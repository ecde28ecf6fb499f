"""publish: events acknowledged a second, by source log, by source memory, and what the disk would allow.

Each publisher is one kept-alive connection that sends its next request when the last was answered 202. An event is a
structured CloudEvent of 300 bytes, alone or as one of 100 lines of NDJSON. The floor is a program that appends the same
bytes to a file with one fdatasync a request: an event, or a batch of 100. The shared floor has one for as many requests as
all publishers have under way, which no host that also speaks HTTP on that core comes near. Where the shared floor is below
memory, publishers wait for the disk whatever the host does; the last ratio is therefore to the lesser of the two in each
round. The events are of a type that no state consumes, but for the measurement that is called folded, whose events are
drivers' locations.

Every run has a host and a log of its own, and afterwards every event that was acknowledged must be there, once.
"""

import sqlite3
import tempfile
from dataclasses import dataclass
from pathlib import Path

from frame import machine, table
from frame.programs import BenchHost, run
from frame.rounds import interleaved, middle, ratio, spread

EVENT_BYTES = 300


@dataclass(frozen=True)
class Case:
    publishers: int
    events: int = 1
    folded: bool = False

    @property
    def name(self):
        return f"{self.publishers} x {self.events}{' folded' if self.folded else ''}"

    @property
    def type(self):
        return "DriverLocationUpdated" if self.folded else "NobodyConsumesThis"


CASES = [Case(1), Case(16), Case(256), Case(256, folded=True), Case(1, 100), Case(16, 100), Case(256, 100)]

SOURCES = {
    "log": lambda folder: {"type": "log", "path": str(folder / "events.db")},
    "memory": lambda folder: {"type": "memory", "capacity": 100_000_000, "bytes": "8GiB"},
}


def check(condition, what):
    if not condition:
        raise SystemExit(f"publish: {what}")


def check_log(file, published):
    with sqlite3.connect(file) as log:
        found = log.execute("SELECT count(*), count(DISTINCT id), max(seq) FROM events").fetchone()
    check(found == (published,) * 3, f"{published} events were acknowledged; in the log are (rows, ids, newest): {found}")


def publish(source, case, folder, effort):
    with tempfile.TemporaryDirectory(dir=folder) as place:
        place = Path(place)
        states = {"runs": {"type": "delivery", "sources": ["events"]}}
        host = BenchHost(place, sources={"events": SOURCES[source](place)}, states=states)
        with host.running():
            before = host.cpu_seconds()
            result = run("publish_load", "--port", host.port, "--publishers", case.publishers, "--events", case.events,
                         "--event-bytes", EVENT_BYTES, "--type", case.type, "--warm-up", effort.warm_up, "--seconds", effort.seconds)
            used = host.cpu_seconds()
            published = result["acknowledged"]
            host.wait_until(lambda: host.counter("statecast_events_read_total", reader="tail") >= published, "every event was read back")
            for name, labels in (("events_read", {"reader": "tail"}), ("events_published", {"outcome": "accepted"})):
                counted = host.counter(f"statecast_{name}_total", **labels)
                check(counted == published, f"{published} events were acknowledged; statecast_{name}_total is {counted:.0f}")
            commits = host.counter("statecast_append_batches_total")
        if source == "log":
            check_log(place / "events.db", published)
    result["rate"] = result["counted"] / result["seconds"]
    result["a_commit"] = published / commits
    for role in ("shard", "append"):
        spent = sum(s - before.get(thread, 0) for thread, s in used.items() if thread.startswith(role))
        result[f"{role}_us"] = spent / published * 1e6
    return result


def floor(records, folder, effort):
    with tempfile.TemporaryDirectory(dir=folder) as place:
        result = run("append_floor", "--file", Path(place) / "floor", "--record-bytes", EVENT_BYTES,
                     "--records", records, "--seconds", effort.seconds / 2, core=machine.HOST_CORE)
    result["rate"] = result["counted"] / result["seconds"]
    return result


def contest(case, folder, effort):
    contestants = {
        "log": lambda: publish("log", case, folder, effort),
        "floor": lambda: floor(case.events, folder, effort),
        "shared": lambda: floor(case.publishers * case.events, folder, effort),
        "memory": lambda: publish("memory", case, folder, effort),
    }
    return interleaved(contestants, effort.rounds)


COLUMNS = ["publishers x events", "log", "", "memory", "", "floor", "", "shared floor", "", "log:memory", "log:floor", "log:shared", "log:lesser", "events a commit", "p50 ms", "p99 ms",
           "shard µs", "append µs", "memory: shard µs", "append µs"]


def row(case, results):
    log, memory = results["log"], results["memory"]
    rates = [text for r in (log, memory, results["floor"], results["shared"]) for text in (table.count(middle(r, "rate")), table.spread(spread(r, "rate")))]
    lesser = [min(pair, key=lambda result: result["rate"]) for pair in zip(memory, results["shared"])]
    ratios = [f"{ratio(log, others, 'rate'):.2f}" for others in (memory, results["floor"], results["shared"], lesser)]
    times = [f"{middle(log, field):.{digits}f}" for field, digits in (("a_commit", 1), ("p50_ms", 2), ("p99_ms", 2))]
    costs = [f"{middle(r, field):.1f}" for r in (log, memory) for field in ("shard_us", "append_us")]
    return [case.name, *rates, *ratios, *times, *costs]


def bench(folder, effort):
    rows = [row(case, contest(case, folder, effort)) for case in CASES if effort.wants(f"publish {case.name}")]
    table.show("publish: events acknowledged a second; a thread's time on its core, for each event", COLUMNS, rows)
