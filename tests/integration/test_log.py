"""The log as programs read it: lines of JSON, and entries of systemd's journal."""

import json
import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from host import BIN, configuration, run_to_end, write_yaml

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")


def with_log(folder, **log):
    config = configuration(folder)
    config["server"]["log"] = log
    config["limits"] = {"connections": 100}  # as many as any machine has open files for, so that it warns of nothing
    return config


def run_until_started(folder, config):
    """One run of the program, ended once it has started: (exit status, its lines on stderr)."""
    process = subprocess.Popen([BIN, "run", write_yaml(folder, config)], stderr=subprocess.PIPE, text=True)
    overdue = threading.Timer(60, process.kill)
    overdue.start()
    lines = []
    for line in process.stderr:
        lines.append(line)
        if "started with" in line:
            process.terminate()
    overdue.cancel()
    return process.wait(), lines


def test_every_line_of_a_json_log_is_an_object_with_all_fields(tmp_path):
    status, lines = run_until_started(tmp_path, with_log(tmp_path, format="json", level="debug"))
    assert status == 0
    lines = [json.loads(line) for line in lines]
    assert len(lines) >= 4
    for line in lines:
        assert list(line)[:4] == ["time", "level", "component", "message"]
        assert TIME.fullmatch(line["time"])
        assert line["level"] in ("debug", "info", "warning", "error")
    assert lines[-1]["message"] == "stopped"


def test_a_start_that_fails_ends_a_json_log_with_the_reason(tmp_path):
    config = with_log(tmp_path, format="json")
    config["sources"]["events"]["path"] = "/proc/statecast-events.db"
    status, _, errors = run_to_end("run", write_yaml(tmp_path, config))
    assert status == 1
    last = json.loads(errors.splitlines()[-1])
    assert (last["level"], last["component"]) == ("error", "main")
    assert last["fix"] == "correct its settings, or set 'enabled: false'"


def test_the_log_never_has_a_secret(tmp_path):
    path = tmp_path / "path"
    path.write_text("/proc/statecast-secret.db\n")
    text = json.dumps(with_log(tmp_path, format="text")).replace(str(tmp_path / "events.db"), "PATH")
    status, _, errors = run_to_end("run", write_yaml(tmp_path, text.replace('"PATH"', "!file path")))
    assert status == 1
    assert "<!file path>: cannot write" in errors
    assert "statecast-secret" not in errors


@pytest.fixture(scope="session")
def unshare():
    """The command that gives another one a mount namespace of its own, with an empty /run."""
    for command in (["unshare", "-m"], ["unshare", "-rm"]):
        command = [*command, "sh", "-c", 'mount -t tmpfs tmpfs /run && exec "$@"', "sh"]
        if subprocess.run([*command, "true"], capture_output=True).returncode == 0:
            return command
    raise AssertionError("the test of the journal needs a mount namespace: run it as root, or allow user namespaces")


def run_beside_a_journal(unshare, folder, config, journal):
    errors = folder / "stderr"
    script = Path(__file__).with_name("journal.py")
    command = [*unshare, sys.executable, script, journal, errors, BIN, "run", write_yaml(folder, config)]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=120)
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], errors.read_text()


def test_auto_writes_to_the_journal_when_stderr_is_connected_to_it(unshare, tmp_path):
    config = with_log(tmp_path, format="auto")
    status, entries, errors = run_beside_a_journal(unshare, tmp_path, config, "socket")
    assert (status, errors) == (0, "")
    messages = [entry["MESSAGE"] for entry in entries]
    assert any(message.startswith("listening on ") for message in messages)
    assert messages[-1] == "stopped"
    for entry in entries:
        assert entry["SYSLOG_IDENTIFIER"] == "statecast"
        assert entry["PRIORITY"] == "6", entry["MESSAGE"]
        assert entry["STATECAST_COMPONENT"]


def test_a_start_that_fails_is_told_to_the_journal_with_its_priority(unshare, tmp_path):
    config = with_log(tmp_path, format="journald")
    config["sources"]["events"]["path"] = "/proc/statecast-events.db"
    status, entries, errors = run_beside_a_journal(unshare, tmp_path, config, "socket")
    assert (status, errors) == (1, "")
    assert entries[-1]["PRIORITY"] == "3"
    assert entries[-1]["STATECAST_FIX"] == "correct its settings, or set 'enabled: false'"


def test_without_a_journal_the_log_is_text_and_says_so(unshare, tmp_path):
    config = with_log(tmp_path, format="journald")
    config["sources"]["events"]["path"] = "/proc/statecast-events.db"
    status, entries, errors = run_beside_a_journal(unshare, tmp_path, config, "no-socket")
    assert (status, entries) == (1, [])
    first = errors.splitlines()[0].split(maxsplit=2)
    assert first[1:] == ["warning", "log: there is no journal on this machine, so the log is text on stderr"]
