"""What the log's retention makes of a wall clock that is wrong: events age by the time that passed, and by nothing else."""

import json
import re
import sqlite3

import pytest

from events import created
from fake_clock import FakeClock

WRONG = {
    "a day slow": "-1d",
    "a day fast": "+1d",
    "years fast": "+1000d",
    "1970": "@1970-01-02 00:00:05",
}


def clocks(*names):
    return pytest.mark.parametrize("wrong", [WRONG[name] for name in names], ids=names)


STEP = r"events\.db: the clock of this machine says \d\S+Z, and said \d\S+Z before: "


def log_keeping(folder, age):
    return {"events": {"type": "log", "path": str(folder / "events.db"), "retention": {"age": age}}}


def subjects_of(host):
    page = host.admin("/api/v1/sources/events/events?limit=10000")
    if page.status != 200:
        return page.body  # what was to be read went just then
    return [json.loads(line)["subject"] for line in page.body.splitlines()]


def look_after_the_log(host, rounds=3):
    """Waits for so many rounds of upkeep, in which retention looks what is old."""

    def rounds_so_far():
        found = re.search(r'^statecast_call_seconds_count\{.*function="ack".*\} (\S+)$', host.admin("/metrics").body.decode(), re.MULTILINE)
        return float(found[1]) if found else 0

    last = rounds_so_far() + rounds
    host.wait_until(lambda: rounds_so_far() >= last, "the log was looked after")


def publish_three(host):
    host.publish(*(created(f"o-{n}") for n in range(3)), wait=True)
    look_after_the_log(host)


@clocks(*WRONG)
def test_a_clock_that_was_wrong_for_one_run_takes_no_fresh_event(start, tmp_path, wrong):
    sources = log_keeping(tmp_path, "1h")
    first = start(sources=sources, environment=FakeClock(tmp_path, wrong).environment)
    publish_three(first)
    first.stop()
    host = start(sources=sources)
    host.wait_until_told(STEP + r"\d+ s passed in between, and events age by that")
    look_after_the_log(host)
    assert subjects_of(host) == ["o-0", "o-1", "o-2"]


@clocks("a day slow", "1970")
def test_a_clock_that_was_wrong_before_a_boot_takes_no_fresh_event(start, tmp_path, wrong):
    sources = log_keeping(tmp_path, "1h")
    first = start(sources=sources, environment=FakeClock(tmp_path, wrong).environment)
    publish_three(first)
    first.stop()
    with sqlite3.connect(tmp_path / "events.db") as database:
        database.execute("UPDATE clock SET boot = 'another'")
    database.close()
    host = start(sources=sources)
    host.wait_until_told(STEP + "the machine was started anew in between, and nobody can say how much time passed")
    look_after_the_log(host)
    assert subjects_of(host) == ["o-0", "o-1", "o-2"]


@clocks("a day slow", "a day fast")
def test_a_clock_that_steps_while_the_host_runs_takes_no_fresh_event(start, tmp_path, wrong):
    clock = FakeClock(tmp_path)
    host = start(sources=log_keeping(tmp_path, "1h"), environment=clock.environment)
    publish_three(host)
    clock.set(wrong)
    host.wait_until_told(STEP + r"\d+ s passed in between")
    look_after_the_log(host)
    clock.set("+0")
    host.wait_until_told(STEP + r"\d+ s passed in between", times=2)
    look_after_the_log(host)
    assert subjects_of(host) == ["o-0", "o-1", "o-2"]


@clocks("a day fast", "1970")
def test_a_clock_that_was_wrong_keeps_no_event_for_ever(start, tmp_path, wrong):
    sources = log_keeping(tmp_path, "1s")
    first = start(sources=sources, environment=FakeClock(tmp_path, wrong).environment)
    first.publish(*(created(f"o-{n}") for n in range(3)), wait=True)
    first.kill()
    host = start(sources=sources)
    host.wait_until(lambda: subjects_of(host) == ["o-2"], "all went but the newest, which always stays")
