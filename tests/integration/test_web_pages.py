"""Web pages that nobody let in: a page of any site can have its visitor's browser send requests to a host on loopback.

What browsers send with them is written here by hand; tests/browser has a real one do it.
"""

import base64
import json
import os
import subprocess
from contextlib import contextmanager
from socket import create_server

import pytest

from events import created
from host import EVENTS, STAFF, problem, request
from sse import DEADLINE, connect

EVIL = "https://evil.example"
JSON = {"Content-Type": "application/json"}
ORDER = json.dumps(created("o-1"))
UPGRADE = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13"}
NGINX = "/usr/sbin/nginx"


def upgrade(port, token=None, path="/ws", **headers):
    key = base64.b64encode(os.urandom(16)).decode()
    return request(port, "GET", path, token=token, headers={**UPGRADE, "Sec-WebSocket-Key": key, **headers})


def server(**more):
    return {"listen": "127.0.0.1:0", "admin": "127.0.0.1:0", "publish": "events", **more}


def published(host):
    return host.admin("/api/v1/status").json["sources"][0]["published_events"]


@pytest.fixture
def open_host(start, tmp_path):
    """What an installation runs at first: everybody who reaches it may do everything."""
    return lambda **more: start(access="none", store={"path": str(tmp_path / "store"), "every": "50ms"}, **more)


def foreign(origin):
    return (
        403,
        "Forbidden",
        f"A web page of '{origin}' may not use this host: add that origin to server.origins in its configuration.",
    )


def misdirected(name):
    return (
        421,
        "Misdirected Request",
        f"This host does not answer to the name '{name}': ask for it by its address or as localhost, "
        "or add the name to server.hosts in its configuration.",
    )


# ---- pages of other origins

OTHERS = [EVIL, "http://127.0.0.1:1", "http://localhost", "http://127.0.0.1"]


@pytest.mark.parametrize("origin", OTHERS)
def test_a_foreign_page_opens_no_websocket(open_host, origin):
    host = open_host()
    assert problem(upgrade(host.port, Origin=origin)) == foreign(origin)


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b", "application/json"])
def test_a_foreign_page_publishes_nothing_by_a_request_that_takes_no_preflight(open_host, content_type):
    host = open_host()
    for headers in ({"Origin": EVIL}, {"Origin": EVIL, "Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}):
        assert host.post(ORDER, content_type, token=None, headers=headers).status == 403
    assert published(host) == 0


def test_a_page_in_a_sandbox_or_from_a_file_is_a_foreign_page(open_host):
    host = open_host()
    for origin in ("null", "file://"):
        detail = f"A web page that has no origin of its own (Origin: {origin}) may not use this host."
        assert problem(host.post(ORDER, "text/plain", token=None, headers={"Origin": origin})) == (403, "Forbidden", detail)
        assert problem(upgrade(host.port, Origin=origin)) == (403, "Forbidden", detail)
    assert published(host) == 0


@pytest.mark.parametrize("method, path", [
    ("GET", "/api/v1/stream?topic=orders/all"), ("HEAD", "/api/v1/stream?topic=orders/all"), ("GET", "/api/v1/topics/orders/all"),
    ("GET", "/api/v1/realtime/subscribers"), ("GET", "/"), ("OPTIONS", EVENTS), ("DELETE", EVENTS), ("GET", "/nowhere"),
])  # fmt: skip
def test_a_foreign_page_is_refused_whatever_it_asks(open_host, method, path):
    host = open_host()
    for headers in ({"Origin": EVIL, "Sec-Fetch-Site": "cross-site"}, {"Origin": EVIL}, {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "no-cors"}):
        response = request(host.port, method, path, headers=headers)
        assert response.status == 403
        assert not [name for name in response.headers if name.startswith("access-control-")]


def test_a_token_in_its_address_does_not_let_a_foreign_page_in(start):
    host = start()
    assert problem(upgrade(host.port, path=f"/ws?token={STAFF}", Origin=EVIL)) == foreign(EVIL)
    assert problem(request(host.port, "POST", f"{EVENTS}?token={STAFF}", ORDER, headers={"Origin": EVIL})) == foreign(EVIL)


def test_a_foreign_page_drops_no_dead_letter_on_the_admin_listener(open_host):
    host = open_host()
    host.publish({"type": "OrderStatusUpdated", "subject": "o-none", "data": {"status": "NO_STATUS"}}, wait=True)
    letters = lambda: [letter["letter"] for letter in host.admin("/api/v1/dead-letters").json["dead_letters"]]
    host.wait_until(letters, "the dead letter is listed")
    (letter,) = letters()
    body = json.dumps({"letters": [letter]})
    for verb in ("drop", "redeliver"):
        path = f"/api/v1/dead-letters/{verb}"
        for headers in ({"Origin": EVIL}, {"Origin": f"http://127.0.0.1:{host.port}"}, {"Origin": "null"}, {"Host": f"evil.example:{host.admin_port}"}):
            refused = request(host.admin_port, "POST", path, body, headers={"Content-Type": "text/plain", **headers})
            assert refused.status == (421 if "Host" in headers else 403)
        assert request(host.admin_port, "DELETE", path, headers={"Origin": EVIL}).status == 403
    assert letters() == [letter]
    dropped = request(host.admin_port, "POST", "/api/v1/dead-letters/drop", body, headers={**JSON, "Origin": f"http://127.0.0.1:{host.admin_port}"})
    assert dropped.json["dropped"] == [letter]


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/api/v1/status", "/api/v1/topics", "/api/v1/sources/events/events", "/api/v1/dead-letters", "/nowhere"])
def test_a_foreign_page_is_refused_everywhere_on_the_admin_listener(open_host, path):
    host = open_host()
    assert request(host.admin_port, "GET", path, headers={"Origin": EVIL}).status == 403
    assert problem(request(host.admin_port, "GET", path, headers={"Host": "evil.example"})) == misdirected("evil.example")


# ---- names that lead to the host


@pytest.mark.parametrize("name", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "2130706433", "0x7f.1"])
def test_a_page_whose_name_was_rebound_to_the_host_reaches_nothing(open_host, name):
    host = open_host()
    under = f"{name}:{host.port}"
    page = {"Host": under, "Origin": f"http://{under}", "Sec-Fetch-Site": "same-origin"}
    assert problem(host.get("/api/v1/topics/orders/all", token=None, headers={"Host": under})) == misdirected(under)
    assert problem(host.post(ORDER, token=None, headers=page)) == misdirected(under)
    assert problem(upgrade(host.port, **page)) == misdirected(under)
    assert published(host) == 0


def test_names_that_are_listed_are_answered_to_on_both_listeners(open_host):
    host = open_host(server=server(hosts=["orders.example", "*.example.org"]))
    for name in ("orders.example", "ORDERS.EXAMPLE.", f"orders.example:{host.port}", "a.b.example.org", "localhost", "127.0.0.1", "[::1]:80", "192.0.2.7"):
        assert host.get("/api/v1/realtime/subscribers", token=None, headers={"Host": name}).status == 200, name
        assert request(host.admin_port, "GET", "/healthz", headers={"Host": name}).status == 200, name
    assert host.get("/", token=None, headers={"Host": "example.org"}).status == 421


def test_a_client_of_http_1_0_needs_no_name(open_host):
    host = open_host()
    with connect(host.admin_port) as probe:
        probe.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
        assert probe.recv(65536).startswith(b"HTTP/1.1 200 ")


def test_the_operator_is_told_of_the_first_that_was_refused(open_host):
    host = open_host()
    assert upgrade(host.port, Origin=EVIL).status == 403
    host.wait_until_told(r"refused a request from 127\.0\.0\.1:\d+: A web page of 'https://evil\.example' may not use this host")


# ---- pages that may come


def test_the_hosts_own_pages_may_do_everything(open_host):
    host = open_host(server=server(hosts="orders.example"))
    for under in (f"127.0.0.1:{host.port}", f"localhost:{host.port}", f"orders.example:{host.port}", "orders.example"):
        own = {"Host": under, "Origin": f"http://{under}"}
        assert upgrade(host.port, **own).status == 101
        assert host.post(ORDER, token=None, headers=own).status == 202
        assert host.post(ORDER, token=None, headers={**own, "Sec-Fetch-Site": "same-origin"}).status == 202


def test_a_page_is_reached_by_a_link_from_anywhere(open_host):
    host = open_host()
    for site in ("cross-site", "same-site", "same-origin", "none"):
        assert host.get("/", token=None, headers={"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "navigate"}).status == 200


def test_pages_of_listed_origins_may_come(open_host):
    host = open_host(server=server(origins=["https://shop.example", "http://localhost:3000"]))
    for origin in ("https://shop.example", "http://localhost:3000"):
        for site in ({}, {"Sec-Fetch-Site": "cross-site"}):
            assert upgrade(host.port, Origin=origin, **site).status == 101
            published = host.post(ORDER, token=None, headers={"Origin": origin, **site})
            assert (published.status, published.headers["access-control-allow-origin"]) == (202, origin)
    assert problem(upgrade(host.port, Origin="http://shop.example")) == foreign("http://shop.example")
    assert problem(upgrade(host.port, Origin="https://shop.example:8443")) == foreign("https://shop.example:8443")


SHARED = {"access-control-allow-origin": "https://shop.example", "vary": "Origin"}


@pytest.fixture
def shop_host(start):
    return start(server=server(origins="https://shop.example"))


def shared(response):
    return {name: response.headers[name] for name in SHARED}


def test_a_page_of_a_listed_origin_may_read_every_answer(shop_host):
    shop = {"Origin": "https://shop.example"}
    shop_host.publish(created("o-1"), wait=True)
    for path, status in (("/api/v1/topics/orders/o-1", 200), ("/api/v1/topics/orders/o-2", 404), ("/nowhere", 404), ("/api/v1/stream", 400)):
        response = shop_host.get(path, headers=shop)
        assert (response.status, shared(response)) == (status, SHARED)
    refused = shop_host.get("/api/v1/topics/orders/o-1", token=None, headers=shop)
    assert (refused.status, shared(refused)) == (401, SHARED)
    assert "access-control-allow-origin" not in shop_host.get("/api/v1/topics/orders/o-1").headers
    with connect(shop_host.port) as streaming:
        streaming.sendall(b"GET /api/v1/stream?topic=orders/o-1&token=staff-token HTTP/1.1\r\nHost: localhost\r\nOrigin: https://shop.example\r\n\r\n")
        head = b""
        while b"\r\n\r\n" not in head:
            head += streaming.recv(65536)
    head = head[: head.index(b"\r\n\r\n")].split(b"\r\n")
    assert head[0] == b"HTTP/1.1 200 OK"
    assert {b"Access-Control-Allow-Origin: https://shop.example", b"Vary: Origin"} < set(head)


def test_a_page_of_a_listed_origin_may_ask_with_a_token_and_publish_json(shop_host):
    asks = {"Origin": "https://shop.example", "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}
    preflight = request(shop_host.port, "OPTIONS", EVENTS, headers=asks)
    assert (preflight.status, shared(preflight)) == (204, SHARED)
    assert preflight.headers["access-control-allow-methods"] == "POST, OPTIONS"
    assert preflight.headers["access-control-allow-headers"] == "authorization,content-type"
    assert "access-control-allow-methods" not in request(shop_host.port, "OPTIONS", EVENTS).headers


def test_a_page_of_a_listed_origin_has_nothing_to_do_on_the_admin_listener(shop_host):
    refused = request(shop_host.admin_port, "POST", "/api/v1/dead-letters/drop", "{}", headers={"Origin": "https://shop.example"})
    assert problem(refused) == (403, "Forbidden", "A web page may not use the admin listener, unless it came from there.")


# ---- behind nginx


@contextmanager
def nginx(folder, host, *lines):
    """Passes everything on as it does when told no more than where to."""
    with create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    folder.mkdir()
    temporary = " ".join(f"{kind}_temp_path {kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    (folder / "nginx.conf").write_text(
        f"daemon off; worker_processes 1; pid nginx.pid; error_log error.log; events {{ }}\n"
        f"http {{ access_log off; {temporary} server {{ listen 127.0.0.1:{port};\n"
        f"location / {{ proxy_pass http://127.0.0.1:{host.port}; {' '.join(lines)} }} }} }}\n"
    )
    process = subprocess.Popen([NGINX, "-p", folder, "-c", folder / "nginx.conf", "-e", folder / "error.log"])
    try:
        host.wait_until(lambda: answers(port), "nginx answers")
        yield port
    finally:
        process.terminate()
        process.wait(DEADLINE)


def answers(port):
    try:
        return request(port, "GET", "/").status
    except ConnectionError:
        return None


UPGRADES = ("proxy_http_version 1.1;", "proxy_set_header Upgrade $http_upgrade;", 'proxy_set_header Connection "upgrade";')
SHOP = {"Host": "shop.example", "Origin": "https://shop.example"}


def test_behind_nginx_with_its_defaults_a_page_reads_and_a_browser_vouches_for_it(open_host, tmp_path):
    host = open_host()
    with nginx(tmp_path / "nginx", host, *UPGRADES) as port:
        assert request(port, "GET", "/", headers={"Host": "shop.example"}).status == 200
        assert request(port, "GET", "/api/v1/realtime/subscribers", headers={"Host": "shop.example"}).status == 200
        assert request(port, "POST", EVENTS, ORDER, headers={**SHOP, **JSON, "Sec-Fetch-Site": "same-origin"}).status == 202
        assert problem(upgrade(port, **SHOP)) == foreign("https://shop.example")


def test_behind_nginx_with_its_defaults_the_origin_that_is_listed_opens_websockets(open_host, tmp_path):
    host = open_host(server=server(origins="https://shop.example"))
    with nginx(tmp_path / "nginx", host, *UPGRADES) as port:
        assert upgrade(port, **SHOP).status == 101
        assert problem(upgrade(port, Host="shop.example", Origin=EVIL)) == foreign(EVIL)


def test_behind_nginx_that_passes_the_name_on_the_name_is_listed(open_host, tmp_path):
    host = open_host(server=server(hosts="shop.example"))
    with nginx(tmp_path / "nginx", host, *UPGRADES, "proxy_set_header Host $http_host;") as port:
        assert upgrade(port, **SHOP).status == 101
        assert request(port, "POST", EVENTS, ORDER, headers={**SHOP, **JSON}).status == 202
        assert problem(upgrade(port, Host="shop.example", Origin=EVIL)) == foreign(EVIL)
        assert problem(request(port, "GET", "/", headers={"Host": "evil.example"})) == misdirected("evil.example")
