"""Many clients of one topic: what they get leaves in batches, by io_uring, and one by one where nobody may use that."""

import os
from contextlib import ExitStack

import pytest

import io_uring
from events import created, is_status, status
from host import BIN
from slow_clients import SMALL, counts, over_sse, over_websocket

ONE_SHARD = {"listen": "127.0.0.1:0", "admin": "127.0.0.1:0", "publish": "events", "shards": 1}
CLIENTS = 300  # more than a batch takes
STEPS = ["CONFIRMED", "PREPARING", "READY"]


@pytest.mark.parametrize("allowed", [True, False], ids=["with io_uring", "without"])
def test_each_of_many_gets_every_change(start, tmp_path, allowed):
    host = start(server=ONE_SHARD, program=BIN if allowed else io_uring.forbidding(tmp_path, BIN))
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
    refused = io_uring.refused_for() if allowed else 1
    batched, writes = counts(host, "batched_writes_total"), counts(host, "writes_total")
    assert (batched >= CLIENTS * len(STEPS)) if refused == 0 else batched == 0
    assert writes >= CLIENTS * len(STEPS)
    said = [line for line in host.log if "io_uring" in line]
    assert [line.split(": ", 1)[1].strip() for line in said] == (
        [f"io_uring cannot be used ({os.strerror(refused)}): every send is a system call of its own"] if refused else [])
