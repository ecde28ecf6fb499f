"""What a store keeps over a restart: states begin at their checkpoint, replay the tail alone, and go back to the start of
history when the checkpoint cannot be used."""

import re
import sqlite3

import pytest

from commands import Command
from events import created, is_status, status
from host import STAFF, Host, configuration, sentence, write_yaml

ORDERS = "/api/v1/stream?topic=orders/all"


@pytest.fixture
def keep(tmp_path):
    """The sections of a configuration that keeps states in a folder."""

    def sections(every="50ms", **state):
        return {
            "store": {"path": str(tmp_path / "store"), "every": every},
            "states": {"orders": {"type": "order", "sources": ["events"], **state}},
        }

    return sections


def saved_up_to(host, position, partitions=1):
    """Waits until every partition has saved what it knows of the events up to this one."""

    def there():
        lanes = [lane["checkpoint"] for lane in host.admin("/api/v1/status").json["states"]]
        return len(lanes) == partitions and all(int(lane["positions"][0]["position"]) >= position for lane in lanes)

    host.wait_until(there, f"position {position} is saved")


def read_again(host):
    """How many events a host has read to come to where it was."""
    page = host.admin("/metrics").body.decode()
    return int(re.search(r'statecast_events_read_total\{[^}]*reader="catch_up"[^}]*\} (\d+)', page)[1])


def orders_of(host):
    return {item["orderId"]: item["data"] for item in host.get("/api/v1/topics/orders/all?limit=1000").json["items"]}


@pytest.mark.parametrize("partitions", [1, 2])
def test_a_killed_host_begins_at_its_checkpoint_and_replays_the_rest(start, keep, partitions):
    first = start(**keep(partitions=partitions))
    cursor = first.publish(*[created(f"o-{i}") for i in range(50)], wait=True)["cursor"]
    saved_up_to(first, 50, partitions)
    before = orders_of(first)
    first.kill()
    second = start(**keep(every="1h", partitions=partitions))
    assert orders_of(second) == before
    second.wait_until_told(r"orders: begins at its checkpoint: \d+ keys", times=partitions)
    assert read_again(second) == 0
    second.publish(status("o-1", "CONFIRMED"), wait=True)
    second.kill()
    third = start(**keep(partitions=partitions))
    assert orders_of(third) == before | {"o-1": before["o-1"] | {"status": "CONFIRMED"}}
    assert read_again(third) == partitions, "each lane reads the one event after its checkpoint"
    assert cursor


def test_an_orderly_stop_leaves_nothing_to_replay(start, keep):
    first = start(**keep(every="1h"))
    first.publish(*[created(f"o-{i}") for i in range(20)], wait=True)
    before = orders_of(first)
    first.stop()
    second = start(**keep(every="1h"))
    assert orders_of(second) == before
    assert read_again(second) == 0


def test_a_client_gets_what_changed_since_its_cursor_and_nothing_else(start, stream, keep):
    first = start(**keep())
    first.publish(created("o-1"), created("o-2"), created("o-3"), wait=True)
    opened = stream(first, ORDERS, token=STAFF)
    opened.until(is_status("o-3", "PENDING"))
    first.publish(status("o-2", "CONFIRMED"), wait=True)
    saved_up_to(first, 4)
    first.kill()
    second = start(**keep())
    again = stream(second, ORDERS, token=STAFF, last_event_id=opened.last_id)
    assert again.next()["resumed"] is True
    assert is_status("o-2", "CONFIRMED")(again.next()), "o-1 and o-3 have not changed"
    second.publish(status("o-3", "CONFIRMED"))
    assert is_status("o-3", "CONFIRMED")(again.next())


def test_an_end_is_remembered(start, keep):
    first = start(**keep())
    steps = ["CONFIRMED", "PREPARING", "READY", "OUT_FOR_DELIVERY", "DELIVERED"]
    cursor = first.publish(created("o-1"), *[status("o-1", step) for step in steps], wait=True)["cursor"]
    saved_up_to(first, 6)
    first.kill()
    second = start(**keep())
    assert read_again(second) == 0
    response = second.get("/api/v1/stream?topic=orders/o-1", headers={"Last-Event-ID": cursor})
    assert response.status == 204, "there is nothing more to come"


def test_a_damaged_file_is_moved_aside(start, keep, tmp_path):
    first = start(**keep())
    first.publish(created("o-1"), wait=True)
    first.stop()
    file = tmp_path / "store" / "orders.state"
    file.write_bytes(b"not a database " * 1000)
    second = start(**keep())
    second.wait_until_told(begun_anew(file, 0, lost=True, what="file is not a database"))
    assert list(orders_of(second)) == ["o-1"]
    assert (tmp_path / "store" / "orders.state.damaged").exists()


def begun_anew(file, letters, lost=False, what="database disk image is malformed", aside=".damaged"):
    """A pattern of what the log says of a damaged file of which another has taken the place."""
    kept = f"those of its dead letters that can be read ({letters}), and the others are lost" if lost else f"all of its dead letters ({letters})"
    return re.escape(f"{file}: is damaged ({what}): moved to {file}{aside}; a new one begins with {kept}: check the disk that it is on")


def pages_of(file, name):
    """(number, rows) of the pages at which rows of a table or an index are, in the order of its keys."""
    database = sqlite3.connect(file)
    pages = database.execute("SELECT pageno, ncell FROM dbstat WHERE name = ? AND pagetype = 'leaf' ORDER BY path", (name,)).fetchall()
    database.close()
    return pages


def damage(file, pages):
    """Overwrites pages, as a failing disk or a careless hand might."""
    with open(file, "r+b") as opened:
        for number, _ in pages:
            assert number > 1, "the header is to stay"
            opened.seek((number - 1) * 4096)
            opened.write(b"\xff" * 4096)


def middle(pages):
    assert len(pages) > 2
    return pages[len(pages) // 2]


ORDERS_SAVED, REJECTED = 120, 150


@pytest.fixture
def saved(start, keep, tmp_path):
    """The file of a host that has ended, what its orders were, and a host to begin with it."""

    class Saved:
        file = tmp_path / "store" / "orders.state"

        def again(self, **sections):
            return start(**keep(**sections))

    first = start(**keep())
    first.publish(*[created(f"o-{i}") for i in range(ORDERS_SAVED)], wait=True)
    first.publish(*[status(f"none-{i}", "NO_STATUS") for i in range(REJECTED)], wait=True)
    Saved.orders = orders_of(first)
    first.stop()
    return Saved()


def letters_listed(host):
    """The subjects of the dead letters, as an operator lists them."""
    exit_status, lines, errors = Command("dead-letters", "list", "-n", "1000", "--admin", f"http://127.0.0.1:{host.admin_port}").end()
    assert exit_status == 0, errors
    return [re.search(r"none-\d+", line)[0] for line in lines]


ALL_LETTERS = [f"none-{i}" for i in range(REJECTED)]


@pytest.mark.parametrize("part", ["keys", "dead_letters"])
def test_damage_that_is_found_at_the_start_is_mended_by_a_replay(saved, part):
    for aside in [".damaged", ".damaged.2"]:
        lost = middle(pages_of(saved.file, part))
        damage(saved.file, [lost])
        host = saved.again()
        told = begun_anew(saved.file, REJECTED - (lost[1] if part == "dead_letters" else 0), lost=part == "dead_letters", aside=aside)
        host.wait_until_told(told)
        host.wait_until_told("orders: the checkpoint is not used: ")
        assert orders_of(host) == saved.orders
        saved_up_to(host, ORDERS_SAVED + REJECTED)
        assert letters_listed(host) == ALL_LETTERS, "those that were kept, and those that the replay has found again"
        host.stop()
    after = saved.again()
    after.wait_until_told(f"orders: begins at its checkpoint: {ORDERS_SAVED} keys")
    assert orders_of(after) == saved.orders
    assert letters_listed(after) == ALL_LETTERS


def test_dead_letters_that_can_be_read_outlive_damage_and_the_log(saved, tmp_path):
    pages = pages_of(saved.file, "dead_letters")
    lost = middle(pages)
    damage(saved.file, [lost])
    for part in tmp_path.glob("events.db*"):
        part.unlink()
    host = saved.again()
    letters = letters_listed(host)
    assert len(letters) == REJECTED - lost[1]
    assert (letters[0], letters[-1]) == (ALL_LETTERS[0], ALL_LETTERS[-1]), "from both sides of the damage"


def test_damage_that_a_checkpoint_finds_is_mended_while_the_host_runs(saved):
    damage(saved.file, pages_of(saved.file, "history_by_time"))
    host = saved.again()
    host.wait_until_told(f"orders: begins at its checkpoint: {ORDERS_SAVED} keys")
    host.publish(created("o-new"), wait=True)
    host.wait_for_log("orders: checkpoints are saved again")
    host.wait_until_told(begun_anew(saved.file, REJECTED))
    saved_up_to(host, ORDERS_SAVED + REJECTED + 1)
    host.kill()
    after = saved.again()
    after.wait_until_told(f"orders: begins at its checkpoint: {ORDERS_SAVED + 1} keys")
    assert orders_of(after) == saved.orders | {"o-new": orders_of(after)["o-new"]}
    assert letters_listed(after) == ALL_LETTERS
    assert read_again(after) == 0


def test_a_second_host_does_not_get_the_same_store(start, keep, tmp_path):
    start(**keep())
    other = tmp_path / "other"
    other.mkdir()
    config = configuration(other, **keep())
    refused = Host(other, config)
    status_, _, errors = run_to_its_end(refused)
    assert status_ == 1
    assert sentence(errors) == (
        f"statecast: {tmp_path}/store/orders.state: cannot be opened (database is locked)\n"
        "  = fix: see that no other statecast uses it, that its disk works and has space, and that the user that runs statecast may "
        "write there; or change `store.path`\n"
    )


def run_to_its_end(host):
    from host import run_to_end

    return run_to_end("run", host.file)


def test_a_store_that_cannot_be_made_stops_the_start(tmp_path):
    (tmp_path / "file").write_text("")
    file = write_yaml(tmp_path, configuration(tmp_path, store={"path": str(tmp_path / "file" / "store")}))
    from host import run_to_end

    status_, _, errors = run_to_end("run", file)
    assert status_ == 1
    assert sentence(errors) == (
        f"statecast: store: the folder {tmp_path}/file/store cannot be made (Not a directory)\n"
        "  = fix: let the user that runs statecast write there, or change `store.path`\n"
    )
