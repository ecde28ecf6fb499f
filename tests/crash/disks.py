"""Disks that are worse than most: one that loses what was not synced, and one that fills up."""

import asyncio
import errno
import os
import re
import shutil
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

from subscribers import SseSubscriber

DEADLINE_S = 60
SIZE = 256 << 20
LEFT = 1 << 18  # bytes that a full disk has left at first


def power_environment(disk, seed):
    """What puts a disk that `loses`, `tears` or `lies` under the host (tests/support/power_vfs)."""
    linked = subprocess.run(["ldd", os.environ["STATECAST_BIN"]], capture_output=True, text=True, check=True).stdout
    sanitizers = re.findall(r"=> (\S*lib[at]san\S*)", linked)  # they must come before all other libraries
    preload = ":".join([*sanitizers, os.environ["STATECAST_POWER_VFS"]])
    return {"LD_PRELOAD": preload, "STATECAST_POWER_DISK": disk, "STATECAST_POWER_SEED": str(seed % (1 << 31))}


def in_own_mounts(command):
    """The command in a mount namespace of its own, where it may mount a disk that ends with it."""
    for unshare in ["unshare", "-m"], ["unshare", "-rm"]:
        if subprocess.run([*unshare, "sh", "-c", "mount -t tmpfs tmpfs /mnt"], capture_output=True).returncode == 0:
            return [*unshare, *command]
    raise SystemExit("a disk that fills up needs a mount namespace: run this as root, or allow user namespaces")


def mount_small_disk(folder):
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(folder)], check=True)


def unmount_small_disk(folder):
    """What was on the disk is then in the folder itself."""
    kept = Path(f"{folder}.kept")
    shutil.copytree(folder, kept)
    subprocess.run(["umount", str(folder)], check=True)
    shutil.copytree(kept, folder, dirs_exist_ok=True)
    shutil.rmtree(kept)


@contextmanager
def filled(folder):
    """Nearly all space is taken; what is left the log takes. At the end all of it is given back."""
    ballast = Path(folder) / "ballast"
    try:
        with ballast.open("wb") as file:
            while (free := _free(folder)) > LEFT:
                _grow(file, free - LEFT)
        yield
    finally:
        ballast.unlink()


def _free(folder):
    disk = os.statvfs(folder)
    return disk.f_bavail * disk.f_frsize


def _grow(file, size):
    try:
        os.posix_fallocate(file.fileno(), os.fstat(file.fileno()).st_size, size)
    except OSError as error:
        if error.errno != errno.ENOSPC:  # the host has taken it meanwhile
            raise


async def until(condition, what):
    start = time.monotonic()
    while not condition():
        if time.monotonic() > start + DEADLINE_S:
            raise RuntimeError(f"not within {DEADLINE_S} s: {what}")
        await asyncio.sleep(0.02)  # between two looks at a condition that nothing announces


def fill_repeatedly(rounds):
    """Fills the disk under the host until publishing fails, looks whether the rest goes on, and gives the space back."""

    async def trouble(run):
        await run.victim.launch()
        for number in range(rounds):
            await _is_acknowledged(run)
            with filled(run.victim.folder):
                await _is_refused(run)
                await _streams_go_on(run)
                if number % 2 == 1:
                    await run.victim.kill()
            if number % 2 == 1:
                await run.victim.launch()
        await _is_acknowledged(run)
        run.victim.findings += [
            f"a publisher was not told that the disk is full: {problem}"
            for problem in run.ledger.unavailable
            if f"disk full: {run.victim.folder}/events.db cannot grow: free some space there" not in problem
        ]

    return trouble


async def _is_acknowledged(run):
    before = len(run.ledger.acknowledged)
    await until(lambda: len(run.ledger.acknowledged) > before, "publishing goes on by itself")


async def _is_refused(run):
    before = len(run.ledger.unavailable)
    await until(lambda: len(run.ledger.unavailable) > before, "publishing is refused on a full disk")


async def _streams_go_on(run):
    """Those that are open stay open, and a new client gets what there is."""
    lost = [subscriber.lost for subscriber in run.subscribers]
    newcomer = SseSubscriber("newcomer", run.victim.port, ["orders/all"], run.dice("newcomer"))
    following = asyncio.create_task(newcomer.run())
    await until(lambda: newcomer.witness.sightings, "a new client is served on a full disk")
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)
    if lost != [subscriber.lost for subscriber in run.subscribers]:
        run.victim.findings.append("streams were closed while the disk was full")
