"""What publishers, clients and operators meet when the log's disk fails, and how everything goes on when it works again."""

import errno
import json
import os
import signal
import sqlite3
import subprocess
from contextlib import contextmanager

import pytest

from events import created, is_status, status
from faulty_disk import FaultyDisk
from host import BIN, STAFF, Host, configuration, problem, run_to_end, sentence, write_yaml

PAGES = "/api/v1/sources/events/events"


def log_of(folder):
    return {"events": {"type": "log", "path": str(folder / "events.db")}}


def order(n):
    return created(f"o-{n}", note="x" * 300)


class Publisher:
    """Publishes orders one by one, and remembers which of them were acknowledged."""

    def __init__(self, host):
        self.host = host
        self.acknowledged = []
        self.number = 0

    def publish(self):
        self.number += 1
        response = self.host.post(json.dumps(order(self.number)))
        if response.status == 202:
            self.acknowledged.append(f"o-{self.number}")
        return response

    def publish_until_refused(self):
        while (response := self.publish()).status == 202:
            pass
        return response


def is_ready(host):
    return host.admin("/readyz").status == 200


def reasons(host):
    response = host.admin("/readyz")
    assert response.status == 503
    return response.json["reasons"]


def subjects_of(host):
    """Of all events that the log holds, in their order."""
    page = host.admin(f"{PAGES}?limit=10000")
    return [json.loads(line)["subject"] for line in page.body.splitlines()]


def goes_on_by_itself(publisher):
    """Nobody publishes meanwhile: the host finds out."""
    host = publisher.host
    host.wait_for_log("events: takes events again$")
    host.wait_until(lambda: is_ready(host), "ready again")
    for _ in range(3):
        assert publisher.publish().status == 202


@contextmanager
def small_disk(path, size):
    """A file system of its own. What the tests of the log's disk need root for, as tests/run has."""
    path.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", path], check=True)
    try:
        yield path
    finally:
        subprocess.run(["umount", "-l", path], check=True)


def test_a_full_disk_refuses_events_and_loses_none(start, stream, tmp_path):
    with small_disk(tmp_path / "disk", "2m") as disk:
        path = disk / "events.db"
        ballast = disk / "ballast"
        host = start(sources=log_of(disk))
        publisher = Publisher(host)
        assert publisher.publish().status == 202
        opened = stream(host, "/api/v1/stream?topic=orders/all", token=STAFF)
        opened.until(is_status("o-1", "PENDING"))
        ballast.write_bytes(b"x" * (1 << 20))
        refused = publisher.publish_until_refused()
        full = f"disk full: {path} cannot grow: free some space there, and publishing goes on"
        assert problem(refused) == (503, "Service Unavailable", f"Nothing was stored: {full}.")
        assert reasons(host) == [f"source 'events' takes no events: {full}"]
        # What is known is told as before, to those who are there and to those who come.
        assert opened.until(is_status(publisher.acknowledged[-1], "PENDING"))
        assert host.get(f"/api/v1/topics/orders/{publisher.acknowledged[0]}").status == 200
        late = stream(host, "/api/v1/stream?topic=orders/o-1", token=STAFF)
        assert late.until(is_status("o-1", "PENDING"))

        ballast.unlink()
        goes_on_by_itself(publisher)
        assert opened.until(is_status(publisher.acknowledged[-1], "PENDING"))
        assert subjects_of(host) == publisher.acknowledged
        host.stop()
        again = start(sources=log_of(disk))
        assert subjects_of(again) == publisher.acknowledged
        again.stop()


@pytest.mark.parametrize(
    ("call", "error", "reason"),
    [
        ("write", errno.EIO, "disk I/O error (Input/output error)"),
        ("sync", errno.EIO, "disk I/O error (Input/output error)"),
        # As after `errors=remount-ro`: the files stay open, and no write reaches them.
        ("write", errno.EROFS, "disk I/O error (Read-only file system)"),
    ],
    ids=["write", "sync", "read-only"],
)
def test_a_disk_that_fails_refuses_events_and_loses_none(start, stream, tmp_path, call, error, reason):
    path = tmp_path / "events.db"
    disk = FaultyDisk(tmp_path, path)
    host = start(environment=disk.environment)
    publisher = Publisher(host)
    for _ in range(3):
        assert publisher.publish().status == 202
    opened = stream(host, "/api/v1/stream?topic=orders/all", token=STAFF)
    opened.until(is_status("o-3", "PENDING"))
    disk.fail(call, error)
    refused = publisher.publish_until_refused()
    assert problem(refused) == (503, "Service Unavailable", f"Nothing was stored: {path}: cannot be written ({reason}).")
    assert reasons(host) == [f"source 'events' takes no events: {path}: cannot be written ({reason})"]
    assert publisher.publish().status == 503
    assert host.get("/api/v1/topics/orders/o-1").status == 200

    disk.mend()
    goes_on_by_itself(publisher)
    assert opened.until(is_status(publisher.acknowledged[-1], "PENDING"))
    assert subjects_of(host) == publisher.acknowledged
    # A crash now takes nothing back of what was acknowledged after the fault.
    host.kill()
    assert subjects_of(start()) == publisher.acknowledged


def test_a_disk_that_hangs_is_told_and_keeps_the_watchdog_from_being_fed(start, tmp_path):
    disk = FaultyDisk(tmp_path, tmp_path / "events.db")
    # A service manager that waits for 2 s; nobody reads what it is told.
    host = start(environment={**disk.environment, "NOTIFY_SOCKET": str(tmp_path / "nobody"), "WATCHDOG_USEC": "2000000"})
    publisher = Publisher(host)
    assert publisher.publish().status == 202
    disk.fail("sync", 0)
    curl = subprocess.Popen(
        ["curl", "-s", "-o", tmp_path / "answer", "-w", "%{http_code}", f"{host.url}/api/v1/events", "-d", json.dumps(order(2)),
         "-H", "Content-Type: application/json", "-H", f"Authorization: Bearer {STAFF}"],
        stdout=subprocess.PIPE, text=True,
    )
    try:
        host.wait_for_log(r"main: append events has not come round for \d+ ms: the watchdog is not fed until it does")
        assert host.get("/api/v1/topics/orders/o-1").status == 200
        disk.mend()
        host.wait_for_log("main: append events comes round again")
        assert curl.communicate(timeout=30)[0] == "202"
    finally:
        curl.kill()
    assert publisher.publish().status == 202


def test_another_program_that_locks_the_log_keeps_events_out_while_it_does(start, tmp_path):
    host = start()
    publisher = Publisher(host)
    assert publisher.publish().status == 202
    other = sqlite3.connect(tmp_path / "events.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    refused = publisher.publish()
    reason = f"{tmp_path}/events.db: cannot be written (database is locked)"
    assert problem(refused) == (503, "Service Unavailable", f"Nothing was stored: {reason}.")
    assert reasons(host) == [f"source 'events' takes no events: {reason}"]
    other.execute("ROLLBACK")
    other.close()
    goes_on_by_itself(publisher)
    assert subjects_of(host) == publisher.acknowledged


def test_a_second_host_on_one_log_does_not_start_and_disturbs_nobody(host, tmp_path):
    publisher = Publisher(host)
    other = tmp_path / "other"
    other.mkdir()
    code, _, errors = run_to_end("run", write_yaml(other, configuration(other, sources=log_of(tmp_path))))
    assert code == 1
    assert f"{tmp_path}/events.db: is in use by process {host.process.pid}: stop that process" in sentence(errors)
    assert publisher.publish().status == 202


def damage(path):
    """Overwrites the pages of the file beyond the first, as a failing disk or a careless hand might."""
    with open(path, "r+b") as file:
        size = os.fstat(file.fileno()).st_size
        file.seek(4096)
        file.write(b"\xff" * (size - 4096))


def test_a_damaged_log_is_told_at_the_start(start, tmp_path):
    first = start()
    publisher = Publisher(first)
    for _ in range(50):
        publisher.publish()
    first.stop()
    damage(tmp_path / "events.db")
    code, _, errors = run_to_end("run", first.file)
    assert code == 1
    assert f"{tmp_path}/events.db: is damaged (database disk image is malformed): restore it from a backup" in sentence(errors)
    assert run_to_end("log", "verify", tmp_path / "events.db")[0] == 1


def test_damage_while_it_runs_is_told_and_clients_keep_what_they_have(start, stream, tmp_path):
    first = start()
    for n in range(1, 40):
        first.publish(order(n))
    first.stop()  # which carries the journal over to the file
    host = start()
    opened = stream(host, "/api/v1/stream?topic=orders/o-1", token=STAFF)
    opened.until(is_status("o-1", "PENDING"))
    damage(tmp_path / "events.db")
    refused = host.post(json.dumps(created("o-99")))
    damaged = f"{tmp_path}/events.db: is damaged (database disk image is malformed): restore it from a backup"
    assert problem(refused) == (503, "Service Unavailable", f"Nothing was stored: {damaged}.")
    assert f"source 'events' takes no events: {damaged}" in reasons(host)
    assert host.get("/api/v1/topics/orders/o-1").status == 200
