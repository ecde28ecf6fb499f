"""micro: what the steps of an event's way through the host cost by themselves, in one process and without sockets.

The program is Google Benchmark's; each bench of it looks once whether its result is right. What is told is the middle of the
rounds. A lane is measured by the processor time of its thread, the rest by that of the bench's.
"""

import json
import subprocess
from pathlib import Path

from frame import table
from frame.programs import BIN
from frame.rounds import middle, spread


def measure(effort):
    """{bench: [what each round found]}"""
    program = Path(BIN).parent / "micro_benches"
    how = [f"--benchmark_min_time={effort.seconds * effort.part / 10}", f"--benchmark_repetitions={effort.rounds}"]
    done = subprocess.run([program, *how, "--benchmark_format=json"], capture_output=True, text=True, timeout=600)
    if done.returncode != 0:
        raise SystemExit(done.stderr.strip())
    found = {}
    for run in json.loads(done.stdout)["benchmarks"]:
        if run["run_type"] == "iteration":
            rate = run["items_per_second"]
            found.setdefault(run["run_name"].removesuffix("/manual_time"), []).append({"rate": rate, "ns": 1e9 / rate})
    return found


def bench(folder, effort):
    found = {name: rounds for name, rounds in measure(effort).items() if effort.wants(name)}
    rows = [[name, table.count(middle(rounds, "ns")), table.spread(spread(rounds, "ns")), table.count(middle(rounds, "rate"))]
            for name, rounds in found.items()]
    table.show("micro: one step by itself", ["", "ns", "", "a second"], rows)
