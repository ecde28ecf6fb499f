"""Clients that are slow, rude or broken: they are closed, and nobody else notices."""

import base64
import itertools
import json
import os
import re
import socket
import struct
import time

import pytest

from events import created, is_status, status
from host import CUSTOMER, STAFF, problem
from sse import DEADLINE


def connect(host, deadline=DEADLINE):
    return socket.create_connection(("127.0.0.1", host.port), timeout=deadline)


def connected(host):
    """A connection that the host has counted: it has answered on it. Shards accept in any order."""
    connection = connect(host)
    connection.sendall(b"GET /nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n")
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += connection.recv(65536)
    assert answer.startswith(b"HTTP/1.1 404 ")
    return connection


def everything_from(connection):
    received = b""
    while piece := connection.recv(65536):
        received += piece
    return received


def sessions(host):
    return host.get("/api/v1/realtime/subscribers").json["totalClients"]


def refusal(connection):
    """Status and detail of what the host says before it closes."""
    head, _, body = everything_from(connection).partition(b"\r\n\r\n")
    answer = json.loads(body)
    assert head.startswith(f"HTTP/1.1 {answer['status']} ".encode())
    assert b"Connection: close" in head
    return answer["status"], answer["detail"]


LATE = "The request did not arrive in time: send it at once, or raise limits.header_timeout and limits.body_timeout."


def test_a_client_that_dawdles_over_its_headers_is_told_and_closed(start):
    host = start(limits={"header_timeout": "2s"})  # who has sent nothing by then is closed without a word
    with connect(host) as slow:
        slow.sendall(b"GET /api/v1/topics/orders/o-1 HTTP/1.1\r\nHost:")
        assert refusal(slow) == (408, LATE)


def test_a_client_that_dawdles_over_its_body_is_told_and_closed(start):
    host = start(limits={"body_timeout": "500ms"})
    with connect(host) as slow:
        slow.sendall(b"POST /api/v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{")
        assert refusal(slow) == (408, LATE)


def test_an_idle_connection_is_closed(start):
    host = start(limits={"idle_timeout": "500ms"})
    with connect(host) as idle:
        idle.sendall(b"GET /nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert everything_from(idle).startswith(b"HTTP/1.1 404 ")


def test_headers_that_are_too_large_are_refused(start):
    host = start(limits={"header": "4KiB"})
    with connect(host) as large:
        large.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Large: " + b"a" * 8000 + b"\r\n\r\n")
        assert refusal(large) == (431, "The request's header is larger than 4096 bytes (limits.header).")


def test_what_is_not_http_is_refused(shared_host):
    with connect(shared_host) as rude:
        rude.sendall(b"\x80\x03\x01 hello\r\n\r\n")
        assert refusal(rude) == (400, "This is not HTTP/1.1: bad method.")


def test_a_path_with_a_broken_escape_is_refused(shared_host):
    with connect(shared_host) as rude:
        rude.sendall(b"GET /%zz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert refusal(rude) == (400, "The request target is not a path: send '/...', percent-encoded.")


def test_more_connections_from_one_address_than_allowed_are_refused(start):
    host = start(limits={"per_ip": 2})
    with connected(host) as one, connected(host) as two, connect(host) as three:
        assert refusal(three) == (
            503,
            "This host has as many connections as it takes, in all or from your address (limits.connections, limits.per_ip).",
        )
        one.close()
        two.close()
        host.wait_until(lambda: host.get("/api/v1/realtime/subscribers").status == 200, "there is room again")


def test_a_session_has_a_bounded_number_of_topics(start):
    host = start(limits={"topics_per_session": 2})
    topics = "&".join(f"topic=orders/o-{number}" for number in range(3))
    assert problem(host.get(f"/api/v1/stream?{topics}")) == (400, "Bad Request",
        "A session may have 2 topics (limits.topics_per_session): open another stream for the rest.")


def test_a_half_closed_client_is_gone(host, stream):
    host.publish(created("o-1"), wait=True)
    leaving = stream(host, "/api/v1/realtime/orders/o-1/stream", token=CUSTOMER)
    leaving.until(is_status("o-1", "PENDING"))
    assert sessions(host) == 1
    leaving.socket.shutdown(socket.SHUT_WR)
    assert leaving.rest() == []
    host.wait_until(lambda: sessions(host) == 0, "the half-closed client is forgotten")


def test_a_client_that_resets_its_connection_is_gone(host, stream):
    host.publish(created("o-1"), wait=True)
    leaving = stream(host, "/api/v1/realtime/orders/o-1/stream", token=CUSTOMER)
    leaving.until(is_status("o-1", "PENDING"))
    leaving.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    leaving.close()
    host.wait_until(lambda: sessions(host) == 0, "the client is forgotten")


def publish_rounds(host, orders, rounds, text_bytes):
    """Changes every order so often; the text begins with the round's number."""
    for number in rounds:
        text = f"{number:08}" * (text_bytes // 8)
        answer = host.publish(*(status(order, "PENDING", text=text) for order in orders), wait=True)
        assert {verdict["verdict"] for verdict in answer["verdicts"]} == {"applied"}


def publish_until(host, ended, orders, text_bytes):
    """Goes on changing the orders until it holds; returns how many rounds that took."""
    until = time.monotonic() + host.deadline
    for number in itertools.count():
        if ended():
            return number
        assert time.monotonic() < until, host.log_text
        publish_rounds(host, orders, [number], text_bytes)


def is_round(order, number):
    return lambda m: m.get("orderId") == order and m["data"].get("text", "").startswith(f"{number:08}")


def test_a_client_that_does_not_read_costs_a_bounded_queue_and_then_gets_the_latest(start, stream):
    # ASan keeps freed memory for a while; here what is kept counts.
    host = start(
        transports={"sse": {"type": "sse", "buffer": "1MiB", "write_timeout": "1h"}},  # it may sleep as long as publishing takes
        environment={"ASAN_OPTIONS": "quarantine_size_mb=1"},
    )
    orders = [f"o-{number:02}" for number in range(20)]
    host.publish(*(created(order) for order in orders), wait=True)
    sleeper = stream(host, "/api/v1/stream?topic=orders/all", token=STAFF)
    sleeper.until(is_status("o-19", "PENDING"))
    publish_rounds(host, orders, range(100), text_bytes=16_000)  # fills the kernel's buffers, and SQLite's caches
    before = host.resident_bytes
    publish_rounds(host, orders, range(100, 160), text_bytes=16_000)  # 19 MB
    assert host.resident_bytes - before < 8 * 1024 * 1024
    seen = sleeper.until(is_round("o-19", 159))
    assert len(seen) < 160 * len(orders)
    values = [message for message in seen if message["type"] != "dropped"]  # where a burst was too much even for one value of each
    latest = {value["orderId"]: value["data"]["text"] for value in values}
    assert latest == {order: "00000159" * 2000 for order in orders}


def test_a_client_whose_queue_is_full_is_closed_and_the_others_go_on(start, stream):
    host = start(transports={"sse": {"type": "sse", "buffer": "64KiB", "slow_clients": {"updated": "disconnect"}}})
    orders = [f"o-{number:03}" for number in range(200)]
    host.publish(*(created(order) for order in orders), wait=True)
    reader = stream(host, "/api/v1/realtime/orders/o-199/stream", token=STAFF)
    sleeper = stream(host, "/api/v1/stream?topic=orders/all", token=STAFF)
    for opened in (reader, sleeper):
        opened.until(is_status("o-199", "PENDING"))
    rounds = publish_until(host, lambda: sessions(host) == 1, orders, text_bytes=4096)
    assert re.fullmatch(
        r"info    sse: session s-\w+ disconnected: it is too slow: more than its buffer \(65536 bytes, 1024 messages\) "
        r"waits for it; \d+ frames, \d+ bytes, \d+ ms",
        host.wait_for_log("disconnected"),
    )
    publish_rounds(host, orders, [rounds], text_bytes=4096)
    reader.until(is_round("o-199", rounds))


def test_a_client_that_takes_nothing_for_too_long_is_closed(start, stream):
    host = start(transports={"sse": {"type": "sse", "buffer": "1MiB", "write_timeout": "500ms"}})
    host.publish(created("o-1"), wait=True)
    sleeper = stream(host, "/api/v1/realtime/orders/o-1/stream", token=STAFF)
    sleeper.until(is_status("o-1", "PENDING"))
    publish_until(host, lambda: sessions(host) == 0, ["o-1"], text_bytes=60_000)
    assert re.fullmatch(
        r"info    sse: session s-\w+ disconnected: it took nothing for 500 ms; \d+ frames, \d+ bytes, \d+ ms",
        host.wait_for_log("disconnected"),
    )


def handshake(host, deadline=DEADLINE):
    connection = connect(host, deadline)
    key = base64.b64encode(os.urandom(16)).decode()
    connection.sendall(
        f"GET /ws?token={STAFF} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode()
    )
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += connection.recv(1)
    assert head.startswith(b"HTTP/1.1 101 "), head
    return connection


def masked(first_byte, payload):
    return bytes([first_byte, 0x80 | len(payload)]) + b"\0\0\0\0" + payload


VIOLATIONS = [
    ("an unmasked frame", b"\x81\x02{}", 1002, "a client must mask its frames (RFC 6455 5.1)"),
    ("a reserved bit", masked(0xC1, b"{}"), 1002, "a reserved bit is set, but no extension was agreed on (RFC 6455 5.2)"),
    ("an unknown opcode", masked(0x83, b"{}"), 1002, "opcode 3 is not defined (RFC 6455 5.2)"),
    ("a fragmented ping", masked(0x09, b""), 1002, "a control frame must not be fragmented (RFC 6455 5.5)"),
    ("a continuation of nothing", masked(0x80, b"{}"), 1002, "a continuation frame has no message to continue (RFC 6455 5.4)"),
    ("binary data", masked(0x82, b"{}"), 1003, "binary messages are not understood: send JSON in text messages"),
    ("text that is not UTF-8", masked(0x81, b"\xff"), 1007, "a text message must be UTF-8 (RFC 6455 8.1)"),
    ("a length of two bytes that needs one", b"\x81\xfe\0\x02\0\0\0\0{}", 1002, "a length takes the fewest bytes that hold it (RFC 6455 5.2)"),
    ("a length of eight bytes that needs two", b"\x81\xff\0\0\0\0\0\0\x02\0\0\0\0\0", 1002, "a length takes the fewest bytes that hold it (RFC 6455 5.2)"),
    ("a message that is too long", b"\x81\xff" + (1 << 40).to_bytes(8, "big") + b"\0\0\0\0", 1009, "a message has at most 65536 bytes here"),
]


@pytest.mark.parametrize("name, frame, code, reason", VIOLATIONS, ids=[v[0] for v in VIOLATIONS])
def test_a_violation_of_the_websocket_protocol_closes_with_its_code(shared_host, name, frame, code, reason):
    with handshake(shared_host) as connection:
        connection.sendall(frame)
        received = everything_from(connection)
    close = received[received.index(b"\x88") :]
    assert int.from_bytes(close[2:4], "big") == code
    assert close[4:].decode() == reason


def test_an_old_websocket_version_is_told_the_right_one(shared_host):
    with connect(shared_host) as connection:
        connection.sendall(
            b"GET /ws?token=staff-token HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Version: 8\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        head = connection.recv(65536)
    assert head.startswith(b"HTTP/1.1 426 ")
    assert b"sec-websocket-version: 13" in head.lower()
    detail = json.loads(head.partition(b"\r\n\r\n")[2])["detail"]
    assert detail == "only version 13 of WebSocket is spoken here: send 'Sec-WebSocket-Version: 13'"
