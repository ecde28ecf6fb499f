"""tail, publish and record, from a terminal, against real hosts; and against scripted ones where a host must misbehave."""

import json
import os
import re
import subprocess
import time
from contextlib import ExitStack, suppress

import pytest

from commands import Command, ScriptedHost, event_stream, free_port, response
from events import cloud_event, created, status
from host import BIN, CUSTOMER, OTHER_CUSTOMER, STAFF
from sse import DEADLINE

CONNECTED = 'data: {"type":"connected","topics":["t/1"],"session":"s","resumed":%s}'
QUICK = "retry: 1"


@pytest.fixture
def run():
    """Starts commands; each is ended at the end."""
    with ExitStack() as stack:

        def start_command(*arguments, **more):
            command = Command(*arguments, **more)
            stack.callback(command.close)
            return command

        yield start_command


@pytest.fixture
def scripted():
    with ExitStack() as stack:

        def start_scripted(*answers, **more):
            host = ScriptedHost(*answers, **more)
            stack.callback(host.close)
            return host

        yield start_scripted


def at(host, token=STAFF):
    return "--url", host.url, "--token", token


def admin_at(host):
    return "--admin", f"http://127.0.0.1:{host.admin_port}"


def seen(lines):
    return [(m["orderId"], m["data"]["status"]) for m in map(json.loads, lines)]


def write_lines(file, *events):
    file.write_text("".join(json.dumps(event) + "\n" for event in events))
    return file


def read_lines(file):
    return file.read_text().splitlines()


def wait_for(condition, deadline=DEADLINE):
    until = time.monotonic() + deadline
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.02)  # between two looks at a condition that nothing announces


# ---- tail


def test_tail_prints_messages_and_nothing_else_to_standard_output(host, run):
    host.publish(created("o-1"), wait=True)
    tail = run("tail", "orders/o-1", *at(host), "--json", "-n", 2)
    assert seen([tail.line()]) == [("o-1", "PENDING")]
    host.publish(status("o-1", "CONFIRMED"))
    ended, lines, errors = tail.end()
    assert (ended, seen(lines), errors) == (0, [("o-1", "PENDING"), ("o-1", "CONFIRMED")], "")


def test_tail_is_read_by_people_unless_told_otherwise(host, run):
    host.publish(created("o-1"), wait=True)
    tail = run("tail", "orders/o-1", *at(host))
    first = r"\d\d:\d\d:\d\d  order o-1  PENDING  customerId=\"c-1\" items=.* merchantId=\"m-1\" total=7"
    assert re.fullmatch(first, tail.line())
    host.publish(status("o-1", "CONFIRMED", eta="12:30"))
    assert re.fullmatch(r'\d\d:\d\d:\d\d  order o-1  CONFIRMED  eta="12:30"', tail.line())
    ended, _, errors = tail.interrupt()
    assert (ended, errors) == (0, "")


def on_a_terminal(stream, *arguments, status=0, **environment):
    """What a command writes when this stream of it is a terminal."""
    ours, theirs = os.openpty()
    clean = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    with os.fdopen(ours, "rb", 0) as terminal:
        done = subprocess.run([BIN, *map(str, arguments)], timeout=DEADLINE, env=clean | environment,
                              **{"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, stream: theirs})
        os.close(theirs)
        assert status is None or done.returncode == status
        return everything_on(terminal)


def everything_on(terminal):
    """What was written, to the last of it: the kernel hands it over piece by piece, some of it after the writer's end."""
    written = b""
    with suppress(OSError):  # EIO: the other end is closed, and nothing is left
        while piece := terminal.read(65536):
            written += piece
    return written.decode()


def test_tail_is_in_color_on_a_terminal_unless_that_is_not_wanted(host):
    host.publish(created("o-1"), wait=True)
    command = ["tail", "orders/o-1", *at(host), "--once"]
    assert "\x1b[36morder o-1\x1b[0m" in on_a_terminal("stdout", *command)
    assert "\x1b" not in on_a_terminal("stdout", *command, NO_COLOR="1")
    assert "\x1b" not in on_a_terminal("stdout", *command, "--color", "never")


@pytest.mark.parametrize("shown", ["\u202e", "\u2066", "\u009b31m"], ids=["reversed", "isolated", "CSI"])
def test_what_the_commands_about_a_configuration_show_on_a_terminal_is_harmless(tmp_path, shown):
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(f'version: 1\n"k{shown}": 1\n', encoding="utf-8")
    for stream, arguments in [("stderr", ["check", wrong]), ("stderr", ["explain", f"state/{shown}"]), ("stderr", ["check", "--format", shown])]:
        written = on_a_terminal(stream, *arguments, status=None)
        assert shown not in written and f"\\u{ord(shown[0]):04x}" in written, arguments


def test_how_far_a_command_has_come_is_shown_on_a_terminal(host, tmp_path):
    file = write_lines(tmp_path / "events.ndjson", created("o-1"), created("o-2"))
    bar = "[##############################] 100%  2 events"
    assert bar in on_a_terminal("stderr", "publish", file, *at(host))
    assert bar in on_a_terminal("stderr", "record", tmp_path / "again", "--source", "events", *admin_at(host))


def test_tail_is_in_color_where_that_is_wanted(host, run):
    host.publish(created("o-1"), wait=True)
    once = lambda *more, **environment: run("tail", "orders/o-1", *at(host), "--once", *more, environment=environment).end()[1]
    assert "\x1b[36morder o-1\x1b[0m" in once("--color", "always")[0]
    assert "\x1b" not in once()[0]
    assert "\x1b" not in once("--color", "never")[0]


def test_tail_follows_several_topics_at_once(host, run):
    host.publish(created("o-1"), created("o-2"), wait=True)
    tail = run("tail", "orders/o-1", "orders/o-2", "--json", "-n", 2, *at(host))
    assert sorted(seen(tail.end()[1])) == [("o-1", "PENDING"), ("o-2", "PENDING")]


def test_tail_goes_on_after_the_host_was_killed_and_misses_nothing(start, run, tmp_path):
    first = start()
    first.publish(created("o-1"), created("o-2"), wait=True)
    tail = run("tail", "orders/all", "--json", *at(first))
    assert seen([tail.line(), tail.line()]) == [("o-1", "PENDING"), ("o-2", "PENDING")]
    first.publish(status("o-1", "CONFIRMED"))
    assert seen([tail.line()]) == [("o-1", "CONFIRMED")]
    first.kill()
    assert tail.notice("lost") == "statecast: lost the connection (the connection was closed); trying again"
    second = start(server={"listen": f"127.0.0.1:{first.port}", "admin": "127.0.0.1:0", "publish": "events"})
    second.publish(status("o-2", "CONFIRMED"))
    assert tail.notice("again") == "statecast: connected again, and resumed: nothing was missed"
    second.publish(status("o-1", "PREPARING"))
    assert seen([tail.line(), tail.line()]) == [("o-2", "CONFIRMED"), ("o-1", "PREPARING")]
    assert tail.interrupt()[0] == 0


def test_tail_says_that_the_host_stops(start, run):
    host = start()
    host.publish(created("o-1"), wait=True)
    tail = run("tail", "orders/o-1", *at(host))
    tail.line()
    host.stop()
    assert tail.notice("lost") == "statecast: lost the connection (the host closed it: the host stops); trying again"


def test_tail_resumes_after_a_cursor(host, run):
    cursor = host.publish(created("o-1"), created("o-2"), wait=True)["cursor"]
    host.publish(status("o-2", "CONFIRMED"), wait=True)
    tail = run("tail", "orders/all", "--json", "--last-event-id", cursor, "-n", 1, *at(host))
    assert seen(tail.end()[1]) == [("o-2", "CONFIRMED")]


def test_tail_says_when_it_must_start_anew(host, run):
    host.publish(created("o-1"), wait=True)
    tail = run("tail", "orders/o-1", "--last-event-id", "!", "-n", 1, *at(host))
    ended, lines, errors = tail.end()
    assert (ended, len(lines), errors) == (0, 1, "statecast: orders/o-1 starts anew: the cursor is malformed")


def test_tail_ends_quietly_when_nobody_reads_any_more(host):
    host.publish(created("o-1"), wait=True)
    # One message, and no other that would meet the closed pipe.
    pipeline = f"{BIN} tail orders/o-1 --json --url {host.url} --token {STAFF} | head -1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", pipeline], capture_output=True, text=True, timeout=DEADLINE)
    first, ended = done.stdout.splitlines()
    assert (seen([first]), ended, done.stderr) == ([("o-1", "PENDING")], "0", "")


def test_tail_prints_the_current_values_once(host, run):
    host.publish(*(created(f"o-{n:03}") for n in range(150)), wait=True)
    ended, lines, errors = run("tail", "orders/all", "orders/o-007", "--once", "--json", *at(host)).end()
    assert (ended, errors) == (0, "")
    assert [order for order, _ in seen(lines)] == [f"o-{n:03}" for n in range(150)] + ["o-007"]


REFUSED = [
    ("an unknown token", "orders/o-1", "nobody-knows-me",
     "the access token is not known here\n  = fix: give an access token with --token or in STATECAST_TOKEN"),
    ("another's order", "orders/o-1", OTHER_CUSTOMER, "order o-1 is not yours or does not exist"),
    ("a topic of no state", "planets/mars", STAFF,
     "No state serves the topic 'planets/mars' here: a topic is <prefix>/<name>, and the prefixes are orders, customers."),
]


@pytest.mark.parametrize("name, topic, token, detail", REFUSED, ids=[r[0] for r in REFUSED])
def test_tail_ends_at_once_when_it_is_refused(shared_host, run, name, topic, token, detail):
    shared_host.publish(created("o-1"), wait=True)
    ended, lines, errors = run("tail", topic, *at(shared_host, token)).end()
    assert (ended, lines, errors) == (1, [], f"statecast: {shared_host.url} refuses: {detail}")


def test_the_token_may_come_from_the_environment(shared_host, run):
    shared_host.publish(created("o-1"), wait=True)
    tail = run("tail", "orders/o-1", "--json", "-n", 1, "--url", shared_host.url, environment={"STATECAST_TOKEN": CUSTOMER})
    assert seen(tail.end()[1]) == [("o-1", "PENDING")]


@pytest.mark.parametrize("command", [["tail", "orders/o-1"], ["publish", "--type", "T"], ["record", "-", "--topic", "orders/all"]])
def test_a_host_that_is_not_there_is_told_in_a_sentence(run, command):
    url = f"http://127.0.0.1:{free_port()}"
    ended, lines, errors = run(*command, "--url", url).end()
    assert (ended, lines) == (1, [])
    assert errors == (f"statecast: cannot reach a host at {url}: Connection refused\n"
                      "  = fix: start the host there, or say where it is with --url")


def test_tail_tries_a_busy_host_again(scripted, run):
    busy = response("503 Service Unavailable", b'{"detail":"The host is stopping."}', "application/problem+json")
    host = scripted(busy, event_stream(QUICK, CONNECTED % "false", 'data: {"type":"x","n":1}'))
    ended, lines, errors = run("tail", "t/1", "--json", "-n", 1, "--url", host.url).end()
    assert (ended, lines) == (0, ['{"type":"x","n":1}'])
    assert errors == "statecast: not connected (The host is stopping.); trying again\nstatecast: connected"


def test_tail_resumes_from_the_last_whole_message(scripted, run):
    cut_off = event_stream(QUICK, CONNECTED % "false", 'id: c1\ndata: {"n":1}', 'id: c2\ndata: {"n":')[:-2]
    host = scripted(cut_off, event_stream(CONNECTED % "true", 'id: c2\ndata: {"n":\ndata: 2}'))
    ended, lines, errors = run("tail", "t/1", "t/2 &", "--json", "-n", 2, "--url", host.url).end()
    assert (ended, lines) == (0, ['{"n":1}', '{"n": 2}'])
    (first, headers, _), (_, again, _) = host.requests
    assert first == "GET /api/v1/stream?topic=t/1&topic=t/2%20%26 HTTP/1.1"
    assert "last-event-id" not in headers
    assert again["last-event-id"] == "c1"


def test_tail_leaves_a_connection_that_has_gone_silent(scripted, run):
    silent = event_stream(QUICK, CONNECTED % "false", 'id: c1\ndata: {"n":1}')
    host = scripted(("hold", silent), event_stream(CONNECTED % "true", 'data: {"n":2}'))
    ended, lines, errors = run("tail", "t/1", "--json", "-n", 2, "--silence", "3s", "--url", host.url).end()
    assert (ended, lines) == (0, ['{"n":1}', '{"n":2}'])
    assert errors.startswith("statecast: lost the connection (nothing was heard for 3 s); trying again")


def test_tail_ends_when_the_topic_has_ended(scripted, run):
    over = 'data: {"type":"ended","topic":"t/1"}'
    told = scripted(event_stream(CONNECTED % "false", 'data: {"n":1}', over))
    known = scripted(response("204 No Content"))
    both = (0, "nothing more will come: what was followed has ended")
    ended, lines, errors = run("tail", "t/1", "--json", "--url", told.url).end()
    assert (ended, lines, errors) == (0, ['{"n":1}'], f"statecast: t/1 has ended\nstatecast: {both[1]}")
    assert run("tail", "t/1", "--url", known.url).end() == (0, [], f"statecast: {both[1]}")


def test_tail_says_what_the_host_says_of_a_topic(scripted, run):
    notes = [
        'data: {"type":"dropped","topic":"t/1","reason":"too slow"}',
        'data: {"type":"degraded","topic":"t/1","reason":"its state fails"}',
        'data: {"type":"recovered","topic":"t/1"}',
    ]
    host = scripted(event_stream(CONNECTED % "false", *notes, 'data: {"n":1}'))
    assert run("tail", "t/1", "--json", "-n", 1, "--url", host.url).end()[2].splitlines() == [
        "statecast: messages of t/1 were left out: too slow",
        "statecast: t/1 is not up to date: its state fails",
        "statecast: t/1 is up to date again",
    ]


def test_what_is_no_host_is_told_so(scripted, run):
    host = scripted(response("200 OK", b"<html>", "text/html"))
    assert run("tail", "t/1", "--url", host.url).end()[2] == (
        f"statecast: {host.url} answers, but not with an event stream\n"
        "  = fix: see that --url leads to a host with a transport of type sse"
    )


def test_a_host_behind_tls_is_trusted_only_with_its_certificate(scripted, run, tmp_path):
    both = tmp_path / "host.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=test",
         "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", tmp_path / "key", "-out", tmp_path / "certificate"],
        check=True, capture_output=True,
    )
    both.write_text((tmp_path / "key").read_text() + (tmp_path / "certificate").read_text())
    stream = event_stream(CONNECTED % "false", 'data: {"n":1}')
    host = scripted(stream, stream, certificate=both)
    trusted = run("tail", "t/1", "--json", "-n", 1, "--url", host.url, environment={"SSL_CERT_FILE": str(tmp_path / "certificate")})
    assert trusted.end()[:2] == (0, ['{"n":1}'])
    ended, _, errors = run("tail", "t/1", "--json", "-n", 1, "--url", host.url).end()
    assert ended == 1
    assert errors.startswith(f"statecast: cannot reach a host at {host.url}: its certificate is not trusted: self")


# ---- publish


def test_publish_makes_one_event_of_its_options(host, run):
    data = json.dumps(created("o-1")["data"])
    options = ["--type", "OrderCreated", "--subject", "o-1", "--id", "e-1", "--wait", "30s"]
    assert run("publish", *options, "--data", data, *at(host)).end() == (0, ["1 event published, 0 rejected"], "")
    assert run("publish", *options, "--data", data, *at(host)).end()[:2] == (0, ["1 event published, 1 of them known before, 0 rejected"])
    assert host.get("/api/v1/topics/orders/o-1").json["data"]["status"] == "PENDING"


def test_publish_takes_the_data_from_a_file(host, run, tmp_path):
    (tmp_path / "data.json").write_text(json.dumps(created("o-1")["data"], indent=2))
    options = ["--type", "OrderCreated", "--subject", "o-1", "--data", f"@{tmp_path}/data.json", "--wait", "30s"]
    assert run("publish", *options, *at(host)).end() == (0, ["1 event published, 0 rejected"], "")


def test_publish_says_what_a_state_rejects_and_where_it_stands(host, run, tmp_path):
    file = write_lines(tmp_path / "events.ndjson", created("o-1"), status("o-1", "READY"), status("o-1", "CONFIRMED"))
    ended, lines, errors = run("publish", file, "--wait", "30s", *at(host)).end()
    assert (ended, lines) == (1, ["3 events published, 1 rejected"])
    assert errors == (f"statecast: {file}:2: rejected by state 'orders': an order cannot go from PENDING to READY: "
                      "from PENDING it can go to CONFIRMED, CANCELLED")


def test_publish_takes_a_large_file_in_batches(host, run, tmp_path):
    events = [created(f"o-{n}") if n % 2 else cloud_event(created(f"o-{n}"), f"e-{n}") for n in range(1300)]
    file = write_lines(tmp_path / "events.ndjson", *events)
    assert run("publish", file, "--wait", "30s", *at(host)).end() == (0, ["1,300 events published, 0 rejected"], "")
    assert host.admin("/api/v1/status").json["states"][0]["keys"] == 1300


def test_publish_sends_less_at_a_time_to_a_host_that_takes_less(start, run, tmp_path):
    host = start(limits={"body": "16KiB"})
    file = write_lines(tmp_path / "events.ndjson", *(created(f"o-{n}") for n in range(300)))
    assert run("publish", file, "--wait", "30s", *at(host)).end() == (0, ["300 events published, 0 rejected"], "")


def test_publish_says_which_line_is_no_json_and_goes_on_from_there(host, run, tmp_path):
    file = tmp_path / "events.ndjson"
    lines = [json.dumps(created("o-1")), "", '{"type":', json.dumps(created("o-2"))]
    file.write_text("\n".join(lines))
    ended, said, errors = run("publish", file, "--wait", "30s", *at(host)).end()
    assert (ended, said) == (1, ["1 event published, 0 rejected"])
    assert errors == (f'statecast: {file}:3: not valid JSON at byte 9: {{"type":\n'
                      "  = fix: correct it and go on with --from-line 3: the lines before are published")
    lines[2] = json.dumps(created("o-3"))
    file.write_text("\n".join(lines))
    assert run("publish", file, "--from-line", 3, "--wait", "30s", *at(host)).end()[:2] == (0, ["2 events published, 0 rejected"])


def test_publish_says_which_line_the_host_refuses(host, run, tmp_path):
    file = tmp_path / "events.ndjson"
    file.write_text("\n".join([json.dumps(created("o-1")), "", json.dumps({"subject": "o-2"}), json.dumps(created("o-3"))]))
    ended, said, errors = run("publish", file, "--wait", "30s", *at(host)).end()
    assert (ended, said) == (1, ["1 event published, 0 rejected"])
    assert errors == (f"statecast: {file}:3: 'type' is missing\n"
                      "  = fix: correct it and go on with --from-line 3: the lines before are published")
    assert host.get("/api/v1/topics/orders/o-3").status == 404


def test_publish_takes_events_from_a_pipe_as_they_come(host, run):
    publish = run("publish", "-", *at(host), stdin=subprocess.PIPE)
    for order in ("o-1", "o-2"):
        publish.process.stdin.write(json.dumps(created(order)) + "\n")
        publish.process.stdin.flush()
        host.wait_until(lambda: host.get(f"/api/v1/topics/orders/{order}").status == 200, f"{order} is there")
    publish.process.stdin.close()
    assert publish.end()[:2] == (0, ["2 events published"])


FORBIDDEN = [
    (CUSTOMER, "Publishing needs the role staff, admin or publisher."),
    ("nobody-knows-me", "the access token is not known here\n  = fix: give an access token with --token or in STATECAST_TOKEN"),
]


@pytest.mark.parametrize("token, detail", FORBIDDEN)
def test_publish_says_that_it_may_not(shared_host, run, token, detail):
    ended, lines, errors = run("publish", "--type", "T", *at(shared_host, token)).end()
    assert (ended, lines, errors) == (1, [], f"statecast: {shared_host.url} refuses: {detail}")


def test_publish_tries_again_with_the_same_ids(scripted, run, tmp_path):
    accepted = {"accepted": 2, "duplicates": 2, "events": [{"id": "a", "duplicate": True}, {"id": "b", "duplicate": True}]}
    busy = response("503 Service Unavailable", b'{"detail":"Nothing was stored: too many."}', "application/problem+json", Retry_After=1)
    host = scripted(None, busy, response("202 Accepted", json.dumps(accepted).encode()))
    file = write_lines(tmp_path / "events.ndjson", created("o-1"), cloud_event(created("o-2"), "mine"))
    ended, lines, errors = run("publish", file, "--url", host.url).end()
    # Of the event whose id was made here, nobody but the first try can be the one who stored it.
    assert (ended, lines) == (0, ["2 events published, 1 of them known before"])
    assert errors == "statecast: the connection was closed; trying again"
    bodies = {body for _, _, body in host.requests}
    assert len(host.requests) == 3 and len(bodies) == 1
    assert [bool(json.loads(line)["id"]) for line in bodies.pop().splitlines()] == [True, True]


def test_publish_gives_up_after_its_time(scripted, run):
    busy = response("503 Service Unavailable", b'{"detail":"Nothing was stored: too many."}', "application/problem+json", Retry_After=9)
    host = scripted(busy)
    ended, lines, errors = run("publish", "--type", "T", "--timeout", "5s", "--url", host.url).end()
    assert (ended, lines) == (1, [])
    assert errors.startswith("statecast: the event: not known to be published (Nothing was stored: too many.)\n  = fix: ")


WRONG_USE = [
    (["publish"], "a file, - or --type is required"),
    (["publish", "f", "--type", "T"], "file excludes --type"),
    (["tail"], "topics is required"),
    (["tail", "t/1", "--silence", "5"], "--silence: '5' is no duration: write a number and a unit, for instance 30s or 10m"),
    (["tail", "t/1", "--token", "a b"], "--token: an access token has visible ASCII characters only"),
    (["record", "f"], "--source or --topic is required"),
    (["record", "f", "--topic", "t/1", "--follow"], "--follow requires --source"),
]


@pytest.mark.parametrize("arguments, why", WRONG_USE, ids=[" ".join(w[0]) for w in WRONG_USE])
def test_a_wrong_command_line_is_told_so(run, arguments, why):
    ended, _, errors = run(*arguments).end()
    assert ended == 64
    assert why in errors


def test_data_that_is_no_json_is_not_sent(run):
    ended, _, errors = run("publish", "--type", "T", "--data", "{status}").end()
    assert ended == 64
    assert errors == ("statecast: --data is not valid JSON: {status}\n"
                      """  = fix: write one JSON value, for instance --data '{"status":"READY"}', or @file""")


def test_a_file_that_is_not_there_is_told_so(run, tmp_path):
    ended, _, errors = run("publish", tmp_path / "nothing").end()
    assert (ended, errors) == (1, f"statecast: {tmp_path}/nothing: cannot be read: No such file or directory\n"
                                  "  = fix: name a file that is there, or - for standard input")


# ---- record


def test_a_recording_published_to_another_host_gives_the_same_recording(start, run, tmp_path):
    one, other = start(tmp_path / "one"), start(tmp_path / "other")
    one.publish(created("o-1", note="caf\u00e9 \u2028"), {"type": "Unheard", "data": [1.50, None]}, status("o-1", "CONFIRMED"), wait=True)
    event = cloud_event(created("o-2"), "e-2") | {"time": "2023-12-20T14:30:00.123456Z", "traceparent": "00-ab", "retries": 3, "urgent": True}
    one.post(json.dumps(event), "application/cloudevents+json")
    one.post('{\n  "type": "Pretty",\n  "data": {"n": 1.50}\n}')
    first, second = tmp_path / "first.ndjson", tmp_path / "second.ndjson"
    ended, _, errors = run("record", first, "--source", "events", *admin_at(one)).end()
    assert (ended, errors) == (0, f"statecast: recorded 5 events to {first}")
    assert run("publish", first, *at(other)).end()[:2] == (0, ["5 events published"])
    assert run("record", second, "--source", "events", *admin_at(other)).end()[0] == 0
    assert read_lines(first) == read_lines(second)
    recorded = [json.loads(line) for line in read_lines(first)]
    assert recorded[3] == event
    assert '"data":[1.5, null]' in read_lines(first)[1]
    assert read_lines(first)[4].endswith('"data":{"n": 1.50}}')
    assert all(line["specversion"] == "1.0" for line in recorded)


def test_a_long_recording_comes_whole_and_in_order(host, run, tmp_path):
    orders = [f"o-{n}" for n in range(2500)]
    host.publish(*map(created, orders))
    assert run("record", tmp_path / "all", "--source", "events", *admin_at(host)).end()[0] == 0
    assert [json.loads(line)["subject"] for line in read_lines(tmp_path / "all")] == orders


def test_a_recording_may_be_of_some_types_and_so_many_events(host, run, tmp_path):
    host.publish(created("o-1"), status("o-1", "CONFIRMED"), created("o-2"), created("o-3"))
    options = ["--source", "events", "--types", "OrderCreated,Other", "-n", 2]
    assert run("record", tmp_path / "some", *options, *admin_at(host)).end()[0] == 0
    assert [json.loads(line)["subject"] for line in read_lines(tmp_path / "some")] == ["o-1", "o-2"]


def test_a_recording_of_nothing_is_empty(host, run, tmp_path):
    assert run("record", tmp_path / "none", "--source", "events", *admin_at(host)).end()[0] == 0
    assert read_lines(tmp_path / "none") == []


def test_a_recording_follows_what_comes_until_it_is_ended(host, run, tmp_path):
    host.publish(created("o-1"))
    record = run("record", "-", "--source", "events", "--follow", *admin_at(host))
    assert json.loads(record.line())["subject"] == "o-1"
    host.publish(created("o-2"))
    assert json.loads(record.line())["subject"] == "o-2"
    ended, _, errors = record.interrupt()
    assert (ended, errors) == (0, "statecast: recorded 2 events to standard output")


def test_a_recording_that_follows_ends_after_its_time(host, run, tmp_path):
    host.publish(created("o-1"))
    file = tmp_path / "events.ndjson"
    ended, _, errors = run("record", file, "--source", "events", "--follow", "--for", "2s", *admin_at(host)).end()
    assert (ended, errors) == (0, f"statecast: recorded {len(read_lines(file))} event{'' if len(read_lines(file)) == 1 else 's'} to {file}")


def test_a_recording_goes_on_when_the_host_comes_back(start, run):
    first = start()
    first.publish(created("o-1"))
    record = run("record", "-", "--source", "events", "--follow", *admin_at(first))
    record.line()
    first.kill()
    record.notice("trying again")
    second = start(server={"listen": "127.0.0.1:0", "admin": f"127.0.0.1:{first.admin_port}", "publish": "events"})
    second.publish(created("o-2"))
    assert json.loads(record.line())["subject"] == "o-2"


def test_a_recording_that_breaks_off_stays_beside_its_place(scripted, run, tmp_path):
    page = response("200 OK", b'{"type":"T"}\n', "application/x-ndjson", Link='</next>; rel="next"')
    host = scripted(page, response("410 Gone", b'{"detail":"Events after this place are gone."}', "application/problem+json"))
    file = tmp_path / "events.ndjson"
    ended, _, errors = run("record", file, "--source", "events", "--admin", host.url).end()
    assert ended == 1
    assert errors == (f"statecast: {host.url} refuses: Events after this place are gone.\n"
                      f"statecast: 1 event is in {file}.partial")
    assert not file.exists()
    assert [request[0].split()[1] for request in host.requests] == [
        "/api/v1/sources/events/events?limit=1000&wait=5", "/next"]


def test_an_interrupted_recording_stays_beside_its_place(scripted, run, tmp_path):
    page = response("200 OK", b'{"type":"T"}\n', "application/x-ndjson", Link='</next>; rel="next"')
    host = scripted(page, "hold")
    file = tmp_path / "events.ndjson"
    record = run("record", file, "--source", "events", "--admin", host.url)
    wait_for(lambda: len(host.requests) == 2)
    ended, _, errors = record.interrupt()
    assert (ended, errors) == (130, f"statecast: interrupted: 1 event is in {file}.partial")
    assert read_lines(tmp_path / "events.ndjson.partial") == ['{"type":"T"}']


def test_messages_are_recorded_as_events_that_can_be_published(start, run, tmp_path):
    host, other = start(tmp_path / "one"), start(tmp_path / "other")
    host.publish(created("o-1"), wait=True)
    file = tmp_path / "messages.ndjson"
    record = run("record", file, "--topic", "orders/all", "-n", 2, *at(host))
    wait_for(lambda: host.get("/api/v1/realtime/subscribers").json["orders"] == 1)
    host.publish(status("o-1", "CONFIRMED"))
    assert record.end()[0] == 0
    recorded = [json.loads(line) for line in read_lines(file)]
    assert {(e["specversion"], e["type"], e["source"], e["subject"]) for e in recorded} == {
        ("1.0", "statecast.message", host.url, "orders/all")}
    assert seen(json.dumps(e["data"]) for e in recorded) == [("o-1", "PENDING"), ("o-1", "CONFIRMED")]
    assert len({e["id"] for e in recorded}) == 2
    assert run("publish", file, *at(other)).end()[:2] == (0, ["2 events published"])


def test_a_recording_replaces_no_file_unless_told_to(host, run, tmp_path):
    file = tmp_path / "events.ndjson"
    file.write_text("precious\n")
    ended, _, errors = run("record", file, "--source", "events", *admin_at(host)).end()
    assert (ended, errors) == (1, f"statecast: {file} is there already\n  = fix: name another file, or replace it with --force")
    assert run("record", file, "--source", "events", "--force", *admin_at(host)).end()[0] == 0
    assert read_lines(file) == []


def test_a_recording_of_no_source_is_told_so(host, run, tmp_path):
    ended, _, errors = run("record", tmp_path / "x", "--source", "nobody", *admin_at(host)).end()
    assert ended == 1
    assert errors == (f"statecast: http://127.0.0.1:{host.admin_port} refuses: "
                      "There is no source 'nobody' here: /api/v1/status names those that there are.")


def test_recording_from_no_host_is_told_in_a_sentence(run, tmp_path):
    url = f"http://127.0.0.1:{free_port()}"
    assert run("record", tmp_path / "x", "--source", "events", "--admin", url).end()[2] == (
        f"statecast: cannot reach a host at {url}: Connection refused\n"
        "  = fix: start the host there, or say where it is with --admin")


# ---- help


def test_help_tells_the_commands_and_the_exit_statuses(run):
    ended, lines, _ = run("--help").end()
    text = "\n".join(lines)
    assert ended == 0
    assert "Commands that speak to a running host:\n  tail " in text
    assert all(f"  {command} " in text for command in ("run", "check", "plugins", "explain", "tail", "publish", "record"))
    assert "Exit status: 0 done;" in text
