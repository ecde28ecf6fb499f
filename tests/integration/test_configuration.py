"""What an operator reads when the configuration or the machine is not as it must be."""

import json
import os
import socket
import subprocess
from pathlib import Path

import jsonschema
import pytest
import yaml

from host import BIN, PLUGINS, configuration, run_to_end, sentence, write_yaml

EX_USAGE = 64
EX_CONFIG = 78
SHIPPED = Path(os.environ["STATECAST_SHIPPED_CONFIG"])


@pytest.fixture
def check(tmp_path):
    """Runs `statecast check`; gives its status and what it wrote, with the test's own folder left out."""

    def run(content):
        status, _, errors = run_to_end("check", write_yaml(tmp_path, content))
        return status, errors.replace(f"{tmp_path}/", "")

    return run


BASE = f"""\
version: 1
server: {{ listen: "127.0.0.1:0", admin: "127.0.0.1:0", publish: events }}
plugins: {{ search: [{PLUGINS}] }}
sources:
  events: {{ type: log, path: events.db }}
states:
  orders: {{ type: order, sources: [events] }}
transports:
  sse: {{ type: sse }}
access: none
"""


def test_a_good_configuration_passes(check, tmp_path):
    assert check(configuration(tmp_path)) == (0, "")


STATE = "type: order, sources: [events]"
BROKEN = [
    ("broken YAML", (f"{STATE} }}", "type: order, sources: [events }"), """\
statecast.yaml:7:43: error[yaml]: illegal flow end
   7 |   orders: { type: order, sources: [events }
     |                                           ^
"""),
    ("an unknown key", (STATE, f"{STATE}, refesh: 5s"), """\
statecast.yaml:7:45: error[unknown-key]: states.orders: unknown key 'refesh'
   7 |   orders: { type: order, sources: [events], refesh: 5s }
     |                                             ^^^^^^ did you mean 'refresh'?
   = keys of order 1.0.0: sources, refresh, partitions, send, history, history_age, history_idle, hang_after, on_hang, hold_early, initial, keep, keep_idle, lifecycle, max_early, max_memory, max_orders, staff_only, type, enabled   (statecast explain state/order)
"""),
    ("a wrong type", (STATE, f"{STATE}, partitions: many"), """\
statecast.yaml:7:57: error[wrong-type]: states.orders.partitions: expected a whole number, found the text 'many'
   7 |   orders: { type: order, sources: [events], partitions: many }
     |                                                         ^^^^
"""),
    ("a missing unit", (STATE, f"{STATE}, refresh: 5"), """\
statecast.yaml:7:54: error[missing-unit]: states.orders.refresh: the duration '5' has no unit
   7 |   orders: { type: order, sources: [events], refresh: 5 }
     |                                                      ^ write 5s, for instance
   = units: ms, s, m, h, d
"""),
    ("a missing plugin", ("type: order", "type: ordr"), """\
statecast.yaml:7:19: error[plugin-not-found]: states.orders: no plugin provides state 'ordr'
   7 |   orders: { type: ordr, sources: [events] }
     |                   ^^^^ did you mean 'order'?
   searched: PLUGINS (11 plugins: delivery, file, job, log, memory, merchant, order, simulator, sse, websocket, window)
   = fix: install the package that ships it, or set 'enabled: false'
"""),
    ("a dangling source", ("sources: [events]", "sources: [evnets]"), """\
statecast.yaml:7:36: error[unknown-source]: states.orders.sources[0]: there is no source 'evnets'
   7 |   orders: { type: order, sources: [evnets] }
     |                                    ^^^^^^ did you mean 'events'?
   = sources: events
"""),
    ("no access rules", ("access: none\n", ""), """\
statecast.yaml: error[missing-key]: the key 'access' is missing
   = fix: write 'access: none' to let everybody in on a loopback address, or list tokens under it
"""),
    ("a missing setting of a plugin", (", path: events.db", ""), """\
statecast.yaml:5:3: error[missing-key]: sources.events: the key 'path' is missing
   5 |   events: { type: log }
     |   ^^^^^^
"""),
    ("a boolean of another YAML", (STATE, f"{STATE}, enabled: yes"), """\
statecast.yaml:7:54: error[wrong-type]: states.orders.enabled: expected true or false, found the text 'yes'
   7 |   orders: { type: order, sources: [events], enabled: yes }
     |                                                      ^^^ write true or false
"""),
]


@pytest.mark.parametrize("name, change, report", BROKEN, ids=[b[0] for b in BROKEN])
def test_a_broken_configuration_is_reported_where_it_is_broken(check, name, change, report):
    assert BASE.count(change[0]) == 1
    status, errors = check(BASE.replace(*change))
    assert status == EX_CONFIG
    assert errors.replace(PLUGINS, "PLUGINS") == report + "\n1 error. Nothing was started.\n"


def test_all_errors_are_reported_at_once(check):
    status, report = check(BASE.replace("version: 1", "version: 2").replace("type: sse", "type: sse, beat: 5s"))
    assert status == EX_CONFIG
    assert report == """\
statecast.yaml:1:10: error[not-allowed]: version: 2 is none of: 1
   1 | version: 2
     |          ^

statecast.yaml:9:21: error[unknown-key]: transports.sse: unknown key 'beat'
   9 |   sse: { type: sse, beat: 5s }
     |                     ^^^^
   = keys of sse 1.0.0: expose, path, routes, buffer, buffer_messages, slow_clients, heartbeat, flush_window, write_timeout, max_age, retry, type, enabled   (statecast explain transport/sse)

2 errors. Nothing was started.
"""


def test_a_missing_file_is_named(tmp_path):
    status, _, errors = run_to_end("check", tmp_path / "nowhere.yaml")
    assert status == EX_CONFIG
    assert errors.replace(str(tmp_path), "FOLDER") == """\
FOLDER/nowhere.yaml: error[file]: there is no such file
   = fix: name the one to use: statecast run FILE

1 error. Nothing was started.
"""


def test_run_refuses_what_check_refuses(tmp_path):
    file = write_yaml(tmp_path, BASE.replace("type: order", "type: ordr"))
    assert run_to_end("run", file) == run_to_end("check", file)


def test_a_port_in_use_is_named(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        config = configuration(tmp_path)
        config["server"]["listen"] = f"127.0.0.1:{port}"
        status, _, errors = run_to_end("run", write_yaml(tmp_path, config))
    assert status == 1
    assert sentence(errors).replace(str(port), "PORT") == """\
statecast: cannot listen on 127.0.0.1:PORT: Address already in use
  = fix: stop what listens there, or choose another port under 'server'
"""


def test_a_data_directory_that_cannot_be_written_is_named(tmp_path):
    events = {"events": {"type": "log", "path": "/proc/statecast-events.db"}}
    status, _, errors = run_to_end("run", write_yaml(tmp_path, configuration(tmp_path, sources=events)))
    assert status == 1
    assert sentence(errors) == """\
statecast: source 'events' (plugin log 0.1.0): /proc/statecast-events.db: cannot write /proc/statecast-events.db.lock \
(No such file or directory): let the user that runs statecast write in /proc, or change `path`
  = fix: correct its settings, or set 'enabled: false'
"""


def test_a_second_host_on_the_same_log_is_refused(start, tmp_path):
    first = start()
    status, _, errors = run_to_end("run", first.file)
    assert status == 1
    assert sentence(errors).replace(str(tmp_path), "FOLDER").replace(str(first.process.pid), "PID") == """\
statecast: source 'events' (plugin log 0.1.0): FOLDER/events.db: is in use by process PID: stop that process, or give \
this log a `path` of its own
  = fix: correct its settings, or set 'enabled: false'
"""


def test_plugins_lists_what_is_installed():
    status, listing, _ = run_to_end("plugins", PLUGINS)
    assert status == 0
    for plugin in ("order", "delivery", "sse", "websocket", "log", "memory"):
        assert plugin in listing


def test_explain_tells_a_plugin_s_settings_and_what_it_offers(tmp_path):
    file = write_yaml(tmp_path, BASE)
    status, explained, _ = run_to_end("explain", "source/log", "--config", file)
    assert status == 0
    assert explained == f"""\
source/log 0.1.0  Durable events in one SQLite file on this machine
    statecast 0.1.0, {PLUGINS}/log.so

settings:
  path: path, required
      The log's file. Its folder must exist; beside it stand <path>-wal, <path>-shm, <path>.lock and <path>.newest.
  retention: object
      What is kept; without it, everything. What a state has not saved is kept up to twice that.
"""
    assert "consumes OrderCreated, by /subject\n" in run_to_end("explain", "state/order", "--config", file)[1]


def test_explain_says_where_to_look_when_there_is_no_such_plugin(tmp_path):
    status, _, errors = run_to_end("explain", "state/ordr", "--config", write_yaml(tmp_path, BASE))
    assert status == 1
    assert errors.replace(str(tmp_path), "FOLDER") == """\
statecast: there is no plugin 'state/ordr' in the folders that FOLDER/statecast.yaml names
  = fix: see 'statecast plugins' for those that are there, and write kind/id, for instance state/order
"""


def test_a_wrong_command_line_is_explained():
    done = subprocess.run([BIN, "fly"], capture_output=True, text=True, timeout=30)
    assert done.returncode == EX_USAGE
    assert done.stderr == "A subcommand is required\nRun with --help for more information.\n"


@pytest.mark.parametrize("name", ["demo.yaml", "minimal.yaml", "statecast.yaml"])
def test_the_configurations_that_are_shipped_are_good(check, name):
    shipped = yaml.safe_load((SHIPPED / name).read_text())
    assert check({**shipped, "plugins": {"search": [PLUGINS]}}) == (0, "")


def test_check_reports_as_json_for_programs(tmp_path):
    file = write_yaml(tmp_path, BASE.replace("type: order", "type: ordr"))
    status, report, errors = run_to_end("check", "--format", "json", file)
    assert (status, errors) == (EX_CONFIG, "")
    report = json.loads(report)
    assert (report["file"], report["ok"], len(report["diagnostics"])) == (str(file), False, 1)
    found = report["diagnostics"][0]
    assert (found["file"], found["line"], found["column"]) == (str(file), 7, 19)
    assert (found["severity"], found["code"], found["path"]) == ("error", "plugin-not-found", "states.orders")
    good = run_to_end("check", "--format", "json", write_yaml(tmp_path, BASE))
    assert (good[0], json.loads(good[1])) == (0, {"file": str(file), "ok": True, "diagnostics": []})


def test_check_has_one_output_at_a_time(tmp_path):
    status, _, errors = run_to_end("check", "--effective", "--format", "json", write_yaml(tmp_path, BASE))
    assert status == EX_USAGE
    assert errors.startswith("--effective excludes --format\n")


def test_the_effective_configuration_merges_files_and_reads_back(tmp_path):
    (tmp_path / "conf.d").mkdir()
    (tmp_path / "conf.d" / "limits.yaml").write_text("limits: { per_ip: 7, idle_timeout: 90s }\n")
    file = write_yaml(tmp_path, BASE + "include: [conf.d/*.yaml]\n")
    status, effective, _ = run_to_end("check", "--effective", file)
    assert status == 0
    assert f"  per_ip: 7  # {tmp_path}/conf.d/limits.yaml:1\n" in effective
    read = yaml.safe_load(effective)
    assert read["limits"]["idle_timeout"] == "90s"
    assert read["sources"]["events"]["path"] == str(tmp_path / "events.db")
    assert read["transports"]["sse"]["buffer"] == "256KiB"
    again = run_to_end("check", "--effective", write_yaml(tmp_path, effective))
    assert (again[0], yaml.safe_load(again[1])) == (0, read)


def test_the_effective_configuration_of_a_broken_one_is_what_is_wrong(tmp_path):
    file = write_yaml(tmp_path, BASE.replace("version: 1", "version: 2"))
    assert run_to_end("check", "--effective", file) == run_to_end("check", file)


def test_a_token_comes_from_a_credential_and_is_never_shown(start, tmp_path):
    (tmp_path / "staff").write_text("from-a-credential\n")
    access = "access: { tokens: [ { token: !credential staff, sub: s-1, roles: [staff] } ] }\n"
    config = BASE.replace("access: none\n", access)
    refused = run_to_end("check", write_yaml(tmp_path, config))
    assert refused[0] == EX_CONFIG
    assert "there is no credential 'staff': $CREDENTIALS_DIRECTORY is not set" in refused[2]

    host = start(config=config, environment={"CREDENTIALS_DIRECTORY": str(tmp_path)})
    assert host.get("/api/v1/realtime/subscribers", token="from-a-credential").status == 200
    assert host.get("/api/v1/realtime/subscribers", token="another-token").status == 401
    shown = subprocess.run(
        [BIN, "check", "--effective", str(host.file)],
        env={**os.environ, "CREDENTIALS_DIRECTORY": str(tmp_path)}, capture_output=True, text=True, timeout=30,
    )
    assert shown.returncode == 0
    assert "from-a-credential" not in shown.stdout
    assert f"- token: <redacted>  # {host.file}:10\n" in shown.stdout


def schema_of(*folders, folder):
    config = folder / "folders.yaml"
    config.write_text(yaml.safe_dump({"plugins": {"search": [str(f) for f in folders]}}))
    status, text, errors = run_to_end("schema", "--config", config)
    assert (status, errors) == (0, "")
    schema = json.loads(text)
    jsonschema.Draft7Validator.check_schema(schema)
    return jsonschema.Draft7Validator(schema)


@pytest.mark.parametrize("file", sorted(SHIPPED.glob("*.yaml")), ids=lambda file: file.name)
def test_the_schema_accepts_every_configuration_that_is_shipped(file, tmp_path):
    assert list(schema_of(PLUGINS, folder=tmp_path).iter_errors(yaml.safe_load(file.read_text()))) == []


MISTAKES = [
    ("a key of the host", "type: sse", "type: sse, heartbaet: 5s", "'heartbaet' was unexpected"),
    ("a section", "sources:", "souces:", "'souces' was unexpected"),
    ("a setting of a plugin", "path: events.db", "path: events.db, pth: x", "'pth' was unexpected"),
    ("a missing unit", "type: sse", "type: sse, heartbeat: 5", "5 is not of type 'string'"),
    ("an unknown unit", "type: sse", "type: sse, heartbeat: 5 s", "'5 s' does not match"),
    ("a plugin that is not there", "type: order", "type: ordr", "'ordr' is not one of ["),
]


@pytest.mark.parametrize("name, old, new, message", MISTAKES, ids=[m[0] for m in MISTAKES])
def test_the_schema_finds_a_mistake(name, old, new, message, tmp_path):
    validator = schema_of(PLUGINS, folder=tmp_path)
    good = yaml.safe_load(BASE)
    assert list(validator.iter_errors(good)) == []
    found = [error.message for error in validator.iter_errors(yaml.safe_load(BASE.replace(old, new, 1)))]
    assert len(found) == 1 and message in found[0], found


def test_a_disabled_instance_may_be_of_a_plugin_that_is_not_there(tmp_path):
    config = yaml.safe_load(BASE)
    config["states"]["far"] = {"type": "far", "sources": ["events"], "enabled": False, "any": 1}
    assert list(schema_of(PLUGINS, folder=tmp_path).iter_errors(config)) == []


def test_the_schema_of_a_file_that_cannot_be_read_is_refused(tmp_path):
    status, text, errors = run_to_end("schema", "--config", write_yaml(tmp_path, "a: ["))
    assert (status, text) == (EX_CONFIG, "")
    assert "error[yaml]" in errors
