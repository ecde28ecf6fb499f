"""The real program, run with a configuration of the test's own, on ports that the system chose."""

import json
import os
import queue
import re
import signal
import subprocess
import threading
import time
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

import yaml

from sse import DEADLINE

BIN = os.environ["STATECAST_BIN"]
PLUGINS = os.environ["STATECAST_PLUGINS"]
TEST_PLUGINS = os.environ["STATECAST_TEST_PLUGINS"]

TOKENS = {
    "customer-one": {"sub": "c-1", "roles": ["customer"]},
    "customer-two": {"sub": "c-2", "roles": ["customer"]},
    "staff-token": {"sub": "s-1", "roles": ["staff"]},
}
CUSTOMER, OTHER_CUSTOMER, STAFF = TOKENS
EVENTS = "/api/v1/events"
WAIT = {"Prefer": "wait=30"}  # a publisher that waits for every verdict

_SANITIZER = re.compile(r"ERROR: \w+Sanitizer|runtime error:|WARNING: ThreadSanitizer")


def configuration(folder, **sections):
    """A complete configuration; a section that is given replaces the one here."""
    return {
        "version": 1,
        "server": {"listen": "127.0.0.1:0", "admin": "127.0.0.1:0", "publish": "events"},
        "plugins": {"search": [PLUGINS]},
        "sources": {"events": {"type": "log", "path": str(folder / "events.db")}},
        "states": {"orders": {"type": "order", "sources": ["events"]}},
        "transports": {"sse": {"type": "sse"}, "websocket": {"type": "websocket"}},
        "access": {"tokens": TOKENS},
        **sections,
    }


def write_yaml(folder, content):
    file = folder / "statecast.yaml"
    file.write_text(content if isinstance(content, str) else yaml.safe_dump(content, sort_keys=False))
    return file


def run_to_end(*arguments, deadline=DEADLINE):
    """Runs the program to its end: (exit status, standard output, standard error)."""
    done = subprocess.run([BIN, *map(str, arguments)], capture_output=True, text=True, timeout=deadline)
    assert not _SANITIZER.search(done.stderr), done.stderr
    return done.returncode, done.stdout, done.stderr


def sentence(errors):
    """What a start that failed says last, after its log."""
    return errors[errors.index("statecast: ") :]


@dataclass
class Response:
    status: int
    headers: dict
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)


def problem(response):
    """The status, title and detail of an answer that says what is wrong (RFC 9457)."""
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json["type"] == "about:blank"
    assert response.json["status"] == response.status
    return response.status, response.json["title"], response.json["detail"]


def request(port, method, path, body=None, token=None, headers=None, deadline=DEADLINE):
    connection = HTTPConnection("127.0.0.1", port, timeout=deadline)
    all_headers = {**({"Authorization": f"Bearer {token}"} if token else {}), **(headers or {})}
    try:
        connection.request(method, path, body, all_headers)
        response = connection.getresponse()
        return Response(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
    finally:
        connection.close()


class Host:
    """One run of the program. start() returns when it is ready, stop() checks that it ends well."""

    def __init__(self, folder, config=None, environment=None, deadline=DEADLINE, program=BIN):
        self.program = program
        self.environment = {**os.environ, **(environment or {})}
        self.folder = Path(folder)
        self.file = write_yaml(self.folder, config or configuration(self.folder))
        self.deadline = deadline
        self.log = []
        self.process = None

    def launch(self):
        """Starts it and returns when it listens, ready or not."""
        self.process = subprocess.Popen([self.program, "run", str(self.file)], stderr=subprocess.PIPE, text=True, env=self.environment)
        self._lines = queue.Queue()
        self._reader = threading.Thread(target=self._read_log, daemon=True)
        self._reader.start()
        self.port = self.admin_port = None
        while not (self.port and self.admin_port):
            line = self.wait_for_log(r"listening on ")
            port = int(re.search(r"listening on \S*:(\d+)", line)[1])
            if "admin listening on " in line:
                self.admin_port = port
            else:
                self.port = port
        return self

    def start(self):
        self.launch()
        self.wait_until(lambda: self.admin("/readyz").status == 200, "the host is ready")
        return self

    def _read_log(self):
        for line in self.process.stderr:
            self.log.append(line)
            self._lines.put(line)
        self._lines.put(None)

    def wait_for_log(self, pattern):
        """The next line of the log that matches, without its time; each line is looked at once."""
        until = time.monotonic() + self.deadline
        while True:
            line = self._lines.get(timeout=max(0.001, until - time.monotonic()))
            assert line is not None, f"the host ended before it logged {pattern!r}:\n{self.log_text}"
            if re.search(pattern, line):
                return line.split(maxsplit=1)[1].rstrip("\n")

    def wait_until_told(self, pattern, times=1):
        """Until so many places of the whole log match, however long ago: its lines come after what they tell."""
        self.wait_until(lambda: len(re.findall(pattern, self.log_text)) >= times, f"the log tells {pattern!r}")

    def wait_until(self, condition, what):
        until = time.monotonic() + self.deadline
        while not condition():
            assert time.monotonic() < until, f"not within {self.deadline} s: {what}\n{self.log_text}"
            time.sleep(0.02)  # between two looks at a condition that nothing announces

    @property
    def log_text(self):
        return "".join(self.log)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def websocket_url(self):
        return f"ws://127.0.0.1:{self.port}/ws"

    @property
    def resident_bytes(self):
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGESIZE")

    def get(self, path, token=STAFF, **more):
        return request(self.port, "GET", path, token=token, **more)

    def admin(self, path):
        return request(self.admin_port, "GET", path)

    def post(self, body, content_type="application/json", token=STAFF, headers=None, path=EVENTS):
        return request(self.port, "POST", path, body, token, {"Content-Type": content_type, **(headers or {})})

    def publish(self, *events, wait=False):
        """Publishes short-form events in one call; with wait, returns once every state has given its verdict."""
        lines = "\n".join(json.dumps(event) for event in events)
        response = self.post(lines, "application/x-ndjson", headers=WAIT if wait else {})
        assert response.status == 202, response.body
        return response.json

    def kill(self):
        """Ends it as a power cut would: no handler runs."""
        self.process.kill()
        self.process.wait(self.deadline)
        self._reader.join(self.deadline)  # or it would end the log of the next one

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(self.deadline)
        self._reader.join(self.deadline)
        assert not _SANITIZER.search(self.log_text), self.log_text
        assert status in (0, -signal.SIGKILL), f"exit status {status}:\n{self.log_text}"
