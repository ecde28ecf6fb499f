"""Runs the benches and prints their tables; started by `run`, which builds what they need."""

import argparse
import json
import tempfile
from pathlib import Path

import fanout
import instructions
import micro
import publish
import restart
from frame import machine
from frame.effort import Effort

BENCHES = {"publish": publish, "restart": restart, "fanout": fanout, "micro": micro, "instructions": instructions}


def main():
    parser = argparse.ArgumentParser(prog="tests/bench/run", description="Measures a host on this machine.")
    parser.add_argument("benches", nargs="*", metavar="bench", help=f"of {', '.join(BENCHES)}; all when none is named")
    parser.add_argument("--quick", action="store_const", dest="effort", const=Effort.quick(), default=Effort(), help="about a minute a bench")
    parser.add_argument("--smoke", action="store_const", dest="effort", const=Effort.smoke(), help="seconds: is every result there?")
    parser.add_argument("--rounds", type=int, help="how often each measurement is repeated")
    parser.add_argument("--only", default="", help="only the measurements whose names contain this")
    parser.add_argument("--folder", type=Path, help="where logs are written: on the disk that is to be measured")
    parser.add_argument("--store", action="store_true", help="keep the counts of instructions, to compare later ones with")
    parser.add_argument("--json", type=Path, help="a file for the results of fanout, which `plot` draws")
    options = parser.parse_args()
    unknown = set(options.benches) - set(BENCHES)
    if unknown:
        parser.error(f"there is no bench {', '.join(sorted(unknown))}: there are {', '.join(BENCHES)}")
    effort = options.effort.but(rounds=options.rounds, only=options.only, store=options.store)

    machine.headline()
    machine.describe("before")
    with tempfile.TemporaryDirectory(prefix="statecast-bench-", dir=options.folder) as folder:
        for name in options.benches or BENCHES:
            results = BENCHES[name].bench(Path(folder), effort)
            machine.describe(f"after {name}")
            if results and options.json:
                options.json.write_text(json.dumps({name: results}, indent=1) + "\n")


if __name__ == "__main__":
    main()
