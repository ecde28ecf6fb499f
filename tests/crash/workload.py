"""What is published: updates of nodes, and orders on their way. Everything says of itself which event it comes from.

An event's id is `<publisher>.<number>`. A node's update carries it in `state`, an order's in `seq`, which only grows. Now and
then the first updates of an order come before its creation, as of two producers.
"""

import json
from dataclasses import dataclass, field
from datetime import datetime, timezone

SOURCE = "/crash"
JOBS = ["j-1", "j-2", "j-3"]
NODES = [f"n-{number}" for number in range(8)]
LIFECYCLE = ["PENDING", "CONFIRMED", "PREPARING", "READY", "OUT_FOR_DELIVERY", "DELIVERED"]
NODE_UPDATES = 0.6  # the share of all events
UPDATES_OF_AN_ORDER = 20
EARLY_UPDATES = 3  # of an order, at most


def watched_order(publisher):
    """The order of a publisher that never ends."""
    return f"o-{publisher}-0"


@dataclass
class Order:
    id: str
    step: int = 0
    seq: int = 0  # of its last update; that of its creation is 0
    created: bool = False


@dataclass
class Workload:
    """The events of one publisher, in the order in which they must be in the log."""

    publisher: str
    dice: object
    number: int = 0
    orders: list = field(default_factory=list)
    ordered: int = 0

    def __post_init__(self):
        self.orders = [self._new_order() for _ in range(4)]

    def batch(self, size):
        return [self._event() for _ in range(size)]

    def last(self):
        """An update of each node for each job, and of each order that is under way: who has seen them has seen all."""
        updates = [self._node_update(node, job) for job in JOBS for node in NODES]
        created = [self._creation(order) for order in self.orders if not order.created]
        return updates + created + [self._order_update(order, advance=False) for order in self.orders]

    def _event(self):
        if self.dice.random() < NODE_UPDATES:
            return self._node_update(self.dice.choice(NODES), self.dice.choice(JOBS))
        return self._order_event(self.dice.choice(self.orders))

    def _new_order(self):
        self.ordered += 1
        return Order(f"o-{self.publisher}-{self.ordered - 1}")

    def _node_update(self, node, job):
        status = self.dice.choice(["idle", "running", "failed"])
        event = self._envelope("NodeStateUpdated", node)
        return {**event, "data": {"status": status, "state": {"job": job, "event": event["id"]}}}

    def _order_event(self, order):
        ending = order.seq >= UPDATES_OF_AN_ORDER and order.id != watched_order(self.publisher)
        if ending and order.step == len(LIFECYCLE) - 2:
            self.orders[self.orders.index(order)] = self._new_order()
        if not order.created and not self._comes_early(order):
            return self._creation(order)
        may_advance = order.step < (len(LIFECYCLE) - 2 if order.created else 1)
        return self._order_update(order, advance=ending or (may_advance and self.dice.random() < 0.05))

    def _comes_early(self, order):
        return order.seq < EARLY_UPDATES and self.dice.random() < 0.25

    def _creation(self, order):
        order.created = True
        item = {"menuItemId": "i-1", "name": "Soup", "quantity": 1, "price": 4}
        data = {"customerId": "c-1", "merchantId": "m-1", "items": [item], "total": 4, "seq": 0}
        return {**self._envelope("OrderCreated", order.id), "data": data}

    def _order_update(self, order, advance):
        order.seq += 1
        order.step += advance
        return {**self._envelope("OrderStatusUpdated", order.id), "data": {"status": LIFECYCLE[order.step], "seq": order.seq}}

    def _envelope(self, type, subject):
        self.number += 1
        time = datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        id = f"{self.publisher}.{self.number}"
        return {"specversion": "1.0", "id": id, "source": SOURCE, "type": type, "subject": subject, "time": time}


@dataclass(frozen=True)
class Value:
    """What an order's message says, as far as it can go back or forward."""

    order: str
    seq: int
    status: str

    def is_after(self, other):
        return self.seq > other.seq and LIFECYCLE.index(self.status) >= LIFECYCLE.index(other.status)


def value_of(message):
    return Value(message["orderId"], message["data"]["seq"], message["data"]["status"])


def values_in(log):
    """The values that each order has had, first to last. The first is what its creation makes of it and of what came before."""
    values, early = {}, {}
    for event in log:
        if not event["type"].startswith("Order"):
            continue
        order = event["subject"]
        value = Value(order, event["data"]["seq"], event["data"].get("status", LIFECYCLE[0]))
        if event["type"] == "OrderCreated":
            values[order] = [early.pop(order, value)]
        elif order in values:
            values[order].append(value)
        else:
            early[order] = value
    return values


def state_updates_in(log):
    """The messages that the log's updates of nodes make, with the index of each: the node's updates, counted from 1."""
    counted, messages = {}, []
    for event in log:
        if event["type"] != "NodeStateUpdated":
            continue
        node = event["subject"]
        counted[node] = counted.get(node, 0) + 1
        millis = round(datetime.fromisoformat(event["time"].replace("Z", "+00:00")).timestamp() * 1000)
        messages.append({"type": "state_update", "node": node, **event["data"], "timestamp": millis, "index": counted[node]})
    return messages


def is_on(topic, message):
    """Whether a state update belongs to a topic."""
    prefix, _, name = topic.partition("/")
    return name == "all" or name == (message["state"]["job"] if prefix == "jobs" else message["node"])


def lines_of(events):
    return "\n".join(json.dumps(event) for event in events).encode()
