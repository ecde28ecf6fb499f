"""Pages of other origins in a real browser: what they can do to a host on loopback, and what those can that may come."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from selenium.webdriver.common.by import By

from host import STAFF

WEBSOCKET = """
  const done = arguments[arguments.length - 1];
  const socket = new WebSocket(arguments[0]);
  socket.onopen = () => done("open");
  socket.onerror = () => done("refused");
"""
EVENT_SOURCE = """
  const done = arguments[arguments.length - 1];
  const stream = new EventSource(arguments[0]);
  stream.onmessage = (message) => { stream.close(); done(JSON.parse(message.data).type); };
  stream.onerror = () => { stream.close(); done("refused"); };
"""
FETCH = """
  const done = arguments[arguments.length - 1];
  fetch(arguments[0], arguments[1]).then(async (answer) => done([answer.type, answer.status]), () => done("refused"));
"""
EVENT = '{"type":"OfNobody","subject":"x","data":{}}'


class _Nothing(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>elsewhere</title>")

    def log_message(self, *arguments):
        pass


@pytest.fixture
def elsewhere():
    """The origin of a site of somebody else."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Nothing)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def tab(chromium):
    before = chromium.current_window_handle
    chromium.switch_to.new_window("tab")
    yield chromium
    chromium.close()
    chromium.switch_to.window(before)


def server(**more):
    return {"listen": "127.0.0.1:0", "admin": "127.0.0.1:0", "publish": "events", **more}


def published(host):
    return host.admin("/api/v1/status").json["sources"][0]["published_events"]


def test_a_foreign_page_opens_nothing_and_publishes_nothing(start, tab, elsewhere):
    host = start(access="none")
    tab.get(elsewhere)
    assert tab.execute_async_script(WEBSOCKET, host.websocket_url) == "refused"
    assert tab.execute_async_script(EVENT_SOURCE, f"{host.url}/api/v1/stream?topic=orders/all") == "refused"
    assert tab.execute_async_script(FETCH, f"{host.url}/api/v1/topics/orders/all", {}) == "refused"
    post = {"method": "POST", "body": EVENT, "mode": "no-cors"}
    assert tab.execute_async_script(FETCH, f"{host.url}/api/v1/events", post) == ["opaque", 0]
    post = {"method": "POST", "body": EVENT, "headers": {"Content-Type": "application/json"}}
    assert tab.execute_async_script(FETCH, f"{host.url}/api/v1/events", post) == "refused"
    tab.execute_script(f"document.body.innerHTML = '<form method=post action={host.url}/api/v1/events></form>'; document.forms[0].submit()")
    host.wait_until(lambda: "may not use this host" in tab.find_element(By.TAG_NAME, "body").text, "the form is refused")
    assert published(host) == 0


def test_a_page_of_a_listed_origin_uses_the_host_as_its_own_pages_do(start, tab, elsewhere):
    host = start(server=server(origins=elsewhere))
    tab.get(elsewhere)
    assert tab.execute_async_script(WEBSOCKET, f"{host.websocket_url}?token={STAFF}") == "open"
    assert tab.execute_async_script(EVENT_SOURCE, f"{host.url}/api/v1/stream?topic=orders/all&token={STAFF}") == "connected"
    asks = {"headers": {"Authorization": f"Bearer {STAFF}"}}
    assert tab.execute_async_script(FETCH, f"{host.url}/api/v1/topics/orders/all", asks) == ["cors", 200]
    post = {"method": "POST", "body": EVENT, "headers": {**asks["headers"], "Content-Type": "application/json"}}
    assert tab.execute_async_script(FETCH, f"{host.url}/api/v1/events", post) == ["cors", 202]


def test_the_hosts_own_page_opens_websockets_and_is_reached_by_a_link_from_anywhere(start, tab, elsewhere):
    host = start(access="none")
    tab.get(elsewhere)
    tab.execute_script(f"location.href = '{host.url}/'")
    host.wait_until(lambda: tab.current_url.startswith(host.url) and tab.title, "the link was followed")
    assert tab.execute_async_script(WEBSOCKET, host.websocket_url) == "open"
    post = {"method": "POST", "body": EVENT, "headers": {"Content-Type": "application/json"}}
    assert tab.execute_async_script(FETCH, "/api/v1/events", post) == ["basic", 202]


def test_a_name_that_was_rebound_to_the_host_gets_nothing(start, tab):
    host = start(access="none")
    tab.get(f"http://rebound.example:{host.port}/")
    assert "does not answer to the name 'rebound.example:" in tab.find_element(By.TAG_NAME, "body").text
    assert tab.execute_async_script(WEBSOCKET, f"ws://rebound.example:{host.port}/ws") == "refused"
    assert tab.execute_async_script(FETCH, "/api/v1/topics/orders/all", {}) == ["basic", 421]
