"""What the tests of slow clients have in common: hosts, clients that read when they are told to, and what they must see."""

import time

import pytest
from prometheus_client.parser import text_string_to_metric_families

from events import created, status
from host import STAFF, configuration
from raw_websocket import RawWebSocket
from sse import Stream

SMALL = 4096  # the receive buffer of a client that does not read
TOO_SLOW = "the client is too slow for every value: the current ones are sent"


def over_sse(host, topic, **more):
    return Stream(host.port, f"/api/v1/stream?topic={topic}", token=STAFF, **more)


def over_websocket(host, topic, **more):
    return RawWebSocket(host, topic, STAFF, **more)


transports = pytest.mark.parametrize("connect", [over_sse, over_websocket], ids=["sse", "websocket"])
partitioned = pytest.mark.parametrize("partitions", [1, 2])
windowed = pytest.mark.parametrize("window", ["0s", "20ms"], ids=["at once", "in windows"])


def config(folder, slow_clients, partitions=1, buffer="64KiB", limits=None, **transport):
    """A host whose transports do so with slow clients."""
    def kind(name):
        # A client may sleep as long as publishing takes, and then answers no heartbeat either.
        patience = {"write_timeout": "1h", "heartbeat": "1h"}
        return {"type": name, "buffer": buffer, "slow_clients": dict(slow_clients), **patience, **transport}

    return configuration(
        folder,
        server={"listen": "127.0.0.1:0", "admin": "127.0.0.1:0", "publish": "events", "shards": 1},
        states={"orders": {"type": "order", "sources": ["events"], "partitions": partitions},
                "jobs": {"type": "job", "sources": ["events"], "history": 100000, "partitions": partitions}},
        transports={"sse": kind("sse"), "websocket": kind("websocket")},
        **({"limits": limits} if limits else {}),
    )


def counts(host, name, label=None):
    """A counter by the value of its label, or the one value of a metric without."""
    page = host.admin("/metrics").body.decode()
    samples = [s for family in text_string_to_metric_families(page) for s in family.samples if s.name == "statecast_" + name]
    return {s.labels[label]: s.value for s in samples if s.value} if label else samples[0].value


def dropped(host):
    return counts(host, "frames_dropped_total", "reason")


def round_of(message):
    return int(message["data"]["text"][:8])


class Rounds:
    """What publishes to a host, round by round."""

    def publish_until(self, condition, reader, more=3):
        """Rounds until it holds, and some more; the reader takes each at once."""
        until = time.monotonic() + self.host.deadline
        after = 0
        while after <= more:
            assert time.monotonic() < until, self.host.log_text
            after += 1 if after or condition() else 0
            self.publish_round()
            reader.read_to(self)


class Orders(Rounds):
    """Orders whose text begins with the number of the round that wrote it."""

    def __init__(self, host, n, text_bytes):
        self.host, self.round = host, 0
        self.names = [f"o-{number:03}" for number in range(n)]
        self.text_bytes = text_bytes
        self._publish(created(order, text=self._text()) for order in self.names)

    def _text(self):
        return f"{self.round:08}" * (self.text_bytes // 8)

    def _publish(self, events):
        events, at_once = list(events), 800_000 // self.text_bytes
        for first in range(0, len(events), at_once):
            answer = self.host.publish(*events[first : first + at_once], wait=True)
            assert {verdict["verdict"] for verdict in answer["verdicts"]} == {"applied"}

    def publish_round(self):
        self.round += 1
        self._publish(status(order, "PENDING", text=self._text()) for order in self.names)

    @property
    def current(self):
        return {order: self.round for order in self.names}


class Follower:
    """Reads a client of orders/all, and checks that each order goes only forward."""

    def __init__(self, client, known=None):
        self.client = client
        self.known = dict(known or {})
        self.told = []  # notices of what was dropped
        self.seen = 0

    @staticmethod
    def may_follow(number, known):
        return number > known

    def step(self):
        """Takes one message; False when the stream has closed."""
        message = self.client.next()
        if message is None:
            return False
        if message.get("type") == "dropped":
            self.told.append(message)
        elif "orderId" in message:
            order, number = message["orderId"], round_of(message)
            assert self.may_follow(number, self.known.get(order, -1)), f"{order} went from {self.known[order]} to {number}"
            self.known[order] = number
            self.seen += 1
        else:
            assert message.get("type") not in ("reset", "error"), message
        return True

    def read_to(self, orders):
        while self.known != orders.current:
            assert self.step(), "the stream closed"

    def read_to_the_end(self):
        try:
            while self.step():
                pass
        except ConnectionResetError:
            pass


class Relisted(Follower):
    """Of a snapshot that is listed more than once: a current value may come twice, but never an older one."""

    @staticmethod
    def may_follow(number, known):
        return number >= known


class Updates(Rounds):
    """Updates of nodes of a job, numbered in their state."""

    def __init__(self, host, text_bytes=4096):
        self.host, self.published, self.text = host, 0, "x" * text_bytes

    def publish_round(self):
        self.publish()

    def publish(self, n=20):
        events = []
        for _ in range(n):
            self.published += 1
            data = {"status": "busy", "state": {"job": "j-1", "number": str(self.published), "text": self.text}}
            events.append({"type": "NodeStateUpdated", "subject": f"n-{self.published % 3}", "data": data})
        self.host.publish(*events, wait=True)


class Listener:
    """Reads a client of jobs/all, and checks that every message comes once: in order, or on two lanes in each node's."""

    def __init__(self, client, taken=(), partitions=1):
        self.client, self.taken, self.partitions = client, list(taken), partitions

    def step(self):
        try:
            message = self.client.next()
        except ConnectionResetError:
            return False
        if message is None:
            return False
        assert message.get("type") not in ("reset", "error", "dropped"), message
        if message.get("type") == "state_update":
            number = int(message["state"]["number"])
            before = [n for n in self.taken if self.partitions == 1 or n % 3 == number % 3]
            assert number == (before[-1] + (1 if self.partitions == 1 else 3) if before else (number - 1) % 3 + 1 if self.partitions > 1 else 1)
            self.taken.append(number)
        return True

    def read_to(self, updates):
        while len(self.taken) < updates.published:
            assert self.step(), "the stream closed"
        assert sorted(self.taken) == list(range(1, updates.published + 1))
