"""A wall clock that says what a test wants, for one running program (libfaketime). The monotonic clock stays as it is."""

import subprocess
from pathlib import Path

from preload import preloaded


def _library():
    """Where Debian has put it, on this machine's architecture."""
    listed = subprocess.run(["dpkg", "-L", "libfaketime"], capture_output=True, text=True, check=True)
    return next(line for line in listed.stdout.splitlines() if line.endswith("/libfaketimeMT.so.1"))


class FakeClock:
    """Begins with this offset or moment, in libfaketime's words: "-1d", "+3600", "@1970-01-01 00:00:05"; "+0" is right."""

    def __init__(self, folder, says="+0"):
        self.control = Path(folder) / "clock"
        self.set(says)

    def set(self, says):
        """The program sees it at its next look at the clock."""
        whole = self.control.with_suffix(".new")
        whole.write_text(f"{says}\n")
        whole.rename(self.control)

    @property
    def environment(self):
        return {
            **preloaded(_library()),
            "FAKETIME_TIMESTAMP_FILE": str(self.control),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "DONT_FAKE_MONOTONIC": "1",  # the same, before libfaketime 0.9.9
            "TZ": "UTC",
        }
