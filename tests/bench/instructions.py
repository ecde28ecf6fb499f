"""instructions: how many instructions the host executes for one delivered message, one rendered message, one published event.

The host runs under valgrind's callgrind, which counts instructions and not time: the same binary and input give the same
count on a busy machine as on a quiet one, so a regression shows where times would drown in noise. Clients follow one driver;
each event is published once all of them have the message of the one before, so that no two share a batch. Instructions of
the kernel are not counted.

With FEW clients every send is a system call of its own; with MANY they share some, by io_uring. Where that cannot be used, the
second count is left out, and says so.

Every count must be within SLACK of the one that is stored; `--store` stores those of this run. It is worth doing after an
improvement too: what was won can be lost again unnoticed otherwise.
"""

import json
import re
import shlex
import shutil
import socket
import subprocess
from pathlib import Path

from frame import table
from frame.programs import BIN, BenchHost, io_uring

FEW, MANY, MESSAGES = 50, 100, 100
SLACK = 0.05
STORED = Path(__file__).with_name("instructions.json")
STATES = {"runs": {"type": "delivery", "sources": ["events"]}}
TOPIC = "drivers/d-1"

# What is counted: functions with all that they call, and how often each is met.
DELIVERY = ["Streams::on(LaneBatch&)", "Streams::flush()"]
WITH_FEW = {
    "a message delivered to one client": (DELIVERY, FEW * MESSAGES),
    "a message folded, rendered and encoded": (["Lane::turn()"], MESSAGES),
    "an event taken over HTTP, and its answer": (
        ["HttpConnection::on_bytes(boost::system::error_code, unsigned long)", "HttpApi::on(AppendReply&)", "Appender::commit()"], MESSAGES),
}
WITH_MANY = {"a message delivered to one of many clients, by io_uring": (DELIVERY, MANY * MESSAGES)}


class CountedHost(BenchHost):
    def __init__(self, folder):
        super().__init__(folder, sources={"events": {"type": "memory"}}, states=STATES)
        self.counts = folder / "counts"
        self.program = folder / "statecast-counted"
        command = ["valgrind", "--tool=callgrind", "--instr-atstart=no", f"--callgrind-out-file={self.counts}", BIN]
        self.program.write_text(f'#!/bin/sh\nexec {shlex.join(map(str, command))} "$@"\n')
        self.program.chmod(0o755)

    def count(self, on):
        subprocess.run(["callgrind_control", "-i", "on" if on else "off", str(self.process.pid)], check=True, capture_output=True)

    def counted(self):
        """Instructions by function, with those that it calls; of parts of one function that were counted apart, the whole's."""
        annotate = ["callgrind_annotate", "--inclusive=yes", "--tree=none", "--auto=no", "--threshold=100", "--show-percs=no", str(self.counts)]
        found = {}
        for line in subprocess.run(annotate, check=True, capture_output=True, text=True).stdout.splitlines():
            entry = re.match(r"\s*([\d,]+)\s+\S+?:(statecast::host::\S.*?)(?: \[.*)?$", line)
            if entry:
                name = entry[2].replace("statecast::host::", "")
                found[name] = max(found.get(name, 0), int(entry[1].replace(",", "")))
        return found


class Client:
    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self.socket.sendall(f"GET /api/v1/stream?topic={TOPIC} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        self.bytes = b""
        self.read_to(b"id: ")  # the end of the snapshot, which is empty

    def read_to(self, what):
        while what not in self.bytes or not self.bytes.endswith(b"\n\n"):
            received = self.socket.recv(65536)
            assert received, "the host closed a stream"
            self.bytes += received
        self.bytes = b""


def location(n):
    latitude = 50 + n / 1000
    event = {"specversion": "1.0", "id": f"e-{n:04}", "source": "/bench", "type": "DriverLocationUpdated", "subject": "d-1",
             "time": f"2023-12-20T14:35:{n // 10 % 60:02}.{n % 10}00Z", "data": {"latitude": latitude, "longitude": 13.4}}
    return json.dumps(event), f'"latitude":{latitude},'.encode()


def drive(host, clients):
    """One run."""
    clients = [Client(host.port) for _ in range(clients)]
    for n in range(MESSAGES + 1):
        event, shown = location(n)
        if n == 1:
            host.count(True)  # the first is for what is made once
        response = host.post(event, "application/cloudevents+json")
        assert response.status == 202, response.body
        for client in clients:
            client.read_to(shown)
    host.count(False)


def measure(folder, clients, counts):
    """The counts of a run with so many clients, and whether their sends shared system calls."""
    folder = folder / f"instructions-{clients}"
    folder.mkdir()
    host = CountedHost(folder)
    with host.running():
        drive(host, clients)
        batched = host.counter("statecast_batched_writes_total") != 0
    found = host.counted()
    return {name: round(sum(found[f] for f in functions) / times) for name, (functions, times) in counts.items()}, batched


def bench(folder, effort):
    if shutil.which("valgrind") is None:
        raise SystemExit("instructions: valgrind is needed: apt-get install valgrind")
    if not Path(BIN).exists():
        raise SystemExit(f"instructions: there is no {BIN}: cmake --preset release && cmake --build --preset release")
    counts, _ = measure(folder, FEW, WITH_FEW)
    many, batched = measure(folder, MANY, WITH_MANY)
    if io_uring.refused_for() != 0:
        print("instructions: io_uring cannot be used here: what it costs is left out")
    elif batched:
        counts |= many
    else:
        raise SystemExit("instructions: io_uring may be used here, and was not")
    if effort.store:
        STORED.write_text(json.dumps(json.loads(STORED.read_text()) | counts, indent=2) + "\n")
    stored = json.loads(STORED.read_text())
    rows = [[name, table.count(n), table.count(stored[name]), f"{n / stored[name] - 1:+.1%}"] for name, n in counts.items()]
    table.show("instructions: of the host, in user space, for each", ["", "instructions", "stored", ""], rows)
    changed = [name for name, n in counts.items() if abs(n / stored[name] - 1) > SLACK]
    if changed:
        raise SystemExit(f"instructions: more than {SLACK:.0%} from what is stored: {'; '.join(changed)}. "
                         "Where that is meant, or better, store the new counts: tests/bench/run instructions --store")
