"""What the page's files are sent with, to any client."""

import pytest

from host import configuration, problem, request


def test_the_page_is_sent_with_what_keeps_it_safe_and_fresh(host):
    response = request(host.port, "GET", "/")
    assert response.status == 200
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert response.headers["cache-control"] == "no-cache"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["referrer-policy"] == "no-referrer"
    assert response.headers["content-security-policy"] == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    )
    assert b"http://" not in response.body and b"https://" not in response.body


@pytest.mark.parametrize("path, content_type", [
    ("/page/page.css", "text/css; charset=utf-8"),
    ("/page/page.js", "text/javascript; charset=utf-8"),
    ("/page/icon.svg", "image/svg+xml"),
])  # fmt: skip
def test_its_files_have_their_types(host, path, content_type):
    response = request(host.port, "GET", path)
    assert (response.status, response.headers["content-type"]) == (200, content_type)


def test_what_a_browser_has_is_not_sent_again(host):
    first = request(host.port, "GET", "/")
    for tags in (first.headers["etag"], f'W/{first.headers["etag"]}', f'"other", {first.headers["etag"]}', "*"):
        again = request(host.port, "GET", "/", headers={"If-None-Match": tags})
        assert (again.status, again.body, again.headers["etag"]) == (304, b"", first.headers["etag"])
        assert "content-length" not in again.headers
    assert request(host.port, "GET", "/", headers={"If-None-Match": '"other"'}).status == 200


def test_head_tells_what_get_would_send(host):
    get, head = request(host.port, "GET", "/"), request(host.port, "HEAD", "/")
    assert (head.status, head.body) == (200, b"")
    assert {**head.headers, "date": ""} == {**get.headers, "date": ""}


def test_other_methods_are_refused(host):
    response = request(host.port, "POST", "/", b"{}")
    assert problem(response) == (405, "Method Not Allowed", "This resource takes GET, HEAD, OPTIONS.")
    assert response.headers["allow"] == "GET, HEAD, OPTIONS"


def test_a_page_that_is_switched_off_is_not_there(tmp_path, start):
    server = {**configuration(tmp_path)["server"], "page": False}
    host = start(server=server)
    for path in ("/", "/page/page.js"):
        assert problem(request(host.port, "GET", path)) == (
            404,
            "Not Found",
            "There is nothing at this path: streams, topics and events are under /api/v1/.",
        )
