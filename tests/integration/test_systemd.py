"""The package's files under a systemd that was booted for them: the unit as it is shipped, with the user it runs as."""

import contextlib
import json
import os
import re
import subprocess
import time
from pathlib import Path

import pytest

import io_uring
from events import created

BUILD = Path(os.environ["STATECAST_BIN"]).parent.parent
ROOT = Path(os.environ["STATECAST_SHIPPED_CONFIG"]).parent
BOOT = Path(__file__).parent.parent / "support/systemd/boot"
DEADLINE = 60
CONFIG = "/etc/statecast/statecast.yaml"
TEST_CONF = "/etc/systemd/system/statecast.service.d/test.conf"

# A program that was built with ASan looks for leaks as a debugger would, which the unit does not allow.
DROP_IN = """\
[Service]
Environment=ASAN_OPTIONS=detect_leaks=0
"""


class Machine:
    """A booted systemd. Every wait has a deadline."""

    def __init__(self, folder):
        env = {**os.environ, "DESTDIR": f"{folder}/over"}
        subprocess.run(["cmake", "--install", BUILD, "--prefix", "/usr", "--component", "runtime"], env=env, check=True,
                       stdout=subprocess.DEVNULL, timeout=120)
        drop_in = folder / "units/statecast.service.d/test.conf"
        drop_in.parent.mkdir(parents=True)
        drop_in.write_text(DROP_IN)
        self.folder = folder
        self.log = folder / "boot.log"

    def __enter__(self):
        self.process = subprocess.Popen([BOOT, self.folder], stdin=subprocess.DEVNULL, stdout=self.log.open("w"),
                                        stderr=subprocess.STDOUT)
        try:
            self.wait_until(self._is_up, "systemd is up")
        except BaseException:
            self.__exit__()
            raise
        return self

    def _is_up(self):
        assert self.process.poll() is None, self.log.read_text()
        children = self._children()
        if not children or Path(f"/proc/{children[0]}/comm").read_text() != "systemd\n":
            return False  # still on its way there
        self.init = children[0]
        return self.run("systemctl", "is-active", "basic.target").stdout == "active\n"

    def _children(self):
        return Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()

    def run(self, *command, text=None):
        enter = ["nsenter", "--target", self.init, "--mount", "--pid", "--net", "--ipc", "--cgroup", "--root", "--wd=/"]
        return subprocess.run([*enter, *command], input=text, capture_output=True, text=True, timeout=DEADLINE + 60)

    def show(self, *properties):
        listed = self.run("systemctl", "show", "statecast", *(f"--property={name}" for name in properties)).stdout
        return dict(line.split("=", 1) for line in listed.splitlines())

    def journal(self):
        return self.run("journalctl", "--no-pager", "--output=cat", "--unit=statecast").stdout

    def wait_until(self, condition, what):
        until = time.monotonic() + DEADLINE
        while not condition():
            assert time.monotonic() < until, f"not within {DEADLINE} s: {what}\n{self.log.read_text()}"
            time.sleep(0.05)  # between two looks at a condition that nothing announces

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait(DEADLINE)
        groups = [group for group in Path("/sys/fs/cgroup").rglob(f"statecast-test-{self.process.pid}")]
        self.wait_until(lambda: not any(map(_populated, groups)), "all of its processes have ended")
        for group in groups:
            for folder in sorted([group, *(path for path in group.rglob("*") if path.is_dir())], reverse=True):
                folder.rmdir()


def _populated(group):
    return any(path.read_text() for path in group.rglob("cgroup.procs"))


@pytest.fixture(scope="module")
def machine(tmp_path_factory):
    with Machine(tmp_path_factory.mktemp("machine")) as machine:
        yield machine


@pytest.fixture
def service(machine):
    """The service, started; stopped at the end with nothing of its configuration changed."""
    started = machine.run("systemctl", "start", "statecast")
    assert started.returncode == 0, started.stderr + machine.journal()
    yield machine
    machine.run("systemctl", "stop", "statecast")
    machine.run("systemctl", "reset-failed", "statecast")


@contextlib.contextmanager
def changed(machine, file, text):
    """The file of the machine with another content; as it was afterwards."""
    before = machine.run("cat", file).stdout
    machine.run("tee", file, text=text)
    machine.run("systemctl", "daemon-reload")
    try:
        yield
    finally:
        machine.run("tee", file, text=before)
        machine.run("systemctl", "daemon-reload")


def test_a_start_lasts_until_the_service_is_ready_and_a_stop_ends_it_well(service):
    assert service.show("ActiveState", "SubState", "StatusText") == {
        "ActiveState": "active", "SubState": "running", "StatusText": "ready: 0 clients"}
    assert service.run("curl", "-sf", "http://127.0.0.1:9180/readyz").stdout == '{"status":"ready"}'
    assert service.run("systemctl", "stop", "statecast").returncode == 0
    assert service.show("ActiveState", "Result", "ExecMainStatus") == {
        "ActiveState": "inactive", "Result": "success", "ExecMainStatus": "0"}


def test_it_runs_as_its_own_user_without_privileges_and_keeps_its_events(service):
    process = service.show("MainPID")["MainPID"]
    status = service.run("cat", f"/proc/{process}/status").stdout
    assert re.search(r"^CapBnd:\t0+$", status, re.MULTILINE)
    assert re.search(r"^NoNewPrivs:\t1$", status, re.MULTILINE)
    assert re.search(r"^Seccomp:\t2$", status, re.MULTILINE)
    publish = ["curl", "-sf", "http://127.0.0.1:8080/api/v1/events", "-H", "Content-Type: application/json", "-d", "@-"]
    assert service.run(*publish, text=json.dumps(created("o-1"))).returncode == 0
    owner = ["stat", "--format=%U:%G %a", "/var/lib/statecast", "/var/lib/statecast/events.db"]
    assert service.run(*owner).stdout == "statecast:statecast 750\nstatecast:statecast 640\n"
    assert service.run("systemctl", "restart", "statecast").returncode == 0
    assert json.loads(service.run("curl", "-sf", "http://127.0.0.1:8080/api/v1/topics/orders/o-1").stdout)["orderId"] == "o-1"


def test_it_may_use_io_uring_where_the_machine_allows_it(service):
    rule = Path("/proc/sys/kernel/io_uring_disabled")  # of Linux 6.6; 1: for root alone
    refused = io_uring.refused_for() != 0 or (rule.exists() and rule.read_text().strip() != "0")
    if refused:
        service.wait_until(lambda: "io_uring cannot be used" in service.journal(), "the journal says that io_uring cannot be used")
    else:
        assert "io_uring cannot be used" not in service.journal()


def test_the_configuration_is_for_root_and_the_service_alone(machine):
    assert machine.run("stat", "--format=%U:%G %a", "/etc/statecast").stdout == "root:statecast 750\n"


def test_it_listens_below_1024_with_what_the_readme_gives_it(machine):
    granted = re.search(r"^    (\[Service\]\n.*?)\n\n", (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL)[1]
    config = machine.run("cat", CONFIG).stdout.replace("127.0.0.1:8080", "127.0.0.1:80")
    drop_in = DROP_IN + granted.replace("    ", "")
    with changed(machine, CONFIG, config), changed(machine, TEST_CONF, drop_in):
        started = machine.run("systemctl", "start", "statecast")
        assert started.returncode == 0, machine.journal()
        assert machine.run("curl", "-sf", "http://127.0.0.1:80/api/v1/realtime/subscribers").returncode == 0
        machine.run("systemctl", "stop", "statecast")


def test_a_process_that_no_longer_comes_round_is_replaced(service):
    with changed(service, TEST_CONF, DROP_IN + "WatchdogSec=5s\n"):
        service.run("systemctl", "restart", "statecast")
        hung = service.show("MainPID")["MainPID"]
        service.run("kill", "-STOP", hung)
        again = lambda: service.show("NRestarts", "SubState") == {"NRestarts": "1", "SubState": "running"}
        service.wait_until(again, "another process runs")
        assert service.show("MainPID")["MainPID"] != hung
        assert "Watchdog timeout" in service.journal()


def test_a_wrong_configuration_is_not_tried_again(machine):
    with changed(machine, CONFIG, "version: 1\nsurver: {}\n"):
        assert machine.run("systemctl", "start", "statecast").returncode == 1
        assert machine.show("SubState", "ExecMainStatus", "NRestarts") == {
            "SubState": "failed", "ExecMainStatus": "78", "NRestarts": "0"}
        assert "unknown key 'surver'" in machine.journal()
    machine.run("systemctl", "reset-failed", "statecast")
