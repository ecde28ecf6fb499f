"""Memory that runs out: whatever is thrown in a turn of a thread of the host ends that turn's work, and never the host. What was
answered 202 stays, and a client that comes back with its cursor misses nothing and gets nothing twice."""

import json
import threading
import time

import pytest

from events import cloud_event
from host import STAFF, configuration, problem, request
from no_memory import NoMemory
from sse import DEADLINE, Stream
from test_metrics import page

ALL_JOBS = "/api/v1/stream?topic=jobs/all"
AT_MOST = 150  # places where memory is refused, spread over all of those of one kind of thread


class Follower:
    """An SSE client that comes back with its cursor as often as its stream ends, and keeps every message of the jobs."""

    def __init__(self, host):
        self.host = host
        self.got = []
        self.resets = 0
        self.stopping = False
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()

    def _follow(self):
        last_id = None
        while not self.stopping:
            try:
                stream = Stream(self.host.port, ALL_JOBS, STAFF, last_id)
            except (AssertionError, OSError):
                continue  # its request met the fault
            with stream:
                while stream.status == 200 and not self.stopping:
                    try:
                        message = stream.next()
                    except OSError:
                        break
                    if message is None:
                        break
                    last_id = stream.last_id or last_id
                    self.resets += message["type"] == "reset"
                    if message["type"] == "state_update":
                        self.got.append(message["index"])
                        if message["state"]["step"] == "last":
                            return

    def stop(self):
        self.stopping = True
        self._thread.join(DEADLINE)
        assert not self._thread.is_alive()


def job_config(folder):
    return configuration(
        folder,
        server={"listen": "127.0.0.1:0", "admin": "127.0.0.1:0", "publish": "events", "shards": 1},
        states={"jobs": {"type": "job", "sources": ["events"]}},
        store={"path": str(folder / "store"), "every": "20ms"},
    )


def update(step):
    data = {"status": "busy", "state": {"job": "j-1", "step": step}}
    return cloud_event({"type": "NodeStateUpdated", "subject": "n-1", "data": data}, f"u-{step}")


def publish(host, step):
    """Publishes until the answer is 202: what is published twice under one id is stored once."""

    def accepted():
        try:
            answer = host.post(json.dumps(update(step)), "application/cloudevents+json")
        except (OSError, AssertionError):
            assert host.process.poll() is None, host.log_text
            return False  # the connection met the fault
        assert answer.status in (202, 500, 503), answer.body
        return answer.status == 202

    host.wait_until(accepted, f"update {step} is accepted")


def dead(host):
    """The steps of the updates at which the State itself failed: the plugin met the fault."""
    letters = []

    def answered():
        answer = request(host.admin_port, "GET", "/api/v1/dead-letters")
        if answer.status == 200:
            letters[:] = answer.json["dead_letters"]
        return answer.status == 200

    host.wait_until(answered, "the dead letters are listed")
    return len(letters)


def failed_turns(host, thread):
    return page(host).get("failed_turns_total", thread=thread)


@pytest.mark.parametrize("thread, role", [("shard", "shard"), ("lane", "lane"), ("append", "append")])
def test_memory_refused_at_any_place_ends_a_turn_and_never_the_host(start, tmp_path, thread, role):
    memory = NoMemory(tmp_path)
    host = start(config=job_config(tmp_path), environment=memory.environment)
    follower = Follower(host)
    publish(host, "first")
    host.wait_until(lambda: follower.got == [1], "the first update is followed")

    memory.watch(thread)
    for step in ("one", "two", "three"):
        publish(host, step)
    host.wait_until(lambda: follower.got == [1, 2, 3, 4], "three more are")
    places = range(1, memory.asked + 1, max(1, memory.asked // AT_MOST))

    published = 5  # with the last one
    for nth in places:
        memory.refuse(thread, nth)
        until = time.monotonic() + DEADLINE
        while memory.asked < nth:
            published += 1
            publish(host, str(published))
            assert host.process.poll() is None, host.log_text
            assert time.monotonic() < until, f"only {memory.asked} of {nth} times memory was asked for\n{host.log_text}"
        memory.grant()  # while it comes to itself
        published += 1
        publish(host, str(published))
        host.wait_until(lambda: page(host).get("breaker_state", state="jobs", partition="0") == 0, "the lane is well")
    publish(host, "last")
    host.wait_until(lambda: follower.got and len(follower.got) + dead(host) >= published, "every update has come, or is a dead letter")
    follower.stop()
    assert failed_turns(host, role) > 0, "not one of them was where the host itself asks"
    assert follower.resets == 0
    assert follower.got == list(range(1, len(follower.got) + 1)), "each once, in order"
    assert host.admin("/readyz").status == 200, host.admin("/readyz").body


def test_memory_refused_to_the_store_delays_an_answer_and_loses_nothing(start, tmp_path):
    memory = NoMemory(tmp_path)
    host = start(config=job_config(tmp_path), environment=memory.environment)
    publish(host, "first")
    assert host.post(json.dumps({"type": "NodeStateUpdated", "subject": "n-1", "data": {}})).status == 202
    host.wait_until(lambda: dead(host) == 1, "what a state rejected is a dead letter")
    memory.watch("store")
    assert dead(host) == 1
    places = range(1, memory.asked + 1)
    assert places
    for nth in places:
        memory.refuse("store", nth)
        assert dead(host) == 1
        assert memory.asked >= nth
    memory.grant()
    publish(host, "last")
    assert failed_turns(host, "store") > 0
    host.stop()
    host = start(config=job_config(tmp_path))
    assert dead(host) == 1
    assert len(host.get("/api/v1/topics/jobs/j-1").json["items"]) == 2


def test_memory_refused_while_a_lane_catches_up_delays_it_and_loses_nothing(start, tmp_path):
    host = start(config=job_config(tmp_path))
    steps = [str(n) for n in range(300)]
    for step in steps:
        publish(host, step)
    host.stop()
    memory = NoMemory(tmp_path)
    (tmp_path / "store" / "jobs.state").unlink()
    nth, told = 1, 0
    while nth <= 60:
        memory.refuse("catch-up", nth)
        host = start(config=job_config(tmp_path), environment=memory.environment)
        answer = host.get("/api/v1/topics/jobs/j-1?limit=1000")
        assert [item["state"]["step"] for item in answer.json["items"]] == steps
        told += failed_turns(host, "source")
        host.kill()
        (tmp_path / "store" / "jobs.state").unlink(missing_ok=True)
        nth += 12
    assert told > 0
