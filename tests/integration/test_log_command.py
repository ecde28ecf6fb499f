"""`statecast log`: what operators see of the embedded log, beside a running host and without one."""

import json
import re
import sqlite3
import subprocess

import pytest

from events import cloud_event, created, status
from host import BIN, configuration, run_to_end, write_yaml

TIME = "2023-12-20T14:30:00Z"


def publish_three(host):
    events = [created("o-1"), created("o-2"), status("o-1", "CONFIRMED")]
    lines = "\n".join(json.dumps(cloud_event(event, f"e-{n}")) for n, event in enumerate(events))
    assert host.post(lines, "application/x-ndjson").status == 202


def sql(path, statements):
    with sqlite3.connect(path) as database:
        database.executescript(statements)
    database.close()


@pytest.fixture
def log(start, tmp_path):
    """The file of a log at rest, with three events."""
    host = start()
    publish_three(host)
    host.stop()
    return tmp_path / "events.db"


def stats(*arguments):
    code, out, errors = run_to_end("log", "stats", "--format", "json", *arguments)
    assert code == 0, errors
    return json.loads(out)


def test_stats_tell_what_the_log_of_a_running_host_holds(host, tmp_path):
    publish_three(host)
    told = stats("--config", host.file)
    assert told["path"] == str(tmp_path / "events.db")
    assert re.fullmatch("[0-9a-z]{8}", told["epoch"])
    assert (told["schema"], told["events"]) == (3, 3)
    assert told["oldest"] == {"number": 1, "time": TIME}
    assert told["newest"] == {"number": 3, "time": TIME}
    assert told["types"] == {"OrderCreated": 2, "OrderStatusUpdated": 1}
    assert told["used_bytes"] > 0 and told["journal_bytes"] > 0 and told["free_bytes"] == 0
    publish_four_more = "\n".join(json.dumps(created(f"p-{n}")) for n in range(4))
    assert host.post(publish_four_more, "application/x-ndjson").status == 202
    assert stats(tmp_path / "events.db")["events"] == 7


def test_stats_are_a_table_for_people(log):
    code, out, errors = run_to_end("log", "stats", log)
    assert (code, errors) == (0, "")
    epoch = stats(log)["epoch"]
    size = r"\d+\.\d KiB"
    patterns = [
        rf"log      {log}",
        rf"epoch    {epoch}, schema 3",
        r"events   3",
        rf"oldest   number 1, of {TIME}",
        rf"newest   number 3, of {TIME}",
        rf"file     {size}; with the journal's, {size} in use and 0 B free",
        r"journal  0 B",
        r"types    OrderCreated                   2",
        r"         OrderStatusUpdated             1",
    ]
    lines = out.splitlines()
    assert len(lines) == len(patterns)
    for line, pattern in zip(lines, patterns):
        assert re.fullmatch(pattern, line), line


def test_stats_of_a_log_without_events(start, tmp_path):
    start().stop()
    told = stats(tmp_path / "events.db")
    assert (told["events"], told["oldest"], told["newest"], told["types"]) == (0, None, None, {})
    assert run_to_end("log", "dump", tmp_path / "events.db") == (0, "", "")
    assert run_to_end("log", "verify", tmp_path / "events.db")[:2] == (0, f"{tmp_path}/events.db: ok, 0 events\n")


def test_a_dump_is_what_record_writes(host, tmp_path):
    publish_three(host)
    admin = f"http://127.0.0.1:{host.admin_port}"
    code, _, errors = run_to_end("record", tmp_path / "recording.ndjson", "--source", "events", "--admin", admin)
    assert code == 0, errors
    dumped = run_to_end("log", "dump", "--config", host.file)
    assert dumped == (0, (tmp_path / "recording.ndjson").read_text(), "")


def test_a_dump_is_cut_by_number_and_type(log):
    def ids(*arguments):
        code, out, errors = run_to_end("log", "dump", log, *arguments)
        assert (code, errors) == (0, "")
        return [json.loads(line)["id"] for line in out.splitlines()]

    assert ids("--from", 2) == ["e-1", "e-2"]
    assert ids("--to", 2) == ["e-0", "e-1"]
    assert ids("--from", 2, "--to", 2) == ["e-1"]
    assert ids("--from", 4) == []
    assert ids("--type", "OrderStatusUpdated") == ["e-2"]
    assert ids("--type", "Nothing") == []


def test_a_dump_says_what_it_lacks(log):
    sql(log, "DELETE FROM events WHERE seq = 1")
    code, out, errors = run_to_end("log", "dump", log, "--from", 1)
    assert (code, len(out.splitlines())) == (1, 2)
    assert errors == "statecast: events 1 to 1 are not in the log (any more)\n"
    assert run_to_end("log", "dump", log)[0] == 0


def test_a_dump_ends_quietly_when_nobody_reads_on(host, tmp_path):
    lines = "\n".join(json.dumps(created(f"o-{n}", note="x" * 500)) for n in range(1000))
    assert host.post(lines, "application/x-ndjson").status == 202
    command = ["sh", "-c", '{ "$0" log dump "$1"; echo "exit $?" >&2; } | head -n 1', BIN, tmp_path / "events.db"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert json.loads(done.stdout)["subject"] == "o-0"
    assert done.stderr == "exit 0\n"


def test_a_log_that_is_right_is_verified_beside_its_host(host, tmp_path):
    publish_three(host)
    assert run_to_end("log", "verify", "--config", host.file) == (0, f"{tmp_path}/events.db: ok, 3 events\n", "")
    publish_three(host)
    assert host.admin("/readyz").status == 200


def test_everything_that_is_wrong_is_told_by_number(log):
    sql(log, "UPDATE events SET checksum = NULL, data = '{' WHERE seq = 1;"
             "UPDATE events SET checksum = NULL, extensions = '[]' WHERE seq = 3;"
             "DELETE FROM events WHERE seq = 2")
    code, out, errors = run_to_end("log", "verify", log)
    assert (code, errors) == (1, "")
    assert out.splitlines() == [
        f"{log}: event 1: its data is not JSON: {{",
        f"{log}: events 2 to 2 are missing",
        f"{log}: event 3: its extensions are not a JSON object",
        f"{log}: 3 problems, 2 events (2 of them from before events had checksums)",
    ]


def test_a_log_left_by_a_crash_is_looked_into(start, tmp_path):
    host = start()
    publish_three(host)
    host.kill()
    assert stats(tmp_path / "events.db")["events"] == 3
    assert run_to_end("log", "verify", tmp_path / "events.db")[0] == 0
    assert stats(start().folder / "events.db")["events"] == 3


def test_looking_changes_nothing(log, start, tmp_path):
    before = log.read_bytes()
    for command in ("stats", "dump", "verify"):
        assert run_to_end("log", command, log)[0] == 0
    assert log.read_bytes() == before
    publish_three(start())


def test_the_configuration_says_which_log(tmp_path):
    config = configuration(tmp_path)
    file = write_yaml(tmp_path, config)
    missing = f"statecast: {tmp_path}/events.db: there is no such file: name the log's file, or the configuration that names it\n"
    assert run_to_end("log", "stats", "--config", file) == (1, "", missing)

    config["sources"]["more"] = {"type": "log", "path": str(tmp_path / "more.db")}
    file = write_yaml(tmp_path, config)
    assert run_to_end("log", "stats", "--config", file) == (
        1, "", f"statecast: {file} has several logs: events, more\n  = fix: say which with --source\n")
    assert "more.db: there is no such file" in run_to_end("log", "stats", "--config", file, "--source", "more")[2]
    assert run_to_end("log", "stats", "--config", file, "--source", "other") == (
        1, "", f"statecast: {file} has no log 'other'\n  = fix: those that it has are events, more\n")

    config["sources"] = {"events": {"type": "memory"}}
    file = write_yaml(tmp_path, config)
    assert run_to_end("log", "dump", "--config", file) == (
        1, "", f"statecast: {file} has no source of type log\n  = fix: name the log's file\n")


def test_a_wrong_configuration_or_command_line_is_told(tmp_path):
    file = write_yaml(tmp_path, "version: 2\n")
    code, _, errors = run_to_end("log", "stats", "--config", file)
    assert (code, "error[" in errors) == (78, True)
    assert run_to_end("log")[0] == 64
    assert run_to_end("log", "stats", "a.db", "--config", file)[0] == 64
    assert run_to_end("log", "dump", "a.db", "--from", "0")[0] == 64


def test_what_is_no_log_is_left_alone(tmp_path):
    file = tmp_path / "groceries"
    file.write_text("grocery list: " + "x" * 1000)
    code, _, errors = run_to_end("log", "verify", file)
    assert (code, errors) == (1, f"statecast: {file}: is no log of statecast (file is not a database): name the log's file\n")
    assert file.stat().st_size == 1014


def test_retention_lets_go_of_what_is_beyond_its_size_and_metrics_say_so(start, tmp_path):
    source = {"type": "log", "path": str(tmp_path / "events.db"), "retention": {"age": "72h", "size": "1MiB"}}
    host = start(sources={"events": source})
    lines = "\n".join(json.dumps(created(f"o-{n}", note="x" * 2000)) for n in range(200))
    for _ in range(20):
        assert host.post(lines, "application/x-ndjson").status == 202

    def metric(name):
        found = re.search(rf'^statecast_plugin_{name}\{{kind="source",instance="events"\}} (\S+)$',
                          host.admin("/metrics").body.decode(), re.MULTILINE)
        return float(found[1])

    def is_told_alike():
        """The log goes on letting events go between two looks."""
        told = stats("--config", host.file)
        assert told["newest"]["number"] == 4000
        oldest = told["oldest"]["number"]
        return oldest > 1 and told["events"] == 4000 - oldest + 1 and metric("deleted_events_total") == oldest - 1

    host.wait_until(is_told_alike, "metrics and stats tell of the same events")
    assert metric("used_bytes") > 0
    assert metric("held_back_events") >= 0
    assert run_to_end("log", "verify", "--config", host.file)[0] == 0
