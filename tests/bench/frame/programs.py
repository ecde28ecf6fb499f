"""The programs of the benches, and the host under test."""

import contextlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path

os.environ.setdefault("STATECAST_TEST_PLUGINS", "")  # the integration tests' host asks for them; benches use none
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "integration"))
import io_uring  # noqa: E402, F401
from host import BIN, PLUGINS, Host, configuration, write_yaml  # noqa: E402, F401

from frame import machine  # noqa: E402


def run(program, *arguments, core=machine.CLIENT_CORE, deadline=600):
    """Runs a program of the benches on a core; what it tells as JSON."""
    with machine.on_core(core):
        done = subprocess.run([Path(BIN).parent / program, *map(str, arguments)], capture_output=True, text=True, timeout=deadline)
    if done.returncode != 0:
        sys.exit(done.stderr.strip())
    return json.loads(done.stdout)


class BenchHost(Host):
    """A host on a core of its own, with one shard, and with whatever else the sections of its configuration say."""

    def __init__(self, folder, **sections):
        server = {"listen": "127.0.0.1:0", "admin": "127.0.0.1:0", "publish": "events", "shards": 1}
        self.config = configuration(Path(folder), **{"server": server, "access": "none", **sections})
        super().__init__(folder, self.config, deadline=300)

    @contextlib.contextmanager
    def running(self):
        with machine.on_core(machine.HOST_CORE):
            self.launch()
        try:
            self.wait_until(lambda: self.admin("/readyz").status == 200, "the host is ready")
            yield
        finally:
            self.stop()

    def wait_until(self, condition, what):
        until = time.monotonic() + self.deadline
        while not condition():
            if time.monotonic() > until:
                sys.exit(f"not within {self.deadline} s: {what}\n{self.log_text}")
            time.sleep(0.005)  # between two looks at a condition that nothing announces

    def counter(self, name, **labels):
        """The sum of a metric over all of its series with these labels."""
        lines = self.admin("/metrics").body.decode().splitlines()
        wanted = [f'{key}="{value}"' for key, value in labels.items()]
        return sum(float(line.rsplit(maxsplit=1)[1]) for line in lines if line.startswith((name + "{", name + " ")) and all(w in line for w in wanted))

    def cpu_seconds(self):
        return machine.cpu_seconds(self.process.pid)

    @property
    def greatest_resident_bytes(self):
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM"))
