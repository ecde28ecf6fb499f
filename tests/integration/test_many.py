"""Many clients of one topic: what they get leaves in batches, by io_uring, and one by one where nobody may use that."""

import os
from contextlib import ExitStack
from errno import EPERM

import pytest

import io_uring
from events import created, is_status, status
from host import BIN
from slow_clients import SMALL, Follower, Orders, config, counts, dropped, over_sse, over_websocket, partitioned

ONE_SHARD = {"listen": "127.0.0.1:0", "admin": "127.0.0.1:0", "publish": "events", "shards": 1}
CLIENTS = 300  # more than a batch takes
MANY = 70  # more than are worth one
STEPS = ["CONFIRMED", "PREPARING", "READY"]


def what_is_said(forbidden):
    """Of io_uring, in the log of a host that wanted to use it."""
    refused = EPERM if forbidden == io_uring.SETUP else io_uring.refused_for()
    if refused:
        return [f"io_uring cannot be used ({os.strerror(refused)}; it takes Linux 6.1): every send is a system call of its own"]
    return [f"io_uring failed, and is used no more: {os.strerror(EPERM)}"] if forbidden else []


@pytest.mark.parametrize("forbidden", [None, io_uring.SETUP, io_uring.ENTER], ids=["with io_uring", "without", "until it fails"])
def test_each_of_many_gets_every_change(start, tmp_path, forbidden):
    host = start(server=ONE_SHARD, program=io_uring.forbidding(tmp_path, forbidden, BIN) if forbidden else BIN)
    host.publish(created("o-1"), wait=True)
    with ExitStack() as stack:
        def opened(connect, **options):
            client = connect(host, "orders/o-1", **options)
            stack.callback(client.close)
            return client

        clients = [opened(over_websocket if n % 3 == 0 else over_sse) for n in range(CLIENTS)]
        gone = [opened(over_sse) for _ in range(10)]
        for client in clients + gone:
            while not is_status("o-1", "PENDING")(client.next()):
                pass
        for step, status_name in enumerate(STEPS):
            host.publish(status("o-1", status_name), wait=True)
            for client in gone[step * 3 : step * 3 + 3]:
                client.close()  # whatever is on its way to them
        for client in clients:
            seen = []
            while STEPS[-1] not in seen:
                message = client.next()
                assert message is not None, "the stream closed"
                if "orderId" in message:
                    seen.append(message["data"]["status"])
            assert seen == STEPS
    said = what_is_said(forbidden)
    in_log = lambda: [line.split(": ", 1)[1].strip() for line in host.log if "io_uring" in line]
    host.wait_until(lambda: in_log() == said, f"the log tells of io_uring {said}")
    batched = counts(host, "batched_writes_total")
    assert batched == 0 if said else batched >= CLIENTS * len(STEPS)
    assert counts(host, "writes_total") >= CLIENTS * len(STEPS)


class Everybody:
    def __init__(self, followers):
        self.followers = followers

    def read_to(self, orders):
        for follower in self.followers:
            follower.read_to(orders)


@partitioned
def test_who_does_not_read_harms_none_of_many(start, tmp_path, client, partitions):
    host = start(config=config(tmp_path, {"updated": "conflate"}, partitions, buffer="32KiB"))
    orders = Orders(host, 1, 60_000)  # a round is one message, and more than the buffer
    readers = Everybody([Follower(client(over_sse, host, "orders/all")) for _ in range(MANY)])
    sleepers = Everybody([Follower(client(over_sse, host, "orders/all", receive_buffer=SMALL)) for _ in range(5)])
    everybody = Everybody(readers.followers + sleepers.followers)
    everybody.read_to(orders)
    orders.publish_until(lambda: dropped(host).get("conflated", 0) > 0, readers, more=1)
    sleepers.read_to(orders)
    orders.publish_round()
    everybody.read_to(orders)
    for reader in readers.followers:
        assert reader.seen == orders.round + 1
        assert not reader.told
    if partitions == 1 and io_uring.refused_for() == 0:  # of several lanes each has a cursor of its own besides
        assert counts(host, "batched_writes_total") >= MANY * orders.round
