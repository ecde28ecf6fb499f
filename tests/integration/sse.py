"""Server-sent events from the outside: a parser of the stream (WHATWG HTML 9.2.6) and a client on a plain socket."""

import json
import socket
import time
from dataclasses import dataclass, field

DEADLINE = 60  # seconds: far beyond what any wait of a test needs, on a busy machine and under a sanitizer too


@dataclass
class Message:
    data: str
    id: str
    moves_id: bool  # its own block had the id, which so covers the message

    @property
    def json(self):
        return json.loads(self.data)


@dataclass
class Parser:
    """Takes bytes in any pieces, gives the messages they complete; keeps the last id and the retry time.

    An id counts from the end of its block on: a client that leaves within a block has not seen it.
    """

    last_id: str = ""
    retry_ms: int | None = None
    heartbeats: int = 0
    _pending: bytes = b""
    _data: list = field(default_factory=list)
    _id: str | None = None

    def feed(self, piece):
        *lines, self._pending = (self._pending + piece).split(b"\n")
        return [message for line in lines if (message := self._line(line.rstrip(b"\r").decode()))]

    def _line(self, line):
        if not line:
            return self._dispatch()
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
        elif name == "id":
            self._id = value
        elif name == "retry":
            self.retry_ms = int(value)
        elif name == "":
            self.heartbeats += 1
        return None

    def _dispatch(self):
        moves_id = self._id is not None
        if moves_id:
            self.last_id, self._id = self._id, None
        data, self._data = self._data, []
        return Message("\n".join(data), self.last_id, moves_id) if data else None


def connect(port, deadline=DEADLINE, receive_buffer=None):
    """A connection to the host; with a small receive buffer the kernel keeps little for a client that does not read."""
    connection = socket.socket()
    connection.settimeout(deadline)
    if receive_buffer:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    connection.connect(("127.0.0.1", port))
    return connection


class Stream:
    """One SSE request on a socket of its own. Every wait has a deadline."""

    def __init__(self, port, path, token=None, last_event_id=None, deadline=DEADLINE, receive_buffer=None):
        self.deadline = deadline
        self.parser = Parser()
        self.messages = []
        self.socket = connect(port, deadline, receive_buffer)
        self.socket.sendall(self._request(path, token, last_event_id))
        self.status, self.headers = self._read_head()

    def _request(self, path, token, last_event_id):
        lines = [f"GET {path} HTTP/1.1", "Host: localhost", "Accept: text/event-stream"]
        if token:
            lines.append(f"Authorization: Bearer {token}")
        if last_event_id:
            lines.append(f"Last-Event-ID: {last_event_id}")
        return ("\r\n".join(lines) + "\r\n\r\n").encode()

    def _read_head(self):
        received = b""
        while b"\r\n\r\n" not in received:
            piece = self.socket.recv(65536)
            assert piece, f"the connection closed within the response head: {received!r}"
            received += piece
        head, _, rest = received.partition(b"\r\n\r\n")
        first, *others = head.decode().split("\r\n")
        self.messages += self.parser.feed(rest)
        headers = dict(line.lower().split(": ", 1) for line in others)
        return int(first.split()[1]), headers

    @property
    def last_id(self):
        return self.parser.last_id

    def next(self):
        """The next message as JSON, or None once the server has closed the stream."""
        until = time.monotonic() + self.deadline
        while not self.messages:
            self.socket.settimeout(max(0.001, until - time.monotonic()))
            piece = self.socket.recv(65536)
            if not piece:
                return None
            self.messages += self.parser.feed(piece)
        return self.messages.pop(0).json

    def until(self, wanted):
        """Reads on to the first message for which wanted(message) holds, and returns all that came."""
        seen = []
        while not seen or not wanted(seen[-1]):
            message = self.next()
            assert message is not None, f"the stream closed; it brought {seen}"
            seen.append(message)
        return seen

    def rest(self):
        """All that still comes until the server closes the stream."""
        seen = []
        while (message := self.next()) is not None:
            seen.append(message)
        return seen

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
