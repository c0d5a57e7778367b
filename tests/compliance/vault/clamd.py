"""A stand-in for clamd: real sockets and the real protocol, but it knows no malware, only what a test lets it say.

The real one brings a database of some hundred megabytes, which tests can't load.
"""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

Behaviour = Callable[[socket.socket, "Clamd"], None]


@dataclass
class Clamd:
    """Where it listens, and what it was shown."""

    address: str
    seen: list[bytes] = field(default_factory=list)
    longest_chunk: int = 0

    def take(self, caller: socket.socket) -> bytes:
        """Read one INSTREAM command as clamd(8) describes it. Raises AssertionError if it is another."""
        wire = caller.makefile("rb")
        assert wire.read(10) == b"zINSTREAM\0"
        content = b""
        while length := int.from_bytes(wire.read(4), "big"):
            self.longest_chunk = max(self.longest_chunk, length)
            chunk = wire.read(length)
            assert len(chunk) == length
            content += chunk
        self.seen.append(content)
        return content


def answering(*parts: bytes) -> Behaviour:
    """Hear the whole file, then say this, part by part."""

    def behave(caller: socket.socket, clamd: Clamd) -> None:
        clamd.take(caller)
        for part in parts:
            caller.sendall(part)

    return behave


@contextmanager
def running(behave: Behaviour, path: str = "") -> Iterator[Clamd]:
    """Listen on a TCP port, or on a UNIX socket at `path`, and behave like that to every caller."""
    server = socket.socket(socket.AF_UNIX if path else socket.AF_INET, socket.SOCK_STREAM)
    server.bind(path or ("127.0.0.1", 0))
    server.listen()
    clamd = Clamd(f"unix:{path}" if path else f"127.0.0.1:{server.getsockname()[1]}")
    serving = threading.Thread(target=_serve, args=(server, behave, clamd))
    serving.start()
    try:
        yield clamd
    finally:
        server.shutdown(socket.SHUT_RDWR)
        serving.join()
        server.close()


def _serve(server: socket.socket, behave: Behaviour, clamd: Clamd) -> None:
    while True:
        try:
            caller, _ = server.accept()
        except OSError:
            return  # shut down
        with caller:
            try:
                behave(caller, clamd)
            except OSError:
                continue  # the caller has gone
