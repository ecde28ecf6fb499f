"""A WebSocket client on a plain socket (RFC 6455), which reads when it is told to and not before."""

import base64
import json
import os
import time

from sse import DEADLINE, connect


class RawWebSocket:
    """Subscribes to one topic. What it knows as its cursor is the last that came. Every wait has a deadline."""

    def __init__(self, host, topic, token, last_event_id=None, deadline=DEADLINE, receive_buffer=None):
        self.deadline = deadline
        self.last_id = last_event_id
        self.received = b""
        self.socket = connect(host.port, deadline, receive_buffer)
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(
            f"GET /ws?token={token} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode()
        )
        head = self._take_until(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 101 "), head
        self.send({"action": "subscribe", "topic": topic, **({"last_event_id": last_event_id} if last_event_id else {})})

    def send(self, command):
        payload = json.dumps(command).encode()
        length = bytes([0x80 | len(payload)]) if len(payload) < 126 else b"\xfe" + len(payload).to_bytes(2, "big")
        self.socket.sendall(b"\x81" + length + b"\0\0\0\0" + payload)

    def _more(self, until):
        self.socket.settimeout(max(0.001, until - time.monotonic()))
        piece = self.socket.recv(65536)
        self.received += piece
        return piece

    def _take_until(self, end):
        until = time.monotonic() + self.deadline
        while end not in self.received:
            assert self._more(until), f"the connection closed: {self.received!r}"
        at = self.received.index(end) + len(end)
        taken, self.received = self.received[:at], self.received[at:]
        return taken

    def _frame(self):
        """Opcode and payload of the first frame in what was received; None when it is not whole."""
        data = self.received
        if len(data) < 2:
            return None
        length, at = data[1] & 0x7F, 2
        if length >= 126:
            size = 2 if length == 126 else 8
            length, at = int.from_bytes(data[2 : 2 + size], "big"), 2 + size
        if len(data) < at + length:
            return None
        self.received = data[at + length :]
        return data[0] & 0x0F, data[at : at + length]

    def next(self):
        """The next message, or None once the connection has ended. Cursors and pings are taken on the way."""
        until = time.monotonic() + self.deadline
        while True:
            while (frame := self._frame()) is None:
                try:
                    if not self._more(until):
                        return None
                except ConnectionResetError:
                    return None
            opcode, payload = frame
            if opcode == 8:
                return None
            if opcode == 9:
                self.socket.sendall(b"\x8a" + bytes([0x80 | len(payload)]) + b"\0\0\0\0" + payload)
            if opcode != 1:
                continue
            message = json.loads(payload)
            self.last_id = message.pop("cursor", self.last_id)
            if message.get("type") != "cursor":
                return message

    def close(self):
        self.socket.close()
