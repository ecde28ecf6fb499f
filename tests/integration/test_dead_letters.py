"""Events that a state rejected: kept with their reason, listed, shown, folded again, dropped."""

import json

import pytest

from commands import Command
from events import created, status
from host import STAFF, problem, request

PATH = "/api/v1/dead-letters"


# An update of an order that does not exist is rejected at once.
ORDERS = {"type": "order", "sources": ["events"], "hold_early": "0s"}


@pytest.fixture
def sections(tmp_path):
    return {"store": {"path": str(tmp_path / "store"), "every": "50ms"}, "states": {"orders": ORDERS}}


def listed(host, query=""):
    return host.admin(PATH + query).json["dead_letters"]


def wait_for(host, number):
    host.wait_until(lambda: len(listed(host)) == number, f"{number} dead letters are listed")
    return listed(host)


def take(host, verb, *letters):
    body = json.dumps({"letters": letters})
    return request(host.admin_port, "POST", f"{PATH}/{verb}", body, headers={"Content-Type": "application/json"})


def command(host, *arguments):
    return Command("dead-letters", *arguments, "--admin", f"http://127.0.0.1:{host.admin_port}").end()


def test_a_rejected_event_is_listed_with_its_reason_and_shown_with_its_data(start, sections):
    host = start(**sections)
    host.publish({**status("o-1", "CONFIRMED", eta="soon"), "id": "e-1", "time": "2024-05-01T10:00:00Z"}, wait=True)
    (letter,) = wait_for(host, 1)
    assert (letter["state"], letter["source"], letter["position"], letter["failed"]) == ("orders", "events", "1", False)
    assert (letter["id"], letter["type"], letter["subject"]) == ("e-1", "OrderStatusUpdated", "o-1")
    assert letter["reason"] == "order o-1 does not exist"
    shown = host.admin(f"{PATH}/{letter['letter']}").json
    assert shown["event"]["data"] == {"status": "CONFIRMED", "eta": "soon"}
    assert shown["event"]["time"] == "2024-05-01T10:00:00Z"


@pytest.mark.parametrize("crash", [False, True])
def test_a_replay_does_not_double_them(start, sections, crash):
    first = start(**sections)
    first.publish(status("o-1", "CONFIRMED"), status("o-2", "CONFIRMED"), wait=True)
    before = wait_for(first, 2)
    first.kill() if crash else first.stop()
    second = start(**sections)
    assert listed(second) == before


def test_redelivered_it_is_folded_by_its_state_and_stays_so_after_a_crash(start, stream, sections):
    host = start(**sections)
    host.publish(status("o-1", "CONFIRMED"), wait=True)
    (letter,) = wait_for(host, 1)
    again = take(host, "redeliver", letter["letter"])
    assert again.status == 200
    assert again.json == {"redelivered": [], "unknown": [], "rejected": [{"letter": letter["letter"], "reason": "order o-1 does not exist"}]}
    assert len(wait_for(host, 1)) == 1, "rejected again, it is still there"
    host.publish(created("o-1"), wait=True)
    opened = stream(host, "/api/v1/stream?topic=orders/o-1", token=STAFF)
    opened.until(lambda m: m.get("data", {}).get("status") == "PENDING")
    assert take(host, "redeliver", letter["letter"]).json["redelivered"] == [letter["letter"]]
    opened.until(lambda m: m.get("data", {}).get("status") == "CONFIRMED")
    host.kill()
    after = start(**sections)
    assert listed(after) == []
    assert after.get("/api/v1/topics/orders/o-1").json["data"]["status"] == "CONFIRMED"
    assert take(after, "redeliver", letter["letter"]).json["unknown"] == [letter["letter"]], "once is enough"


def test_dropped_they_are_gone(start, sections):
    host = start(**sections)
    host.publish(status("o-1", "CONFIRMED"), status("o-2", "CONFIRMED"), wait=True)
    one, other = wait_for(host, 2)
    assert take(host, "drop", one["letter"]).json == {"dropped": [one["letter"]], "unknown": [], "rejected": []}
    assert listed(host) == [other]
    host.kill()
    assert listed(start(**sections)) == [other]


def test_they_come_in_pages_over_all_partitions(start, sections):
    host = start(**{**sections, "states": {"orders": {**ORDERS, "partitions": 2}}})
    host.publish(*[status(f"o-{i}", "CONFIRMED") for i in range(25)], wait=True)
    whole = wait_for(host, 25)
    paged, query = [], "?limit=4"
    while query:
        page = host.admin(PATH + query).json
        paged += page["dead_letters"]
        query = f"?limit=4&after={page['next']}" if "next" in page else None
    assert paged == whole
    assert {letter["subject"] for letter in paged} == {f"o-{i}" for i in range(25)}


def test_from_a_terminal(start, sections):
    host = start(**sections)
    host.publish(status("o-1", "CONFIRMED"), status("o-2", "CONFIRMED"), wait=True)
    names = [letter["letter"] for letter in wait_for(host, 2)]
    exit_status, out, _ = command(host, "list")
    assert exit_status == 0
    assert [line.split()[0] for line in out] == names
    assert out[0].endswith("OrderStatusUpdated o-1  order o-1 does not exist")
    assert json.loads("".join(command(host, "list", "--json", "-n", "1")[1]))["letter"] == names[0]
    assert json.loads("".join(command(host, "show", names[1])[1]))["event"]["subject"] == "o-2"
    host.publish(created("o-1"), wait=True)
    exit_status, _, errors = command(host, "redeliver", "--all")
    assert exit_status == 1
    assert f"{names[1]}: rejected again: order o-2 does not exist" in errors
    assert errors.endswith("statecast: redelivered 1 dead letter")
    assert command(host, "drop", names[1])[0] == 0
    assert command(host, "list") == (0, [], "statecast: there are no dead letters")


def test_wrong_requests_are_told_what_is_wrong(start, sections):
    host = start(**sections)
    assert problem(host.admin(PATH + "?state=kitchen"))[0] == 404
    assert problem(host.admin(PATH + "?limit=0")) == (400, "Bad Request", "'limit' must be a number from 1 to 1000.")
    assert problem(host.admin(PATH + "/nonsense"))[0] == 400
    assert problem(host.admin(PATH + "/orders.x.0.1"))[::2] == (
        404, "There is no dead letter 'orders.x.0.1': it was redelivered or dropped, or never was.")
    assert problem(host.admin(PATH + "/drop"))[0] == 405
    wrong = request(host.admin_port, "POST", PATH + "/drop", "[]", headers={"Content-Type": "application/json"})
    assert problem(wrong)[::2] == (400, 'The body must be {"letters": ["<letter>", ...]}, with at least one.')
    form = request(host.admin_port, "POST", PATH + "/drop", '{"letters":["a"]}', headers={"Content-Type": "text/plain"})
    assert problem(form)[0] == 415, "a page in a browser must not be able to do this"


def test_without_a_store_there_are_none(start):
    host = start()
    assert problem(host.admin(PATH))[0] == 404
