"""Publishers that never lose an event: what was not acknowledged is sent again, under the same ids, until it is."""

import asyncio
import json
from dataclasses import dataclass, field

from workload import lines_of

RETRY_S = 0.03


@dataclass
class Ledger:
    """What all publishers have sent, and what of it was acknowledged."""

    sent: dict = field(default_factory=dict)
    acknowledged: set = field(default_factory=set)
    refusals: list = field(default_factory=list)   # answers that are neither 202 nor "not now"
    unavailable: list = field(default_factory=list)  # the problems of 503


class Post:
    """One connection that publishes, by HTTP/1.1 on plain bytes."""

    def __init__(self, port):
        self.port = port
        self.reader = self.writer = None

    async def send(self, body, media_type):
        """(status, answer); an OSError or an early end leaves the connection closed."""
        if self.writer is None:
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        head = f"POST /api/v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: {media_type}\r\nContent-Length: {len(body)}\r\n\r\n"
        self.writer.write(head.encode() + body)
        first, *lines = (await self.reader.readuntil(b"\r\n\r\n")).decode().lower().split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines if line)
        answer = await self.reader.readexactly(int(headers["content-length"]))
        if headers.get("connection") == "close":
            self.close()
        return int(first.split()[1]), json.loads(answer)

    def close(self):
        if self.writer is not None:
            self.writer.close()
        self.reader = self.writer = None


class Publisher:
    """Sends a workload without pause, as long as the audience follows; told to stop, it brings to its end what is under way.

    A host never slows its publishers down, so without `may_go_on` its states would fall behind without end.
    """

    def __init__(self, port, workload, largest_batch, ledger, may_go_on):
        self.post = Post(port)
        self.workload = workload
        self.largest_batch = largest_batch
        self.ledger = ledger
        self.may_go_on = may_go_on
        self.stopping = False

    async def run(self):
        while not self.stopping:
            if self.may_go_on():
                await self.publish(self.workload.batch(self.workload.dice.randint(1, self.largest_batch)))
            else:
                await asyncio.sleep(RETRY_S)
        self.post.close()

    async def publish(self, events):
        self.ledger.sent.update((event["id"], event) for event in events)
        body = lines_of(events)
        media_type = "application/cloudevents+json" if len(events) == 1 else "application/x-ndjson"
        while not await self._is_accepted(body, media_type, len(events)):
            await asyncio.sleep(RETRY_S)
        self.ledger.acknowledged.update(event["id"] for event in events)

    async def _is_accepted(self, body, media_type, n):
        try:
            status, answer = await self.post.send(body, media_type)
        except (OSError, asyncio.IncompleteReadError):
            self.post.close()
            return False
        if status == 202 and answer["accepted"] == n:
            return True
        (self.ledger.unavailable if status == 503 else self.ledger.refusals).append(f"{status} {answer}")
        return False
