"""The commands that an operator runs in a terminal, as processes; and a host that answers as a test has written."""

import os
import queue
import signal
import socket
import ssl
import subprocess
import threading

from host import BIN, _SANITIZER
from sse import DEADLINE


class Command:
    """One run of a client command. Lines of its output are read as they come; every wait has a deadline."""

    def __init__(self, *arguments, environment=None, stdin=None, deadline=DEADLINE):
        self.deadline = deadline
        clean = {name: value for name, value in os.environ.items() if not name.startswith("STATECAST_T")}
        self.process = subprocess.Popen(
            [BIN, *map(str, arguments)], text=True, env={**clean, **(environment or {})},
            stdin=stdin or subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )
        self.said = {"stdout": [], "stderr": []}
        self._lines = {name: queue.Queue() for name in self.said}
        self._readers = [threading.Thread(target=self._read, args=(name,), daemon=True) for name in self.said]
        for reader in self._readers:
            reader.start()

    def _read(self, name):
        for line in getattr(self.process, name):
            self.said[name].append(line.rstrip("\n"))
            self._lines[name].put(line.rstrip("\n"))
        self._lines[name].put(None)

    def _next(self, name):
        line = self._lines[name].get(timeout=self.deadline)
        assert line is not None, f"it ended; it had said {self.said}"
        return line

    def line(self):
        """The next line of standard output."""
        return self._next("stdout")

    def notice(self, containing):
        """The next line of standard error that contains this."""
        while containing not in (line := self._next("stderr")):
            pass
        return line

    def interrupt(self):
        self.process.send_signal(signal.SIGINT)
        return self.end()

    def end(self):
        """Waits for its end: (exit status, standard output, standard error)."""
        status = self.process.wait(self.deadline)
        for reader in self._readers:
            reader.join(self.deadline)
        errors = "\n".join(self.said["stderr"])
        assert not _SANITIZER.search(errors), errors
        return status, self.said["stdout"], errors

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(self.deadline)


class ScriptedHost:
    """Answers each connection in its turn with what the script says, and remembers what was asked.

    An answer is bytes, after which the connection is closed, or None: closed without a word. "hold" in its place keeps the
    connection open, silent, to the end; so does a pair ("hold", bytes), after these bytes.
    """

    def __init__(self, *answers, certificate=None):
        self.answers = list(answers)
        self.requests = []
        self.held = []
        self.context = None
        if certificate:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(certificate)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    @property
    def url(self):
        return f"{'https' if self.context else 'http'}://127.0.0.1:{self.port}"

    def _serve(self):
        for answer in self.answers:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            try:
                self._answer(connection, answer)
            except OSError:
                connection.close()  # a client that does not trust the certificate

    def _answer(self, connection, answer):
        connection.settimeout(DEADLINE)
        if self.context:
            connection = self.context.wrap_socket(connection, server_side=True)
        self.requests.append(self._read_request(connection))
        hold = isinstance(answer, tuple) or answer == "hold"
        if isinstance(answer, tuple):
            answer = answer[1]
        if isinstance(answer, bytes):
            connection.sendall(answer)
        if hold:
            self.held.append(connection)
        else:
            connection.close()

    @staticmethod
    def _read_request(connection):
        received = b""
        while b"\r\n\r\n" not in received:
            received += connection.recv(65536)
        head, _, body = received.partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in lines[1:])
        while len(body) < int(headers.get("content-length", 0)):
            body += connection.recv(65536)
        return lines[0], headers, body.decode()

    def close(self):
        self.listener.close()
        for connection in self.held:
            connection.close()


def response(status, body=b"", content_type="application/json", **headers):
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {content_type}", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


def event_stream(*blocks):
    head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
    return (head + "".join(block + "\n\n" for block in blocks)).encode()


def free_port():
    """A port on which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]
