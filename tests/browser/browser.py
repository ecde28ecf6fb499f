"""A headless Chromium with a profile of its own, which notes everything that a page complains of."""

import base64
import json
import os
import time
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By

SCREENSHOTS = Path(os.environ["STATECAST_SCREENSHOTS"])
DESKTOP, PHONE = (1440, 900), (390, 844)

_FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--no-proxy-server",
    "--host-resolver-rules=MAP rebound.example 127.0.0.1",
    "--lang=en-GB",
]

_READ = """
  const shown = [...document.querySelectorAll(arguments[0])].filter((element) => element.checkVisibility());
  return shown.map((element) => (element.innerText ?? element.textContent).trim()).filter(Boolean).join("\\n");
"""


def open_chromium(profile):
    options = Options()
    options.binary_location = "/usr/bin/chromium"
    for flag in [*_FLAGS, f"--user-data-dir={profile}"]:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    return webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)


class Page:
    """One tab on one host's page. close() checks that nothing was complained of but what the test allowed."""

    def __init__(self, driver, deadline=60):
        self.driver = driver
        self.deadline = deadline
        self._tab = driver.current_window_handle
        self._allowed = []
        self._trouble = []
        self._paths = {}  # request -> path
        self._collect()
        self._trouble.clear()  # of the tab before

    # ---- going there

    def open(self, host, fragment="", query=""):
        self.driver.get(f"{host.url}/{query}{'#' + fragment if fragment else ''}")
        return self

    def window(self, size, dark=False, mobile=False):
        width, height = size
        metrics = {"width": width, "height": height, "deviceScaleFactor": 2 if mobile else 1, "mobile": mobile}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})
        return self

    def screenshot(self, name):
        """The whole page, as the window that was asked for shows it."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        shot = self.driver.execute_cdp_cmd("Page.captureScreenshot", {"format": "png", "captureBeyondViewport": True})
        (SCREENSHOTS / f"{name}.png").write_bytes(base64.b64decode(shot["data"]))

    # ---- looking

    def js(self, expression):
        return self.driver.execute_script(f"return {expression}")

    def text(self, selector):
        """What is to be read there: all elements that match and are shown, line by line."""
        return self.driver.execute_script(_READ, selector)

    def element(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def click(self, selector):
        self.element(selector).click()

    def type(self, selector, text):
        field = self.element(selector)
        field.clear()
        field.send_keys(text)

    def until(self, condition, what):
        until = time.monotonic() + self.deadline
        while not condition():
            assert (
                time.monotonic() < until
            ), f"not within {self.deadline} s: {what}\n{self.text('main')[:2000]}\n{self._collect()}"
            time.sleep(0.05)  # between two looks at a page that announces nothing

    def until_text(self, selector, wanted):
        self.until(lambda: wanted in self.text(selector), f"{selector} reads {wanted!r}, not {self.text(selector)!r}")

    def until_live(self):
        self.until(lambda: self.js("document.getElementById('connection').dataset.state") == "live", "the page is live")

    # ---- complaints

    def allow(self, path, reason):
        """From here on, a request to this path (its beginning) may fail for this reason: a status, or net::ERR_..."""
        self._allowed.append((path, str(reason)))

    def allow_no_host(self):
        """From here on the host may be away: connections are refused, or end without an answer."""
        for reason in ("net::ERR_CONNECTION_REFUSED", "net::ERR_CONNECTION_RESET", "net::ERR_EMPTY_RESPONSE"):
            self.allow("/api/v1/", reason)

    def _collect(self):
        """Everything that went wrong so far: [what, path, reason]."""
        for entry in self.driver.get_log("performance"):
            entry = json.loads(entry["message"])
            # What the browser does beside, in a tab of its own, is not the page's.
            if entry["webview"] == self._tab:
                self._note(entry["message"]["method"], entry["message"].get("params", {}))
        for entry in self.driver.get_log("browser"):
            # What the network log tells of is told there with its path and its reason.
            if entry["level"] in ("SEVERE", "WARNING") and entry["source"] != "network":
                self._trouble.append(["console", "", entry["message"]])
        return self._trouble

    def _note(self, method, params):
        if method == "Network.requestWillBeSent":
            self._paths[params["requestId"]] = params["request"]["url"].split("/", 3)[-1].split("?")[0]
        path = "/" + self._paths.get(params.get("requestId"), "")
        if method == "Network.responseReceived" and params["response"]["status"] >= 400:
            self._trouble.append(["answer", path, str(params["response"]["status"])])
        # A page that reconnects or is closed cancels what is under way.
        if method == "Network.loadingFailed" and not params.get("canceled"):
            self._trouble.append(["failure", path, params["errorText"]])

    def complaints(self):
        return [
            one
            for one in self._collect()
            if not any(one[1].startswith(path) and one[2] == reason for path, reason in self._allowed)
        ]
