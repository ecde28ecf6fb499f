"""Bytes on the HTTP listeners that no well-meaning client sends: each is refused, nothing of it is stored, and the host stays."""

import itertools
import json
import re
import select
import socket
import ssl

import pytest

from events import created
from host import STAFF
from sse import DEADLINE

HEADER = "The request's header is larger than 16384 bytes (limits.header)."
MOSTLY_FRAMING = "The body's chunks are more framing than data: send larger chunks, with short extensions or none."
FRAMING = "Where the body ends is not clear: send one Content-Length in decimal digits, or 'Transfer-Encoding: chunked' alone (RFC 9112 6.3)."
FOLDED = "A line of the header begins with a space: send each field on one line (RFC 9112 5.2)."
MIB = 1024 * 1024


def event(subject):
    return json.dumps(created(subject)).encode()


def post(body, *fields, version=b"1.1"):
    """A POST of an event as it is framed by these fields."""
    lines = [b"POST /api/v1/events HTTP/" + version, b"Host: localhost", f"Authorization: Bearer {STAFF}".encode(), b"Content-Type: application/json", *fields]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def with_length(body):
    return post(body, b"Content-Length: %d" % len(body))


def chunk(data):
    return b"%x\r\n%s\r\n" % (len(data), data)


def open_to(port):
    return socket.create_connection(("127.0.0.1", port), timeout=DEADLINE)


def take_everything(connection):
    received = b""
    try:
        while piece := connection.recv(65536):
            received += piece
    except ConnectionResetError:
        pass  # over bytes that it did not want
    return received


def answers_in(received):
    return re.findall(rb"HTTP/1\.1 (\d{3}) ", received)


def only_answer(connection):
    """Status and detail of the one answer, after which the host closes."""
    received = take_everything(connection)
    assert len(answers_in(received)) == 1, received
    head, _, body = received.partition(b"\r\n\r\n")
    assert b"Connection: close" in head
    answer = json.loads(body)
    assert head.startswith(f"HTTP/1.1 {answer['status']} ".encode())
    return answer["status"], answer["detail"]


def ask(port, sent):
    with open_to(port) as connection:
        connection.sendall(sent)
        return only_answer(connection)


def stored(host):
    (log,) = host.admin("/api/v1/status").json["sources"]
    return log["published_events"]


def is_well(host):
    return host.process.poll() is None and host.admin("/healthz").status == 200 and host.get("/api/v1/realtime/subscribers").status == 200


@pytest.fixture(scope="module", params=["public", "admin"])
def listener(request, shared_host):
    return shared_host, shared_host.port if request.param == "public" else shared_host.admin_port


# ---- what is too large for the library, or has no end

def test_one_trailer_of_70000_letters_does_not_end_the_host(listener):
    host, port = listener
    sent = b"POST /api/v1/events HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: " + b"a" * 70_000 + b"\r\n\r\n"
    assert ask(port, sent) == (431, HEADER)
    assert is_well(host)


@pytest.mark.parametrize("limit", ["16KiB", "63KiB"])
def test_one_field_of_70000_letters_does_not_end_the_host(start, limit):
    host = start(limits={"header": limit})
    for port in (host.port, host.admin_port):
        assert ask(port, b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 70_000 + b"\r\n\r\n")[0] == 431
    assert is_well(host)


CHUNKED = b"POST /api/v1/events HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
ENDLESS = [
    ("a field", b"GET / HTTP/1.1\r\nHost: localhost\r\nX: ", b"a" * 65536, 431, HEADER),
    ("fields, each in a packet", b"GET / HTTP/1.1\r\nHost: localhost\r\n", b"X: y\r\n", 431, HEADER),
    ("empty lines", b"\r\n", b"\r\n" * 32768, 431, HEADER),
    ("a trailer", CHUNKED + b"0\r\nX: ", b"a" * 65536, 431, HEADER),
    ("trailers", CHUNKED + b"0\r\n", b"X: y\r\n" * 10000, 431, HEADER),
    ("an extension", CHUNKED + b"1;", b"a" * 65536, 400, MOSTLY_FRAMING),
    ("an extension of the last chunk", CHUNKED + b"0;", b"a" * 65536, 400, MOSTLY_FRAMING),
    ("extensions", CHUNKED, b"1;" + b"a" * 1000 + b"\r\nb\r\n", 400, MOSTLY_FRAMING),
    ("zeros before a size", CHUNKED, b"0" * 65536, 400, MOSTLY_FRAMING),
]


@pytest.mark.parametrize("name, begin, piece, status, detail", ENDLESS, ids=[e[0] for e in ENDLESS])
def test_what_has_no_end_costs_no_memory_and_is_refused(listener, name, begin, piece, status, detail):
    host, port = listener
    before = host.resident_bytes
    with open_to(port) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(begin)
        sent = 0
        while sent < 400 * MIB and not select.select([connection], [], [], 0)[0]:
            connection.sendall(piece)
            sent += len(piece)
        assert only_answer(connection) == (status, detail)
    assert host.resident_bytes - before < 8 * MIB
    assert is_well(host)


def test_a_body_in_chunks_of_one_byte_is_stored(shared_host):
    before = stored(shared_host)
    body = event("o-chunks")
    with open_to(shared_host.port) as connection:
        connection.sendall(post(b"".join(chunk(body[i : i + 1]) for i in range(len(body))) + b"0\r\n\r\n", b"Transfer-Encoding: chunked", b"Connection: close"))
        assert take_everything(connection).startswith(b"HTTP/1.1 202 ")
    assert stored(shared_host) == before + 1


# ---- two readers that see two requests

def unknown(coding):
    return 501, f"The transfer coding '{coding}' is not known here: send 'Transfer-Encoding: chunked', or a Content-Length."


NOT_HTTP = "This is not HTTP/1.1: "
CODINGS = [
    *((coding, [b"Transfer-Encoding: " + coding.encode()], *unknown(coding))
      for coding in ("xchunked", "identity", "gzip, chunked", "chunked, chunked", "chunked, identity", '"chunked"', "chunked;q=1")),
    ("an empty one", [b"Transfer-Encoding:"], *unknown("")),
    ("on a folded line", [b"Transfer-Encoding:", b" chunked"], 400, FOLDED),
    ("folded after another", [b"Transfer-Encoding: x", b"\tchunked"], 400, FOLDED),
    ("in a folded field", [b"X: y", b" Transfer-Encoding: chunked"], 400, FOLDED),
    ("twice", [b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked"], 400, FRAMING),
    ("after an unknown one", [b"Transfer-Encoding: x", b"Transfer-Encoding: chunked"], 400, FRAMING),
    ("before an unknown one", [b"Transfer-Encoding: chunked", b"Transfer-Encoding: x"], 400, FRAMING),
    ("with a space before the colon", [b"Transfer-Encoding : chunked"], 400, NOT_HTTP + "bad field."),
    ("after a control character", [b"Transfer-Encoding: \x0bchunked"], 400, NOT_HTTP + "bad value."),
    ("after a newline alone", [b"X: y\nTransfer-Encoding: chunked"], 400, NOT_HTTP + "bad value."),
]


@pytest.mark.parametrize("length", [None, 5, "whole"], ids=["alone", "beside a short length", "beside a whole length"])
@pytest.mark.parametrize("name, fields, status, detail", CODINGS, ids=[c[0] for c in CODINGS])
def test_an_event_behind_an_odd_transfer_encoding_is_never_stored(shared_host, name, fields, status, detail, length):
    before = stored(shared_host)
    body = b"0\r\n\r\n" + with_length(event("o-smuggled"))
    lengths = [] if length is None else [b"Content-Length: %d" % (len(body) if length == "whole" else length)]
    both = lengths and (status == 501 or detail == FRAMING)
    for framing in (fields + lengths, lengths + fields):
        assert ask(shared_host.port, post(body, *framing)) == ((400, FRAMING) if both else (status, detail))
    assert stored(shared_host) == before


@pytest.mark.parametrize("chunked_first", [True, False])
def test_an_event_behind_both_framings_is_never_stored(shared_host, chunked_first):
    before = stored(shared_host)
    body = b"0\r\n\r\n" + with_length(event("o-smuggled"))
    fields = [b"Transfer-Encoding: chunked", b"Content-Length: %d" % len(body)]
    assert ask(shared_host.port, post(body, *(fields if chunked_first else reversed(fields)))) == (400, FRAMING)
    assert stored(shared_host) == before


def test_an_event_behind_chunks_of_http_1_0_is_never_stored(shared_host):
    before = stored(shared_host)
    sent = post(b"0\r\n\r\n" + with_length(event("o-smuggled")), b"Transfer-Encoding: chunked", b"Connection: keep-alive", version=b"1.0")
    assert ask(shared_host.port, sent) == (400, "Transfer-Encoding is not of HTTP/1.0: send a Content-Length, or HTTP/1.1 (RFC 9112 6.1).")
    assert stored(shared_host) == before


LENGTHS = [["5", "5"], ["5", "0"], ["5, 5"], ["+5"], ["-5"], ["0x5"], ["5 5"], [""], ["18446744073709551621"]]


@pytest.mark.parametrize("lengths", LENGTHS, ids=[" and ".join(lengths) or "none" for lengths in LENGTHS])
def test_an_event_behind_an_odd_length_is_never_stored(shared_host, lengths):
    before = stored(shared_host)
    sent = post(b"12345" + with_length(event("o-smuggled")), *(b"Content-Length: " + length.encode() for length in lengths))
    assert ask(shared_host.port, sent) == (400, FRAMING)
    assert stored(shared_host) == before


CHUNKS = {
    "newlines alone": b"0\n\n",
    "a newline in an extension": b"0;\n\r\n\r\n",
    "a minus": b"-0\r\n\r\n",
    "0x": b"0x0\r\n\r\n",
    "a space before the end": b"0 \r\n\r\n",
    "data beyond its size": b"1\r\nab\r\n0\r\n\r\n",
    "a trailer that is none": b"0\r\nGET / HTTP/1.1\r\n\r\n",
}


@pytest.mark.parametrize("chunks", CHUNKS.values(), ids=CHUNKS)
def test_an_event_behind_odd_chunks_is_never_stored(shared_host, chunks):
    before = stored(shared_host)
    sent = post(chunks + with_length(event("o-smuggled")), b"Transfer-Encoding: chunked")
    assert ask(shared_host.port, sent) == (400, "The body's chunks are not well formed (RFC 9112 7.1).")
    assert stored(shared_host) == before


def test_a_trailer_is_not_taken_for_a_header(shared_host):
    before = stored(shared_host)
    body = event("o-trailer")
    sent = CHUNKED.replace(b"Host: localhost", b"Host: localhost\r\nContent-Type: application/json\r\nConnection: close") + chunk(body) + b"0\r\nAuthorization: Bearer %s\r\n\r\n" % STAFF.encode()
    with open_to(shared_host.port) as connection:
        connection.sendall(sent)
        assert take_everything(connection).startswith(b"HTTP/1.1 401 ")
    assert stored(shared_host) == before


# ---- what a server must take, and what it may not know

def answer_to(port, sent):
    """The head of the only answer to a request that has the connection closed."""
    with open_to(port) as connection:
        connection.sendall(sent)
        received = take_everything(connection)
    assert len(answers_in(received)) == 1, received
    return received.partition(b"\r\n\r\n")[0].decode()


@pytest.mark.parametrize("origin", ["http://localhost", "HTTP://127.0.0.1:8080", "https://LOCALHOST"])
def test_a_target_in_absolute_form_is_taken(listener, origin):
    host, port = listener
    path = "/healthz" if port == host.admin_port else "/"
    head = answer_to(port, f"GET {origin}{path}?x=y HTTP/1.1\r\nHost: other\r\nConnection: close\r\n\r\n".encode())
    assert head.startswith("HTTP/1.1 200 ")


def test_an_event_is_published_to_a_target_in_absolute_form(shared_host):
    before = stored(shared_host)
    sent = post(event("o-absolute"), b"Content-Length: %d" % len(event("o-absolute")), b"Connection: close")
    assert answer_to(shared_host.port, sent.replace(b"/api", b"http://localhost/api", 1)).startswith("HTTP/1.1 202 ")
    assert stored(shared_host) == before + 1


@pytest.mark.parametrize("target", ["ftp://x/healthz", "http://", "http://me@x/healthz", "x:80", "*"])
def test_other_targets_are_refused(listener, target):
    host, port = listener
    assert ask(port, f"GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())[0] == 400


def test_options_of_the_whole_server_is_answered(listener):
    host, port = listener
    assert answer_to(port, b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").startswith("HTTP/1.1 204 ")


def test_empty_lines_before_a_request_are_left_out(listener):
    host, port = listener
    assert answer_to(port, b"\r\n\r\nOPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").startswith("HTTP/1.1 204 ")
    with open_to(port) as connection:  # after a body, as old clients do
        connection.sendall(b"POST /nowhere HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\nab\r\nOPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        answers = take_everything(connection)
    assert answers_in(answers) == [b"404", b"204"]


def test_an_expectation_that_is_not_known_is_not_met(listener):
    host, port = listener
    sent = b"POST /api/v1/events HTTP/1.1\r\nHost: localhost\r\nExpect: a-miracle\r\nContent-Length: 2\r\n\r\n{}"
    assert ask(port, sent) == (417, "The only expectation that is met here is '100-continue': leave the header 'Expect' out.")


def test_a_client_that_expects_to_be_told_to_continue_is(shared_host):
    body = event("o-continued")
    with open_to(shared_host.port) as connection:
        connection.sendall(post(b"", b"Content-Length: %d" % len(body), b"Expect: 100-continue", b"Connection: close"))
        told = b"HTTP/1.1 100 Continue\r\n\r\n"
        assert connection.recv(len(told), socket.MSG_WAITALL) == told
        connection.sendall(body)
        assert take_everything(connection).startswith(b"HTTP/1.1 202 ")


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_an_encoded_body_is_told_what_to_send(shared_host, coding):
    response = shared_host.post(b"\x1f\x8b\0\0", headers={"Content-Encoding": coding})
    assert response.status == 415
    assert response.headers["accept-encoding"] == "identity"
    assert response.json["detail"] == f"The body is encoded ('Content-Encoding: {coding}'): send it as it is, without Content-Encoding."


# ---- other protocols

HTTP_2 = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0"


def test_http_2_is_told_to_speak_http_1_1(start):
    host = start()
    for port in (host.port, host.admin_port):
        assert ask(port, HTTP_2) == (505, "This is HTTP/2, and only HTTP/1.1 is spoken here: have the client send that (curl: --http1.1).")
    assert host.wait_for_log("spoke HTTP/2").endswith(
        " spoke HTTP/2 to a port that speaks HTTP/1.1 alone: give that client an http:// URL, or a proxy in between; another such client has no line for a minute"
    )


def test_a_tls_hello_is_told_and_logged_once(start):
    host = start()
    context = ssl.create_default_context()
    for _, port in itertools.product(range(10), (host.port, host.admin_port)):
        with open_to(port) as connection, pytest.raises(ssl.SSLError):
            context.wrap_socket(connection, server_hostname="localhost")
    host.wait_for_log("spoke TLS")
    assert host.log_text.count("spoke TLS") < 20
    assert is_well(host)
