"""The files of a store that somebody deletes, replaces or changes, while a host runs or between two of its runs."""

import errno
import re
import shutil
import sqlite3

import pytest

from events import created, status
from faulty_disk import FaultyDisk
from test_checkpoints import letters_listed, orders_of, read_again, saved_up_to

BACK = "it is written there again from what was still open, and nothing of it is lost; see who takes files from there"


@pytest.fixture
def store(tmp_path):
    return tmp_path / "store"


@pytest.fixture
def sections(store):
    return {"store": {"path": str(store), "every": "50ms"}}


def fill(host):
    host.publish(*[created(f"o-{i}") for i in range(20)], status("none-1", "NO_STATUS"), wait=True)
    saved_up_to(host, 21)
    return orders_of(host)


def delete_folder(store):
    shutil.rmtree(store)


def delete_file(store):
    (store / "orders.state").unlink()


def delete_journal(store):
    (store / "orders.state-wal").unlink()


def replace_file(store):
    (store / "orders.state").rename(store / "elsewhere")
    (store / "orders.state").write_text("a copy of last week")


TAKEN = [
    (delete_folder, "is gone"),
    (delete_file, "is gone"),
    (delete_journal, "its journal is gone"),
    (replace_file, "was replaced by another file"),
]


@pytest.mark.parametrize("idle", [True, False], ids=["while nothing is saved", "while events come"])
@pytest.mark.parametrize("take, what", TAKEN, ids=[take.__name__ for take, _ in TAKEN])
def test_what_is_taken_from_a_running_host_is_there_again_for_the_next(start, sections, store, take, what, idle):
    first = start(**sections)
    before = fill(first)
    take(store)
    if not idle:
        first.publish(created("o-new"), wait=True)
    first.wait_until_told(re.escape(f"orders: {store}/orders.state: {what}: {BACK}"))
    first.wait_until(lambda: first.admin("/readyz").status == 200, "it is ready")
    saved_up_to(first, 21 if idle else 22)
    first.kill()
    second = start(**sections)
    second.wait_until_told("orders: begins at its checkpoint: ")
    assert {id: data for id, data in orders_of(second).items() if id != "o-new"} == before
    assert letters_listed(second) == ["none-1"]
    assert read_again(second) == 0


def saves_again(host):
    host.wait_until(lambda: host.admin("/readyz").status == 200, "it is ready again")
    saved_up_to(host, 22)
    host.kill()


def begins_with_all(host):
    assert len(orders_of(host)) == 21
    assert read_again(host) == 0


def test_while_the_files_cannot_be_written_again_nothing_is_answered_as_saved(start, sections, store):
    host = start(**sections)
    fill(host)
    shutil.rmtree(store)
    store.write_text("in the way")
    host.wait_until_told(r"orders: the checkpoint is not saved: \S+/orders\.state: is gone, and cannot be written again \(")
    response = host.admin("/readyz")
    assert response.status == 503
    assert response.json["reasons"] == ["state 'orders' (plugin order 1.0.0): its checkpoints are not saved; the log says why"]
    host.publish(created("o-new"), wait=True)
    position = host.admin("/api/v1/status").json["states"][0]["checkpoint"]["positions"][0]["position"]
    assert int(position) == 21, "what came since is not saved"
    store.unlink()
    saves_again(host)
    begins_with_all(start(**sections))


@pytest.mark.parametrize("error", [errno.EIO, errno.ESTALE], ids=["EIO", "ESTALE"])
def test_a_disk_that_goes_away_is_told_and_comes_back(start, sections, store, tmp_path, error):
    disk = FaultyDisk(tmp_path, store)
    host = start(environment=disk.environment, **sections)
    fill(host)
    disk.fail("write", error)
    host.publish(created("o-new"), wait=True)
    host.wait_until_told(r"orders: the checkpoint is not saved: \S+/orders\.state: cannot be written \(disk I/O error")
    assert host.admin("/readyz").status == 503
    disk.mend()
    saves_again(host)
    begins_with_all(start(**sections))


def change(store, statement):
    database = sqlite3.connect(store / "orders.state")
    with database:
        assert database.execute(statement).rowcount > 0
    database.close()


CHANGED = [
    ("keys SET bytes = replace(bytes, 'm-1', 'm-2') WHERE key LIKE '%o-3'", r"key '[a-z/]*o-3'"),
    ("positions SET hi = hi - 1", "a position of the checkpoint"),
    ("head SET messages = 7", "the head of the checkpoint"),
    ("identity SET value = 'merchant' WHERE value = 'order'", "what it is of"),
]


@pytest.mark.parametrize("statement, what", CHANGED, ids=[statement.split()[0] for statement, _ in CHANGED])
def test_a_changed_byte_is_named_and_mended_by_a_replay(start, sections, store, statement, what):
    first = start(**sections)
    before = fill(first)
    first.stop()
    change(store, f"UPDATE {statement}")
    second = start(**sections)
    second.wait_until_told(rf"orders: \S+/orders\.state: is damaged \({what} is not as it was written\): moved to \S+; a new one begins with all of its dead letters \(1\)")
    assert orders_of(second) == before
    assert letters_listed(second) == ["none-1"]
    assert read_again(second) == 21


def test_a_changed_byte_of_a_dead_letter_leaves_that_one_out(start, sections, store):
    first = start(**sections)
    fill(first)
    first.publish(status("none-2", "NO_STATUS"), wait=True)
    saved_up_to(first, 22)
    first.stop()
    change(store, "UPDATE dead_letters SET data = replace(data, 'NO_STATUS', 'NO_STATES') WHERE subject = 'none-1'")
    second = start(**sections)
    second.wait_until_told(r"orders: \S+/orders\.state: the dead letter of event 21 \('none-1'\) is not as it was written: it is left out")
    assert letters_listed(second) == ["none-2"]
    assert read_again(second) == 0
