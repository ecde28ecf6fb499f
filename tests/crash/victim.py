"""The host that is killed again and again, always on the same ports."""

import asyncio
import json
import os
import random
import re
import signal
import socket
from http.client import HTTPConnection
from pathlib import Path

SANITIZER = re.compile(r"ERROR: \w+Sanitizer|runtime error:|WARNING: ThreadSanitizer")
HISTORY = 100_000  # more messages than a pass makes: every cursor must be resumable
# No subscriber here is too slow, for every value or for a heartbeat: nothing is replaced by what is newer, and there is room for all.
PATIENT = {"buffer": "16MiB", "buffer_messages": HISTORY, "slow_clients": {"updated": "drop_oldest"}, "heartbeat": "1h", "write_timeout": "1h"}
DEADLINE_S = 60


def free_port():
    """One that the system gives to no outgoing connection, so that it stays free between two starts."""
    while True:
        port = random.randint(15000, 30000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


def configuration(folder, port, admin, partitions, with_store):
    """With a store, states are loaded from checkpoints and only the tail is replayed."""
    state = {"sources": ["events"], "history": HISTORY, "partitions": partitions}
    return {
        "version": 1,
        "server": {"listen": f"127.0.0.1:{port}", "admin": f"127.0.0.1:{admin}", "publish": "events"},
        "plugins": {"search": [os.environ["STATECAST_PLUGINS"]]},
        "sources": {"events": {"type": "log", "path": str(folder / "events.db")}},
        **({"store": {"path": str(folder / "store"), "every": "100ms"}} if with_store else {}),
        "states": {"jobs": {"type": "job", **state}, "orders": {"type": "order", "hold_early": "1h", **state}},
        "transports": {kind: {"type": kind, **PATIENT} for kind in ("sse", "websocket")},
        "access": "none",
    }


class Victim:
    """Runs of one host in one folder. `findings` is what went wrong with the process itself."""

    def __init__(self, folder, partitions, with_store=False, environment=None):
        self.folder = Path(folder)
        self.environment = {**os.environ, **(environment or {})}
        self.port, self.admin_port = free_port(), free_port()
        self.file = self.folder / "statecast.yaml"
        self.base = configuration(self.folder, self.port, self.admin_port, partitions, with_store)
        self.edit()
        self.log = []
        self.process = None
        self.kills = 0
        self.findings = []

    def edit(self, change=None):
        """Writes the configuration for the next run, changed or as it was."""
        config = json.loads(json.dumps(self.base))
        if change is not None:
            change(config)
        self.file.write_text(json.dumps(config, indent=2))

    async def launch(self):
        """Starts it, and does not wait for anything."""
        self.listening = asyncio.Event()
        command = [os.environ["STATECAST_BIN"], "run", str(self.file)]
        self.process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE, env=self.environment)
        self._log_reader = asyncio.create_task(self._read_log(self.process))

    async def _read_log(self, process):
        async for line in process.stderr:
            self.log.append(line.decode())
            if "listening on" in self.log[-1] and "admin" not in self.log[-1]:
                self.listening.set()
        self.listening.set()  # it has ended: nobody shall wait for it

    async def wait_until_listening(self):
        await asyncio.wait_for(self.listening.wait(), DEADLINE_S)
        self._must_run()

    async def wait_until_ready(self):
        async with asyncio.timeout(DEADLINE_S):
            while not await asyncio.to_thread(self._is_ready):
                self._must_run()
                await asyncio.sleep(0.05)  # between two looks at a condition that nothing announces

    def _must_run(self):
        if self.process.returncode is not None:
            raise RuntimeError(f"the host ended with {self.process.returncode} by itself")

    async def run_on(self):
        """Never returns: raises once the host has ended, which nobody has asked it to."""
        await self.process.wait()
        self._must_run()

    def _is_ready(self):
        try:
            return self.admin("/readyz")[0] == 200
        except OSError:
            return False

    def admin(self, path):
        connection = HTTPConnection("127.0.0.1", self.admin_port, timeout=DEADLINE_S)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, dict(response.getheaders()), response.read()
        finally:
            connection.close()

    async def kill(self):
        """SIGKILL: no handler runs. Waits only for the system to have noticed."""
        if self.process.returncode is None:
            self.process.kill()
            self.kills += 1
        await self._note_end(-signal.SIGKILL)

    async def stop(self):
        self.process.terminate()
        await self._note_end(0)

    async def _note_end(self, expected):
        status = await asyncio.wait_for(self.process.wait(), DEADLINE_S)
        await self._log_reader
        if status != expected:
            self.findings.append(f"the host ended with {status} by itself")

    def all_findings(self):
        """Those, and what sanitizers have said in any run."""
        said = [f"log line {number}: {line.strip()}" for number, line in enumerate(self.log, 1) if SANITIZER.search(line)]
        return self.findings + said

    def end_at_once(self):
        """For a test that fails half-way: nothing is left behind."""
        if self.process is not None and self.process.returncode is None:
            self.process.kill()

    def events(self):
        """What is in the log, from the admin listener, page by page."""
        events, path = [], "/api/v1/sources/events/events?limit=10000"
        while path:
            status, headers, body = self.admin(path)
            assert status == 200, body
            events += [json.loads(line) for line in body.splitlines()]
            link = {name.lower(): value for name, value in headers.items()}.get("link", "")
            path = link[1 : link.index(">")] if 'rel="next"' in link else None
        return events
