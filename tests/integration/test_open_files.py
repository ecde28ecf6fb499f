"""The limit of open files: clients are refused at once and nobody waits, while the admin listener answers on.

The limit is lowered under a host that runs, to just above what it has open then.
"""

import json
import os
import re
import resource
import subprocess
from contextlib import ExitStack, closing
from http.client import HTTPConnection

import pytest

from events import created, is_status
from host import BIN, EVENTS, STAFF, configuration, problem, write_yaml
from sse import DEADLINE, connect
from test_metrics import page

KEPT = 128  # from clients, for the admin listener and the host itself
OF_NOBODY = b'{"type":"OfNobody","subject":"x","data":{}}'
NO_FILE = (
    503,
    "Service Unavailable",
    "This host may not open as many files as it has connections: try again later; its operator can raise LimitNOFILE.",
)


@pytest.fixture
def kept():
    """What is closed at the end."""
    with ExitStack() as stack:
        yield lambda connection: stack.enter_context(closing(connection))


@pytest.fixture
def connected(kept):
    """A connection that was answered once and is held: a function that asks on it, for the status and the body."""

    def open_connection(port):
        connection = kept(HTTPConnection("127.0.0.1", port, timeout=DEADLINE))

        def ask(method, path, body=None):
            connection.request(method, path, body, {"Authorization": f"Bearer {STAFF}", "Content-Type": "application/json"})
            response = connection.getresponse()
            return response.status, response.read()

        assert ask("GET", "/nowhere")[0] == 404
        return ask

    return open_connection


def files_of(host):
    return {int(fd) for fd in os.listdir(f"/proc/{host.process.pid}/fd")}


def next_file(host):
    """The number that the next file of the host gets."""
    taken = files_of(host)
    return next(fd for fd in range(len(taken) + 1) if fd not in taken)


def set_limit(host, files=None):
    """Without a number: back to what the host had."""
    _, most = resource.prlimit(host.process.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(host.process.pid, resource.RLIMIT_NOFILE, (most if files is None else files, most))


def leave_room_for(host, clients):
    taken = files_of(host)
    free = [fd for fd in range(len(taken) + KEPT + clients + 1) if fd not in taken]
    set_limit(host, free[KEPT + clients])


def leave_none(host, stream):
    """Clients take every number below the limit, those of the files that are kept to refuse others among them."""
    spare = max(fd for fd in files_of(host) if os.readlink(f"/proc/{host.process.pid}/fd/{fd}") == "/dev/null")
    while next_file(host) <= spare:
        assert stream(host, "/api/v1/stream?topic=orders/all", token=STAFF).status == 200
    set_limit(host, next_file(host))


def fill(host, stream):
    """Streams until one is refused; those that were not."""
    streams = []
    while (opened := stream(host, "/api/v1/stream?topic=orders/all", token=STAFF)).status == 200:
        streams.append(opened)
    assert opened.status == 503
    assert streams
    return streams


def test_at_the_limit_publishers_are_refused_at_once_and_the_admin_listener_answers(host, stream):
    leave_room_for(host, clients=5)
    streams = fill(host, stream)
    for _ in range(2 * KEPT):  # more than there are files
        assert problem(host.post(OF_NOBODY)) == NO_FILE
        assert host.admin("/healthz").status == 200
    assert host.admin("/readyz").json == {"status": "ready"}
    seen = page(host)
    assert seen.get("connections_refused_total", limit="open_files") == 2 * KEPT + 1
    assert seen.get("accept_failures_total") == 0
    host.wait_until_told(r"clients are refused: of the \d+ files that this process may open too few are left")
    streams.pop().close()
    host.wait_until(lambda: host.post(OF_NOBODY).status == 202, "there is room again")


def test_at_the_limit_those_who_are_connected_notice_nothing(host, connected, stream):
    publisher = connected(host.port)
    leave_room_for(host, clients=2)
    follower = fill(host, stream)[0]
    assert publisher("POST", EVENTS, json.dumps(created("o-1")))[0] == 202
    follower.until(is_status("o-1", "PENDING"))


def test_clients_that_are_refused_and_stay_take_nothing_from_the_admin_listener(host, kept, stream):
    leave_room_for(host, clients=2)
    fill(host, stream)
    for _ in range(3 * KEPT):
        kept(connect(host.port))  # says nothing and reads nothing
        assert host.admin("/healthz").status == 200
    assert page(host).get("accept_failures_total") == 0


def test_connections_to_the_admin_listener_leave_files_to_the_host(host, kept, connected):
    first = connected(host.admin_port)
    set_limit(host, next_file(host) + 40)
    answers = []
    for _ in range(60):
        client = kept(connect(host.admin_port))
        client.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        answers.append(client.recv(65536).split(b" ", 2)[1])
    taken = answers.index(b"503")
    assert answers == [b"200"] * taken + [b"503"] * (60 - taken)
    assert first("GET", "/api/v1/sources/events/events")[0] == 200  # which takes files itself


def test_without_a_single_file_left_everybody_is_refused_at_once_and_nothing_spins(host, connected, stream):
    host.publish(created("o-1"), wait=True)  # UBSan takes files at the first call of a class, to look at its memory
    admin = connected(host.admin_port)
    count = lambda series: int(re.search(rf"^{re.escape(series)} (\d+)$", admin("GET", "/metrics")[1].decode(), re.MULTILINE)[1])
    assert count("statecast_accept_failures_total") == 0
    leave_none(host, stream)
    for _ in range(20):
        assert problem(host.get("/nowhere")) == NO_FILE
        assert problem(host.admin("/healthz")) == NO_FILE
    # Each connection may wake every shard, each of which looks twice; nobody looks for any other reason.
    assert 0 < count("statecast_accept_failures_total") <= 20 * 2 * (os.cpu_count() + 1)
    assert count('statecast_connections_refused_total{limit="open_files"}') == 40
    host.wait_until_told(r"cannot accept connections: Too many open files")
    set_limit(host)
    assert host.admin("/healthz").status == 200
    host.publish(created("o-2"), wait=True)


@pytest.mark.parametrize("files", [12, 16, 24, 32, 48, 64, 96, 128])
def test_a_limit_that_leaves_none_to_clients_is_told_at_the_start(tmp_path, files):
    command = ["prlimit", f"--nofile={files}", BIN, "run", write_yaml(tmp_path, configuration(tmp_path))]
    done = subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE)
    assert done.returncode == 1, done.stderr
    assert "raise the limit of open files" in done.stderr
