"""The machine: which core is whose, and how much it is disturbed while benches run."""

import contextlib
import os
import platform
import socket
import time
from pathlib import Path

# The host has one core and its clients another, so that neither takes the other's time. More cores would go unused:
# what is compared is work done, not what a bigger machine can do.
_cores = sorted(os.sched_getaffinity(0))
HOST_CORE, CLIENT_CORE = _cores[0], _cores[-1]


@contextlib.contextmanager
def on_core(core):
    """What is started inside runs on this core; so do its threads."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def cpu_seconds(pid):
    """The time each thread of a process had on a core, by the thread's name; threads of one name are summed."""
    used = {}
    for task in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(OSError):  # threads end
            name = (task / "comm").read_text().strip()
            used[name] = used.get(name, 0) + int((task / "schedstat").read_text().split()[0]) / 1e9
    return used


def process_tree(pid):
    """A process, its children, and theirs."""
    tree = [pid]
    for parent in tree:
        for task in Path(f"/proc/{parent}/task").iterdir():
            tree += map(int, (task / "children").read_text().split())
    return tree


def proportional_bytes(pid):
    """The memory of a process and its children; what several of them share is counted once."""
    sizes = (line for process in process_tree(pid) for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines())
    return sum(int(line.split()[1]) * 1024 for line in sizes if line.startswith("Pss:"))


def open_files(pid):
    """How many files, most of them connections, a process and its children have open."""
    return sum(len(list(Path(f"/proc/{process}/fd").iterdir())) for process in process_tree(pid))


def free_port():
    """One that nobody listens on now, for servers that cannot be told to choose for themselves."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def disturbance(core, slices=200):
    """How much longer the median slice of fixed work on this core took than the fastest, and the part of slices that took twice as long."""
    times = []
    with on_core(core):
        for _ in range(slices):
            begin = time.perf_counter()
            sum(range(20_000))
            times.append(time.perf_counter() - begin)
    times.sort()
    return times[len(times) // 2] / times[0] - 1, sum(t > 2 * times[0] for t in times) / slices


def describe(when):
    noise = [disturbance(core) for core in (HOST_CORE, CLIENT_CORE)]
    told = "; ".join(
        f"core {core}: median {slower:+.0%}, {late:.0%} late" for core, (slower, late) in zip((HOST_CORE, CLIENT_CORE), noise)
    )
    print(f"{when}: load {os.getloadavg()[0]:.2f}; fixed work against its fastest, {told}")


def headline():
    model = next((line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line), "")
    print(f"{platform.node()}: {model or platform.machine()}, {os.cpu_count()} cores, Linux {platform.release()}")
    if HOST_CORE == CLIENT_CORE:
        print("Only one core: the host and its clients share it, and the numbers are of both together.")
