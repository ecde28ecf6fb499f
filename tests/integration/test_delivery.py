"""Runs and drivers from outside: everybody sees what is theirs, no longer than it is, and staff the fold of all events."""

import random
from datetime import datetime, timedelta, timezone

import pytest

from events import cloud_event, created, status
from host import CUSTOMER, STAFF, TOKENS, configuration, problem
from models.delivery import fold, timestamp

DRIVER, DISPATCHER = "driver-one", "dispatcher-token"
ACCESS = {
    "tokens": {
        **TOKENS,
        DRIVER: {"sub": "d-1", "roles": ["driver"]},
        DISPATCHER: {"sub": "x-1", "roles": ["dispatcher"]},
    }
}
STATES = {
    "orders": {"type": "order", "sources": ["events"]},
    "deliveries": {"type": "delivery", "sources": ["events"], "refresh": "24h"},
}


@pytest.fixture
def host(start, tmp_path):
    return start(config=configuration(tmp_path, states=STATES, access=ACCESS))


def moved(driver, latitude=43.6532, **more):
    data = {"latitude": latitude, "longitude": -79.3832, "heading": 180, "speed": 45.5, **more}
    return {"type": "DriverLocationUpdated", "subject": driver, "data": data}


def run(id, **fields):
    return {"type": "RunUpdated", "subject": id, "data": fields}


def out_for_delivery(order, driver):
    steps = ("CONFIRMED", "PREPARING", "READY")
    return [*(status(order, step) for step in steps), status(order, "OUT_FOR_DELIVERY", driverId=driver)]


def is_at(driver, latitude):
    return lambda m: m.get("driverId") == driver and m["location"]["latitude"] == latitude


def test_a_location_is_streamed_as_it_was_sent(host, stream):
    sent = cloud_event(moved("d-1"), "e-1") | {"time": "2023-12-20T14:35:00Z"}
    opened = stream(host, "/api/v1/realtime/drivers/d-1/location", token=DISPATCHER)
    assert opened.next()["type"] == "connected"
    host.publish(sent)
    while not opened.messages:
        opened.messages += opened.parser.feed(opened.socket.recv(4096))
    assert opened.messages[0].data == (
        '{"type":"driver_location","driverId":"d-1","location":{"latitude":43.6532,"longitude":-79.3832,'
        '"heading":180,"speed":45.5},"timestamp":"2023-12-20T14:35:00.000Z"}'
    )


def test_a_customer_follows_the_drivers_of_its_orders_and_no_further(host, stream):
    host.publish(created("o-1"), created("o-2"), moved("d-1", 1), moved("d-2", 2), wait=True)
    path = "/api/v1/stream?topic=drivers/d-1&topic=drivers/d-2"
    assert stream(host, path, token=CUSTOMER).status == 403

    host.publish(*out_for_delivery("o-1", "d-1"), *out_for_delivery("o-2", "d-2"), wait=True)
    opened = stream(host, path, token=CUSTOMER)
    assert opened.status == 200
    opened.until(is_at("d-2", 2))
    host.publish(moved("d-1", 3))
    opened.until(is_at("d-1", 3))

    host.publish(status("o-1", "DELIVERED"))
    reason = "no order of yours is on its way with this driver any more"
    assert opened.until(lambda m: m["type"] == "ended")[-1] == {"type": "ended", "topic": "drivers/d-1", "reason": reason}
    host.publish(moved("d-1", 4), moved("d-2", 5), wait=True)
    assert [m["driverId"] for m in opened.until(is_at("d-2", 5))] == ["d-2"]
    assert host.get("/api/v1/topics/drivers/d-1").json["location"]["latitude"] == 4

    again = host.get("/api/v1/realtime/drivers/d-1/location", token=CUSTOMER)
    assert problem(again)[0] == 403
    assert problem(again)[2].startswith("driver d-1 has no order of yours on the way, or does not exist")


def test_a_driver_follows_its_run_until_it_is_completed(host, stream):
    path = "/api/v1/realtime/runs/r-1/stream"
    assert stream(host, path, token=DRIVER).status == 403
    host.publish(run("r-1", status="IN_PROGRESS", driverId="d-1", stops=[{"completed": True}, {}]), wait=True)
    assert stream(host, path, token=CUSTOMER).status == 403
    opened = stream(host, path, token=DRIVER)
    first = opened.until(lambda m: m["type"] == "run_update")[-1]
    assert (first["data"]["completedStops"], first["data"]["totalStops"]) == (1, 2)
    host.publish(run("r-1", status="COMPLETED", completedStops=2))
    last, *after = opened.rest()
    assert (last["data"]["status"], last["data"]["completedStops"]) == ("COMPLETED", 2)
    assert after[0] == {"type": "ended", "topic": "runs/r-1"}


# ---- a recording, folded


class Scribe:
    """Writes runs and locations, right ones and wrong ones, the same on every run of the test."""

    RUN_FIELDS = {
        "status": ["PLANNED", "IN_PROGRESS", "IN_PROGRESS", "COMPLETED", "CANCELLED", None, 7],
        "completedStops": [0, 1, 2, -1, 1.5, None],
        "totalStops": [1, 3, 9, "3", None],
        "driverId": ["d-1", "d-2", None, "d 1"],
        "orderIds": [["o-1"], ["o-1", "o-2"], [], None, ["o 1"], "o-1"],
        "stops": [[{"completed": True}, {"status": "COMPLETED"}, {"status": "NEXT"}], [{}], [], None, {}],
        "eta": ["15:00", {"from": "15:00", "to": "15:30"}, {"to": None}, None],
        "runId": ["r-1"],
    }
    LOCATION_FIELDS = {
        "latitude": [43.6532, -90, 90.5, "43", None],
        "longitude": [-79.3832, 180, 1e-7, -180.1],
        "heading": [0, 359.9, 361, None],
        "speed": [0, 45.5, -1, None],
        "accuracy": [5, 1.25, None],
        "vehicle": [{"type": "bike"}, ["a", {"b": None}]],
        "driverId": ["d-1"],
    }

    def __init__(self, seed):
        self.dice = random.Random(seed)
        self.start = datetime.now(timezone.utc)
        self.events = []

    def write(self, count):
        while len(self.events) < count:
            if self.events and self.dice.random() < 0.03:
                self.events.append(self.dice.choice(self.events))
            elif self.dice.random() < 0.5:
                self._event("RunUpdated", self._one_of("r", 20), self._fields(self.RUN_FIELDS, 0.3))
            else:
                self._event("DriverLocationUpdated", self._one_of("d", 8), self._fields(self.LOCATION_FIELDS, 0.85))
        return self.events

    def _one_of(self, letter, count):
        return self.dice.choice([f"{letter}-{n}" for n in range(count)] * 5 + ["all", "no id", f"x-{count}"])

    def _fields(self, fields, share):
        # The first values are right ones, and come more often.
        pick = lambda values: self.dice.choices(values, [12] * 2 + [1] * (len(values) - 2) if len(values) > 2 else None)[0]
        return {name: pick(values) for name, values in fields.items() if self.dice.random() < share}

    def _event(self, type, subject, data):
        number = len(self.events)
        time = self.start + timedelta(milliseconds=number, microseconds=number)
        zoned = time.astimezone(timezone(timedelta(hours=self.dice.choice([0, 2, -5])))).isoformat()
        event = {"type": type, "subject": subject, "data": data}
        self.events.append(cloud_event(event, f"e-{number}", "/scribe") | {"time": zoned})


def seen_by_staff(host):
    messages = {}
    for kind, own_id in (("runs", "runId"), ("drivers", "driverId")):
        answer = host.get(f"/api/v1/topics/{kind}/all?limit=1000").json
        assert "next" not in answer
        messages |= {(kind, message[own_id]): message for message in answer["items"]}
    return messages


def test_staff_sees_the_fold_of_all_events_also_after_a_restart(start, tmp_path):
    config = configuration(tmp_path, states=STATES, access=ACCESS)
    events = Scribe(seed=11).write(2000)
    truth = fold(events)
    assert len(truth) > 25 and any(m.get("data", {}).get("status") == "COMPLETED" for m in truth.values())

    first = start(config=config)
    answers = [first.publish(*events[at : at + 200], wait=True) for at in range(0, len(events), 200)]
    rejected = [v for answer in answers for v in answer["verdicts"] if v["verdict"] == "rejected"]
    assert len(rejected) > 200
    assert seen_by_staff(first) == truth
    first.stop()
    assert seen_by_staff(start(config=config)) == truth


def test_the_model_writes_times_as_clients_read_them():
    assert timestamp("2023-12-20T16:35:00.1239+02:00") == "2023-12-20T14:35:00.123Z"
