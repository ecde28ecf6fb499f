"""Ten thousand orders, published while clients come and go: in the end everybody has seen the same truth."""

import asyncio
import json
import random
from http.client import HTTPConnection
from urllib.parse import quote

import pytest
import websockets

import sse
from host import EVENTS, STAFF, TOKENS, configuration
from recording import fold, record
from slow_clients import TOO_SLOW

PUBLISHERS = 4
BATCH = 500
DEADLINE = 240


class Watcher:
    """What one client sees of a topic: each order only moves forward, and each ends at its final value.

    Only what came after the last cursor (the pages of a snapshot, and what follows while it is under way) may a
    resumed session repeat.
    """

    def __init__(self, truth, topic, orders, token):
        self.truth = truth
        self.topic = topic
        self.token = token
        self.staff = token == STAFF
        self.seen = {}
        self.missing = set(orders)
        self.sessions = 0
        self.few = min(3000, 3 * len(self.missing))  # messages that are some, but not all
        self.cursor = ""
        self.after_cursor = set()
        self.taken = 0

    def begin_session(self):
        self.may_repeat = set(self.after_cursor)
        self.sessions += 1

    @property
    def done(self):
        return not self.missing

    def move_cursor(self, cursor):
        if cursor != self.cursor:
            self.cursor = cursor
            self.after_cursor.clear()

    def take(self, message, cursor, covers=True):
        """A cursor from before the message does not cover it; one that came with it does."""
        if not covers:
            self.move_cursor(cursor)
        self.take_value(message)
        if covers:
            self.move_cursor(cursor)

    def take_value(self, message):
        if message["type"] in ("connected", "subscribed", "cursor"):
            return
        if message["type"] == "dropped":
            assert message["reason"] == TOO_SLOW  # newer values took the place of so many, and are no less true
            return
        if message["type"] == "ended":
            assert self.done, f"{self.topic} ended before its last value came"
            return
        assert message["type"] == "order_update", f"{self.topic}: {message}"
        order, data = message["orderId"], message["data"]
        place = self.truth.place(order, data, self.staff)
        before = self.seen.get(order, -1)
        assert place is not None, f"{self.topic}: {order} never was {data}"
        repeated = place == before and order in self.may_repeat
        assert place > before or repeated, f"{self.topic}: {order} was at {before} and then at {place}"
        self.seen[order] = place
        self.after_cursor.add(order)
        self.may_repeat.discard(order)
        self.taken += 1
        if place == len(self.truth.history[order]) - 1:
            self.missing.discard(order)


class Busy(Exception):
    """The host asks to come back later: its states lag behind the publishers."""


class SseClient:
    def __init__(self, host, watcher):
        self.host, self.watcher = host, watcher

    async def session(self, patience):
        """Reads until so many messages came, or all is seen."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.host.port)
        path = f"/api/v1/stream?topic={self.watcher.topic}&token={self.watcher.token}"
        resume = f"Last-Event-ID: {self.watcher.cursor}\r\n" if self.watcher.cursor else ""
        writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{resume}\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        if head.startswith(b"HTTP/1.1 503 "):
            raise Busy
        assert head.startswith(b"HTTP/1.1 200 "), head
        self.watcher.begin_session()
        parser = sse.Parser(last_id=self.watcher.cursor)
        until = self.watcher.taken + patience
        while self.watcher.taken < until and not self.watcher.done:
            piece = await reader.read(65536)
            assert piece, f"{self.watcher.topic}: the host closed the stream"
            for message in parser.feed(piece):
                self.watcher.take(message.json, message.id, message.moves_id)
            self.watcher.move_cursor(parser.last_id)
        writer.close()


class WebSocketClient:
    def __init__(self, host, watcher):
        self.host, self.watcher = host, watcher

    async def session(self, patience):
        url = f"{self.host.websocket_url}?token={self.watcher.token}"
        async with websockets.connect(url, max_size=None, max_queue=None, ping_interval=None) as socket:
            resume = {"last_event_id": self.watcher.cursor} if self.watcher.cursor else {}
            await socket.send(json.dumps({"action": "subscribe", "topic": self.watcher.topic, **resume}))
            self.watcher.begin_session()
            until = self.watcher.taken + patience
            while self.watcher.taken < until and not self.watcher.done:
                message = json.loads(await socket.recv())
                if message.get("status") == 503:
                    raise Busy
                self.watcher.take(message, message.get("cursor", self.watcher.cursor))


class Publication:
    """Posts the recording over several connections, each with the events of its own orders, in order."""

    def __init__(self, host, events):
        self.host = host
        self.shares = [[] for _ in range(PUBLISHERS)]
        for event in events:
            self.shares[int(event["subject"][2:]) % PUBLISHERS].append(json.dumps(event))
        self.accepted = self.duplicates = self.batches = 0
        self.running = PUBLISHERS
        self.moved = asyncio.Condition()

    async def run(self):
        await asyncio.gather(*map(self._publish, self.shares))

    async def _publish(self, lines):
        connection = HTTPConnection("127.0.0.1", self.host.port, timeout=DEADLINE)
        for start in range(0, len(lines), BATCH):
            answer = await asyncio.to_thread(self._post, connection, "\n".join(lines[start : start + BATCH]))
            self.accepted += answer["accepted"]
            self.duplicates += answer["duplicates"]
            await self._moved(batches=1)
        connection.close()
        await self._moved(finished=1)

    @staticmethod
    def _post(connection, body):
        headers = {"Authorization": f"Bearer {STAFF}", "Content-Type": "application/x-ndjson"}
        connection.request("POST", EVENTS, body, headers)
        response = connection.getresponse()
        answer = json.loads(response.read())
        assert response.status == 202, answer
        return answer

    async def _moved(self, batches=0, finished=0):
        async with self.moved:
            self.batches += batches
            self.running -= finished
            self.moved.notify_all()

    async def more(self, batches):
        """Returns when so many more batches are published, or all."""
        wanted = self.batches + batches
        async with self.moved:
            await self.moved.wait_for(lambda: self.batches >= wanted or not self.running)


async def session(client, patience):
    while True:
        try:
            return await client.session(patience)
        except Busy:
            await asyncio.sleep(1)  # as its Retry-After says


async def stay(client):
    await session(client, patience=10**9)


async def come_and_go(client, publication, dice):
    """Leaves after some messages, misses some batches, and resumes; stays once all is published."""
    while not client.watcher.done:
        leaving = publication.running > 0
        await session(client, patience=dice.randrange(1, client.watcher.few) if leaving else 10**9)
        await publication.more(dice.randrange(1, 4))


def watched_topics(truth, tokens, dice):
    """(topic, the orders on it, a token that may watch it)"""
    customers = {claims["sub"]: token for token, claims in tokens.items() if claims["roles"] == ["customer"]}
    everything = [("orders/all", list(truth.history), STAFF)] * 2
    one_customer = [(f"customers/{c}", truth.orders_of(c), token) for c, token in customers.items()]
    one_order = [(f"orders/{order}", [order], STAFF) for order in dice.sample(sorted(truth.history), 10)]
    return everything + one_customer + one_order


async def watch_while_publishing(host, events, truth, tokens):
    publication = Publication(host, events)
    topics = watched_topics(truth, tokens, random.Random(4))
    staying, moving = (
        [kind(host, Watcher(truth, *topic)) for kind in (SseClient, WebSocketClient) for topic in topics] for _ in range(2)
    )
    await asyncio.gather(
        publication.run(),
        *(stay(client) for client in staying),
        *(come_and_go(client, publication, random.Random(n)) for n, client in enumerate(moving)),
    )
    # Who follows all orders cannot have seen them before it leaves; others may be done with their first session.
    assert all(client.watcher.sessions >= 2 for client in moving if client.watcher.topic == "orders/all")
    assert publication.accepted == len(events)
    assert publication.duplicates == truth.duplicates


def snapshot(host, truth, stream):
    """Every order as orders/all first shows it."""
    values = {}
    everything = stream(host, "/api/v1/stream?topic=orders/all", token=STAFF, deadline=60)
    while len(values) < len(truth.history):
        message = everything.next()
        if message["type"] == "order_update":
            assert message["orderId"] not in values
            values[message["orderId"]] = message["data"]
    everything.close()
    return values


def current_values(host, orders):
    connection = HTTPConnection("127.0.0.1", host.port, timeout=60)
    for order in orders:
        connection.request("GET", f"/api/v1/topics/orders/{quote(order)}", headers={"Authorization": f"Bearer {STAFF}"})
        yield order, json.loads(connection.getresponse().read())["data"]


@pytest.mark.parametrize("lanes", [1, 3])
def test_everybody_ends_at_the_fold_of_all_events(start, stream, tmp_path, lanes):
    events = record(orders=10_000)
    truth = fold(events)
    finals = {order: truth.final(order) for order in truth.history}
    tokens = {**TOKENS, **{f"token-of-{n}": {"sub": f"c-{n}", "roles": ["customer"]} for n in range(10, 14)}}
    # Its events are of long ago, and nothing may be let go of meanwhile.
    orders_state = {"type": "order", "sources": ["events"], "partitions": lanes, "keep": "36500d"}
    # These clients share one thread, and the host is faster: what waits for them is much, and newer values replace older ones in it.
    patient = {"buffer": "64MiB", "buffer_messages": 1_000_000, "heartbeat": "1h", "write_timeout": "1h"}
    transports = {kind: {"type": kind, **patient} for kind in ("sse", "websocket")}
    sections = {"states": {"orders": orders_state}, "transports": transports, "limits": {"buffers": "2GiB"}}
    config = configuration(tmp_path, **sections, access={"tokens": tokens})
    host = start(config=config)

    watching = watch_while_publishing(host, events, truth, tokens)
    asyncio.run(asyncio.wait_for(watching, DEADLINE))

    assert snapshot(host, truth, stream) == finals
    assert dict(current_values(host, finals)) == finals
    host.stop()
    assert snapshot(start(config=config), truth, stream) == finals
