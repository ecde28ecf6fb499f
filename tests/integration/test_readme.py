"""What the README and the quickstart tell people to type works as it is written."""

import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from events import is_status
from host import BIN, PLUGINS, configuration
from sse import Parser

BUILD = Path(BIN).parent.parent
ROOT = Path(os.environ["STATECAST_SHIPPED_CONFIG"]).parent
DEMO_TOKENS = yaml.safe_load((ROOT / "config/demo.yaml").read_text())["access"]["tokens"]


def commands(file):
    """The curl commands of a text, in order: each from its line to the next empty one."""
    return re.findall(r"^ +(curl .*?)(?=\n\s*\n|\n +[#{d])", (ROOT / file).read_text(), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("file", ["README.md", "packaging/quickstart"])
def test_the_first_event_goes_as_it_is_written(start, tmp_path, file):
    host = start(config=configuration(tmp_path, access={"tokens": DEMO_TOKENS}))
    publish, follow, change, *others = [c.replace("127.0.0.1:8080", f"127.0.0.1:{host.port}") for c in commands(file)]
    run = lambda command: subprocess.run(["bash", "-c", command], capture_output=True, timeout=30).stdout

    assert run(publish).startswith(b"HTTP/1.1 202 ")
    follower = subprocess.Popen(["bash", "-c", "exec timeout 30 " + follow], stdout=subprocess.PIPE)
    read_until(follower, "PENDING")
    assert run(change).startswith(b"HTTP/1.1 202 ")
    read_until(follower, "CONFIRMED")
    follower.terminate()
    follower.wait(30)
    for other in others:
        assert b"{" in run(other)


def test_the_first_plugin_is_built_and_runs_as_it_is_written(start, tmp_path):
    lines = re.findall(r"^    (c(?:make|test) .*)$", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert len(lines) == 4
    folders = {"release": str(BUILD), "sdk": f"{tmp_path}/sdk", "hello": f"{tmp_path}/hello"}
    script = re.sub(r"(?:\$PWD/)?build/(\w+)", lambda match: folders[match[1]], "\n".join(lines))
    subprocess.run(["bash", "-ec", script], cwd=ROOT, check=True, timeout=200, stdout=subprocess.DEVNULL)

    config = configuration(tmp_path, plugins={"search": [PLUGINS, folders["hello"]]})
    config["states"]["hello"] = {"type": "hello", "sources": ["events"]}
    host = start(config=config)
    host.publish({"type": "Greeted", "subject": "ada"}, {"type": "Greeted", "subject": "ada"}, wait=True)
    assert host.get("/api/v1/topics/greetings/ada").json == {"type": "greeting", "name": "ada", "count": 2}


def read_until(follower, status):
    parser = Parser()
    while piece := follower.stdout.read1():
        if any(is_status("o-1", status)(message.json) for message in parser.feed(piece)):
            return
    raise AssertionError(f"the stream ended before the order was {status}")
