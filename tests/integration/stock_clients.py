"""Stock clients in processes of their own, behind one face: curl, the npm `eventsource` and `ws`, Python's `websockets`.

Each is asked for topics and gives the data messages that its application would see.
"""

import json
import queue
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.parse import urlencode

import sse

_CLIENTS = Path(__file__).parent / "clients"
_ABOUT_THE_CONNECTION = ({"open": True}, {"lost": True})
_ABOUT_THE_SESSION = ("connected", "subscribed", "unsubscribed", "cursor")


class StockClient:
    """A client process whose standard output a thread reads; close() ends it."""

    def __init__(self, command, deadline=sse.DEADLINE):
        self.deadline = deadline
        self.last_id = ""
        self.about = []  # what was said about the session itself
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        self._lines = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self._lines.put(json.loads(line))
        self._lines.put(None)

    def line(self):
        """The next thing that the process told, whatever it is; None once it ended."""
        return self._lines.get(timeout=self.deadline)

    def next(self):
        """The next message about data (or its reset, ...), without what only concerns the session."""
        while True:
            line = self.line()
            if line in _ABOUT_THE_CONNECTION:
                continue
            assert line and "message" in line, f"{type(self).__name__} got no message but {line}"
            message = line["message"]
            self.last_id = message.pop("cursor", None) or line.get("id") or self.last_id
            if message["type"] not in _ABOUT_THE_SESSION:
                return message
            self.about.append(message)

    def until(self, wanted):
        seen = []
        until = time.monotonic() + self.deadline
        while not seen or not wanted(seen[-1]):
            assert time.monotonic() < until, f"not within {self.deadline} s; seen {seen}"
            seen.append(self.next())
        return seen

    def refused(self):
        """The HTTP status with which the server refused what this client asked for."""
        line = self.line()
        while line is not None and "error" not in line:
            line = self.line()
        return line and line["error"]

    def close(self):
        self.process.kill()
        self.process.wait(self.deadline)


class EventSourceClient(StockClient):
    def __init__(self, host, topics, token, last_id=None):
        query = urlencode([*(("topic", topic) for topic in topics), ("token", token)])
        resume = ["--last-event-id", last_id] if last_id else []
        super().__init__(["node", str(_CLIENTS / "eventsource.mjs"), f"{host.url}/api/v1/stream?{query}", *resume])


class CurlClient(StockClient):
    """`curl -N`: the bytes as they come, parsed here."""

    def __init__(self, host, topics, token, last_id=None):
        query = urlencode([("topic", topic) for topic in topics])
        resume = ["-H", f"Last-Event-ID: {last_id}"] if last_id else []
        super().__init__(
            ["curl", "-sS", "-N", "-H", f"Authorization: Bearer {token}", *resume]
            + ["-w", "\n%{http_code}", f"{host.url}/api/v1/stream?{query}"]
        )

    def _read(self):
        parser = sse.Parser()
        line = ""
        for line in self.process.stdout:
            for message in parser.feed(line.encode()):
                self._lines.put({"message": message.json, "id": message.id})
        self._lines.put({"error": int(line)} if line.isdigit() else None)


class _WebSocketClient(StockClient):
    def __init__(self, command, host, topics, token, last_id=None):
        super().__init__([*command, f"{host.websocket_url}?{urlencode({'token': token})}"])
        for topic in topics:
            self.send({"action": "subscribe", "topic": topic, **({"last_event_id": last_id} if last_id else {})})

    def send(self, command):
        """Sends a command: an object, or text as it is."""
        text = command if isinstance(command, str) else json.dumps(command)
        self.process.stdin.write(text + "\n")
        self.process.stdin.flush()

    def refused(self):
        while True:
            line = self.line()
            if "error" in line:
                return line["error"]
            if line.get("message", {}).get("type") == "error":
                return line["message"]["status"]


class WsClient(_WebSocketClient):
    def __init__(self, *arguments, **more):
        super().__init__(["node", str(_CLIENTS / "ws.mjs")], *arguments, **more)


class WebsocketsClient(_WebSocketClient):
    def __init__(self, *arguments, **more):
        super().__init__([sys.executable, str(_CLIENTS / "websockets_client.py")], *arguments, **more)


STOCK_CLIENTS = [CurlClient, EventSourceClient, WsClient, WebsocketsClient]
