"""A recording of many orders' events, the same on every run, and what it must come to, folded here independently."""

import json
import random
from dataclasses import dataclass, field

LIFECYCLE = {
    "PENDING": ["CONFIRMED", "CANCELLED"],
    "CONFIRMED": ["PREPARING", "CANCELLED"],
    "PREPARING": ["READY", "CANCELLED"],
    "READY": ["OUT_FOR_DELIVERY"],
    "OUT_FOR_DELIVERY": ["DELIVERED", "FAILED"],
    "DELIVERED": [],
    "CANCELLED": [],
    "FAILED": [],
}
STAFF_ONLY = "internalNote"


class _Scribe:
    """Writes one order's events: mostly its way through the lifecycle, and now and then something wrong, or before its creation.

    Each event that changes the order carries a revision, so that no two values of an order are equal.
    """

    def __init__(self, dice, order, customers):
        self.dice = dice
        self.order = order
        self.customer = f"c-{dice.randrange(customers)}"
        self.events = []

    def write(self):
        while self._chance(0.05):
            self.dice.choice([self._payment, lambda: self._status(self.dice.choice(["CONFIRMED", "CONFIRMED", "DELIVERED", "LOST"]))])()
        self._created(self.customer)
        self._payment()
        status = "PENDING"
        while LIFECYCLE[status] and not self._chance(0.03):
            self._mistakes(status)
            status = self.dice.choices(LIFECYCLE[status], [9, 1][: len(LIFECYCLE[status])])[0]
            self._status(status)
        return self.events

    def _mistakes(self, status):
        if self._chance(0.05):
            self._event("OrderStatusUpdated", {"status": status})
        if self._chance(0.10):
            self._status(status, eta=self.dice.choice(["12:10", "12:30", None]))
        if self._chance(0.05):
            self._status(self.dice.choice([s for s in LIFECYCLE if s not in (status, *LIFECYCLE[status])]))
        if self._chance(0.02):
            self._status("LOST")
        if self._chance(0.02):
            self._created("c-somebody-else")
        if self._chance(0.04):
            self.events.append(self.dice.choice(self.events))
        if self._chance(0.10):
            self._payment()

    def _chance(self, share):
        return self.dice.random() < share

    def _created(self, customer):
        prices = [self.dice.randrange(100, 3000) / 100 for _ in range(self.dice.randrange(1, 3))]
        items = [{"menuItemId": f"i-{n}", "name": f"Dish {n}", "quantity": 1, "price": p} for n, p in enumerate(prices)]
        fields = {"customerId": customer, "merchantId": f"m-{self.dice.randrange(50)}", "items": items, "total": sum(prices)}
        self._event("OrderCreated", {**fields, "revision": len(self.events)})

    def _payment(self):
        outcome = self.dice.choice(["SUCCEEDED", "SUCCEEDED", "FAILED"])
        self._event("PaymentProcessed", {"paymentId": f"p-{self.order}-{len(self.events)}", "status": outcome, "amount": 10})

    def _status(self, status, **more):
        note = {STAFF_ONLY: "call first"} if self._chance(0.05) else {}
        self._event("OrderStatusUpdated", {"status": status, "revision": len(self.events), **note, **more})

    def _event(self, type, data):
        id = f"{self.order}.{len(self.events)}"
        envelope = {"specversion": "1.0", "id": id, "source": "/recording", "time": "2023-12-20T14:30:00Z"}
        self.events.append({**envelope, "type": type, "subject": self.order, "data": data})


def record(orders, customers=500, seed=17):
    """The events of so many orders, shuffled into one another; those of one order stay in their order."""
    dice = random.Random(seed)
    stories = [iter(_Scribe(dice, f"o-{number:05}", customers).write()) for number in range(orders)]
    events = []
    active = []
    while stories or active:
        while stories and len(active) < 2000:
            active.append(stories.pop())
        chosen = dice.randrange(len(active))
        event = next(active[chosen], None)
        if event is None:
            active[chosen] = active[-1]
            active.pop()
        else:
            events.append(event)
    return events


def merge_patch(target, patch):
    """RFC 7396."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge_patch(merged.get(name), value)
    return merged


def as_customer(data):
    return {name: value for name, value in data.items() if name != STAFF_ONLY}


def _canonical(data):
    return json.dumps(data, sort_keys=True)


@dataclass
class Fold:
    """Every value that each order had, oldest first. What comes before an order is created is folded with its creation, however
    late: as long as no time passes in the recording."""

    history: dict = field(default_factory=dict)
    duplicates: int = 0
    rejected: int = 0
    held: int = 0
    _early: dict = field(default_factory=dict)
    _seen: set = field(default_factory=set)
    _places: dict = field(default_factory=dict)

    def apply(self, event):
        if event["id"] in self._seen:
            self.duplicates += 1
            return
        self._seen.add(event["id"])
        values = self.history.get(event["subject"])
        before = values[-1] if values else None
        if before is None and self._may_be_held(event):
            self.held += 1
            self._early.setdefault(event["subject"], []).append(event)
            return
        after = self._value_after(event, before)
        if event["type"] == "OrderCreated" and after is not before:
            for early in self._early.pop(event["subject"], []):
                after = self._value_after(early, after)
        if after != before:
            self.history.setdefault(event["subject"], []).append(after)
            self._note(event["subject"], after)

    @staticmethod
    def _may_be_held(event):
        return event["type"] == "PaymentProcessed" or event["type"] == "OrderStatusUpdated" and event["data"]["status"] in LIFECYCLE

    def _value_after(self, event, before):
        after = self._next_value(event, before)
        self.rejected += after is None
        return before if after is None else after

    @staticmethod
    def _next_value(event, before):
        """The order's value after this event; None when the event is to be rejected."""
        data = event["data"]
        if event["type"] == "OrderCreated":
            return {"status": "PENDING", **data} if before is None else None
        if before is None:
            return None
        if event["type"] == "PaymentProcessed":
            return {**before, "payment": merge_patch(before.get("payment"), data)}
        if data["status"] not in LIFECYCLE:
            return None
        if data["status"] != before["status"] and data["status"] not in LIFECYCLE[before["status"]]:
            return None
        return merge_patch(before, data)

    def _note(self, order, value):
        place = len(self.history[order]) - 1
        for seen_by_staff, shown in ((True, value), (False, as_customer(value))):
            self._places[order, seen_by_staff, _canonical(shown)] = place

    def place(self, order, data, staff):
        """Which of the order's values this is, counted from 0; None when it never had this value."""
        return self._places.get((order, staff, _canonical(data)))

    def final(self, order):
        return self.history[order][-1]

    def orders_of(self, customer):
        return [order for order, values in self.history.items() if values[-1]["customerId"] == customer]


def fold(events):
    result = Fold()
    for event in events:
        result.apply(event)
    return result
