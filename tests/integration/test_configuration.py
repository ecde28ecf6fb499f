"""What an operator reads when the configuration or the machine is not as it must be."""

import os
import socket
import subprocess
from pathlib import Path

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
   = keys of order 1.0.0: sources, refresh, partitions, send, history, initial, lifecycle, staff_only, type, enabled   (statecast explain state/order)
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
   searched: PLUGINS (6 plugins: delivery, log, memory, order, sse, websocket)
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
   = keys of sse 1.0.0: expose, path, routes, buffer, buffer_messages, heartbeat, write_timeout, max_age, retry, type, enabled   (statecast explain transport/sse)

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
    assert sentence(errors).replace(str(first.process.pid), "PID").replace(str(tmp_path), "FOLDER") == """\
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
      The log's file. Its folder must exist; beside it stand <path>-wal, <path>-shm and <path>.lock.
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
