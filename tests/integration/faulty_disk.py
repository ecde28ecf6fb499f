"""A disk that fails when a test says so, under one running program."""

import os
from pathlib import Path

from preload import preloaded


class FaultyDisk:
    """Files whose path begins with `files` fail from fail() to mend()."""

    def __init__(self, folder, files):
        self.files = files
        self.control = Path(folder) / "fault"

    @property
    def environment(self):
        return {**preloaded(os.environ["STATECAST_FAULTY_DISK"]), "FAULTY_DISK": str(self.control)}

    def fail(self, call, error):
        """call: "write" or "sync"; error: an errno, 0 for a call that hangs."""
        whole = self.control.with_suffix(".new")
        whole.write_text(f"{self.files} {error} {call}\n")
        whole.rename(self.control)

    def mend(self):
        self.control.unlink()
