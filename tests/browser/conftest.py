from contextlib import ExitStack

import pytest

from browser import DESKTOP, Page, open_chromium
from host import TEST_PLUGINS, Host, PLUGINS, configuration


@pytest.fixture(scope="session")
def chromium(tmp_path_factory):
    driver = open_chromium(tmp_path_factory.mktemp("profile"))
    yield driver
    driver.quit()


@pytest.fixture
def page(chromium):
    """A new tab, in the light, as on a desk; what it complained of fails the test."""
    before = chromium.current_window_handle
    chromium.switch_to.new_window("tab")
    page = Page(chromium).window(DESKTOP)
    yield page
    complaints = page.complaints()
    chromium.close()
    chromium.switch_to.window(before)
    assert complaints == []


@pytest.fixture
def start(tmp_path):
    """Starts hosts with sections of the configuration replaced; each is stopped, and must stop well."""
    with ExitStack() as stack:

        def start_host(**sections):
            host = Host(tmp_path, configuration(tmp_path, **sections))
            stack.callback(lambda: host.process and host.stop())
            return host.start()

        yield start_host


@pytest.fixture
def host(start):
    return start()


@pytest.fixture
def full_host(start):
    """A host on which there is something of everything that the page can show."""
    states = {"orders": {"type": "order", "sources": ["events"]}, "others": {"type": "shows", "sources": ["events"]}}
    return start(states=states, plugins={"search": [PLUGINS, TEST_PLUGINS]})
