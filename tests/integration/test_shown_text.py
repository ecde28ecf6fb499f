"""Text from outside where people read it: no terminal obeys it, and nothing in it turns around what is read."""

import json
import os
import pty
import re
import subprocess

import pytest

from commands import Command
from host import BIN, problem
from sse import DEADLINE

CONTROL = ["\x80", "\x85", "\x9b", "\x9f"]
MARKS = ["\u061c", "\u200e", "\u200f", "\u2028", "\u2029", "\u202a", "\u202e", "\u2066", "\u2069"]
UNSEEN = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
STRUCTURED = "application/cloudevents+json"
ALL_MARKS = "".join(MARKS)
SHOWN = "".join(f"\\u{ord(mark):04x}" for mark in MARKS)


def store(tmp_path):
    return {"path": str(tmp_path / "store"), "every": "50ms"}


def in_terminal(*arguments):
    """What a command writes to a terminal, without the terminal's own line ends."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen([BIN, *map(str, arguments)], stdin=subprocess.DEVNULL, stdout=theirs, stderr=subprocess.STDOUT)
    os.close(theirs)
    text = b""
    try:
        while piece := os.read(ours, 65536):
            text += piece
    except OSError:
        pass  # Linux tells so that the other end is closed
    os.close(ours)
    process.wait(DEADLINE)
    return text.decode().replace("\r\n", "\n")


def marked_event(id="e-1"):
    return {"specversion": "1.0", "id": id, "source": "/s", "type": "OrderCreated", "subject": f"o{ALL_MARKS}", "data": {"note": "a" + ALL_MARKS + "".join(CONTROL)}}


def publish_marked(host):
    assert host.post(json.dumps(marked_event(), ensure_ascii=False).encode(), STRUCTURED).status == 202


@pytest.mark.parametrize("name", ["id", "source", "type", "subject"])
@pytest.mark.parametrize("control", CONTROL, ids=lambda control: f"U+{ord(control):04X}")
def test_control_characters_beyond_ascii_are_refused_in_names(shared_host, name, control):
    event = {"specversion": "1.0", "id": "e", "source": "/s", "type": "T", "subject": "s"}
    event[name] += control
    for body in (json.dumps(event), json.dumps(event, ensure_ascii=False)):
        status, _, detail = problem(shared_host.post(body.encode(), STRUCTURED))
        assert (status, detail) == (400, f"Nothing was stored: '{name}' contains a control character.")


def test_no_line_of_the_log_shows_unseen_characters_raw(start, tmp_path):
    recording = [dict(marked_event(), specversion=f"2{ALL_MARKS}\x9b"), dict(marked_event(), subject="o\x9b2J")]
    (tmp_path / "recording.ndjson").write_text("\n".join(json.dumps(event, ensure_ascii=False) for event in recording))
    sources = {"events": {"type": "log", "path": str(tmp_path / "events.db")}, "feed": {"type": "file", "path": "recording.ndjson", "pace": 0, "into": "events"}}
    server = {"listen": "127.0.0.1:0", "admin": "127.0.0.1:0", "publish": "events", "log": {"format": "text", "level": "debug"}}
    host = start(sources=sources, server=server)
    publish_marked(host)
    assert SHOWN in host.wait_for_log("recording.ndjson:1: left out")
    host.wait_for_log("recording.ndjson:2: left out: 'subject' contains a control character")
    host.stop()
    assert not UNSEEN.search(host.log_text)


def test_an_answer_shows_what_was_wrong_with_escapes(shared_host):
    event = {"specversion": f"9{ALL_MARKS}", "id": "e", "source": "/s", "type": "T"}
    answer = shared_host.post(json.dumps(event, ensure_ascii=False).encode(), STRUCTURED)
    assert SHOWN in problem(answer)[2] and not UNSEEN.search(answer.body.decode())
    answer = shared_host.post(('{"type":"T","%s":1,"%s":1}' % (ALL_MARKS, ALL_MARKS)).encode())
    assert SHOWN in problem(answer)[2] and not UNSEEN.search(answer.body.decode())
    assert not UNSEEN.search(shared_host.get("/api/v1/topics/none%E2%80%AE/x").body.decode())


def test_commands_escape_on_a_terminal_and_give_files_what_is_there(start, tmp_path):
    host = start(store=store(tmp_path))
    publish_marked(host)
    host.wait_until(lambda: host.admin("/api/v1/dead-letters").json["dead_letters"], "the event is a dead letter")
    admin = ("--admin", f"http://127.0.0.1:{host.admin_port}")
    letter = host.admin("/api/v1/dead-letters").json["dead_letters"][0]["letter"]
    for command in (("log", "dump", tmp_path / "events.db"), ("dead-letters", "list", *admin), ("dead-letters", "show", letter, *admin), ("log", "stats", tmp_path / "events.db")):
        shown = in_terminal(*command)
        assert not UNSEEN.search(shown), shown
        assert command[1] == "stats" or SHOWN in shown
    told = json.loads(in_terminal("log", "dump", tmp_path / "events.db").splitlines()[0])
    status, written, _ = Command("log", "dump", tmp_path / "events.db").end()
    assert status == 0 and ALL_MARKS + "".join(CONTROL) in written[0], "a file gets the bytes that were published"
    assert told == json.loads(written[0]), "it is the same JSON"


def test_tail_escapes_on_a_terminal(start, tmp_path):
    host = start()
    data = {"customerId": "c-1", "merchantId": "m-1", "items": [], "total": 1, f"n{ALL_MARKS}": "a" + ALL_MARKS + "".join(CONTROL)}
    host.publish({"type": "OrderCreated", "subject": "o-1", "data": data}, wait=True)
    for more in ((), ("--json",)):
        shown = in_terminal("tail", "orders/o-1", "--once", "--url", host.url, "--token", "staff-token", *more)
        assert SHOWN in shown and not UNSEEN.search(shown), shown
