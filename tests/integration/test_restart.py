"""What a stop, or a crash, leaves for the next start."""

import json
import threading
from http.client import HTTPException

from events import cloud_event, created, is_status, status
from host import CUSTOMER, STAFF, WAIT


def test_a_restart_brings_back_every_order_and_clients_resume(start, stream):
    path = "/api/v1/stream?topic=orders/all"
    first = start()
    first.publish(created("o-1"), created("o-2"), wait=True)
    opened = stream(first, path, token=STAFF)
    opened.until(is_status("o-2", "PENDING"))
    first.publish(status("o-1", "CONFIRMED"))
    opened.until(is_status("o-1", "CONFIRMED"))
    first.stop()
    second = start()
    second.publish(status("o-2", "CONFIRMED"), wait=True)
    again = stream(second, path, token=STAFF, last_event_id=opened.last_id)
    assert again.next()["resumed"] is True
    assert is_status("o-2", "CONFIRMED")(again.next())
    second.publish(status("o-1", "PREPARING"))
    assert is_status("o-1", "PREPARING")(again.next())


def test_a_source_in_memory_starts_anew_and_says_so(start, stream):
    path = "/api/v1/stream?topic=orders/o-1"
    in_memory = {"events": {"type": "memory"}}
    first = start(sources=in_memory)
    first.publish(created("o-1"), wait=True)
    opened = stream(first, path, token=STAFF)
    opened.until(is_status("o-1", "PENDING"))
    first.stop()
    again = stream(start(sources=in_memory), path, token=STAFF, last_event_id=opened.last_id)
    assert again.next()["resumed"] is False
    assert again.next() == {"type": "reset", "topic": "orders/o-1", "reason": "the cursor is of another history"}


def test_what_was_acknowledged_before_a_crash_is_there_once_after_it(start):
    first = start()
    acknowledged = []
    enough = threading.Event()

    def publish_for_ever():
        number = 0
        try:
            while True:
                event = json.dumps(cloud_event(created(f"o-{number}"), f"e-{number}"))
                if first.post(event, "application/cloudevents+json").status == 202:
                    acknowledged.append(number)
                number += 1
                if number == 200:
                    enough.set()
        except (OSError, HTTPException):
            enough.set()

    publisher = threading.Thread(target=publish_for_ever)
    publisher.start()
    assert enough.wait(60)
    first.kill()
    publisher.join(60)
    second = start()
    assert len(acknowledged) >= 200
    again = [cloud_event(created(f"o-{number}"), f"e-{number}") for number in acknowledged]
    answer = second.post(json.dumps(again), "application/cloudevents-batch+json", headers=WAIT)
    assert (answer.json["accepted"], answer.json["duplicates"]) == (len(again), len(again))
    for number in acknowledged:
        assert second.get(f"/api/v1/topics/orders/o-{number}", token=CUSTOMER).status == 200
