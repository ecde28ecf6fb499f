"""Every way into the log keeps an event's data byte for byte, and what a State passes through stands in its messages so."""

import json

import pytest

from commands import Command
from host import WAIT, problem, run_to_end
from stock_clients import WebsocketsClient

STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
NDJSON = "application/x-ndjson"

# What a parser and a writer would change, each in a member of its own, beside what an order must have.
KEPT = (
    '"z":12345678901234567890123,"a":1.10,"beyond":[18446744073709551617,-9223372036854775809,-0,0.10],"exponent":[1e2,1E+2,1.50e-7],'
    '"text":"\\u00e9\\/\\ud83d\\ude00 é","deep":{"y":{"b":1,"a":{"c":0.000}},"x":[[],{}]},"m":100000000000000000000000000000000000001'
)
ORDER = '{"total":30.00,"merchantId":"m-1","customerId":"c-1","items":[{"price":30.00,"quantity":1,"name":"Soup","menuItemId":"i-1"}],' + KEPT + "}"
SPACED = '{ "total" : 30.00,\t"merchantId":"m-1" ,"customerId":"c-1", "items":[ ] , ' + KEPT + " }"
DATA = [ORDER, SPACED]


def envelope(number, data, version=True):
    head = f'{{"specversion":"1.0","id":"e-{number}","source":"/s",' if version else f'{{"id":"e-{number}",'
    return f'{head}"type":"OrderCreated","subject":"o-{number}","zz":"1","count":-7,"aa":true,"data":{data}}}'


def over_http(host, body, content_type, **headers):
    response = host.post(body.encode(), content_type, headers={**headers, **WAIT})
    assert response.status == 202, response.body


def structured(host, stock, folder):
    for number, data in enumerate(DATA):
        over_http(host, envelope(number, data), STRUCTURED)


def short_form(host, stock, folder):
    for number, data in enumerate(DATA):
        over_http(host, envelope(number, data, version=False), "application/json")


def short_form_in_another_spelling(host, stock, folder):
    for number, data in enumerate(DATA):
        over_http(host, envelope(number, data, version=False).replace('"data"', '"d\\u0061ta"'), "application/json")


def batch(host, stock, folder):
    over_http(host, " [ " + " , ".join(envelope(number, data) for number, data in enumerate(DATA)) + " ] ", BATCH)


def lines(host, stock, folder):
    over_http(host, "\n".join(envelope(number, data) for number, data in enumerate(DATA)), NDJSON)


def binary(host, stock, folder):
    for number, data in enumerate(DATA):
        over_http(host, data, "application/json", **{"ce-specversion": "1.0", "ce-id": f"e-{number}", "ce-source": "/s", "ce-type": "OrderCreated", "ce-subject": f"o-{number}"})


def websocket(host, stock, folder):
    client = stock(WebsocketsClient, host)
    assert client.line() == {"open": True}
    for number, data in enumerate(DATA):
        client.send('{"id":%d,"action":"publish","event":%s}' % (number, envelope(number, data)))
        while (answer := client.line()["message"]).get("id") != number:
            assert answer["type"] != "error", answer
        assert answer["type"] == "published", answer


def command(host, stock, folder):
    (folder / "events.ndjson").write_text("\n".join(envelope(number, data) for number, data in enumerate(DATA)))
    published = Command("publish", folder / "events.ndjson", "--url", host.url, "--token", "staff-token", "--wait", "20s")
    assert published.end()[0] == 0


def command_of_one_event(host, stock, folder):
    for number, data in enumerate(DATA):
        published = Command("publish", "--type", "OrderCreated", "--subject", f"o-{number}", "--data", data, "--url", host.url, "--token", "staff-token", "--wait", "20s")
        assert published.end()[0] == 0


def store(folder):
    return {"path": str(folder / "store"), "every": "50ms"}


def data_in(line):
    """The text of the last member, which is data in what the log dumps."""
    return line[line.index(',"data":') + len(',"data":') : -1]


def dumped(folder):
    code, out, errors = run_to_end("log", "dump", folder / "events.db")
    assert code == 0, errors
    return out.splitlines()


WAYS = [structured, short_form, short_form_in_another_spelling, batch, lines, binary, websocket, command, command_of_one_event]


def passed_through(host, order):
    response = host.get(f"/api/v1/topics/orders/{order}")
    assert response.status == 200, response.body
    return response.body.decode()


def expect_passed_through(host):
    for number in range(len(DATA)):
        assert KEPT in passed_through(host, f"o-{number}")


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_each_way_of_publishing_keeps_data_as_it_was_written(start, stock, tmp_path, way):
    host = start()
    way(host, stock, tmp_path)
    assert [data_in(line) for line in dumped(tmp_path)] == [data.replace("\n", " ") for data in DATA]
    host.wait_until(lambda: host.get("/api/v1/topics/orders/o-1").status == 200, "the orders are there")
    expect_passed_through(host)
    if way not in (binary, command_of_one_event):
        assert all('"zz":"1","count":-7,"aa":true,"data":' in line for line in dumped(tmp_path)), "attributes keep their order"


def feed_of(path):
    return {"type": "file", "path": str(path), "pace": 0, "into": "events"}


def test_a_recording_and_its_replay_keep_data_as_it_was_written(start, stock, tmp_path):
    first = start()
    structured(first, stock, tmp_path)
    recording = Command("record", tmp_path / "recording.ndjson", "--source", "events", "--admin", f"http://127.0.0.1:{first.admin_port}")
    assert recording.end()[0] == 0
    assert [data_in(line) for line in (tmp_path / "recording.ndjson").read_text().splitlines()] == DATA
    log = {"events": {"type": "log", "path": str(tmp_path / "again" / "events.db")}, "feed": feed_of(tmp_path / "recording.ndjson")}
    again = start(folder=tmp_path / "again", sources=log)
    again.wait_until(lambda: again.get("/api/v1/topics/orders/o-1").status == 200, "the recording is replayed")
    assert dumped(tmp_path / "again") == dumped(tmp_path)
    expect_passed_through(again)


def test_a_checkpoint_and_a_restart_keep_what_passes_through(start, stock, tmp_path):
    first = start(store=store(tmp_path))
    structured(first, stock, tmp_path)
    over_http(first, '{"type":"OrderStatusUpdated","subject":"o-0","data":{"status":"CONFIRMED","eta":36893488147419103233,"fee":1.10}}', "application/json")
    before = [passed_through(first, f"o-{number}") for number in range(len(DATA))]
    assert '"eta":36893488147419103233,"fee":1.10' in before[0]
    first.stop()
    second = start(store=store(tmp_path))
    second.wait_until(lambda: second.get("/api/v1/topics/orders/o-1").status == 200, "the orders are there")
    assert [passed_through(second, f"o-{number}") for number in range(len(DATA))] == before


def test_a_dead_letter_is_shown_and_redelivered_as_it_was_written(start, tmp_path):
    host = start(store=store(tmp_path))
    data = '{"status":"PREPARING","eta":36893488147419103233,"z":1.10,"a":1e2}'
    over_http(host, envelope(0, ORDER), STRUCTURED)
    over_http(host, '{"type":"OrderStatusUpdated","subject":"o-0","data":%s}' % data, "application/json")
    listed = lambda: host.admin("/api/v1/dead-letters").json["dead_letters"]
    host.wait_until(lambda: len(listed()) == 1, "the update is a dead letter")
    shown = Command("dead-letters", "show", listed()[0]["letter"], "--admin", f"http://127.0.0.1:{host.admin_port}").end()
    assert shown[0] == 0 and f'"data":{data}' in "\n".join(shown[1]), shown
    assert json.loads("\n".join(shown[1]))["event"]["subject"] == "o-0"
    over_http(host, '{"type":"OrderStatusUpdated","subject":"o-0","data":{"status":"CONFIRMED"}}', "application/json")
    assert Command("dead-letters", "redeliver", "--all", "--admin", f"http://127.0.0.1:{host.admin_port}").end()[0] == 0
    value = passed_through(host, "o-0")
    assert '"eta":36893488147419103233' in value and '"z":1.10' in value and '"a":1e2' in value and KEPT.split(",", 2)[2] in value


def text_of(stream, type):
    """The next message of a type, as it was sent."""
    while True:
        while not stream.messages:
            stream.messages += stream.parser.feed(stream.socket.recv(65536))
        if f'"type":"{type}"' in (text := stream.messages.pop(0).data):
            return text


STATES = {
    "runs": {"type": "delivery", "sources": ["events"]},
    "merchants": {"type": "merchant", "sources": ["events"]},
    "jobs": {"type": "job", "sources": ["events"]},
    "counts": {"type": "window", "sources": ["events"], "size": "1s", "group_by": "/data/shop"},
}


def test_every_state_passes_numbers_through_as_they_were_written(start, stream, tmp_path):
    host = start(states=STATES, store=store(tmp_path))
    nodes = stream(host, "/api/v1/stream?topic=nodes/n-1", token="staff-token")
    text_of(nodes, "connected")
    for event in (
        '{"type":"RunUpdated","subject":"r-1","data":{"status":"PLANNED",%s}}',
        '{"type":"DriverLocationUpdated","subject":"d-1","data":{"latitude":1.10,"longitude":2.0,"heading":3,"speed":4,%s}}',
        '{"type":"RestaurantStatusChanged","subject":"m-1","data":{"open":true,%s}}',
        '{"type":"MenuItemUpdated","subject":"i-1","data":{"merchantId":"m-1","name":"Soup","price":1.10,"available":true,%s}}',
        '{"type":"PromotionPublished","subject":"p-1","data":{"merchantId":"m-1","title":"Free","endsAt":"2999-01-01T00:00:00Z",%s}}',
        '{"type":"NodeStateUpdated","subject":"n-1","data":{"status":"busy","state":{"job":"j-1"},%s}}',
    ):
        over_http(host, event % KEPT, "application/json")
    over_http(host, '{"type":"MenuItemUpdated","subject":"i-1","data":{"merchantId":"m-1","price":2.20}}', "application/json")
    read = lambda topic: host.get(f"/api/v1/topics/{topic}").body.decode()
    assert KEPT in read("runs/r-1")
    assert KEPT in read("drivers/d-1")
    assert read("merchants/m-1").count(KEPT) == 3
    assert '"price":2.20' in read("merchants/m-1")
    assert KEPT in text_of(nodes, "state_update")


def refusal(client):
    """What the socket says next that it refuses."""
    while (message := client.line()["message"])["type"] != "error":
        assert message["type"] == "connected", message
    return message["detail"]


NAMES_TWICE = ["id", "source", "type", "subject", "time", "specversion", "data", "aa"]


def twice(name):
    """An event that has a member twice, the second time with another value."""
    return '{"specversion":"1.0","id":"1","source":"/s","type":"Unheard","subject":"s","time":"2023-12-20T14:30:00Z","aa":"1","data":1,"%s":null}' % name


@pytest.mark.parametrize("spelling", [lambda name: name, lambda name: "\\u%04x" % ord(name[0]) + name[1:]], ids=["plain", "escaped"])
@pytest.mark.parametrize("name", NAMES_TWICE)
def test_a_member_that_is_there_twice_is_refused_by_name(shared_host, name, spelling):
    event = twice(spelling(name))
    for body, content_type in ((event, STRUCTURED), (f"[{event}]", BATCH), (event, NDJSON), (event, "application/json")):
        status, _, detail = problem(shared_host.post(body.encode(), content_type))
        assert status == 400 and f"the member '{name}' is there twice" in detail
    assert shared_host.admin("/api/v1/status").status == 200


@pytest.mark.parametrize("data, path", [
    ('{"a":1,"a":2}', "data.a"), ('{"x":[{},{"b":{"é":1,"\\u00e9":2}}]}', "data.x[1].b.é"), ('[[{"":1,"":1}]]', "data[0][0]."),
    ('{"a":"\\u00e9","b":1,"\\u0062":2}', "data.b"), ("{" + ",".join(f'"n{n}":1' for n in range(500)) + ',"n7":2}', "data.n7"),
])
def test_a_member_that_is_there_twice_within_data_is_refused_by_its_path(shared_host, stock, data, path):
    event = '{"type":"Unheard","subject":"s","data":%s}' % data
    why = f"the member '{path}' is there twice"
    assert why in problem(shared_host.post(event.encode()))[2]
    binary = {"ce-specversion": "1.0", "ce-id": "1", "ce-source": "/s", "ce-type": "Unheard"}
    assert why in problem(shared_host.post(data.encode(), headers=binary))[2]
    client = stock(WebsocketsClient, shared_host)
    assert client.line() == {"open": True}
    client.send('{"action":"publish","event":%s}' % event)
    assert f"'event.{path}' is there twice" in refusal(client)


def test_a_member_that_is_there_twice_in_a_recording_leaves_its_line_out(start, tmp_path):
    (tmp_path / "recording.ndjson").write_text("\n".join([twice("subject"), twice("data"), envelope(0, ORDER)]))
    log = {"events": {"type": "log", "path": str(tmp_path / "events.db")}, "feed": feed_of(tmp_path / "recording.ndjson")}
    host = start(sources=log)
    host.wait_for_log("recording.ndjson:1: left out: its member 'subject' is there twice")
    host.wait_for_log("recording.ndjson:2: left out: its member 'data' is there twice")
    host.wait_until(lambda: host.get("/api/v1/topics/orders/o-0").status == 200, "the line after them is read")


def test_data_as_deep_as_it_may_be_is_taken_by_every_state_and_deeper_data_by_none(start, stock, tmp_path):
    host = start(states={"orders": {"type": "order", "sources": ["events"]}, **STATES})
    nested = lambda levels: "[" * levels + "]" * levels
    events = {
        "OrderCreated": '{"customerId":"c-1","merchantId":"m-1","items":[],"total":1,"note":%s}',
        "RunUpdated": '{"status":"PLANNED","note":%s}',
        "RestaurantStatusChanged": '{"open":true,"note":%s}',
        "NodeStateUpdated": '{"status":"busy","state":{},"note":%s}',
    }
    deepest = ['{"type":"%s","subject":"x-1","data":%s}' % (type, data % nested(63)) for type, data in events.items()]
    answer = host.post("\n".join(deepest), NDJSON, headers=WAIT)
    assert answer.status == 202, answer.body
    assert all(verdict["verdict"] == "applied" for verdict in answer.json["verdicts"]), answer.json
    client = stock(WebsocketsClient, host)
    assert client.line() == {"open": True}
    for type, data in events.items():
        event = '{"type":"%s","subject":"x-2","data":%s}' % (type, data % nested(64))
        assert "'data' is nested deeper than 64 levels" in problem(host.post(event))[2]
        client.send('{"action":"publish","event":%s}' % event)
        assert refusal(client) == "the message is nested deeper than 66 levels: send a flatter one", "of which the event and its data take two"
