"""Memory that one kind of thread of a running program does not get, when a test says so."""

import mmap
import os
import struct
from pathlib import Path

from preload import preloaded

_CONTROL = struct.Struct("16sQQ")  # as in tests/support/no_memory


class NoMemory:
    def __init__(self, folder):
        self.file = Path(folder) / "no-memory"
        self.file.write_bytes(bytes(_CONTROL.size))
        with self.file.open("r+b") as file:
            self._control = mmap.mmap(file.fileno(), _CONTROL.size)

    @property
    def environment(self):
        # A sanitizer would insist on the operators new and delete of its own.
        library = preloaded(os.environ["STATECAST_NO_MEMORY"], "alloc_dealloc_mismatch=0", "handle_abort=1")
        return {**library, "NO_MEMORY": str(self.file)}

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
