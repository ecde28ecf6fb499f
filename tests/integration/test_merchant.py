"""Merchants from the outside: their menus, opening times and promotions, as every client sees them."""

import json
import random
from datetime import datetime, timedelta, timezone

import pytest

from events import cloud_event
from host import CUSTOMER, STAFF, problem
from models.merchant import fold
from stock_clients import STOCK_CLIENTS

FOREVER = "2999-12-31T00:00:00Z"


def status(merchant, open, **more):
    return {"type": "RestaurantStatusChanged", "subject": merchant, "data": {"open": open, **more}}


def item(id, merchant="m-1", **more):
    data = {"merchantId": merchant, "name": "Soup", "price": 4.5, "available": True, **more}
    return {"type": "MenuItemUpdated", "subject": id, "data": data}


def promotion(id, merchant="m-1", **more):
    data = {"merchantId": merchant, "title": "Two for one", "endsAt": FOREVER, **more}
    return {"type": "PromotionPublished", "subject": id, "data": data}


@pytest.fixture
def host(start):
    return start(states={"merchants": {"type": "merchant", "sources": ["events"], "refresh": "20ms"}})


def test_a_merchants_stream_brings_the_whole_merchant_with_each_change(host, stream):
    host.publish(status("m-1", True, until=FOREVER, cuisine="soup"), item("i-1"), wait=True)
    opened = stream(host, "/api/v1/realtime/merchants/m-1/stream", token=CUSTOMER)
    assert opened.next()["type"] == "connected"
    soup = {"menuItemId": "i-1", "name": "Soup", "price": 4.5, "available": True}
    merchant = {"open": True, "until": FOREVER, "cuisine": "soup", "items": [soup], "promotions": []}
    assert opened.next() == {"type": "merchant_update", "merchantId": "m-1", "data": merchant}
    sold_out = {"type": "MenuItemUpdated", "subject": "i-1", "data": {"merchantId": "m-1", "available": False}}
    host.publish(sold_out, promotion("p-1"))
    assert opened.until(lambda m: m["data"]["promotions"])[-1]["data"] == {
        **merchant,
        "items": [{**soup, "available": False}],
        "promotions": [{"promotionId": "p-1", "title": "Two for one", "endsAt": FOREVER}],
    }


def soon():
    return (datetime.now(timezone.utc) + timedelta(seconds=1)).isoformat().replace("+00:00", "Z")


def test_what_runs_out_is_seen_to_run_out(host, stream):
    until = soon()
    host.publish(status("m-1", False, until=until), promotion("p-1", endsAt=until), wait=True)
    opened = stream(host, "/api/v1/stream?topic=merchants/all", token=CUSTOMER)
    seen = opened.until(lambda m: m.get("data", {}).get("open") is True)
    assert seen[-1]["data"] == {"open": True, "until": None, "items": [], "promotions": []}


def test_a_merchant_that_does_not_exist_is_waited_for_by_staff_alone(host, stream):
    waiting = stream(host, "/api/v1/realtime/merchants/m-1/stream", token=STAFF)
    assert waiting.next()["type"] == "connected"
    refused = host.get("/api/v1/realtime/merchants/m-1/stream", token=CUSTOMER)
    assert problem(refused) == (403, "Forbidden", "merchant m-1 does not exist")
    host.publish(status("m-1", True))
    assert waiting.next()["data"]["open"] is True


def test_a_publisher_that_waits_learns_why_an_event_was_rejected(host):
    answer = host.publish(item("i-1", price=-1), wait=True)
    reason = "data.price must be a number of at least 0"
    assert answer["verdicts"] == [{"index": 0, "state": "merchants", "verdict": "rejected", "reason": reason}]


@pytest.mark.parametrize("kind", STOCK_CLIENTS, ids=lambda kind: kind.__name__)
def test_stock_clients_follow_a_merchant(host, stock, kind):
    host.publish(status("m-1", True), wait=True)
    client = stock(kind, host, "merchants/m-1", token=CUSTOMER)
    assert client.next()["data"]["open"] is True
    host.publish(status("m-1", False))
    assert client.next()["data"]["open"] is False


class _Scribe:
    """Writes events about a few merchants, the same on every run; about one in five is wrong in some way.

    What runs out has done so by the time of its own event, or will not while the test runs: the clock changes nothing.
    """

    def __init__(self, seed):
        self.dice = random.Random(seed)

    def write(self, n):
        return [self._event(number) for number in range(n)]

    def _event(self, number):
        merchant = f"m-{self.dice.randrange(7)}"
        write = self.dice.choice([self._status, self._item, self._item, self._promotion])
        event = write(merchant)
        if self.dice.random() < 0.2:
            self._spoil(event)
        time = f"2023-12-20T{self.dice.randrange(24):02}:00:00Z"
        return {**cloud_event(event, f"e-{number}"), "time": time}

    def _status(self, merchant):
        until = self.dice.choice([{}, {"until": None}, {"until": FOREVER}, {"until": "2023-12-20T01:00:00+01:00"}])
        return status(merchant, self.dice.random() < 0.5, **until, **self._own_fields())

    def _item(self, merchant):
        id = f"i-{self.dice.randrange(6)}"
        change = self.dice.choice(["whole", "whole", "price", "available", "removed"])
        if change == "whole":
            return item(id, merchant, price=self.dice.randrange(2000) / 100, **self._own_fields())
        value = {"price": self.dice.randrange(20), "available": False, "removed": True}[change]
        return {"type": "MenuItemUpdated", "subject": id, "data": {"merchantId": merchant, change: value}}

    def _promotion(self, merchant):
        id = f"p-{self.dice.randrange(3)}"
        if self.dice.random() < 0.2:
            return {"type": "PromotionPublished", "subject": id, "data": {"merchantId": merchant, "removed": True}}
        ends = self.dice.choice([FOREVER, "2998-01-01T00:00:00.5Z", "2023-12-20T00:00:00Z"])
        return promotion(id, merchant, endsAt=ends, **self._own_fields())

    def _own_fields(self):
        return self.dice.choice([{}, {"note": "x"}, {"note": None}, {"more": {"a": 1, "b": [2]}}, {"more": {"a": None}}])

    def _spoil(self, event):
        wrong = {"open": "yes", "until": "noon", "merchantId": "m 1", "price": -1, "available": None, "title": "",
                 "endsAt": "2023-12-20", "name": 7, "removed": False, "items": []}  # fmt: skip
        name = self.dice.choice(sorted(wrong))
        event["data"][name] = wrong[name]


@pytest.mark.parametrize("lanes", [1, 3])
def test_every_client_ends_at_the_fold_of_all_events(start, stream, lanes):
    states = {"merchants": {"type": "merchant", "sources": ["events"], "partitions": lanes}}
    events = _Scribe(seed=lanes).write(600)
    expected = {id: message for (_, id), message in fold(events).items()}
    assert len(expected) == 7
    host = start(states=states)
    answer = host.publish(*events, wait=True)
    verdicts = [verdict["verdict"] for verdict in answer["verdicts"]]
    assert verdicts.count("rejected") > 50 and verdicts.count("applied") > 300
    for _ in range(2):
        everything = stream(host, "/api/v1/stream?topic=merchants/all", token=CUSTOMER)
        seen = {}
        while len(seen) < len(expected):
            message = everything.next()
            if message["type"] == "merchant_update":
                seen[message["merchantId"]] = message
        assert seen == expected
        for id, message in expected.items():
            assert json.loads(host.get(f"/api/v1/topics/merchants/{id}", token=CUSTOMER).body) == message
        host.stop()
        host = start(states=states)
