"""The events of a source on the admin listener, page after page: what recordings are made of."""

import json
import re

import pytest

from events import created
from host import problem

PAGES = "/api/v1/sources/events/events"


def next_page(page):
    found = re.fullmatch(r'<(.*)>; rel="next"', page.headers.get("link", ""))
    return found and found[1]


def test_pages_lead_from_one_to_the_next_up_to_what_was_newest(host):
    host.publish(*(created(f"o-{n}") for n in range(5)))
    page = host.admin(f"{PAGES}?limit=2")
    assert page.headers["content-type"] == "application/x-ndjson"
    host.publish(created("late"))
    subjects, progress = [], []
    while True:
        subjects += [json.loads(line)["subject"] for line in page.body.splitlines()]
        progress.append(page.headers["statecast-progress"])
        if not next_page(page):
            break
        page = host.admin(next_page(page))
    assert subjects == ["o-0", "o-1", "o-2", "o-3", "o-4"]
    assert progress == ["0.4000", "0.8000", "1.0000"]
    rest = host.admin(f"{PAGES}?after={page.headers['statecast-cursor']}")
    assert json.loads(rest.body)["subject"] == "late"


def test_a_page_begins_after_what_a_publisher_was_told(host):
    cursor = host.publish(created("o-1"))["cursor"]
    host.publish(created("o-2"))
    assert json.loads(host.admin(f"{PAGES}?after={cursor}").body)["subject"] == "o-2"


def test_a_page_that_follows_waits_for_what_comes(host):
    cursor = host.publish(created("o-1"))["cursor"]
    empty = host.admin(f"{PAGES}?follow=true&after={cursor}")
    assert (empty.status, empty.body) == (200, b"")
    assert next_page(empty) == f"{PAGES}?limit=1000&wait=0&after={cursor}&follow=true"


WRONG_PAGES = [
    ("limit=0", 400, "'limit' must be a number from 1 to 10000."),
    ("wait=soon", 400, "'wait' must be a number from 0 to 60."),
    ("after=!", 400, "'after' is no cursor: use one that this host gave, or leave it out to begin with the oldest event."),
    ("after=*.elsewhere.0.1", 410,
     "'after' is of another history than that of source 'events': leave it out to begin with the oldest event."),
]


@pytest.mark.parametrize("query, code, detail", WRONG_PAGES)
def test_a_wrong_page_is_refused_with_a_sentence(shared_host, query, code, detail):
    refused = problem(shared_host.admin(f"{PAGES}?{query}"))
    assert (refused[0], refused[2]) == (code, detail)


def test_the_events_of_a_source_are_not_on_the_public_listener(shared_host):
    assert shared_host.get(PAGES).status == 404


def test_a_source_that_keeps_no_events_names_where_to_look(start, tmp_path):
    log = {"type": "log", "path": str(tmp_path / "events.db")}
    host = start(sources={"events": log, "demo": {"type": "simulator", "into": "events"}})
    assert problem(host.admin("/api/v1/sources/demo/events")) == (
        409, "Conflict", "Source 'demo' keeps no events: ask for the source that it feeds ('into' in its settings).")
