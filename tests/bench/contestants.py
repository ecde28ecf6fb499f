"""Who takes part in the bench of fan-out: the floor, Statecast, and nginx with nchan.

Each is a server on the host's core, started anew for each run. It says how clients of fanout_load ask for a stream, what
is published to it, and which process it is. What clients get is the same JSON from all of them, of as many bytes.
"""

import contextlib
import json
import resource
import shutil
import subprocess
import time
from datetime import datetime, timezone
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from frame import machine
from frame.programs import BIN, BenchHost

NCHAN = Path("/usr/lib/nginx/modules/ngx_nchan_module.so")
DEADLINE = 30
ENDS_WITH_US = ["setpriv", "--pdeathsig", "KILL"]  # even where the bench is killed

# As many connections as one process may have, but for some files of its own.
OPEN_FILES = min(resource.getrlimit(resource.RLIMIT_NOFILE)[1], 1_000_000)
MOST_CLIENTS = OPEN_FILES - 1_000


def now():
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def location(note):
    """What a message tells; the note fills it up."""
    return '{"latitude":52.520008,"longitude":13.404954,"number":"{number}","note":"' + "x" * note + '"}'


def message(note):
    """What Statecast makes of an event with that location, but for its cursor."""
    return '{"type":"driver_location","driverId":"d-{topic}","location":' + location(note) + ',"timestamp":"' + now() + '"}'


class Floor:
    name = "floor"

    def __init__(self, folder, websocket):
        self.websocket = websocket

    @contextlib.contextmanager
    def running(self):
        with machine.on_core(machine.HOST_CORE):
            process = subprocess.Popen([*ENDS_WITH_US, Path(BIN).parent / "fanout_floor", *(["--websocket"] if self.websocket else [])], stdout=subprocess.PIPE)
        try:
            self.port, self.pid = json.loads(process.stdout.readline())["port"], process.pid
            yield
        finally:
            process.kill()
            process.communicate()

    def requests(self, note):
        return {"--stream": "/stream?", "--topic": "topic={topic}", "--publish": "/publish?topic={topic}", "--type": "application/json", "--body": message(note)}


class Statecast:
    name = "Statecast"
    SETTINGS = {"heartbeat": "1h", "buffer": "256KiB"}

    def __init__(self, folder, websocket):
        self.websocket = websocket
        # What comes only from the clock would be taken for a message of somebody's.
        states = {"drivers": {"type": "delivery", "sources": ["events"], "stale_after": "1h"}}
        transports = {"sse": {"type": "sse", **self.SETTINGS}, "websocket": {"type": "websocket", **self.SETTINGS}}
        limits = {"connections": MOST_CLIENTS + 500}
        self.host = BenchHost(folder, sources={"events": {"type": "memory"}}, states=states, transports=transports, limits=limits)

    @contextlib.contextmanager
    def running(self):
        with self.host.running():
            self.port, self.pid = self.host.port, self.host.process.pid
            yield

    def requests(self, note):
        event = '{"specversion":"1.0","id":"{topic}-{number}","source":"/bench","type":"DriverLocationUpdated","subject":"d-{topic}","time":"' + now() + '","data":' + location(note) + "}"
        return {"--stream": "/ws?" if self.websocket else "/api/v1/stream?", "--topic": "topic=drivers/d-{topic}",
                "--publish": "/api/v1/events", "--type": "application/cloudevents+json", "--body": event}


class StatecastInWindows(Statecast):
    name = "Statecast, 20 ms"
    SETTINGS = {**Statecast.SETTINGS, "flush_window": "20ms"}


class Nchan:
    name = "nchan"

    CONFIGURATION = """
daemon off; worker_processes 1; pid nginx.pid; error_log error.log; worker_rlimit_nofile {files};
load_module {module};
events {{ worker_connections {connections}; use epoll; }}
http {{
  access_log off; tcp_nodelay on; keepalive_requests 1000000000; client_max_body_size 1m; client_body_buffer_size 16k;
  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
  nchan_shared_memory_size 512m;
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    location = /alive {{ return 204; }}
    location = /publish {{
      nchan_publisher http; nchan_channel_id $arg_topic; nchan_message_buffer_length 100; nchan_message_timeout 60s;
    }}
    location = /stream {{
      nchan_subscriber {form}; nchan_channel_id $arg_topic; nchan_subscriber_first_message oldest;
    }}
  }}
}}
"""

    def __init__(self, folder, websocket):
        self.folder, self.websocket = Path(folder), websocket

    @staticmethod
    def installed():
        return NCHAN.exists() and shutil.which("nginx", path="/usr/sbin:/usr/bin") is not None

    @contextlib.contextmanager
    def running(self):
        self.port = machine.free_port()
        # Once fewer than a sixteenth of its connections are free, nginx closes those that have not asked for anything yet.
        form = "websocket" if self.websocket else "eventsource"
        file = self.folder / "nginx.conf"
        file.write_text(self.CONFIGURATION.format(files=OPEN_FILES, module=NCHAN, connections=MOST_CLIENTS * 9 // 8, port=self.port, form=form))
        with machine.on_core(machine.HOST_CORE), open(self.folder / "output", "w") as output:
            process = subprocess.Popen([*ENDS_WITH_US, "/usr/sbin/nginx", "-p", self.folder, "-c", file, "-e", self.folder / "error.log"], stdout=output, stderr=output)
        try:
            self.wait_until_it_answers(process)
            self.pid = process.pid
            yield
        finally:
            process.terminate()
            process.wait(DEADLINE)

    def wait_until_it_answers(self, process):
        until = time.monotonic() + DEADLINE
        while True:
            with contextlib.suppress(URLError, ConnectionError):
                return urlopen(f"http://127.0.0.1:{self.port}/alive", timeout=DEADLINE).close()
            if process.poll() is not None or time.monotonic() > until:
                raise SystemExit(f"nginx did not start: {(self.folder / 'output').read_text()}")
            time.sleep(0.005)  # between two looks at a server that announces nothing

    def requests(self, note):
        return {"--stream": "/stream?", "--topic": "topic={topic}", "--publish": "/publish?topic={topic}", "--type": "application/json", "--body": message(note)}


def contestants():
    """Those that are there, by name; raises the limit of open files for them and for their clients."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    kinds = [Floor, Statecast, StatecastInWindows] + ([Nchan] if Nchan.installed() else [])
    return {kind.name: kind for kind in kinds}
