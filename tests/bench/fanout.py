"""fanout: what it costs to deliver one message to many clients, beside the kernel's send() alone.

The floor is a program that copies what is published into a frame and sends it to each client in a loop. Statecast does
its whole work: it parses the event, stores it in memory, folds, renders and encodes it. nginx with nchan is what else one
would take. Each server has a core of its own, each run a new server, and all of them send as many bytes.

What a delivery costs is the time that all threads of the server had on its core, from the first message that counts to
the last that arrived, for each message that a client got. The client never sleeps, so that no server pays for waking it.
How long a message took is counted from when it was due. Every client's messages have numbers, so that what is missing,
doubled or out of order is counted exactly; `skipped` are messages of which the client got a later one instead, which only
a server that knows keys may do.
"""

import contextlib
import json
import select
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from contestants import MOST_CLIENTS, contestants
from frame import machine, table
from frame.programs import BIN
from frame.rounds import interleaved, middle, ratio, spread

DEADLINE = 300
SPARE_FILES = 50  # of a server beside its clients' connections: publishers, a request for its state
PROBE_NOTE = 40  # letters that fill up the messages of a probe
FAULTS = ("missing", "doubled", "disordered", "foreign")


@dataclass(frozen=True)
class Scenario:
    clients: int
    rate: float = 10  # messages a second
    topics: int = 1
    each: int = 1  # topics that a client follows
    websocket: bool = False
    bytes: int = 300  # of a message on the wire
    slow: int = 0  # clients that do not read
    most: float = None  # the ratio to the floor that this shall have at most
    windows: bool = False  # it is a flush window of the transport that shall have it

    @property
    def name(self):
        form = "WebSocket" if self.websocket else "SSE"
        topics = f"{self.topics:,} topic{'s' if self.topics > 1 else ''}"
        return f"{self.clients:,} {form}, {topics}, {self.rate:,.0f}/s"

    def within(self, effort):
        """The same with as many clients as the effort and the machine allow, and in proportion as many topics and slow ones."""
        clients = min(self.clients, effort.clients, MOST_CLIENTS)
        part = clients / self.clients
        return replace(self, clients=clients, topics=max(1, int(self.topics * part)), slow=int(self.slow * part))

    def messages(self, seconds):
        return max(3, int(self.rate * seconds))


# ---- one run


@contextlib.contextmanager
def load(contestant, scenario, note, warm_up=0, messages=0, first_topic=0):
    """What fanout_load tells, while its connections are still there."""
    options = {"--port": contestant.port, "--server": contestant.pid, "--clients": scenario.clients, "--slow": scenario.slow,
               "--topics": scenario.topics, "--first-topic": first_topic, "--each": scenario.each, "--rate": scenario.rate, "--warm-up": warm_up, "--messages": messages,
               **contestant.requests(note)}
    command = [Path(BIN).parent / "fanout_load", *(["--websocket"] if scenario.websocket else []), *(str(word) for pair in options.items() for word in pair)]
    with machine.on_core(machine.CLIENT_CORE):
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        ready = select.select([process.stdout], [], [], DEADLINE)[0]
        line = process.stdout.readline() if ready else ""
        if not line:
            process.kill()
            raise SystemExit(f"fanout: {contestant.name}, {scenario.name}: {process.communicate()[1].strip() or 'no end in sight'}")
        yield json.loads(line)
    finally:
        process.communicate()  # ends its input, and so the load


@contextlib.contextmanager
def server(kind, folder, scenario):
    with tempfile.TemporaryDirectory(dir=folder) as place:
        contestant = kind(place, scenario.websocket)
        with contestant.running():
            yield contestant


def come_and_go(contestant, size, note, clients, topic):
    """So many more than the clients that there are subscribe at once, to a topic that nobody has used yet, and leave at once."""
    before, files = machine.proportional_bytes(contestant.pid), machine.open_files(contestant.pid)
    with load(contestant, Scenario(size), note, first_topic=topic) as result:
        result["crowd_bytes"] = machine.proportional_bytes(contestant.pid) - before
    until = time.monotonic() + DEADLINE
    while machine.open_files(contestant.pid) > files + clients + SPARE_FILES:
        if time.monotonic() > until:
            raise SystemExit(f"fanout: {contestant.name} keeps connections whose clients have left")
        time.sleep(0.005)  # between two looks at what nobody announces
    result["left_bytes"] = machine.proportional_bytes(contestant.pid) - before
    return result


class Bench:
    def __init__(self, folder, effort):
        self.folder, self.effort = folder, effort
        self.kinds = contestants()
        self.usual = [name for name in self.kinds if name != IN_WINDOWS]
        self.notes = {}
        self.faults = []

    def note(self, kind, scenario):
        """How much a message must be filled up to have the scenario's size; asked of a server once."""
        key = (kind.name, scenario.websocket)
        if key not in self.notes:
            with server(kind, self.folder, scenario) as contestant:
                with load(contestant, Scenario(1, websocket=scenario.websocket), PROBE_NOTE, messages=1) as result:
                    self.notes[key] = PROBE_NOTE - result["bytes"] // result["deliveries"]
        return self.notes[key] + scenario.bytes

    def run(self, name, scenario):
        kind, effort = self.kinds[name], self.effort
        note = self.note(kind, scenario)
        with server(kind, self.folder, scenario) as contestant:
            before = machine.proportional_bytes(contestant.pid)
            with load(contestant, scenario, note, scenario.messages(effort.warm_up), scenario.messages(effort.seconds)) as result:
                result["more_bytes"] = machine.proportional_bytes(contestant.pid) - before
        return self.checked(name, scenario, result)

    def idle(self, name, scenario):
        kind = self.kinds[name]
        note = self.note(kind, scenario)
        with server(kind, self.folder, scenario) as contestant:
            with load(contestant, replace(scenario, clients=10), note, first_topic=1):
                pass  # what a server needs once, for its first clients, is not a connection's
            before = machine.proportional_bytes(contestant.pid)
            with load(contestant, scenario, note) as result:
                result["each_bytes"] = (machine.proportional_bytes(contestant.pid) - before) / scenario.clients
        return self.checked(name, scenario, result)

    def crowded(self, name, scenario, size):
        kind, effort = self.kinds[name], self.effort
        note = self.note(kind, scenario)
        with server(kind, self.folder, scenario) as contestant, ThreadPoolExecutor(1) as others:
            # Twice: what a server needs once for so many, such as a longer table, is not left over from those who came.
            alone = [come_and_go(contestant, size, note, clients=0, topic=topic) for topic in ((1, 2) if size else ())]
            coming = others.submit(come_and_go, contestant, size, note, scenario.clients, topic=3) if size else None
            with load(contestant, scenario, note, scenario.messages(effort.warm_up), scenario.messages(2 * effort.seconds)) as result:
                if coming:
                    result["crowd_s"] = coming.result()["opening_s"]
                    result.update({field: alone[-1][field] for field in ("crowd_bytes", "left_bytes")})
        return self.checked(name, scenario, result)

    def checked(self, name, scenario, result):
        if not name.startswith("Statecast"):  # knows no keys: whatever is not there is missing
            result["missing"] += result.pop("skipped")
            result["skipped"] = 0
        if result["deliveries"]:
            result["us"] = result["server_ns"] / result["deliveries"] / 1e3
            result["size"] = result["bytes"] / result["deliveries"]
        found = {fault: result[fault] for fault in FAULTS if result[fault]}
        if found:
            self.faults.append(f"{name}, {scenario.name}: of {result['expected']:,} messages " + ", ".join(f"{n:,} {fault}" for fault, n in found.items()))
        return result

    def contest(self, names, measure, scenario, rounds):
        return interleaved({name: lambda name=name: measure(name, scenario) for name in names}, rounds)

    @property
    def fewer_rounds(self):
        """Of what is not compared with the floor so closely."""
        return 1 if self.effort.hurried else self.effort.rounds

    def steps(self, scenarios):
        """Of a series; in a hurry two that are far apart, without the last one, which takes longest to prepare."""
        return [scenarios[0], scenarios[-2]] if self.effort.hurried else scenarios

    def wanted(self, group, scenarios):
        """Those to run, as the effort allows; of several that it makes as large as each other, the first."""
        wanted = [s.within(self.effort) for s in scenarios if self.effort.wants(f"fanout {group} {s.name}")]
        return list({(s.clients, s.topics, s.websocket, s.windows and s.rate): s for s in reversed(wanted)}.values())[::-1]


def summed(results, *fields):
    return table.count(sum(result[field] for result in results for field in fields))


def times(results):
    return [f"{middle(results, field):.2f}" for field in ("p50_ms", "p99_ms")]


# ---- what a delivery costs

SCENARIOS = [
    Scenario(1_000, 100, most=1.05),
    Scenario(10_000, 10, most=1.05),
    Scenario(10_000, 10, websocket=True, most=1.05),
    Scenario(10_000, 2_000, topics=5_000, most=1.6),
]
BY_CLIENTS = [Scenario(clients, 100_000 / clients) for clients in (1_000, 3_000, 10_000, 19_000)]
# Two messages within a window of 20 ms, and four.
IN_WINDOWS = "Statecast, 20 ms"
WINDOWS = [Scenario(1_000, 100, most=0.60, windows=True), Scenario(1_000, 200, most=0.35, windows=True)]
# Two clients a topic: the cost of publishing is shared by as many throughout.
BY_TOPICS = [Scenario(min(2 * topics, 2_000), 2_000, topics, max(1, topics // 1_000)) for topics in (10, 100, 1_000, 10_000, 100_000)]

COST_COLUMNS = ["", "", "µs a delivery", "", "to floor", "at most", "bytes", "p50 ms", "p99 ms", "deliveries", "missing", "doubled", "disordered", "skipped", "client late ms"]


def cost_row(scenario, name, results, floor):
    most = f"{scenario.most:.2f}" if scenario.most and name == (IN_WINDOWS if scenario.windows else "Statecast") else ""
    return [scenario.name, name, f"{middle(results, 'us'):.2f}", table.spread(spread(results, "us")), f"{ratio(results, floor, 'us'):.2f}", most,
            f"{middle(results, 'size'):.1f}", *times(results), summed(results, "deliveries"), summed(results, "missing"), summed(results, "doubled"),
            summed(results, "disordered", "foreign"), summed(results, "skipped"), f"{middle(results, 'late_ms'):.2f}"]


def costs(bench, group, scenarios, names, rounds, title):
    rows, told = [], []
    for scenario in bench.wanted(group, scenarios):
        results = bench.contest(names, bench.run, scenario, rounds)
        rows += [cost_row(scenario, name, found, results["floor"]) for name, found in results.items()]
        told += [{"clients": scenario.clients, "topics": scenario.topics, "name": name, "us": [r["us"] for r in found], "runs": found} for name, found in results.items()]
    if rows:
        table.show(f"fanout: {title}", COST_COLUMNS, rows)
    return told


# ---- what a connection costs

IDLE = [Scenario(19_000), Scenario(19_000, websocket=True)]
IDLE_MOST = {False: 256, True: 320}
IDLE_COLUMNS = ["", "", "bytes a connection", "", "at most", "opened in s", "missing"]


def idle(bench):
    rows, told = [], []
    for scenario in bench.wanted("idle", IDLE):
        results = bench.contest(bench.usual, bench.idle, scenario, bench.fewer_rounds)
        for name, found in results.items():
            most = IDLE_MOST[scenario.websocket] if name == "Statecast" else ""
            rows.append([f"{scenario.clients:,} {'WebSocket' if scenario.websocket else 'SSE'}", name, table.count(middle(found, "each_bytes")),
                         f"±{(max(r['each_bytes'] for r in found) - min(r['each_bytes'] for r in found)) / 2:.0f}", most,
                         f"{middle(found, 'opening_s'):.1f}", summed(found, "missing")])
            told.append({"clients": scenario.clients, "websocket": scenario.websocket, "name": name, "bytes": [r["each_bytes"] for r in found]})
    if rows:
        table.show("fanout: memory of the server's processes for a connection that has had one message", IDLE_COLUMNS, rows)
    return told


# ---- clients that do not read

SLOW = Scenario(200, 200, bytes=4_096, slow=20)
SLOW_MOST = 1.5
SLOW_COLUMNS = ["", "", "p50 ms", "p99 ms", "to all reading", "at most", "MiB more", "at most", "waiting at a slow one, KiB", "missing", "doubled", "skipped"]
BUFFER = 256 * 1024


def slow(bench):
    if not (wanted := bench.wanted("slow", [SLOW])):
        return []
    rows, told, scenario = [], [], wanted[0]
    runs = {(name, count): lambda name=name, count=count: bench.run(name, replace(scenario, slow=count)) for name in bench.usual for count in (0, scenario.slow)}
    results = interleaved(runs, bench.fewer_rounds)
    for (name, count), found in results.items():
        ours = name == "Statecast" and count
        ratio_to_all = f"{ratio(found, results[name, 0], 'p99_ms'):.2f}" if count else ""
        rows.append([f"{count} of {scenario.clients} do not read", name, *times(found), ratio_to_all, f"{SLOW_MOST:.2f}" if ours else "",
                     f"{middle(found, 'more_bytes') / 2**20:.1f}", f"{count * BUFFER / 2**20:.1f}" if ours else "",
                     f"{middle(found, 'unread_bytes') / max(1, count) / 1024:.0f}", *(summed(found, field) for field in ("missing", "doubled", "skipped"))])
        told.append({"slow": count, "name": name, "p99_ms": [r["p99_ms"] for r in found], "more_bytes": [r["more_bytes"] for r in found]})
    table.show(f"fanout: {scenario.clients} SSE, {scenario.rate} messages of {scenario.bytes:,} bytes a second, some clients stop reading", SLOW_COLUMNS, rows)
    return told


# ---- many that come and go at once

CROWDED = Scenario(200, 200)
CROWD = 10_000
CROWD_COLUMNS = ["", "", "p50 ms", "p99 ms", "longest ms", "to floor", "came in s", "MiB more", "KiB left", "missing", "doubled"]


def crowd(bench):
    scenario = CROWDED
    if not bench.effort.wants(f"fanout crowd {scenario.name}"):
        return []
    many = Scenario(min(CROWD, bench.effort.clients, MOST_CLIENTS - scenario.clients))
    runs = {(name, size): lambda name=name, size=size: bench.crowded(name, scenario, size) for name in bench.usual for size in (0, many.clients)}
    results = interleaved(runs, bench.fewer_rounds)
    rows, told = [], []
    for (name, size), found in results.items():
        rows.append([f"{size:,} more come and go", name, *times(found), f"{middle(found, 'max_ms'):.1f}", f"{ratio(found, results['floor', size], 'p99_ms'):.2f}",
                     f"{middle(found, 'crowd_s'):.1f}" if size else "", f"{middle(found, 'crowd_bytes') / 2**20:.1f}" if size else "",
                     f"{middle(found, 'left_bytes') / 2**10:.0f}" if size else "", summed(found, "missing"), summed(found, "doubled")])
        told.append({"crowd": size, "name": name, "p99_ms": [r["p99_ms"] for r in found], "runs": found})
    table.show(f"fanout: {scenario.name}, while others subscribe all at once, and leave all at once", CROWD_COLUMNS, rows)
    return told


def bench(folder, effort):
    contest = Bench(folder, effort)
    if "nchan" not in contest.kinds:
        print("nginx or its module nchan is not installed: packaging/dependencies.sh names the packages. It is left out.")
    ours, rounds = ["floor", "Statecast"], contest.fewer_rounds
    told = {
        "cost": costs(contest, "cost", SCENARIOS, contest.usual, effort.rounds, "the server's time for each message that a client gets"),
        "windows": costs(contest, "windows", WINDOWS, [*ours, IN_WINDOWS], rounds, "the same where changes wait up to 20 ms for others to the same client"),
        "clients": costs(contest, "clients", contest.steps(BY_CLIENTS), ours, rounds, "the same with more and more clients of one topic"),
        "topics": costs(contest, "topics", contest.steps(BY_TOPICS), ours, rounds, "the same with more and more topics, two clients each"),
        "idle": idle(contest),
        "slow": slow(contest),
        "crowd": crowd(contest),
    }
    for fault in contest.faults:
        print(f"fanout: {fault}")
    if any(not fault.startswith("nchan") for fault in contest.faults):
        raise SystemExit("fanout: messages were not delivered exactly once, see above")
    return told
