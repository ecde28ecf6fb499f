"""A log that ends before what it acknowledged: restored from a backup, damaged in its journal, or gone. It is told, and nobody
takes what comes in the place of lost events for them."""

import shutil
import sqlite3

import pytest

from events import created
from host import STAFF, Host, configuration, run_to_end, write_yaml


def config(folder, **sections):
    return configuration(folder, store={"path": str(folder / "states"), "every": "50ms"}, **sections)


@pytest.fixture
def host(tmp_path):
    one = Host(tmp_path, config(tmp_path))
    one.start()
    yield one
    one.stop()


def publish(host, *numbers):
    for number in numbers:
        host.publish(created(f"o-{number}"), wait=True)


def orders_of(host):
    return {item["orderId"] for item in host.get("/api/v1/topics/orders/all?limit=1000").json["items"]}


def named(*numbers):
    return {f"o-{number}" for number in numbers}


def snapshot(path, to):
    with sqlite3.connect(path) as log, sqlite3.connect(to) as copy:
        log.backup(copy)
    log.close(), copy.close()


def restore_after(host, tmp_path, kept, lost):
    """Publishes, takes a backup between the two, and puts it back."""
    publish(host, *range(kept))
    snapshot(tmp_path / "events.db", tmp_path / "backup.db")
    publish(host, *range(kept, kept + lost))
    host.stop()
    shutil.copy(tmp_path / "backup.db", tmp_path / "events.db")


def test_a_log_restored_from_a_backup_has_another_history_and_says_what_is_lost(host, tmp_path):
    restore_after(host, tmp_path, kept=5, lost=5)
    code, out, _ = run_to_end("log", "verify", tmp_path / "events.db")
    assert code == 1 and "events 6 to 10 are missing: they were acknowledged" in out
    host.start()
    host.wait_until_told(r"events\.db: the events 6 to 10 were acknowledged, and the file does not have them: it was restored from a backup")
    assert orders_of(host) == named(*range(5))
    publish(host, *range(20, 28))
    assert orders_of(host) == named(*range(5), *range(20, 28))
    host.stop()
    assert run_to_end("log", "verify", tmp_path / "events.db")[0] == 0, "of the new history nothing is lost"


def test_a_client_of_a_log_that_was_restored_begins_anew(host, stream, tmp_path):
    publish(host, *range(5))
    snapshot(tmp_path / "events.db", tmp_path / "backup.db")
    publish(host, *range(5, 10))
    watching = stream(host, "/api/v1/stream?topic=orders/all", token=STAFF)
    watching.until(lambda message: message.get("orderId") == "o-9")
    cursor = watching.last_id
    host.stop()
    shutil.copy(tmp_path / "backup.db", tmp_path / "events.db")
    host.start()
    publish(host, *range(20, 28))
    back = stream(host, "/api/v1/stream?topic=orders/all", token=STAFF, last_event_id=cursor)
    seen = back.until(lambda message: message.get("orderId") == "o-4")  # the last in the order of keys
    assert {message["orderId"] for message in seen if "orderId" in message} == named(*range(5), *range(20, 28))


def test_a_state_that_was_away_while_a_log_was_restored_takes_nothing_else_for_what_is_lost(host, tmp_path):
    restore_after(host, tmp_path, kept=5, lost=5)
    write_yaml(tmp_path, config(tmp_path, states={"merchants": {"type": "merchant", "sources": ["events"]}}))
    host.start()
    publish(host, *range(20, 28))
    host.stop()
    write_yaml(tmp_path, config(tmp_path))
    host.start()
    host.wait_until(lambda: host.admin("/readyz").status == 200, "it is ready")
    assert orders_of(host) == named(*range(5), *range(20, 28))


@pytest.mark.parametrize("place", [0, 24, 8000], ids=["its header", "its first frame", "one frame"])
def test_a_journal_that_changed_is_told_and_kept(host, tmp_path, place):
    publish(host, *range(5))
    journal = tmp_path / "events.db-wal"
    size = journal.stat().st_size
    with open(journal, "r+b") as bytes_of:
        at = place if place < 32 else size // 2
        bytes_of.seek(at)
        changed = bytes([bytes_of.read(1)[0] ^ 1])
        bytes_of.seek(at)
        bytes_of.write(changed)
    publish(host, *range(5, 10))
    host.kill()
    host.start()
    host.wait_until_told(r"were acknowledged, and the file does not have them: .* its journal was damaged \(the journal is kept as \S+events\.db-wal\.damaged\)")
    assert (tmp_path / "events.db-wal.damaged").stat().st_size >= size
    left = orders_of(host)
    assert left < named(*range(10))
    publish(host, 20)
    assert orders_of(host) == left | named(20)


def test_a_log_that_is_gone_is_told(host, tmp_path):
    publish(host, *range(5))
    host.stop()
    (tmp_path / "events.db").unlink()
    host.start()
    host.wait_until_told(r"events\.db is new: the log that was here before, with events up to number 5, is gone")


def test_nothing_is_told_of_a_log_that_has_all(host, tmp_path):
    publish(host, *range(5))
    host.kill()
    host.start()
    host.stop()
    host.start()
    assert orders_of(host) == named(*range(5))
    assert "acknowledged" not in host.log_text and "is gone" not in host.log_text
