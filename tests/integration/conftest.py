from contextlib import ExitStack

import pytest

from host import BIN, Host, configuration
from sse import Stream


@pytest.fixture
def start(tmp_path):
    """Starts hosts with sections of the configuration replaced; each is stopped, and must stop well."""
    with ExitStack() as stack:

        def start_host(folder=tmp_path, config=None, environment=None, program=BIN, **sections):
            folder.mkdir(exist_ok=True)
            host = Host(folder, config or configuration(folder, **sections), environment, program=program)
            stack.callback(lambda: host.process and host.stop())
            return host.start()

        yield start_host


@pytest.fixture
def host(start):
    return start()


@pytest.fixture
def stream():
    """Opens SSE streams, closed at the end."""
    with ExitStack() as stack:
        yield lambda host, path, **more: stack.enter_context(Stream(host.port, path, **more))


@pytest.fixture
def stock():
    """Opens stock clients, ended at the end."""
    with ExitStack() as stack:

        def open_client(kind, host, *topics, token="staff-token", last_id=None):
            client = kind(host, topics, token, last_id)
            stack.callback(client.close)
            return client

        yield open_client


@pytest.fixture(scope="module")
def shared_host(tmp_path_factory):
    """One host for all tests of a file that leave nothing behind."""
    folder = tmp_path_factory.mktemp("shared")
    host = Host(folder, configuration(folder)).start()
    yield host
    host.stop()


@pytest.fixture
def client():
    """Opens clients of any kind, closed at the end."""
    with ExitStack() as stack:

        def open_client(connect, host, topic, **more):
            opened = connect(host, topic, **more)
            stack.callback(opened.close)
            return opened

        yield open_client
