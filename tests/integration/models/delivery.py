"""What delivery events come to, folded here independently: the message that staff sees at the end for each entity.

Time does not pass here: nobody goes stale and nothing is forgotten. Limits of size and depth are not modelled.
"""

import re
from datetime import datetime, timezone

from recording import merge_patch

ENDED = {"COMPLETED", "CANCELLED"}
KEPT = ("status", "completedStops", "totalStops")
COORDINATES = {"latitude": (-90, 90), "longitude": (-180, 180), "heading": (0, 360), "speed": (0, float("inf"))}
PLACE = ("latitude", "longitude")

_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")


class Refused(Exception):
    """The event is one that a state rejects."""


def fold(events):
    """{("runs", id): message, ("drivers", id): message} after these CloudEvents, rejected and repeated ones among them."""
    folds = {"RunUpdated": ("runs", "runId", _next_run), "DriverLocationUpdated": ("drivers", "driverId", _next_driver)}
    messages, seen = {}, set()
    for event in events:
        envelope = (event.get("source"), event.get("id"))
        if event["type"] not in folds or envelope in seen:
            continue
        if event.get("id") is not None:
            seen.add(envelope)
        kind, own_id, step = folds[event["type"]]
        try:
            _check_envelope(event, own_id)
            key = kind, event["subject"]
            messages[key] = step(event, messages.get(key))
        except Refused:
            pass
    return messages


def _check(right):
    if not right:
        raise Refused


def _is_id(value):
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def _is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_count(value):
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _check_envelope(event, own_id):
    _check(_is_id(event.get("subject")) and event["subject"] != "all")
    _check(isinstance(event.get("data"), dict))
    _check(event["data"].get(own_id, event["subject"]) == event["subject"])


# ---- runs


def _next_run(event, message):
    patch, before = event["data"], message["data"] if message else {}
    _check(all(patch[name] is not None for name in KEPT if name in patch))
    after = merge_patch(before, patch) | _derived_progress(patch)
    _check_run(after)
    _check(before.get("status") not in ENDED or after == before)
    return {"type": "run_update", "runId": event["subject"], "data": after}


def _derived_progress(patch):
    stops = patch.get("stops")
    if not isinstance(stops, list):
        return {}
    done = [s for s in stops if isinstance(s, dict) and (s.get("status") == "COMPLETED" or s.get("completed") is True)]
    derived = {"completedStops": len(done), "totalStops": len(stops)}
    return {name: value for name, value in derived.items() if name not in patch}


def _check_run(run):
    _check(isinstance(run.get("status"), str) and run["status"])
    _check(all(_is_count(run[name]) for name in ("completedStops", "totalStops") if name in run))
    _check(run.get("completedStops", 0) <= run.get("totalStops", float("inf")))
    _check("driverId" not in run or _is_id(run["driverId"]))
    _check("orderIds" not in run or (isinstance(run["orderIds"], list) and all(map(_is_id, run["orderIds"]))))
    _check(isinstance(run.get("stops", []), list))


# ---- drivers


def _next_driver(event, _):
    location = {name: value for name, value in event["data"].items() if name != "driverId"}
    _check(all(name in location for name in PLACE))
    for name, (least, most) in COORDINATES.items():
        if name in location and (name in PLACE or location[name] is not None):
            _check(_is_number(location[name]) and least <= location[name] <= most)
    location = {name: value for name, value in location.items() if value is not None}
    return {
        "type": "driver_location",
        "driverId": event["subject"],
        "location": location,
        "timestamp": timestamp(event["time"]),
    }


def timestamp(time):
    """RFC 3339 in whatever zone, as clients read it: in UTC, cut to milliseconds."""
    moment = datetime.fromisoformat(time).astimezone(timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03}Z"
