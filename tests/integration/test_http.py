"""What plain HTTP requests are answered: current values, subscriber counts, and errors that say what to do."""

import json
import socket

import pytest

from events import created, is_status
from host import CUSTOMER, EVENTS, OTHER_CUSTOMER, STAFF, problem, request
from sse import DEADLINE


def test_the_current_value_of_a_topic_is_plain_json(host):
    host.publish(created("o-1", note="leave it at the door"), wait=True)
    response = host.get("/api/v1/topics/orders/o-1", token=CUSTOMER)
    assert response.status == 200
    assert response.headers["content-type"] == "application/json"
    assert response.headers["cache-control"] == "no-store"
    data = {"status": "PENDING", **created("o-1")["data"], "note": "leave it at the door"}
    assert response.json == {"type": "order_update", "orderId": "o-1", "data": data}


def test_subscriptions_are_counted_by_prefix(host, stream):
    host.publish(created("o-1"), wait=True)
    both = stream(host, "/api/v1/stream?topic=orders/o-1&topic=customers/c-1", token=CUSTOMER)
    one = stream(host, "/api/v1/realtime/orders/o-1/stream", token=STAFF)
    for open_stream in (both, one):
        open_stream.until(is_status("o-1", "PENDING"))
    counts = lambda: host.get("/api/v1/realtime/subscribers").json
    assert counts() == {"orders": 2, "customers": 1, "totalClients": 2}
    both.close()
    host.wait_until(lambda: counts() == {"orders": 1, "customers": 0, "totalClients": 1}, "the client is forgotten")


REFUSED = [
    ("an unknown path", "GET", "/nowhere", STAFF, 404, "Not Found",
     "There is nothing at this path: streams, topics and events are under /api/v1/."),
    ("a topic of no state", "GET", "/api/v1/stream?topic=planets/mars", STAFF, 404, "Not Found",
     "No state serves the topic 'planets/mars' here: a topic is <prefix>/<name>, and the prefixes are orders, customers."),
    ("a stream of no topic", "GET", "/api/v1/stream", STAFF, 400, "Bad Request",
     "No topic is named: add ?topic=<prefix>/<name>, once for each topic."),
    ("a topic that is no name", "GET", "/api/v1/stream?topic=orders", STAFF, 404, "Not Found",
     "No state serves the topic 'orders' here: a topic is <prefix>/<name>, and the prefixes are orders, customers."),
    ("a method that the path has not", "DELETE", EVENTS, STAFF, 405, "Method Not Allowed",
     "This resource takes POST, OPTIONS."),
    ("no token", "GET", "/api/v1/topics/orders/o-1", None, 401, "Unauthorized",
     "no access token: send 'Authorization: Bearer <token>' or ?token="),
    ("an unknown token", "GET", "/api/v1/topics/orders/o-1", "nobody-knows-me", 401, "Unauthorized",
     "the access token is not known here"),
    ("another's order", "GET", "/api/v1/topics/orders/o-1", OTHER_CUSTOMER, 403, "Forbidden",
     "order o-1 is not yours or does not exist"),
    ("an order that does not exist", "GET", "/api/v1/topics/orders/o-9", CUSTOMER, 403, "Forbidden",
     "order o-9 is not yours or does not exist"),
    ("a value that is not there yet", "GET", "/api/v1/topics/orders/o-9", STAFF, 404, "Not Found", "'orders/o-9' has no value yet."),
    ("all orders as a customer", "GET", "/api/v1/stream?topic=orders/all", CUSTOMER, 403, "Forbidden",
     "orders/all is shown to the roles staff and admin only"),
]


@pytest.mark.parametrize("name, method, path, token, status, title, detail", REFUSED, ids=[r[0] for r in REFUSED])
def test_a_refusal_says_what_to_do(shared_host, name, method, path, token, status, title, detail):
    shared_host.publish(created("o-1"), wait=True)
    assert problem(request(shared_host.port, method, path, token=token)) == (status, title, detail)


def test_a_refused_method_names_those_that_are_allowed(shared_host):
    assert shared_host.get(EVENTS).headers["allow"] == "POST, OPTIONS"


def test_a_token_in_the_query_is_as_good_as_a_header(host):
    host.publish(created("o-1"), wait=True)
    assert host.get(f"/api/v1/topics/orders/o-1?token={CUSTOMER}", token=None).status == 200


def test_one_denied_topic_refuses_the_whole_request(host, stream):
    host.publish(created("o-1"), created("o-2", customer="c-2"), wait=True)
    refused = stream(host, "/api/v1/stream?topic=orders/o-1&topic=orders/o-2", token=CUSTOMER)
    assert refused.status == 403


def test_several_requests_may_use_one_connection(host):
    from http.client import HTTPConnection

    connection = HTTPConnection("127.0.0.1", host.port, timeout=DEADLINE)
    headers = {"Authorization": f"Bearer {STAFF}", "Content-Type": "application/json"}
    statuses = []
    for number in range(3):
        connection.request("POST", EVENTS, json.dumps(created(f"o-{number}")), headers)
        response = connection.getresponse()
        response.read()
        statuses.append(response.status)
    connection.close()
    assert statuses == [202, 202, 202]


def test_requests_may_be_sent_before_the_first_is_answered_and_in_pieces(host):
    def post(n):
        body = json.dumps({"type": "OrderStatusUpdated", "subject": "o-1", "id": f"e-{n}", "data": {"status": "CONFIRMED"}})
        return f"POST /api/v1/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {STAFF}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}"

    with socket.create_connection(("127.0.0.1", host.port), timeout=DEADLINE) as connection:
        answers = connection.makefile("rb")
        whole = (post(1) + post(2) + post(3)).encode()
        for end in (len(whole) // 2 + 17, len(whole)):
            connection.sendall(whole[:end])
            whole = whole[end:]
            host.get("/api/v1/realtime/subscribers")  # the first piece is read by then
        for n in (1, 2, 3):
            assert answers.readline() == b"HTTP/1.1 202 Accepted\r\n"
            head = dict(line.rstrip(b"\r\n").lower().split(b": ", 1) for line in iter(answers.readline, b"\r\n"))
            assert json.loads(answers.read(int(head[b"content-length"])))["events"] == [{"id": f"e-{n}", "duplicate": False}]


def test_the_admin_listener_tells_health_readiness_and_status(host):
    host.publish(created("o-1"), wait=True)
    assert host.admin("/healthz").json == {"status": "ok"}
    assert host.admin("/readyz").json == {"status": "ready"}
    status = host.admin("/api/v1/status").json
    assert status["ready"] is True
    assert [(s["state"], s["events"], s["keys"]) for s in status["states"]] == [("orders", 1, 1)]
    topics = host.admin("/api/v1/topics").json["topics"]
    assert topics[0] == {"prefix": "orders", "state": "orders", "kind": "updated", "subscriptions": 0}


def test_the_admin_listener_says_what_it_has(host):
    assert problem(host.admin("/nowhere")) == (404, "Not Found",
        "There is nothing at this path: /healthz, /readyz, /metrics, /api/v1/status, /api/v1/topics, /api/v1/dead-letters and /api/v1/sources/<id>/events are here.")


def test_the_admin_paths_are_not_on_the_public_listener(host):
    assert host.get("/api/v1/status").status == 404


def test_a_topic_of_many_values_is_read_in_pages(host):
    host.publish(*(created(f"o-{number}") for number in range(5)), wait=True)
    first = host.get("/api/v1/topics/orders/all?limit=3").json
    assert (first["topic"], first["next"]) == ("orders/all", "o-2")
    rest = host.get("/api/v1/topics/orders/all?limit=3&after=o-2").json
    assert "next" not in rest
    assert [value["orderId"] for value in first["items"] + rest["items"]] == ["o-0", "o-1", "o-2", "o-3", "o-4"]


def test_a_page_has_a_sensible_size(shared_host):
    assert problem(shared_host.get("/api/v1/topics/orders/all?limit=0"))[2] == "'limit' must be a number from 1 to 1000."
