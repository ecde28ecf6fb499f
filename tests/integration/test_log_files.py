"""The log's files are deleted, replaced, moved or cut off under a running host: nothing is acknowledged that is not there."""

import json
import os
import shutil
import threading

import pytest

from events import created
from host import problem

FILES = ["", "-wal", ".lock"]
of_each_file = pytest.mark.parametrize("suffix", FILES, ids=["the file", "its journal", "its lock"])

GONE = "is not where it was opened (No such file or directory): put it back, and publishing goes on; if it is lost, restart statecast"
OTHER = "is another file than the one that was opened: nothing is stored until statecast is restarted, which then goes on with this one"


@pytest.fixture
def disk(tmp_path):
    folder = tmp_path / "disk"
    folder.mkdir()
    return folder


@pytest.fixture
def host(start, disk):
    host = start(sources=log_of(disk))
    host.publish(created("o-1"), created("o-2"), wait=True)
    return host


def log_of(folder):
    return {"events": {"type": "log", "path": str(folder / "events.db")}}


def subjects_of(host):
    page = host.admin("/api/v1/sources/events/events?limit=10000")
    return [json.loads(line)["subject"] for line in page.body.splitlines()]


def is_told_though_nobody_publishes(host, why):
    host.wait_until(lambda: host.admin("/readyz").status == 503, "not ready")
    assert host.admin("/readyz").json["reasons"] == [f"source 'events' takes no events: {why}"]


def is_refused(host, why):
    answer = host.post(json.dumps(created("o-refused")))
    assert problem(answer) == (503, "Service Unavailable", f"Nothing was stored: {why}.")


@of_each_file
def test_a_deleted_file_is_told_and_nothing_is_acknowledged(host, disk, suffix):
    os.unlink(f"{disk}/events.db{suffix}")
    is_refused(host, f"{disk}/events.db{suffix} {GONE}")
    is_told_though_nobody_publishes(host, f"{disk}/events.db{suffix} {GONE}")
    assert host.get("/api/v1/topics/orders/o-1").status == 200, "what is known is told as before"


def test_a_deleted_folder_is_told_though_nobody_publishes(host, disk):
    shutil.rmtree(disk)
    is_told_though_nobody_publishes(host, f"{disk}/events.db {GONE}")
    is_refused(host, f"{disk}/events.db {GONE}")


@of_each_file
def test_a_replaced_file_is_refused_until_a_restart(start, host, disk, suffix):
    file, copy = disk / f"events.db{suffix}", disk / "copy"
    shutil.copyfile(file, copy)
    copy.rename(file)
    is_told_though_nobody_publishes(host, f"{file} {OTHER}")
    is_refused(host, f"{file} {OTHER}")
    host.stop()
    again = start(sources=log_of(disk))
    again.publish(created("o-3"))
    assert "o-refused" not in subjects_of(again)


def test_a_file_that_is_cut_off_is_told(host, disk):
    journal = disk / "events.db-wal"
    size = journal.stat().st_size
    os.truncate(journal, 0)
    cut = f"{journal} was cut off, from {size} to 0 bytes: nothing is stored until statecast is restarted; `statecast log verify` says what is lost"
    is_told_though_nobody_publishes(host, cut)
    is_refused(host, cut)


def test_a_folder_that_comes_back_is_gone_on_with(host, disk):
    away = disk.with_name("away")
    disk.rename(away)
    is_told_though_nobody_publishes(host, f"{disk}/events.db {GONE}")
    is_refused(host, f"{disk}/events.db {GONE}")
    disk.mkdir()  # another one, and empty
    is_refused(host, f"{disk}/events.db {GONE}")
    disk.rmdir()
    away.rename(disk)
    host.wait_until_told("events: takes events again")
    host.wait_until(lambda: host.admin("/readyz").status == 200, "ready again")
    host.publish(created("o-3"))
    assert subjects_of(host) == ["o-1", "o-2", "o-3"]


def test_a_journal_that_is_deleted_takes_nothing_acknowledged_with_it(start, host, disk):
    os.unlink(disk / "events.db-wal")
    is_told_though_nobody_publishes(host, f"{disk}/events.db-wal {GONE}")
    host.kill()
    assert subjects_of(start(sources=log_of(disk))) == ["o-1", "o-2"]


@pytest.mark.parametrize("round", range(3))
def test_what_is_acknowledged_while_a_folder_moves_is_there_when_it_is_back(start, disk, round):
    host = start(sources=log_of(disk))
    acknowledged, done = [], threading.Event()

    def publish(publisher):
        number = 0
        while not done.is_set():
            number += 1
            if host.post(json.dumps(created(f"p{publisher}-{number}"))).status == 202:
                acknowledged.append(f"p{publisher}-{number}")

    publishers = [threading.Thread(target=publish, args=(n,)) for n in range(3)]
    for publisher in publishers:
        publisher.start()
    try:
        away = disk.with_name("away")
        for _ in range(3):
            known = len(acknowledged)
            host.wait_until(lambda: len(acknowledged) > known + 10, "events are acknowledged")
            disk.rename(away)
            host.wait_until(lambda: host.admin("/readyz").status == 503, "told")
            away.rename(disk)
            host.wait_until(lambda: host.admin("/readyz").status == 200, "ready again")
    finally:
        done.set()
        for publisher in publishers:
            publisher.join()
    host.kill()
    assert sorted(subjects_of(start(sources=log_of(disk)))) == sorted(acknowledged)
