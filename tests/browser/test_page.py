"""The page at `/` in a real browser, on the real host."""

import pytest

import scene
from browser import PHONE
from events import created, status
from host import CUSTOMER, STAFF, configuration


def server_at(host, folder):
    """The server section of a host that takes the place of another."""
    return {**configuration(folder)["server"], "listen": f"127.0.0.1:{host.port}"}


def test_an_order_shows_and_its_status_changes_live(host, page):
    page.open(host, f"token={STAFF}").until_live()
    host.publish(created("o-1"))
    page.until_text("#order-rows", "o-1")
    page.until_text("#tracked-title", "o-1")
    assert page.text("#tracked-status") == "Pending"
    assert page.text("#items") == "2 ×\nSoup\n7.00"
    host.publish(
        {"type": "PaymentProcessed", "subject": "o-1", "data": {"paymentId": "p-1", "status": "SUCCEEDED", "amount": 7}}
    )
    page.until_text("#facts", "Succeeded, 7.00")
    host.publish(status("o-1", "CONFIRMED"), status("o-1", "PREPARING"))
    page.until_text("#tracked-status", "Preparing")
    assert page.text('#steps [aria-current="step"]') == "Preparing"
    assert page.text('#steps [data-step="done"]') == "Pending\nConfirmed"


@pytest.mark.parametrize(
    "end, sentence", [("CANCELLED", "This order was cancelled: no rice"), ("FAILED", "The delivery failed: no rice")]
)
def test_an_order_that_is_lost_says_why(host, page, end, sentence):
    steps = [] if end == "CANCELLED" else scene.STEPS[:4]
    host.publish(
        created("o-1"), *(status("o-1", step) for step in steps), status("o-1", end, reason="no rice"), wait=True
    )
    page.open(host, f"token={STAFF}")
    page.until_text("#tracked-failure", sentence)
    assert page.text("#tracked-status") == end.capitalize()


def test_a_restart_is_gone_through_without_a_reload_and_nothing_is_lost(tmp_path, start, page):
    first = start()
    first.publish(created("o-1"), wait=True)
    page.open(first, f"token={STAFF}").until_live()
    page.until_text("#tracked-title", "o-1")
    page.driver.execute_script("window.loadedOnce = true")
    page.allow_no_host()
    first.kill()
    page.until_text("#connection-text", "Connection lost, reconnecting")
    second = start(server=server_at(first, tmp_path))
    second.publish(status("o-1", "CONFIRMED"), created("o-2"), wait=True)
    page.until_text("#tracked-status", "Confirmed")
    page.until_text("#order-rows", "o-2")
    page.until_live()
    assert page.js("window.loadedOnce") is True
    second.publish(status("o-1", "PREPARING"))
    page.until_text("#tracked-status", "Preparing")
    said = page.text("#messages .type")
    # Resumed: the snapshot did not come again, so each change of the order was heard once, and o-2.
    assert said.split().count("order_update") == 4
    assert said.split().count("reset") == 0


def test_a_stream_that_starts_over_says_so_and_forgets_what_is_gone(tmp_path, start, page):
    in_memory = {"events": {"type": "memory"}}
    first = start(sources=in_memory)
    first.publish(created("o-1"), wait=True)
    page.open(first, f"token={STAFF}").until_live()
    page.until_text("#order-rows", "o-1")
    page.allow_no_host()
    first.kill()
    start(sources=in_memory, server=server_at(first, tmp_path))
    page.until_text("#connection-text", "Started over: the cursor is of another history")
    page.until(lambda: page.text("#order-rows") == "", "the order of before is gone")
    page.until_text("#orders-hint", "No orders yet. The first one appears here by itself.")


def test_a_token_that_was_taken_away_is_told_so_after_a_restart(tmp_path, start, page):
    first = start()
    page.open(first, f"token={STAFF}").until_live()
    page.allow_no_host()
    page.allow("/api/v1/", 401)
    first.stop()
    page.until_text("#connection-text", "Connection lost, reconnecting")
    start(server=server_at(first, tmp_path), access={"tokens": {"another-token": {"sub": "s-1", "roles": ["staff"]}}})
    page.until_text("#access-reason", "the access token is not known here")
    page.type("#token", "another-token")
    page.click("#access-form .primary")
    page.until_live()


def test_a_token_that_is_not_known_is_told_so_and_another_is_taken(host, page):
    host.publish(created("o-1"), wait=True)
    page.allow("/api/v1/realtime/subscribers", 401)
    page.open(host, "token=nobody-knows-me")
    page.until_text("#access-reason", "the access token is not known here")
    assert page.text("#connection") == "Access denied"
    page.type("#token", STAFF)
    page.click("#access-form .primary")
    page.until_live()
    page.until_text("#tracked-title", "o-1")
    assert page.text("#access") == ""


@pytest.mark.parametrize(
    "given", [{"fragment": f"token={STAFF}"}, {"query": f"?token={STAFF}"}], ids=["fragment", "query"]
)
def test_a_token_leaves_the_address_and_survives_a_reload_of_the_tab(host, page, given):
    page.open(host, **given).until_live()
    assert page.js("location.href") == f"{host.url}/"
    page.driver.refresh()
    page.until_live()


def test_a_customer_tracks_an_order_and_then_sees_its_own(host, page):
    host.publish(created("o-1"), created("o-2"), created("o-3", "c-2"), wait=True)
    page.allow("/api/v1/stream", 403)
    page.allow("/api/v1/topics/orders/", 403)
    page.open(host, f"token={CUSTOMER}")
    page.until_text(
        "#orders-hint", "Type the id of an order of yours. (orders/all is shown to the roles staff and admin only)"
    )
    page.type("#track", "o-3")
    page.click("#track-form button")
    page.until_text("#track-problem", "order o-3 is not yours or does not exist")
    page.type("#track", "o-1")
    page.click("#track-form button")
    page.until_live()
    page.type("#track", "")
    page.until_text("#order-rows", "o-2")
    assert page.text("#tracked-title") == "o-1"
    assert "o-3" not in page.text("#order-rows")
    host.publish(status("o-1", "CONFIRMED"))
    page.until_text("#tracked-status", "Confirmed")
    assert page.js("location.hash") == "#order=o-1"


def test_a_customer_sees_the_driver_who_brings_the_order(full_host, page):
    brought = [
        created("o-1"),
        *(status("o-1", step) for step in scene.STEPS[:3]),
        status("o-1", "OUT_FOR_DELIVERY", driverId="d-1"),
    ]
    full_host.publish(*brought, scene.driver(1, 0), scene.driver(2, 0), wait=True)
    page.allow("/api/v1/", 403)
    page.open(full_host, f"token={CUSTOMER}&order=o-1")
    page.until_text("#map .driver", "d-1")
    assert page.js("document.querySelectorAll('#map .driver').length") == 1
    full_host.publish({"type": "Ended", "subject": "drivers/d-1"}, wait=True)
    page.until(lambda: page.js("document.querySelectorAll('#map .driver').length") == 0, "the driver is gone")
    full_host.publish(status("o-1", "DELIVERED"))
    page.until_text("#tracked-status", "Delivered")


def test_markup_in_a_message_is_text(full_host, page):
    evil = '<img src=x onerror="window.hurt=1"><script>window.hurt=1</script>'
    item = {"menuItemId": "i-1", "name": evil, "quantity": 1, "price": 1}
    full_host.publish(
        {
            "type": "OrderCreated",
            "subject": "o-1",
            "data": {"customerId": "c-1", "merchantId": "m-1", "total": 1, "items": [item], "note": evil},
        }
    )
    full_host.publish(status("o-1", "CANCELLED", reason=evil, eta=evil))
    merchant = {
        "open": True,
        "until": evil,
        "items": [{"menuItemId": evil, "name": evil}],
        "promotions": [{"title": evil}],
    }
    full_host.publish(scene.shown("merchants/m-1", {"type": "merchant_update", "merchantId": evil, "data": merchant}))
    full_host.publish(
        scene.shown(
            "runs/r-1",
            {
                "type": "run_update",
                "runId": evil,
                "data": {"status": evil, "driverId": evil, "stops": [{"latitude": 1, "longitude": 1, "orderId": evil}]},
            },
        )
    )
    full_host.publish(
        scene.shown(
            "drivers/d-1", {"type": "driver_location", "driverId": evil, "location": {"latitude": 1, "longitude": 1}}
        )
    )
    full_host.publish(scene.shown("windows/windows", {"type": "window", "event_types": {evil: 1}, "total_events": 1}))
    full_host.publish(scene.shown("windows/odd", {"type": evil, "topic": evil}), wait=True)
    page.open(full_host, f"token={STAFF}").until_live()
    page.until_text("#tracked-failure", f"This order was cancelled: {evil}")
    for part in ("#items .what", "#facts", "#merchant-rows", "#run-rows", "#window-bars", "#map", "#messages"):
        page.until_text(part, "<img src=x onerror=")
    assert page.js("window.hurt") is None
    assert page.js("document.querySelectorAll('main img, main script').length") == 0


def test_fields_that_are_missing_or_of_another_type_do_no_harm(full_host, page):
    odd = [
        scene.shown("runs/r-1", {"type": "run_update", "runId": "r-1"}),
        scene.shown(
            "runs/r-2",
            {
                "type": "run_update",
                "runId": "r-2",
                "data": {"stops": [None, 5, {"latitude": "north"}], "orderIds": "o-1", "eta": "soon"},
            },
        ),
        scene.shown("drivers/d-1", {"type": "driver_location", "driverId": "d-1"}),
        scene.shown(
            "drivers/d-2", {"type": "driver_location", "driverId": 2, "location": {"latitude": 1, "longitude": 2}}
        ),
        scene.shown(
            "drivers/d-3", {"type": "driver_location", "driverId": "d-3", "location": {"latitude": 1, "longitude": 2}}
        ),
        scene.shown(
            "merchants/m-1",
            {"type": "merchant_update", "merchantId": "m-1", "data": {"items": {"a": 1}, "promotions": None}},
        ),
        scene.shown("windows/windows", {"type": "window"}),
        scene.shown("windows/odd", {}),
        created("o-1", eta=-1, payment="cash", reason=["x"]),
    ]
    full_host.publish(*odd, wait=True)
    page.open(full_host, f"token={STAFF}").until_live()
    page.until_text("#run-rows", "r-2")
    page.until_text("#merchant-rows", "m-1")
    page.until_text("#tracked-title", "o-1")
    page.until_text("#map", "d-3")
    assert page.js("document.querySelectorAll('#map .driver').length") == 1


def test_entries_that_share_an_id_are_shown_each_once(full_host, page):
    twice = [{"menuItemId": "i-1", "name": "Soup"}, {"menuItemId": "i-1", "name": "Rice"}]
    page.open(full_host, f"token={STAFF}").until_live()
    for items in (twice, twice[::-1], twice):
        data = {"name": "Blue Door", "items": items}
        full_host.publish(scene.shown("merchants/m-1", {"type": "merchant_update", "merchantId": "m-1", "data": data}))
        names = [item["name"] for item in items]
        shown = "[...document.querySelectorAll('#merchant-rows .items .what')].map((e) => e.textContent)"
        page.until(lambda: page.js(shown) == names, f"the merchant has {names}")


def test_a_state_that_is_degraded_shows_until_it_recovered(full_host, page):
    page.open(full_host, f"token={STAFF}").until_live()
    full_host.publish(
        scene.shown("runs/x", {"type": "degraded", "topic": "runs/all", "reason": "the state failed five times"})
    )
    page.until_text("#connection", "Degraded: runs/all: the state failed five times")
    full_host.publish(scene.shown("runs/x", {"type": "recovered", "topic": "runs/all"}))
    page.until_text("#connection", "Live")


def test_drivers_glide_and_turn_grey_when_they_are_stale(full_host, page):
    full_host.publish(scene.driver(1, 0), scene.driver(2, 0, stale=True), scene.run(1, 1, 4), wait=True)
    page.open(full_host, f"token={STAFF}").until_live()
    page.until_text("#map .driver.stale", "d-2")
    place = lambda: page.js("document.querySelector('#map [data-driver=d-1]').getAttribute('transform')")
    page.until(lambda: page.js("document.querySelectorAll('#map .place').length") == 4, "the run's stops are there")
    before = place()
    full_host.publish(scene.driver(1, 3))
    page.until(lambda: place() != before, "the driver moves")
    page.click("#run-rows button")
    page.until(
        lambda: page.js("document.querySelector('#map .followed').dataset.driver") == "d-1",
        "the run's driver is followed",
    )
    page.click("#map-all")
    page.until(lambda: page.js("document.querySelector('#map .followed')") is None, "nobody is followed")


def test_the_log_is_a_ring_that_can_be_paused_and_filtered(full_host, page):
    page.open(full_host, f"token={STAFF}").until_live()
    full_host.publish(*(scene.driver(n, 0) for n in range(700)))
    page.until_text("#log-note", "of 701")
    full_host.publish(created("o-1"))
    page.until_text("#messages .id", "o-1")
    rows = lambda: page.js("document.querySelectorAll('#messages li').length")
    assert rows() == 100
    page.click("#log-pause")
    full_host.publish(created("o-2"), wait=True)
    page.until_text("#log-note", "paused, 1 newer message")
    assert "o-2" not in page.text("#messages .id")
    page.click("#log-pause")
    page.until_text("#messages .id", "o-2")
    show_type = "const type = document.getElementById('log-type'); type.value = arguments[0]; type.dispatchEvent(new Event('change'))"
    page.driver.execute_script(show_type, "order_update")
    assert rows() == 2
    # Of more messages than the ring holds, the first are gone.
    page.driver.execute_script(show_type, "connected")
    assert rows() == 0


def test_what_the_host_does_not_serve_is_not_shown(host, page):
    page.open(host, f"token={STAFF}").until_live()
    for part in ("#map-part", "#runs-part", "#merchants-part", "#windows-part"):
        assert page.text(part) == ""


def test_a_topic_that_the_address_names_is_followed_too(full_host, page):
    page.open(full_host, f"token={STAFF}&topic=windows/hourly").until_live()
    full_host.publish(scene.shown("windows/hourly", {"type": "window", "total_events": 7}))
    page.until_text("#window-hint", "7 events")
    assert page.js("location.hash") == "#topic=windows%2Fhourly"


def test_everybody_sees_the_page_where_access_is_none(start, page):
    host = start(access="none")
    host.publish(created("o-1"), wait=True)
    page.open(host).until_live()
    page.until_text("#tracked-title", "o-1")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_the_whole_platform_fits_the_window(full_host, page, size, scheme):
    full_host.publish(*scene.platform(), wait=True)
    if size == "phone":
        page.window(PHONE, dark=scheme == "dark", mobile=True)
    else:
        page.window((1440, 900), dark=scheme == "dark")
    page.open(full_host, f"token={STAFF}&order=o-100").until_live()
    page.until_text("#tracked-title", "o-100")
    for time in range(1, 8):
        full_host.publish(*(scene.driver(n, time) for n in range(1, 9)), wait=True)
        page.until(
            lambda: page.js("document.querySelectorAll('#map .driver').length") == 9, "all drivers are on the map"
        )
    page.until_text("#map-note", "9 on the map, 1 out of date")
    page.until_text("#window-hint", "505 events")
    page.screenshot(f"{size}-{scheme}")
    assert page.js("document.documentElement.scrollWidth <= innerWidth") is True
    wide = "[...document.querySelectorAll('body *')].filter((e) => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest('svg, .unseen, .skip')).length"
    assert page.js(wide) == 0
