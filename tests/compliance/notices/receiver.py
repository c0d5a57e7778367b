"""A customer's web server: it keeps what it is sent, and answers as it is told to."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ssl import SSLContext
from typing import Any
from urllib.parse import parse_qsl

Handler = Callable[[BaseHTTPRequestHandler], None]


@dataclass(frozen=True)
class Received:
    """A request: its path, form and headers, and the address at which it arrived."""

    path: str
    fields: dict[str, str]
    headers: dict[str, str]
    at: str


@dataclass
class Receiver:
    """`answers`: a status, or a status with headers, for each request; 204 when there are no more."""

    port: int = 0
    received: list[Received] = field(default_factory=list)
    answers: list[Any] = field(default_factory=list)
    busy: int = 0
    most_at_once: int = 0
    hold: threading.Event | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/bundles?customer=7"


@contextmanager
def receiving(*, host: str = "127.0.0.1", tls: SSLContext | None = None) -> Iterator[Receiver]:
    """One that is up."""
    receiver = Receiver()
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            with lock:
                receiver.busy += 1
                receiver.most_at_once = max(receiver.most_at_once, receiver.busy)
            text = self.rfile.read(int(self.headers["Content-Length"])).decode()
            seen = Received(
                self.path,
                dict(parse_qsl(text, keep_blank_values=True)),
                dict(self.headers),
                self.connection.getsockname()[0],
            )
            if receiver.hold:
                receiver.hold.wait(30)
            with lock:
                receiver.received.append(seen)
                answer = receiver.answers.pop(0) if receiver.answers else 204
                receiver.busy -= 1
            status, headers = answer if isinstance(answer, tuple) else (answer, {})
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Quietly."""

    server = ThreadingHTTPServer((host, 0), Handler)
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    receiver.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
