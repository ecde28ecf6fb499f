"""Jobs from the outside: every update of a node counts, for whoever comes, whenever they come."""

from collections import Counter, defaultdict
from urllib.parse import quote

import pytest

from events import cloud_event
from host import CUSTOMER, STAFF, TOKENS, configuration, problem
from stock_clients import STOCK_CLIENTS, WsClient

OWNER = "owner-of-a-job"
ACCESS = {"tokens": {**TOKENS, OWNER: {"sub": "c-3", "roles": ["customer"], "jobs": ["j-1"], "nodes": ["n-1"]}}}
TIME_MS = 1703082600000  # of every event here
NODES = 7

partitioned = pytest.mark.parametrize("partitions", [1, 2])


def job_config(folder, partitions=1):
    jobs = {"type": "job", "sources": ["events"], "partitions": partitions}
    return configuration(folder, states={"jobs": jobs}, access=ACCESS)


@pytest.fixture
def host(start, tmp_path):
    return start(config=job_config(tmp_path))


def update(number, node=None, job=None):
    """The update of this number among all: of the nodes in turn, one in seven of them without a job."""
    job = job or (None, "j-1", "j-2", "j-1", "j-2", "j-1", "j-2")[number // 3 % 7]
    data = {"status": "busy" if job else "idle", "state": {"step": str(number), **({"job": job} if job else {})}}
    event = {"type": "NodeStateUpdated", "subject": node or f"n-{number % NODES}", "data": data}
    return cloud_event(event, f"u-{number}")


def told(events):
    """What the events, from the first of all on, come to."""
    counts, messages = Counter(), []
    for event in events:
        node, data = event["subject"], event["data"]
        counts[node] += 1
        messages.append({"type": "state_update", "node": node, "status": data["status"], "state": data["state"],
                         "timestamp": TIME_MS, "index": counts[node]})  # fmt: skip
    return messages


def of_job(messages, job):
    return [message for message in messages if message["state"].get("job") == job]


def of_node(messages, node):
    return [message for message in messages if message["node"] == node]


def in_order(messages, partitions):
    """The messages, comparable: of each node in their order, which is all the order that partitions have in common."""
    if partitions == 1:
        return messages
    nodes = defaultdict(list)
    for message in messages:
        nodes[message["node"]].append(message)
    return nodes


def take(client, n):
    """The next n updates, and nothing else but what concerns the session."""
    messages = []
    while len(messages) < n:
        message = client.next()
        assert message["type"] in ("connected", "state_update"), message
        if message["type"] == "state_update":
            messages.append(message)
    return messages


def follow(stream, host, *topics, token=STAFF, **more):
    query = "&".join(f"topic={topic}" for topic in topics)
    opened = stream(host, f"/api/v1/stream?{query}", token=token, **more)
    assert opened.status == 200
    return opened


def take_with_cursor(opened, host, event, several_lanes):
    """Publishes an event and gives its message, read to the cursor that covers it."""
    host.publish(event)
    while not opened.messages:
        opened.messages += opened.parser.feed(opened.socket.recv(65536))
    message = opened.messages.pop(0)
    while several_lanes and opened.last_id == message.id:  # the cursor has a block of its own, behind the message
        opened.messages += opened.parser.feed(opened.socket.recv(65536))
    return message.json


@partitioned
@pytest.mark.parametrize("kind", STOCK_CLIENTS, ids=lambda kind: kind.__name__)
def test_a_late_client_gets_all_of_a_job_and_then_what_happens(start, stock, tmp_path, partitions, kind):
    events = [update(number) for number in range(500)]
    expected = of_job(told(events), "j-1")
    host = start(config=job_config(tmp_path, partitions))
    host.publish(*events[:400], wait=True)
    before = of_job(told(events[:400]), "j-1")
    assert len(before) > 150, "more than one page"
    client = stock(kind, host, "jobs/j-1")
    assert in_order(take(client, len(before)), partitions) == in_order(before, partitions)
    host.publish(*events[400:])
    live = take(client, len(expected) - len(before))
    assert in_order(before + live, partitions) == in_order(expected, partitions)


@partitioned
def test_a_client_that_comes_while_updates_do_misses_none_and_gets_none_twice(start, stream, tmp_path, partitions):
    events = [update(number) for number in range(600)]
    host = start(config=job_config(tmp_path, partitions))
    opened = []
    for at in range(0, 600, 50):
        host.publish(*events[at : at + 50])
        opened.append(follow(stream, host, "jobs/all"))
    for each in opened:
        assert in_order(take(each, 600), partitions) == in_order(told(events), partitions)


@partitioned
def test_all_jobs_have_every_update_and_a_node_its_own(start, stream, tmp_path, partitions):
    events = [update(number) for number in range(210)]
    expected = told(events)
    host = start(config=job_config(tmp_path, partitions))
    of_all, of_one = follow(stream, host, "jobs/all"), follow(stream, host, "nodes/n-3")
    host.publish(*events)
    assert in_order(take(of_all, 210), partitions) == in_order(expected, partitions)
    assert take(of_one, 30) == of_node(expected, "n-3")
    late = follow(stream, host, "jobs/all", "jobs/j-1", "nodes/n-3", "nodes/n-4")
    assert in_order(take(late, 210), partitions) == in_order(expected, partitions)
    one_more = update(210, node="n-3", job="j-1")
    host.publish(one_more)
    assert take(late, 1) == take(of_all, 1) == take(of_one, 1) == told(events + [one_more])[-1:]


@partitioned
@pytest.mark.parametrize("topic", ["jobs/all", "jobs/j-1", "nodes/n-2"])
def test_a_client_that_comes_back_gets_exactly_what_it_missed(start, stream, tmp_path, partitions, topic):
    expected = lambda events: [message for message in told(events) if topic in topics_of(message)]
    events = [update(number) for number in range(100)]
    host = start(config=job_config(tmp_path, partitions))
    host.publish(*events, wait=True)
    opened = follow(stream, host, topic)
    take(opened, len(expected(events)))
    events.append(update(100, node="n-2", job="j-1"))
    several_lanes = partitions > 1 and topic != "nodes/n-2"
    assert take_with_cursor(opened, host, events[-1], several_lanes) == expected(events)[-1]
    opened.close()
    has = len(expected(events))
    more = [update(number) for number in range(101, 300)]
    host.publish(*more, wait=True)
    events += more
    again = follow(stream, host, topic, last_event_id=opened.last_id)
    connected = again.next()
    assert (connected["type"], connected["resumed"]) == ("connected", True)
    events.append(update(300, node="n-2", job="j-1"))
    host.publish(events[-1])
    missed = expected(events)[has:]
    assert len(missed) > 20
    assert in_order(take(again, len(missed)), partitions) == in_order(missed, partitions)


def topics_of(message):
    job = message["state"].get("job")
    return {"jobs/all", f"nodes/{message['node']}", *([f"jobs/{job}"] if job else [])}


def test_a_websocket_resumes_from_the_cursor_of_any_live_message(host, stock):
    first = stock(WsClient, host, "jobs/j-1")
    cursors = []
    events = [update(number, job="j-1") for number in range(20)]
    for event, message in zip(events, told(events)):
        host.publish(event)
        assert take(first, 1) == [message]
        cursors.append(first.last_id)
    for has in (1, 10, 19):
        again = stock(WsClient, host, "jobs/j-1", last_id=cursors[has - 1])
        assert take(again, 20 - has) == told(events)[has:]


@partitioned
def test_after_a_restart_the_same_messages_are_there_and_counting_goes_on(start, stream, tmp_path, partitions):
    events = [update(number) for number in range(200)]
    host = start(config=job_config(tmp_path, partitions))
    host.publish(*events, wait=True)
    opened = follow(stream, host, "jobs/all")
    assert in_order(take(opened, 200), partitions) == in_order(told(events), partitions)
    events.append(update(200))
    assert take_with_cursor(opened, host, events[-1], partitions > 1) == told(events)[-1]
    host.stop()
    host = start(config=job_config(tmp_path, partitions))
    late = follow(stream, host, "jobs/all")
    assert in_order(take(late, 201), partitions) == in_order(told(events), partitions)
    resumed = follow(stream, host, "jobs/all", last_event_id=opened.last_id)
    assert resumed.next()["resumed"] is True
    events += [update(number) for number in range(201, 230)]
    host.publish(*events[201:])
    expected = in_order(told(events)[201:], partitions)
    assert in_order(take(resumed, 29), partitions) == in_order(take(late, 29), partitions) == expected


@partitioned
def test_a_topic_is_read_in_pages_of_which_none_misses_a_message(start, tmp_path, partitions):
    events = [update(number) for number in range(100)]
    host = start(config=job_config(tmp_path, partitions))
    host.publish(*events, wait=True)
    for limit in (1, 7, 1000):
        messages, after = [], ""
        while after is not None:
            page = host.get(f"/api/v1/topics/jobs/all?limit={limit}&after={quote(after)}").json
            messages += page["items"]
            after = page.get("next")
        assert in_order(messages, partitions) == in_order(told(events), partitions)


def test_a_client_is_refused_jobs_and_nodes_that_are_not_its_own(host, stock, stream):
    refusal = lambda topic, token: problem(host.get(f"/api/v1/stream?topic={topic}", token=token))
    others = " is shown to the roles staff and admin only, and to those whose claim "
    assert refusal("jobs/j-1", CUSTOMER) == (403, "Forbidden", f"jobs/j-1{others}'jobs' lists it")
    assert refusal("nodes/n-1", CUSTOMER) == (403, "Forbidden", f"nodes/n-1{others}'nodes' lists it")
    assert refusal("jobs/j-2", OWNER) == (403, "Forbidden", f"jobs/j-2{others}'jobs' lists it")
    assert refusal("jobs/all", OWNER) == (403, "Forbidden", "jobs/all is shown to the roles staff and admin only")
    assert stock(WsClient, host, "jobs/j-2", token=OWNER).refused() == 403
    own = follow(stream, host, "jobs/j-1", "nodes/n-1", token=OWNER)
    events = [update(0, "n-1", "j-2"), update(1, "n-2", "j-1"), update(2, "n-2", "j-2"), update(3, "n-1", "j-1")]
    host.publish(*events)
    assert take(own, 3) == [message for message in told(events) if message["state"]["step"] != "2"]


def test_a_wrong_update_is_refused_with_its_reason_and_not_counted(host):
    wrong = update(1, "n-1", "j-1")
    wrong["data"]["state"]["step"] = 7
    answer = host.publish(update(0, "n-1", "j-1"), wrong, update(2, "n-1", "j-1"), wait=True)
    assert [verdict.get("reason") for verdict in answer["verdicts"]] == [None, "data.state.step must be text", None]
    assert [message["index"] for message in host.get("/api/v1/topics/jobs/j-1").json["items"]] == [1, 2]


def metric(host, name):
    """The sum of a metric's series."""
    lines = host.admin("/metrics").body.decode().splitlines()
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith((f"statecast_{name}{{", f"statecast_{name} ")))


@partitioned
def test_nothing_is_left_of_a_job_when_its_last_client_has_gone(start, stream, stock, tmp_path, partitions):
    config = job_config(tmp_path, partitions)
    config["server"]["shards"] = 1
    host = start(config=config)
    counts = lambda: host.get("/api/v1/realtime/subscribers").json
    clients = [follow(stream, host, "jobs/j-1", "nodes/n-1"), follow(stream, host, "jobs/j-1"), stock(WsClient, host, "jobs/j-1")]
    events = [update(number, f"n-{number}", "j-1") for number in range(4)]
    host.publish(*events, wait=True)
    for client in clients:
        take(client, 4)
    assert counts() == {"jobs": 3, "nodes": 1, "totalClients": 3}
    clients.pop(0).close()
    host.wait_until(lambda: counts() == {"jobs": 2, "nodes": 0, "totalClients": 2}, "one client is forgotten")
    for client in clients:
        client.close()
    host.wait_until(lambda: counts() == {"jobs": 0, "nodes": 0, "totalClients": 0}, "every client is forgotten")
    assert metric(host, "subscriptions") == 0
    encoded = metric(host, "encodes_total")
    assert encoded > 0
    host.publish(*(update(number, f"n-{number % 4}", "j-1") for number in range(4, 20)), wait=True)
    assert metric(host, "encodes_total") == encoded, "the lanes encode for nobody"
