"""Bytes of the log's file that changed: what is damaged is named and kept out of the states, and all else is there."""

import json
import re
import sqlite3

import pytest

from events import created
from host import Host, configuration, run_to_end

EVENTS = 300
RIGHT, WRONG = b"10000001", b"90000001"


@pytest.fixture
def file(start, tmp_path):
    """The file of a log at rest, with orders o-1, o-2, ..."""
    host = start()
    host.publish(*(created(f"o-{n}", note="x" * 200, total=10000001 if n == 17 else 7) for n in range(1, EVENTS + 1)), wait=True)
    host.stop()
    return tmp_path / "events.db"


@pytest.fixture
def damaged(tmp_path):
    """A host on the damaged log, which is not ready but runs."""
    hosts = []

    def launch():
        hosts.append(Host(tmp_path, configuration(tmp_path)).launch())
        return hosts[-1]

    yield launch
    for host in hosts:
        host.stop()


def destroy_leaf(file, n):
    with sqlite3.connect(file) as database:
        page = database.execute("SELECT pageno FROM dbstat WHERE name = 'events' AND pagetype = 'leaf' ORDER BY path LIMIT 1 OFFSET ?", [n]).fetchone()[0]
    database.close()
    with open(file, "r+b") as bytes_of:
        bytes_of.seek((page - 1) * 4096)
        bytes_of.write(b"\xff" * 4096)


def subjects_of(host):
    page = host.admin("/api/v1/sources/events/events?limit=10000")
    return [json.loads(line)["subject"] for line in page.body.splitlines()]


def is_told_with(host, why):
    """Once the states have read the log, damage is the only reason not to be ready."""
    reason = re.compile(r"source 'events' has damaged events, which states go on without: " + why)
    host.wait_until(lambda: len(host.admin("/readyz").json.get("reasons", [])) == 1 and reason.fullmatch(host.admin("/readyz").json["reasons"][0]),
                    "damage alone is told")
    assert host.admin("/readyz").status == 503


def damaged_events(host):
    found = re.search(r'^statecast_source_damaged_events_total\{source="events"\} (\S+)$', host.admin("/metrics").body.decode(), re.MULTILINE)
    return float(found[1])


def test_a_digit_that_changed_is_kept_from_everybody(file, damaged):
    whole = file.read_bytes()
    assert whole.count(RIGHT) == 1
    file.write_bytes(whole.replace(RIGHT, WRONG))
    host = damaged()
    is_told_with(host, r"17 \(its bytes are not those that were stored\)")
    assert damaged_events(host) == 1
    host.wait_until_told(r"events: states go on without what is damaged: event 17 \(")
    assert subjects_of(host) == [f"o-{n}" for n in range(1, EVENTS + 1) if n != 17]
    assert host.get("/api/v1/topics/orders/o-16").status == 200
    assert host.get("/api/v1/topics/orders/o-17").status != 200
    assert host.get(f"/api/v1/topics/orders/o-{EVENTS}").status == 200
    # Publishing goes on, and so does the damaged one when it is published again.
    host.publish(created("o-17"), created("o-new"), wait=True)
    assert host.get("/api/v1/topics/orders/o-17").status == 200
    assert host.get("/api/v1/topics/orders/o-new").status == 200
    assert damaged_events(host) == 1, "each counts once, though several readers met it"
    code, out, _ = run_to_end("log", "verify", file)
    assert (code, out.splitlines()) == (1, [f"{file}: event 17: its bytes are not those that were stored", f"{file}: 1 problem, {EVENTS + 1} events"])
    code, out, errors = run_to_end("log", "dump", file)
    assert (code, errors) == (1, "statecast: event 17 cannot be given: its bytes are not those that were stored\n")
    assert len(out.splitlines()) == EVENTS + 1


def test_the_newest_event_that_is_damaged_holds_nobody_up(file, damaged):
    with sqlite3.connect(file) as database:
        database.execute("UPDATE events SET data = replace(data, '7', '8') WHERE seq = ?", [EVENTS])
    database.close()
    host = damaged()
    is_told_with(host, rf"{EVENTS} \(its bytes are not those that were stored\)")
    assert host.get(f"/api/v1/topics/orders/o-{EVENTS - 1}").status == 200
    host.publish(created("o-new"), wait=True)
    assert host.get("/api/v1/topics/orders/o-new").status == 200


def test_a_page_that_is_destroyed_takes_nothing_else_with_it(file, damaged):
    destroy_leaf(file, 3)
    host = damaged()
    is_told_with(host, r"\d+ to \d+ \(their page cannot be read \(database disk image is malformed\)\)")
    first, last = map(int, re.search(r"(\d+) to (\d+)", host.admin("/readyz").json["reasons"][0]).groups())
    assert last > first
    assert damaged_events(host) == last - first + 1
    assert subjects_of(host) == [f"o-{n}" for n in range(1, EVENTS + 1) if not first <= n <= last]
    assert host.get(f"/api/v1/topics/orders/o-{last + 1}").status == 200
    host.publish(created("o-new"), wait=True)
    assert host.get("/api/v1/topics/orders/o-new").status == 200
    code, out, _ = run_to_end("log", "verify", file)
    assert code == 1
    assert f"{file}: events {first} to {last}: their page cannot be read (database disk image is malformed)" in out.splitlines()
    code, out, _ = run_to_end("log", "dump", file)
    assert (code, len(out.splitlines())) == (1, EVENTS + 1 - (last - first + 1))
