"""Plugins that misbehave: each hurts only itself, and the log says which one and how."""

import shutil

import pytest

from events import created, is_status
from host import CUSTOMER, PLUGINS, STAFF, TEST_PLUGINS, configuration, run_to_end, sentence, write_yaml


@pytest.fixture
def folder_with(tmp_path):
    """A folder that holds one of the misbehaving plugins alone."""

    def make(library):
        folder = tmp_path / "plugins"
        folder.mkdir(exist_ok=True)
        shutil.copy(f"{TEST_PLUGINS}/{library}.so", folder)
        return str(folder)

    return make


@pytest.fixture
def beside_orders(start, tmp_path, folder_with):
    """A host that runs the state of that library beside the orders."""

    def start_with(library, type, **settings):
        config = configuration(tmp_path, plugins={"search": [PLUGINS, folder_with(library)]})
        config["states"]["bad"] = {"type": type, "sources": ["events"], **settings}
        return start(config=config)

    return start_with


def bad_event(subject, **data):
    return {"type": "BadEvent", "subject": subject, "data": data}


def orders_still_work(host, stream):
    host.publish(created("o-1"), wait=True)
    stream(host, "/api/v1/realtime/orders/o-1/stream", token=CUSTOMER).until(is_status("o-1", "PENDING"))


def test_a_plugin_of_another_abi_is_refused_with_what_to_do(tmp_path, folder_with):
    folder = folder_with("refused/newer_symbol")
    config = configuration(tmp_path, plugins={"search": [PLUGINS, folder]})
    config["states"]["future"] = {"type": "future", "sources": ["events"]}
    status, _, errors = run_to_end("check", write_yaml(tmp_path, config))
    assert status == 78
    assert errors.replace(str(tmp_path), "FOLDER").replace(PLUGINS, "PLUGINS") == """\
FOLDER/statecast.yaml:19:3: error[plugin-not-found]: states.future: no plugin provides state 'future'
   searched: PLUGINS (11 plugins: delivery, file, job, log, memory, merchant, order, simulator, sse, websocket, window)
   searched: FOLDER/plugins (0 plugins)
   refused, and may be the one: FOLDER/plugins/newer_symbol.so: built for ABI 2, this host has 1: upgrade statecast to \
2.0 or later, or install a build for ABI 1
   = fix: install the package that ships it, or set 'enabled: false'

1 error. Nothing was started.
"""


def test_a_constructor_that_throws_stops_the_start_and_is_quoted(tmp_path, folder_with):
    config = configuration(tmp_path, plugins={"search": [PLUGINS, folder_with("throws_in_constructor")]})
    config["states"]["bad"] = {"type": "bad-constructor", "sources": ["events"]}
    status, _, errors = run_to_end("run", write_yaml(tmp_path, config))
    assert status == 1
    assert sentence(errors) == """\
statecast: state 'bad' (plugin bad-constructor 1.0.0): cannot be constructed
  = fix: correct its settings, or set 'enabled: false'
"""


def test_an_event_at_which_apply_throws_is_rejected_and_the_next_one_counts(beside_orders, stream):
    host = beside_orders("throws_in_apply", "bad-apply")
    answer = host.publish(bad_event("x", n=1), bad_event("x", boom=True), bad_event("x", n=2), wait=True)
    assert [v["verdict"] for v in answer["verdicts"]] == ["applied", "rejected", "applied"]
    assert answer["verdicts"][1]["reason"] == "boom"
    value = host.get("/api/v1/topics/bad-apply/x").json
    assert value == {"type": "bad_update", "id": "x", "data": {"n": 2}}
    orders_still_work(host, stream)


UNRENDERED = [
    ("throws_in_render", "bad-render", "error   bad: render failed: cannot be rendered"),
    ("renders_non_json", "bad-json",
     """error   bad: render failed: key 'x', view 'all' is not a JSON object: {"type": not json"""),
]


@pytest.mark.parametrize("library, type, line", UNRENDERED, ids=[u[1] for u in UNRENDERED])
def test_a_value_that_cannot_be_rendered_hurts_no_other(beside_orders, stream, library, type, line):
    host = beside_orders(library, type)
    watcher = stream(host, f"/api/v1/stream?topic={type}/x", token=STAFF)
    assert watcher.next()["type"] == "connected"
    host.publish(bad_event("x", n=1), wait=True)
    assert host.wait_for_log("render failed") == line
    orders_still_work(host, stream)


def test_a_state_that_hangs_keeps_nobody_else_waiting(beside_orders, stream, tmp_path):
    gate = tmp_path / "gate"
    gate.touch()
    host = beside_orders("slow_apply", "hangs", gate=str(gate))
    host.publish(bad_event("x", n=1))
    host.publish(created("o-1"))
    stream(host, "/api/v1/realtime/orders/o-1/stream", token=STAFF).until(is_status("o-1", "PENDING"))
    gate.unlink()
    host.wait_until(lambda: host.get("/api/v1/topics/hangs/x").status == 200, "the state has gone on")


def note(topic, n):
    return {"type": "NoteAdded", "subject": topic, "data": {"n": n}}


def test_every_message_of_an_appended_topic_counts_also_on_resume(beside_orders, stream):
    host = beside_orders("appender", "notes")
    path = "/api/v1/stream?topic=notes/a"
    first = stream(host, path, token=STAFF)
    host.publish(*(note("a", n) for n in range(3)))
    seen = first.until(lambda m: m.get("n") == 3)
    assert [m["data"]["n"] for m in seen if m["type"] == "note"] == [0, 1, 2]
    first.close()
    host.publish(*(note("a", n) for n in range(3, 6)), note("b", 0))
    again = stream(host, path, token=STAFF, last_event_id=first.last_id)
    seen = again.until(lambda m: m.get("n") == 6)
    assert [m["data"]["n"] for m in seen if m["type"] == "note"] == [3, 4, 5]
