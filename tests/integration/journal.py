"""Runs a command where the journal is this script's: prints each entry that it writes as a line of JSON.

For a mount namespace of its own, so that it takes no machine's journal away. Ends the command once it has started.

    journal.py <socket | no-socket> <file for stderr> <command>...
"""

import json
import os
import signal
import socket
import subprocess
import sys
import threading

SOCKET = "/run/systemd/journal/socket"
DEADLINE = 60


def fields(datagram):
    """The journal's native protocol: NAME=value and a line end, or NAME, a line end, a length and the value."""
    entry = {}
    while datagram:
        line, _, rest = datagram.partition(b"\n")
        name, equals, value = line.partition(b"=")
        if not equals:
            size = int.from_bytes(rest[:8], "little")
            value, rest = rest[8 : 8 + size], rest[9 + size :]
        entry[name.decode()] = value.decode()
        datagram = rest
    return entry


def show(entry):
    print(json.dumps(entry), flush=True)
    return entry.get("MESSAGE", "")


def mark_the_end(process):
    process.wait(DEADLINE)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as end:
        end.sendto(b"", SOCKET)


def follow(journal, process):
    threading.Thread(target=mark_the_end, args=(process,), daemon=True).start()
    while datagram := journal.recv(1 << 20):
        if "started with" in show(fields(datagram)):
            process.send_signal(signal.SIGTERM)


def main(with_socket, errors, command):
    os.makedirs(os.path.dirname(SOCKET))
    journal = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    journal.settimeout(DEADLINE)
    if with_socket == "socket":
        journal.bind(SOCKET)
    with open(errors, "w") as stderr:
        status = os.fstat(stderr.fileno())
        environment = {**os.environ, "JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino}"}
        process = subprocess.Popen(command, stderr=stderr, env=environment)
    if with_socket == "socket":
        follow(journal, process)
    return process.wait(DEADLINE)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], sys.argv[3:]))
