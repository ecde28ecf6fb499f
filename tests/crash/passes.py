"""One pass: a fresh log, publishers and subscribers, a host that is troubled, and what has come of it all."""

import asyncio
import random
import sqlite3
import traceback
from dataclasses import dataclass, field

from checks import log_findings, subscriber_findings
from edits import state_findings
from publishers import Ledger, Publisher
from subscribers import SseSubscriber, WebSocketSubscriber
from victim import Victim
from workload import NODE_UPDATES, Workload, is_on, state_updates_in, values_in, watched_order

DRAIN_S = 90
LARGEST_LAG = 1500  # messages that may be under way to who follows all of them
LARGEST_UNFOLLOWED = 20_000  # events of a pass that nobody follows
LARGEST_BATCHES = {"p1": 1, "p2": 1, "p3": 20, "p4": 60}


@dataclass
class Report:
    name: str
    findings: list = field(default_factory=list)
    facts: dict = field(default_factory=dict)


def audience():
    """(name, kind of client, topics) of each subscriber."""
    order = f"orders/{watched_order('p3')}"
    yield "sse mixed", SseSubscriber, ["nodes/n-2", "jobs/j-3", order]
    yield "websocket mixed", WebSocketSubscriber, ["jobs/j-2", "jobs/j-3", order]
    for kind, client in ("sse", SseSubscriber), ("websocket", WebSocketSubscriber):
        yield f"{kind} jobs/all", client, ["jobs/all"]
        yield f"{kind} jobs/j-1", client, ["jobs/j-1"]
        yield f"{kind} orders/all", client, ["orders/all"]
        yield f"{kind} one order", client, [f"orders/{watched_order('p1')}"]


def last_marks(topics, events):
    """What a subscriber of these topics sees last of each entity, when these are the last events."""
    orders = {}
    for event in events:
        if event["type"] == "NodeStateUpdated":
            message = {"node": event["subject"], **event["data"]}
            if any(not topic.startswith("orders/") and is_on(topic, message) for topic in topics):
                yield event["id"]
        elif "orders/all" in topics or f"orders/{event['subject']}" in topics:
            orders[event["subject"]] = event["data"]["seq"]
    yield from orders.items()


class Pass:
    """With `followed` false nobody subscribes, so that a state may be taken away; what the states know in the end is judged instead."""

    def __init__(self, name, seed, folder, partitions, leaves=0.005, drain_s=DRAIN_S, followed=True, **victim):
        self.name = name
        self.seed = f"{seed}/{name}"
        self.partitions = partitions
        self.drain_s = drain_s
        self.victim = Victim(folder, partitions, **victim)
        self.ledger = Ledger()
        self.publishers = [
            Publisher(self.victim.port, Workload(id, self.dice(id)), largest, self.ledger, self.audience_follows)
            for id, largest in LARGEST_BATCHES.items()
        ]
        self.subscribers = [
            client(id, self.victim.port, topics, self.dice(id), leaves) for id, client, topics in audience() if followed
        ]

    def audience_follows(self):
        if not self.subscribers:
            return len(self.ledger.sent) < LARGEST_UNFOLLOWED
        slowest = min(s.witness.settled for s in self.subscribers if s.topics == ["jobs/all"])
        return len(self.ledger.sent) * NODE_UPDATES - slowest < LARGEST_LAG

    def dice(self, whose):
        return random.Random(f"{self.seed}/{whose}")

    async def run(self, trouble):
        """`trouble` does to the host what it will, while everybody publishes and follows; it leaves a host that runs."""
        publishing = [asyncio.create_task(publisher.run()) for publisher in self.publishers]
        others = [asyncio.create_task(subscriber.run()) for subscriber in self.subscribers]
        try:
            await self._unless_ended(trouble(self), publishing + others)
            others.append(asyncio.create_task(self.victim.run_on()))
            await self._unless_ended(self._drain(publishing), others)
            log = await asyncio.to_thread(self.victim.events)
            lost = [] if self.subscribers else await state_findings(self.victim)
            await self.victim.stop()
        except Exception:
            return Report(self.name, ["it did not come to its end:\n" + traceback.format_exc(), *self.victim.all_findings()])
        finally:
            await self._end(publishing + others)
        return self._judge(log, lost)

    async def _unless_ended(self, work, others):
        """Awaits the work. The others end before it only by a mistake, which is raised."""
        work = asyncio.create_task(work)
        done, _ = await asyncio.wait([work, *others], return_when=asyncio.FIRST_COMPLETED)
        work.cancel()  # if it is not done
        for task in done:
            task.result()

    async def _drain(self, publishing):
        """Lets publishers end, publishes the last events, and waits until everybody has seen them."""
        for publisher in self.publishers:
            publisher.stopping = True
        async with asyncio.timeout(self.drain_s):
            await asyncio.gather(*publishing)
        last = [publisher.workload.last() for publisher in self.publishers]
        for subscriber in self.subscribers:
            subscriber.await_last(last_marks(subscriber.topics, sum(last, [])))
        async with asyncio.timeout(self.drain_s):
            for publisher, events in zip(self.publishers, last):
                await publisher.publish(events)
        if not self.subscribers:
            return await self.victim.wait_until_ready()
        drained = [asyncio.create_task(subscriber.drained.wait()) for subscriber in self.subscribers]
        await asyncio.wait(drained, timeout=self.drain_s)
        for task in drained:
            task.cancel()

    async def _end(self, tasks):
        self.victim.end_at_once()
        for client in self.publishers + self.subscribers:
            client.stopping = True  # a cancellation alone may be lost in opening a connection
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _judge(self, log, lost):
        findings = self.victim.all_findings() + lost
        findings += [f"a publisher was answered {refusal}" for refusal in self.ledger.refusals]
        findings += log_findings([event["id"] for event in log], self.ledger.sent, self.ledger.acknowledged)
        findings += self._damage()
        made = state_updates_in(log), values_in(log)
        for subscriber in self.subscribers:
            if not subscriber.drained.is_set():
                findings.append(f"{subscriber.name}: has not come to the end: {subscriber.waits_for()[:5]}")
            found = subscriber_findings(subscriber.topics, subscriber.witness, made, self._line_of(subscriber))
            findings += [f"{subscriber.name}: {finding}" for finding in found]
        return Report(self.name, findings, self._facts(log))

    def _line_of(self, subscriber):
        """Which messages come to this subscriber in one order: those of one lane, of topics that it resumes together."""
        by_node, by_job = self.partitions > 1, subscriber.in_steps and len(subscriber.topics) > 1
        return lambda message: (by_node and message["node"], by_job and message["state"]["job"])

    def _damage(self):
        """What SQLite itself finds in the log's file, now that the host has stopped."""
        with sqlite3.connect(f"file:{self.victim.folder}/events.db?mode=ro", uri=True) as db:
            rows = [row[0] for row in db.execute("PRAGMA integrity_check")]
        return [] if rows == ["ok"] else [f"the log's file is damaged: {rows[:5]}"]

    def _facts(self, log):
        return {
            "kills": self.victim.kills,
            "events": len(log),
            "messages": sum(len(s.witness.sightings) for s in self.subscribers),
            "connections": sum(s.opened for s in self.subscribers),
            "unavailable": len(self.ledger.unavailable),
        }
