"""POST /api/v1/events: each form in which events may come, and each way in which they may be wrong."""

import json

import pytest

from events import cloud_event, created, is_status, status
from host import CUSTOMER, EVENTS, STAFF, WAIT, problem, request

STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
NDJSON = "application/x-ndjson"


def current(host, order):
    response = host.get(f"/api/v1/topics/orders/{order}")
    assert response.status == 200, response.body
    return response.json


def accepted(response):
    assert response.status == 202, response.body
    assert response.json["cursor"]
    return response.json["accepted"], response.json["duplicates"]



def test_a_structured_cloud_event_is_accepted(host):
    event = json.dumps(cloud_event(created("o-1"), "e-1"))
    assert accepted(host.post(event, STRUCTURED, headers=WAIT)) == (1, 0)
    assert current(host, "o-1")["data"]["status"] == "PENDING"


def test_a_batch_of_cloud_events_is_accepted_in_order(host):
    batch = [cloud_event(created("o-1"), "e-1"), cloud_event(status("o-1", "CONFIRMED"), "e-2")]
    assert accepted(host.post(json.dumps(batch), BATCH, headers=WAIT)) == (2, 0)
    assert current(host, "o-1")["data"]["status"] == "CONFIRMED"


def test_a_binary_cloud_event_is_accepted(host):
    event = created("o-1")
    headers = {"ce-specversion": "1.0", "ce-id": "e-1", "ce-source": "/tests", "ce-type": event["type"]}
    headers |= {"ce-subject": "o-1", "ce-time": "2023-12-20T14:30:00Z", **WAIT}
    assert accepted(host.post(json.dumps(event["data"]), headers=headers)) == (1, 0)
    assert current(host, "o-1")["data"]["customerId"] == "c-1"


def test_lines_of_json_are_accepted_in_order_and_in_both_forms(host):
    lines = [created("o-1"), cloud_event(status("o-1", "CONFIRMED"), "e-2"), status("o-1", "PREPARING")]
    assert accepted(host.post("\n".join(map(json.dumps, lines)) + "\n", NDJSON, headers=WAIT)) == (3, 0)
    assert current(host, "o-1")["data"]["status"] == "PREPARING"


def test_the_short_form_is_accepted(host):
    assert accepted(host.post(json.dumps(created("o-1")), headers=WAIT)) == (1, 0)
    assert current(host, "o-1")["orderId"] == "o-1"


def test_an_event_published_twice_is_one_event_and_the_answer_says_so(host):
    event = json.dumps(cloud_event(created("o-1"), "e-1"))
    first, second = host.post(event, STRUCTURED), host.post(event, STRUCTURED)
    assert accepted(first) == (1, 0)
    assert accepted(second) == (1, 1)
    assert second.json["cursor"] == first.json["cursor"]


def test_an_idempotency_key_makes_a_repeated_short_form_one_event(host):
    key = {"Idempotency-Key": "order-form-17"}
    assert accepted(host.post(json.dumps(created("o-1")), headers=key)) == (1, 0)
    assert accepted(host.post(json.dumps(created("o-1")), headers=key)) == (1, 1)


def test_an_event_that_no_state_consumes_is_kept_all_the_same(host):
    assert accepted(host.post(json.dumps({"type": "Unheard", "subject": "x", "data": {}}), headers=WAIT)) == (1, 0)


def test_a_publisher_that_waits_learns_what_the_state_made_of_each_event(host):
    answer = host.publish(created("o-1"), status("o-1", "READY"), status("o-9", "READY"), wait=True)
    assert answer["pending"] is False
    assert answer["verdicts"] == [
        {"index": 0, "state": "orders", "verdict": "applied"},
        {"index": 1, "state": "orders", "verdict": "rejected",
         "reason": "an order cannot go from PENDING to READY: from PENDING it can go to CONFIRMED, CANCELLED"},
        {"index": 2, "state": "orders", "verdict": "held",
         "reason": "order o-9 does not exist yet: its OrderCreated is waited for, for 1m of the events' time at most (hold_early)"},
    ]


def test_a_customer_may_not_publish(host):
    response = host.post(json.dumps(created("o-1")), token=CUSTOMER)
    assert problem(response) == (403, "Forbidden", "Publishing needs the role staff, admin or publisher.")


EVENT = b'"source":"/t","type":"T"'
BROKEN = [
    ("not JSON", "application/json", b'{"type":', """not valid JSON at byte 9: {"type":"""),
    ("an array in the short form", "application/json", b"[]", "an event is a JSON object; this is array"),
    ("the short form without a type", "application/json", b'{"data":{}}', "'type' is missing"),
    ("a number for a type", "application/json", b'{"type":7,"data":{}}', "'type' must be a string"),
    ("nothing at all", "application/json", b"", "the request holds no event"),
    ("lines that are all empty", NDJSON, b"\n\n", "the request holds no event"),
    ("text that is not UTF-8", "application/json", b'{"type":"\xff"}', """not valid JSON at byte 10: {"type":"\\ufffd"}"""),
    ("JSON nested too deeply", "application/json", b'{"type":"T","data":' + b"[" * 5000 + b"]" * 5000 + b"}",
     "nested deeper than 66 levels"),
    ("another version", STRUCTURED, b'{"specversion":"0.3","id":"1",' + EVENT + b"}",
     "'specversion' is '0.3': this host takes CloudEvents 1.0"),
    ("a cloud event without a version", STRUCTURED, b'{"id":"1",' + EVENT + b"}",
     """'specversion' is missing: an event of this media type is a CloudEvent, with "specversion":"1.0\""""),
    ("a cloud event without an id", STRUCTURED, b'{"specversion":"1.0",' + EVENT + b"}", "'id' is missing"),
    ("a cloud event without a source", STRUCTURED, b'{"specversion":"1.0","id":"1","type":"T"}', "'source' is missing"),
    ("a cloud event without a type", STRUCTURED, b'{"specversion":"1.0","id":"1","source":"/t"}', "'type' is missing"),
    ("a source that is no URI", STRUCTURED, b'{"specversion":"1.0","id":"1","type":"T","source":"a b"}',
     "'source' is not a URI reference: a b"),
    ("a time that is none", STRUCTURED, b'{"specversion":"1.0","id":"1",' + EVENT + b',"time":"noon"}',
     "'time' is not an RFC 3339 timestamp like 2023-12-20T14:35:00.000Z: noon"),
    ("an attribute with a capital", STRUCTURED, b'{"specversion":"1.0","id":"1",' + EVENT + b',"traceParent":"x"}',
     "'traceParent' is no attribute name: extension attributes are a-z and 0-9 (CloudEvents 1.0 3.1)"),
    ("an attribute with structure", STRUCTURED, b'{"specversion":"1.0","id":"1",' + EVENT + b',"extra":{}}',
     "the attribute 'extra' must be a string, an integer or a boolean; put structured values into 'data'"),
    ("a batch that is no array", BATCH, b"{}", "a batch is a JSON array of events"),
    ("a batch whose second event is wrong", BATCH, b'[{"specversion":"1.0","id":"1",' + EVENT + b'},{"specversion":"1.0"}]',
     "event 1: 'id' is missing"),
    ("a line that is wrong", NDJSON, b'{"type":"T","data":1}\n{"type":"T"\n', """line 2: not valid JSON at byte 12: {"type":"T\""""),
]


@pytest.mark.parametrize("name, content_type, body, detail", BROKEN, ids=[b[0] for b in BROKEN])
def test_a_malformed_publication_is_refused_with_a_sentence(shared_host, name, content_type, body, detail):
    response = shared_host.post(body, content_type)
    assert problem(response) == (400, "Bad Request", f"Nothing was stored: {detail}.")


WRONG_HEADERS = [
    ("without a version", {"ce-id": "1"}, "the header 'ce-specversion' is missing: send 'ce-specversion: 1.0'"),
    ("without an id", {"ce-specversion": "1.0", "ce-source": "/t", "ce-type": "T"}, "the header 'ce-id' is missing"),
    ("with a broken escape", {"ce-specversion": "1.0", "ce-id": "%zz"}, "the header 'ce-id' has a broken percent escape"),
]


@pytest.mark.parametrize("name, headers, detail", WRONG_HEADERS, ids=[w[0] for w in WRONG_HEADERS])
def test_a_malformed_binary_event_is_refused_with_a_sentence(shared_host, name, headers, detail):
    response = shared_host.post(b"{}", headers=headers)
    assert problem(response) == (400, "Bad Request", f"Nothing was stored: {detail}.")


def test_nothing_of_a_batch_is_stored_when_one_event_of_it_is_wrong(host, stream):
    batch = [cloud_event(created("o-1"), "e-1"), {"specversion": "1.0"}]
    assert host.post(json.dumps(batch), BATCH).status == 400
    host.publish(created("o-2"), wait=True)
    with stream(host, "/api/v1/stream?topic=orders/all", token=STAFF) as everything:
        seen = everything.until(is_status("o-2", "PENDING"))
    assert [m["orderId"] for m in seen if m["type"] == "order_update"] == ["o-2"]


UNTAKEN = [
    ("XML", "text/xml", b"<order/>",
     "the media type 'text/xml' is not taken: send application/cloudevents+json, application/cloudevents-batch+json, "
     "application/x-ndjson or application/json"),
    ("bytes in base64", STRUCTURED, b'{"specversion":"1.0","id":"1",' + EVENT + b',"data_base64":"AA=="}',
     "'data_base64' is not taken: data must be JSON, in 'data'"),
    ("data of another type", STRUCTURED, b'{"specversion":"1.0","id":"1",' + EVENT + b',"datacontenttype":"text/xml"}',
     "'datacontenttype' is 'text/xml': data must be JSON"),
]


@pytest.mark.parametrize("name, content_type, body, detail", UNTAKEN, ids=[u[0] for u in UNTAKEN])
def test_what_is_not_json_is_not_taken(shared_host, name, content_type, body, detail):
    response = shared_host.post(body, content_type)
    assert problem(response) == (415, "Unsupported Media Type", f"Nothing was stored: {detail}.")


def test_an_oversized_body_is_refused_before_it_is_read(start):
    host = start(limits={"body": "64KiB"})
    assert problem(host.post(b" " * 65537)) == (413, "Payload Too Large",
        "The request's body is larger than 65536 bytes (limits.body): send fewer events at a time.")


def test_publishing_without_a_token_is_refused(host):
    response = request(host.port, "POST", EVENTS, b"{}", headers={"Content-Type": "application/json"})
    assert response.status == 401
    assert response.headers["www-authenticate"].startswith("Bearer")
