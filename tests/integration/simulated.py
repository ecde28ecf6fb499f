"""Recordings of a simulated platform: as many orders as wanted, the same for the same seed."""

import json
import os
import subprocess
from pathlib import Path

START = "2023-12-20T12:00:00Z"


def record(orders, seed=7, **settings):
    """The events of so many orders, all of which end, and of the drivers, runs and merchants beside them.

    There are by default as many drivers as the orders take, who seldom tell where they are.
    """
    program = Path(os.environ["STATECAST_BIN"]).with_name("simulated_recording")
    city = {"rate": 60, "drivers": 200, "merchants": 20, "customers": 500, "location_interval": 30_000}
    told = {"orders": orders, "seed": seed, "start": START, **city, **settings}
    written = subprocess.run([program, json.dumps(told)], check=True, capture_output=True, text=True, timeout=120)
    return [json.loads(line) for line in written.stdout.splitlines()]
