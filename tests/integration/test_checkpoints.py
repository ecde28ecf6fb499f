"""What a store keeps over a restart: states begin at their checkpoint, replay the tail alone, and go back to the start of
history when the checkpoint cannot be used."""

import re
import sqlite3

import pytest

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
    return {item["orderId"]: item["data"] for item in host.get("/api/v1/topics/orders/all").json["items"]}


@pytest.mark.parametrize("partitions", [1, 2])
def test_a_killed_host_begins_at_its_checkpoint_and_replays_the_rest(start, keep, partitions):
    first = start(**keep(partitions=partitions))
    cursor = first.publish(*[created(f"o-{i}") for i in range(50)], wait=True)["cursor"]
    saved_up_to(first, 50, partitions)
    before = orders_of(first)
    first.kill()
    second = start(**keep(every="1h", partitions=partitions))
    assert orders_of(second) == before
    assert len(re.findall(r"orders: begins at its checkpoint: \d+ keys", second.log_text)) == partitions
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


def change_store(folder, statement):
    database = sqlite3.connect(folder / "store" / "orders.state")
    with database:
        assert database.execute(statement).rowcount > 0
    database.close()


@pytest.mark.parametrize(
    "change, why",
    [
        ("UPDATE keys SET bytes = x'00'", r"order 1\.0\.0 refuses key 'o-\d+', saved by 1\.0\.0: .+"),
        ("UPDATE positions SET epoch = 'another'", r"source 'events' has another history now"),
        ("UPDATE positions SET source = 'kitchen'", r"it is of other sources"),
    ],
)
def test_a_checkpoint_that_does_not_fit_is_left_and_history_replayed(start, keep, tmp_path, change, why):
    first = start(**keep())
    first.publish(*[created(f"o-{i}") for i in range(30)], wait=True)
    saved_up_to(first, 30)
    before = orders_of(first)
    first.stop()
    change_store(tmp_path, change)
    second = start(**keep())
    assert re.search(f"orders: the checkpoint is not used: {why}: history is replayed from its start\n", second.log_text), second.log_text
    assert orders_of(second) == before
    assert read_again(second) == 30
    second.publish(created("o-30"), wait=True)
    saved_up_to(second, 31)
    second.stop()
    third = start(**keep())
    assert "begins at its checkpoint: 31 keys" in third.log_text, "what was left is replaced by the next one"


def test_a_damaged_file_is_moved_aside(start, keep, tmp_path):
    first = start(**keep())
    first.publish(created("o-1"), wait=True)
    first.stop()
    file = tmp_path / "store" / "orders.state"
    file.write_bytes(b"not a database " * 1000)
    second = start(**keep())
    assert f"{file}: is damaged (file is not a database): moved to {file}.damaged; history is replayed" in second.log_text
    assert list(orders_of(second)) == ["o-1"]
    assert (tmp_path / "store" / "orders.state.damaged").exists()


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
