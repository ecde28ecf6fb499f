"""Subscribers that come back by themselves with the cursor of the last message that they have done with."""

import asyncio
import json
from urllib.parse import urlencode

import websockets

from sse import Parser
from witness import Witness

RETRY_S = 0.03
LOST = (OSError, EOFError, websockets.WebSocketException)  # what the end of a connection may raise
LARGEST_BLOCK = 1 << 20


class Refused(OSError):
    """The host has no stream for us now."""


class Subscriber:
    """One client of some topics. With `leaves`, the chance at each cursor, it also goes by itself, as clients do.

    Not at other messages: a snapshot has its only cursor at its end, and who always leaves before never gets beyond.
    """

    def __init__(self, name, port, topics, dice, leaves=0.005):
        self.name = name
        self.port = port
        self.topics = topics
        self.dice = dice
        self.leaves = leaves
        self.witness = Witness()
        self.opened = self.lost = 0  # connections; those that it did not leave itself
        self.drained = asyncio.Event()
        self.stopping = False
        self._awaited = None

    async def run(self):
        while not self.stopping:
            try:
                await self._follow()
            except LOST:
                self.lost += 1
            self.witness.lose_connection()
            await asyncio.sleep(RETRY_S)

    def await_last(self, marks):
        """`drained` is set when these have come: ids of events for state updates, (order, seq) for orders."""
        self._awaited = set(marks)

    def waits_for(self):
        return sorted(map(str, self._awaited))

    def _refuse(self, status, problem):
        if status != 503:
            self.witness.find_odd(f"was answered {status}: {problem}")
        raise Refused(problem)

    def _take(self, message, cursor=None):
        """One message of the stream; False when the client leaves at it."""
        kind = message["type"]
        if kind == "state_update":
            self._see(message, cursor, message["state"]["event"])
        elif kind == "order_update":
            self._see(message, cursor, (message["orderId"], message["data"]["seq"]))
        elif kind == "cursor":
            self.witness.settle(cursor)
        elif kind in ("connected", "subscribed"):
            self._note_opening(message)
        elif kind == "error":
            self._refuse(message["status"], message)
        elif kind != "closing":
            self.witness.find_odd(f"was told {json.dumps(message)}")
        return not (self.witness.is_settled and self.dice.random() < self.leaves)

    def _see(self, message, cursor, mark):
        self.witness.see(message, cursor)
        if self._awaited is not None:
            self._awaited.discard(mark)
            if not self._awaited:
                self.drained.set()

    def _note_opening(self, message):
        if message.get("topics") == []:
            return  # a WebSocket that has not subscribed yet
        self.opened += 1
        if self.witness.cursor is not None and message.get("resumed") is False:
            self.witness.find_odd(f"was not resumed at {self.witness.cursor}: {json.dumps(message)}")


class SseSubscriber(Subscriber):
    in_steps = False  # all its topics come as one stream

    async def _follow(self):
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=LARGEST_BLOCK)
        try:
            await self._open(reader, writer)
            parser, staying = Parser(), True
            while staying:
                staying = self._take_block(parser, await reader.readuntil(b"\n\n"))
        finally:
            writer.close()

    async def _open(self, reader, writer):
        query = urlencode([("topic", topic) for topic in self.topics])
        cursor = f"Last-Event-ID: {self.witness.cursor}\r\n" if self.witness.cursor else ""
        writer.write(f"GET /api/v1/stream?{query} HTTP/1.1\r\nHost: localhost\r\n{cursor}\r\n".encode())
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        if (status := int(head.split()[1])) != 200:
            self._refuse(status, (await reader.read()).decode())

    def _take_block(self, parser, block):
        messages = parser.feed(block)
        for message in messages:
            if not self._take(message.json, message.id if message.moves_id else None):
                return False
        if not messages and parser.last_id:
            self.witness.settle(parser.last_id)
        return True


class WebSocketSubscriber(Subscriber):
    """With several topics only a cursor of the session's own counts, and only once it has them all.

    What says where the session stands before that leaves out the topics to come, as does a cursor within a message.
    """

    in_steps = True  # each topic resumes by itself

    async def _follow(self):
        url = f"ws://127.0.0.1:{self.port}/ws"
        async with websockets.connect(url, max_size=LARGEST_BLOCK, ping_interval=None, close_timeout=0.1, compression=None) as socket:
            for topic in self.topics:
                resume = {"last_event_id": self.witness.cursor} if self.witness.cursor else {}
                await socket.send(json.dumps({"action": "subscribe", "topic": topic, **resume}))
            missing, staying = len(self.topics), True
            while staying:
                message = json.loads(await socket.recv())
                cursor = message.pop("cursor", None)
                missing -= message["type"] == "subscribed"
                if message["type"] == "cursor" and missing > 0:
                    continue
                says_all = len(self.topics) == 1 or message["type"] == "cursor"
                staying = self._take(message, cursor if says_all else None)
