"""restart: from the start of the process until it is ready, with a log of many events and live orders.

The host is started on the same log again and again: without checkpoints, where every event is read and folded again, and
with them, where it has made them before and a tenth of the log has come since. The floor is a program that merely reads
all of the log's rows in order.
"""

import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from frame import table
from frame.programs import BIN, PLUGINS, BenchHost, run, write_yaml
from frame.rounds import interleaved, middle, ratio, spread

EVENTS, ORDERS = 1_000_000, 100_000
SINCE = 10  # one part in so many comes after the checkpoints


def check(condition, what):
    if not condition:
        raise SystemExit(f"restart: {what}")


class Contest:
    """One log, and the hosts that start on it."""

    def __init__(self, folder, effort):
        self.folder = folder
        self.log = folder / "events.db"
        self.events, self.orders = int(EVENTS * effort.part), int(ORDERS * effort.part)
        self.filled = 0

    def host(self, **sections):
        states = {"orders": {"type": "order", "sources": ["events"]}}
        return BenchHost(self.folder, sources={"events": {"type": "log", "path": str(self.log)}}, states=states, **sections)

    @property
    def checkpoints(self):
        return {"store": {"path": str(self.folder / "store")}}

    def has_checkpoints(self):
        file = write_yaml(self.folder, self.host(**self.checkpoints).config)
        return subprocess.run([BIN, "check", file], capture_output=True).returncode == 0

    def fill(self, events):
        """Goes on until so many events are in the log."""
        run("fill_log", "--plugin", PLUGINS + "/log.so", "--file", self.log, "--orders", self.orders, "--from", self.filled, "--events", events)
        self.filled = events

    def restart(self, **sections):
        host = self.host(**sections)
        begin = time.perf_counter()
        with host.running():
            seconds = time.perf_counter() - begin
            read, rejected = (host.counter(f"statecast_events_{what}_total") for what in ("read", "rejected"))
            check(rejected == 0, f"{rejected:.0f} events were rejected")
            last = host.get(f"/api/v1/topics/orders/o-{self.orders - 1}", token=None)
            check(last.status == 200 and last.json["data"]["status"] == "OUT_FOR_DELIVERY", f"the last order is not there: {last}")
            result = {"seconds": seconds, "read": read, "rate": self.events / seconds, "resident": host.greatest_resident_bytes}
            result.update({name.split()[0]: spent for name, spent in host.cpu_seconds().items()})
        return result

    def make_checkpoints(self):
        self.restart(**self.checkpoints)  # whoever stops saves
        shutil.copytree(self.folder / "store", self.folder / "made")

    def resume(self):
        """From the checkpoints as they were made: every stop saves newer ones, after which nothing would be left to replay."""
        shutil.rmtree(self.folder / "store")
        shutil.copytree(self.folder / "made", self.folder / "store")
        result = self.restart(**self.checkpoints)
        since = self.events // SINCE
        check(result["read"] == since, f"{result['read']:.0f} events were read; {since} came after the checkpoints")
        return result

    def replay(self):
        result = self.restart()
        check(result["read"] == self.events, f"{result['read']:.0f} of {self.events} events were read")
        return result

    def floor(self):
        result = run("read_floor", "--file", self.log)
        check(result["rows"] == self.events, f"{result['rows']} of {self.events} rows were read")
        return {**result, "read": result["rows"], "rate": result["rows"] / result["seconds"]}


COLUMNS = ["start", "seconds", "", "of the floor", "events read", "events a second", "catch-up s", "lane s", "MiB"]


def row(name, results, floor):
    def seconds(role):
        return f"{middle(results, role):.2f}" if role in results[0] else ""

    resident = f"{middle(results, 'resident') / 2**20:.0f}" if "resident" in results[0] else ""
    return [name, f"{middle(results, 'seconds'):.2f}", table.spread(spread(results, "seconds")), f"{ratio(results, floor, 'seconds'):.1f}",
            table.count(middle(results, "read")), table.count(middle(results, "rate")), seconds("catch-up"), seconds("lane"), resident]


def bench(folder, effort):
    if not effort.wants("restart"):
        return
    with tempfile.TemporaryDirectory(dir=folder) as place:
        contest = Contest(Path(place), effort)
        contestants = {"reading the rows": contest.floor, "without checkpoints": contest.replay}
        if contest.has_checkpoints():
            contest.fill(contest.events - contest.events // SINCE)
            contest.make_checkpoints()
            contestants["with checkpoints"] = contest.resume
        contest.fill(contest.events)
        results = interleaved(contestants, effort.rounds)
    rows = [row(name, found, results["reading the rows"]) for name, found in results.items()]
    if "with checkpoints" not in results:
        rows.append(["with checkpoints", "none: this host has no `store`"] + [""] * 7)
    table.show(f"restart: from start to ready, {contest.events:,} events of {contest.orders:,} live orders", COLUMNS, rows)
