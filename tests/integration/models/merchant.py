"""What merchants' events come to, folded here independently: the message that every client sees at the end.

Time does not pass here: no status turns over and no promotion ends but by the time of its own event, so an event must
carry one. Limits of size and depth are not modelled.
"""

import re
from datetime import datetime

from recording import merge_patch

MAX_ITEMS = 2000
MAX_PROMOTIONS = 100

_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")
_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")


class Refused(Exception):
    """The event is one that the state rejects."""


def fold(events):
    """{("merchants", id): message} after these CloudEvents, rejected and repeated ones among them."""
    merchants, seen = {}, set()
    for event in events:
        envelope = (event.get("source"), event.get("id"))
        if event["type"] not in _FOLDS or envelope in seen:
            continue
        if None not in envelope:
            seen.add(envelope)
        try:
            _apply(event, merchants)
        except Refused:
            pass
    return {("merchants", id): _message(id, merchant) for id, merchant in merchants.items()}


def _apply(event, merchants):
    data, subject = event.get("data"), event.get("subject", "")
    _require(isinstance(data, dict) and _is_id(subject))
    by_subject = event["type"] == "RestaurantStatusChanged"
    id = data.get("merchantId", subject) if by_subject else data.get("merchantId")
    _require(_is_id(id) and id != "all")
    _require(not by_subject or id == subject)
    before = merchants.get(id, _NEW)
    after = _FOLDS[event["type"]](before, subject, data, event.get("time"))
    if after != before:
        merchants[id] = after


def _status(merchant, _, data, time):
    _require(isinstance(data.get("open"), bool) and not {"items", "promotions"} & set(data))
    until = data.get("until")
    _require(until is None or _time(until) is not None)
    patch = {name: value for name, value in data.items() if name not in ("merchantId", "open", "until")}
    told = (data["open"], until)
    over = until is not None and (_time(until) <= _time(time) or (told == merchant["told"] and merchant["over"]))
    return {**merchant, "told": told, "over": over, "fields": merge_patch(merchant["fields"], patch)}


def _item(merchant, id, data, _):
    def check(item):
        _require(isinstance(item.get("name"), str))
        _require(_is_number(item.get("price")) and item["price"] >= 0)
        _require(isinstance(item.get("available"), bool))

    return _part(merchant, "items", "menuItemId", id, data, check, lambda items: len(items) < MAX_ITEMS)


def _promotion(merchant, id, data, time):
    def check(promotion):
        _require(isinstance(promotion.get("title"), str) and promotion["title"])
        _require(_time(promotion.get("endsAt")) is not None)

    def has_room(promotions):
        if len(promotions) >= MAX_PROMOTIONS:
            first = min(sorted(promotions), key=lambda p: _time(promotions[p]["endsAt"]))
            _require(_time(promotions[first]["endsAt"]) <= _time(time))
            del promotions[first]
        return True

    after = _part(merchant, "promotions", "promotionId", id, data, check, has_room)
    ends = {p: _time(after["promotions"][p]["endsAt"]) for p in after["promotions"]}
    ended = {p for p in merchant["ended"] if ends.get(p) == _time(merchant["promotions"][p]["endsAt"])}
    if id in ends and ends[id] <= _time(time):
        ended.add(id)
    return {**after, "ended": ended}


def _part(merchant, kind, id_field, id, data, check, has_room):
    """The merchant with one item or promotion created, changed or removed."""
    _require(data.get(id_field, id) == id)
    parts = dict(merchant[kind])
    if "removed" in data:
        _require(data["removed"] is True)
        parts.pop(id, None)
        return {**merchant, kind: parts}
    patch = {name: value for name, value in data.items() if name != "merchantId"}
    part = merge_patch(parts.get(id, {id_field: id}), patch)
    check(part)
    _require(id in parts or has_room(parts))
    return {**merchant, kind: {**parts, id: part}}


def _message(id, merchant):
    items = [merchant["items"][i] for i in sorted(merchant["items"])]
    promotions = [merchant["promotions"][p] for p in sorted(merchant["promotions"]) if p not in merchant["ended"]]
    open, until = merchant["told"]
    status = {"open": not open, "until": None} if merchant["over"] else {"open": open, "until": until}
    data = {**status, **merchant["fields"], "items": items, "promotions": promotions}
    return {"type": "merchant_update", "merchantId": id, "data": data}


# What the events told; `over`: the status has turned over; `ended`: the promotions that have.
_NEW = {"told": (None, None), "over": False, "fields": {}, "items": {}, "promotions": {}, "ended": set()}

_FOLDS = {"RestaurantStatusChanged": _status, "MenuItemUpdated": _item, "PromotionPublished": _promotion}


def _require(condition):
    if not condition:
        raise Refused


def _is_id(value):
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def _is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _time(text):
    """The moment that an RFC 3339 text names; None when it names none."""
    if not isinstance(text, str) or not _TIME.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text.upper()))
    except ValueError:
        return None
