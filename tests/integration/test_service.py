"""What systemd is told (sd_notify(3)); the tests hold the other end of its socket."""

import re
import shutil
import socket
import threading
import time
from contextlib import ExitStack

import pytest

from host import PLUGINS, TEST_PLUGINS, Host, configuration, run_to_end, write_yaml
from sse import DEADLINE

PATIENCE = 2  # seconds for which the manager lets the process be silent


class Manager:
    """Receives what the service says, in order. Every wait has a deadline."""

    def __init__(self, folder):
        self.path = folder / "notify"
        self.heard = []
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(self.path))

    @property
    def environment(self):
        return {"NOTIFY_SOCKET": str(self.path), "WATCHDOG_USEC": str(PATIENCE * 1_000_000)}

    def next(self, wanted):
        """The next message that the pattern is found in; those before it are only remembered."""
        until = time.monotonic() + DEADLINE
        while True:
            self.socket.settimeout(max(0.001, until - time.monotonic()))
            message = self._receive()
            assert message is not None, f"not within {DEADLINE} s: {wanted!r}; heard {self.heard}"
            if re.search(wanted, message):
                return message

    def hears(self, wanted, seconds):
        """Whether a message that the pattern is found in comes within so many seconds."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self.socket.settimeout(left)
            message = self._receive()
            if message is not None and re.search(wanted, message):
                return True
        return False

    def hears_nothing(self, seconds):
        self.socket.settimeout(seconds)
        return self._receive() is None

    def forget(self):
        """Leaves behind all that was said so far."""
        self.socket.settimeout(0)
        while self._receive() is not None:
            pass
        self.heard.clear()

    def _receive(self):
        try:
            self.heard.append(self.socket.recv(4096).decode())
        except (TimeoutError, BlockingIOError):
            return None
        return self.heard[-1]


@pytest.fixture
def manager(tmp_path):
    manager = Manager(tmp_path)
    yield manager
    manager.socket.close()


@pytest.fixture
def launch(tmp_path, manager):
    """Starts a host under the manager, with a test plugin's folder beside the others; returns before it is ready."""
    with ExitStack() as stack:

        def launch_host(*libraries, **sections):
            folder = tmp_path / "plugins"
            folder.mkdir(exist_ok=True)
            for library in libraries:
                shutil.copy(f"{TEST_PLUGINS}/{library}.so", folder)
            config = configuration(tmp_path, plugins={"search": [PLUGINS, str(folder)]})
            for section, additions in sections.items():
                config[section].update(additions)
            host = Host(tmp_path, config, manager.environment)
            stack.callback(lambda: host.process and host.stop())
            return host.launch()

        yield launch_host


@pytest.fixture
def gate(tmp_path):
    """A file that a plugin waits for the end of; it never outlasts a test, so that the host can stop."""
    gate = tmp_path / "gate"
    gate.touch()
    yield gate
    gate.unlink(missing_ok=True)


def hung_state(gate):
    return {"bad": {"type": "hangs", "sources": ["events"], "gate": str(gate)}}


HANG = {"type": "BadEvent", "subject": "x", "data": {}}


def test_ready_is_said_when_every_state_has_replayed_and_not_before(start, launch, manager, gate):
    recorded = start()
    recorded.publish(HANG)
    recorded.stop()
    host = launch("slow_apply", states=hung_state(gate))
    manager.next("^EXTEND_TIMEOUT_USEC=60000000$")
    manager.next("^STATUS=starting: states are still replaying source 'events'$")
    manager.next("^WATCHDOG=1$")
    assert host.admin("/readyz").status == 503
    assert not [message for message in manager.heard if "READY" in message]
    gate.unlink()
    assert manager.next("READY") == "READY=1\nSTATUS=ready: 0 clients"
    assert host.admin("/readyz").status == 200


def test_the_status_counts_the_clients(launch, manager, stream):
    host = launch()
    manager.next("^READY=1")
    with stream(host, "/api/v1/stream?topic=orders/all", token="staff-token"):
        manager.next("^STATUS=ready: 1 client$")
    manager.next("^STATUS=ready: 0 clients$")


def test_a_state_that_hangs_does_not_keep_the_watchdog_from_being_fed(launch, manager, gate):
    host = launch("slow_apply", states=hung_state(gate))
    manager.next("^READY=1")
    host.publish(HANG)
    busy = lambda: any(state["busy_seconds"] > 0 for state in host.admin("/api/v1/status").json["states"])
    host.wait_until(busy, "the state hangs")
    manager.forget()
    for _ in range(3):
        manager.next("^WATCHDOG=1$")
    assert busy()
    gate.unlink()


def test_the_watchdog_is_not_fed_while_a_shard_is_stuck(launch, manager, gate):
    host = launch("slow_open", transports={"held": {"type": "holds-shard", "gate": str(gate)}}, server={"shards": 1})
    manager.next("^READY=1")
    manager.next("^WATCHDOG=1$")
    held = threading.Thread(target=host.get, args=["/holds-shard?topic=orders/all"])
    held.start()
    assert re.fullmatch(r"error +main: shard 0 has not come round for \d+ ms: the watchdog is not fed until it does",
                        host.wait_for_log("has not come round"))
    manager.next("^STATUS=not ready: shard 0 does not come round$")
    assert not manager.hears("WATCHDOG", PATIENCE)
    gate.unlink()
    held.join(DEADLINE)
    manager.next("^WATCHDOG=1$")
    manager.next("^STATUS=ready: 0 clients$")


def test_a_stop_is_announced_with_the_time_that_it_may_take(launch, manager):
    host = launch(server={"drain": "20s"})
    manager.next("^READY=1")
    host.stop()
    assert manager.next("STOPPING") == (
        "STOPPING=1\nSTATUS=stopping: clients are told to come back\nEXTEND_TIMEOUT_USEC=25000000")


def test_a_wrong_configuration_ends_with_the_status_that_the_unit_does_not_restart_after(tmp_path, manager, monkeypatch):
    for name, value in manager.environment.items():
        monkeypatch.setenv(name, value)
    status, _, errors = run_to_end("run", write_yaml(tmp_path, "version: 2\n"))
    assert status == 78
    assert "Nothing was started." in errors
    assert manager.hears_nothing(0)
