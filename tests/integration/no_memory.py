"""Memory that one kind of thread of a running program does not get, when a test says so."""

import mmap
import os
import struct
from pathlib import Path

_CONTROL = struct.Struct("16sQQ")  # as in tests/support/no_memory


class NoMemory:
    def __init__(self, folder):
        self.file = Path(folder) / "no-memory"
        self.file.write_bytes(bytes(_CONTROL.size))
        with self.file.open("r+b") as file:
            self._control = mmap.mmap(file.fileno(), _CONTROL.size)

    @property
    def environment(self):
        return {
            "LD_PRELOAD": os.environ["STATECAST_NO_MEMORY"],
            "NO_MEMORY": str(self.file),
            # A sanitizer would insist on being the first library, and on the operators new and delete of its own.
            "ASAN_OPTIONS": ":".join(filter(None, [os.environ.get("ASAN_OPTIONS"), "verify_asan_link_order=0:alloc_dealloc_mismatch=0:handle_abort=1"])),
        }

    def watch(self, thread):
        """Counts from here on how often threads whose names begin so ask for memory."""
        self._write(thread, 0)

    def refuse(self, thread, nth):
        """The nth time that such a thread asks from here on, it gets none."""
        self._write(thread, nth)

    def grant(self):
        self._write("", 0)

    @property
    def asked(self):
        return _CONTROL.unpack(self._control[:])[1]

    def _write(self, thread, nth):
        self._control[:] = bytes(_CONTROL.size)
        self._control[:] = _CONTROL.pack(thread.encode(), 0, nth)
