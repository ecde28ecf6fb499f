"""The trouble of a configuration that is edited between kills, and back: in the end states know what the log says, no more and
no less, whatever was saved meanwhile under another configuration."""

import asyncio
import json
import re
import shutil
from http.client import HTTPConnection
from urllib.parse import urlencode

from kills import live_a_moment
from victim import DEADLINE_S

TOPICS = ["orders/all", "jobs/all"]


def _set(**keys):
    def change(config):
        config["states"]["orders"].update(keys)

    return change


def _other_type(config):
    config["states"]["orders"] |= {"type": "merchant"}
    del config["states"]["orders"]["hold_early"]  # which merchants do not have


def _split(config):
    for state in config["states"].values():
        state["partitions"] += 2


def _turn_sources(config):
    for state in config["states"].values():
        state["sources"].reverse()


EDITS = {
    "orders of another type": _other_type,
    "orders that are kept for a moment": _set(keep="1s"),
    "orders of another lifecycle": _set(lifecycle={"PENDING": ["CONFIRMED"], "CONFIRMED": []}),
    "fields that staff alone see": _set(staff_only=["seq"]),
    "another number of partitions": _split,
    "another order of sources": _turn_sources,
    "no store": lambda config: config.pop("store"),
}


def with_second_source(config):
    """The configuration that is gone back to; nothing is published to its second source."""
    config["sources"]["idle"] = {"type": "log", "path": config["sources"]["events"]["path"] + ".idle"}
    for state in config["states"].values():
        state["sources"] = ["events", "idle"]
    return config


def edit_repeatedly(rounds):
    """Each round is a kill under an edited configuration and one under that which is gone back to."""

    async def trouble(run):
        dice = run.dice("edits")
        victim = run.victim
        victim.base = with_second_source(victim.base)
        for number in range(rounds):
            names = list(EDITS) if number < len(EDITS) else [dice.choice(list(EDITS))]
            for change in (EDITS[names[number % len(names)]], None):
                victim.edit(change)
                await victim.launch()
                await live_a_moment(victim, dice)
                await victim.kill()
        victim.edit()
        await victim.launch()

    return trouble


def values(victim):
    """All that the host's states know, by topic: the items of all pages, in order."""
    return {topic: _items(victim, topic) for topic in TOPICS}


def _items(victim, topic):
    items, after = [], {}
    while True:
        page = _get(victim, f"/api/v1/topics/{topic}?" + urlencode({"limit": 1000, **after}))
        items += page["items"]
        if "next" not in page:
            return items
        after = {"after": page["next"]}


def _get(victim, path):
    connection = HTTPConnection("127.0.0.1", victim.port, timeout=DEADLINE_S)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        body = response.read()
        assert response.status == 200, body
        return json.loads(body)
    finally:
        connection.close()


async def state_findings(victim):
    """Compares what the states of a host that has seen everything know with what a replay of the log alone makes of it."""
    await _until_folded(victim)
    known = await asyncio.to_thread(values, victim)
    await victim.stop()
    shutil.rmtree(victim.folder / "store")
    await victim.launch()
    await _until_folded(victim)
    replayed = await asyncio.to_thread(values, victim)
    return [finding for topic in TOPICS for finding in differences(topic, known[topic], replayed[topic])]


async def _until_folded(victim):
    """Until no lane is behind its sources."""
    await victim.wait_until_ready()
    async with asyncio.timeout(DEADLINE_S):
        while any(lag != "0" for lag in await asyncio.to_thread(_lags, victim)):
            await asyncio.sleep(0.05)  # between two looks at a condition that nothing announces


def _lags(victim):
    lags = re.findall(r"^statecast_lag_events\{.*\} (\S+)$", victim.admin("/metrics")[2].decode(), re.MULTILINE)
    assert lags
    return lags


def differences(topic, known, replayed):
    """At most a few sentences about what a state lacks of what a replay has, or has beside it."""
    texts = [[json.dumps(item, sort_keys=True) for item in items] for items in (known, replayed)]
    lost, more = ([text for text in texts[a] if text not in set(texts[1 - a])] for a in (1, 0))
    found = [f"{topic}: lost by an edit and back: {text}" for text in lost[:3]] + [f"{topic}: not in the log: {text}" for text in more[:3]]
    doubled = len(texts[0]) - len(set(texts[0]))
    return found + ([f"{topic}: {doubled} are there twice"] if doubled else [])
