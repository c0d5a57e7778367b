"""A relay before a web server that loses what it is told to: a request, an answer; or answers itself."""

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.patience import PATIENCE

Answer = tuple[int, bytes, dict[str, str]]


@dataclass
class Relay:
    """Forwards everything, but for requests that it was told of, each once. With no target it answers only those."""

    target: str
    origin: str = ""
    seen: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)  # method, path, headers
    struck: list[tuple[str, str, Answer | None]] = field(default_factory=list)
    hidden: str = ""  # lists whose path has this in it are empty
    hung: set[str] = field(default_factory=set)
    over: threading.Event = field(default_factory=threading.Event)

    def hang(self, method: str) -> None:
        """No such request is answered from now on."""
        self.hung.add(method)

    def lose_answer(self, method: str) -> None:
        """The next such request arrives, and its answer does not come back."""
        self.struck.append((method, "", None))

    def answer(self, method: str, status: int, body: bytes = b"", *, path: str = "", **headers: str) -> None:
        """The next such request (whose path has this in it) does not arrive: this is its answer."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.struck.append((method, path, (status, body, named)))

    def posts(self) -> list[dict[str, str]]:
        """The headers of each purchase that was tried."""
        return [headers for method, _, headers in self.seen if method == "POST"]

    def handle(self, request: http.server.BaseHTTPRequestHandler) -> None:
        """One request."""
        body = request.rfile.read(int(request.headers.get("Content-Length", 0)))
        self.seen.append((request.command, request.path, dict(request.headers)))
        if request.command in self.hung:
            self.over.wait(PATIENCE)
            return
        if self.hidden and request.command == "GET" and self.hidden in request.path:
            nothing = b'{"incoming_phone_numbers": [], "next_page_uri": null}'
            _send(request, 200, nothing, {"Content-Type": "application/json"})
            return
        struck = next((s for s in self.struck if s[0] == request.command and s[1] in request.path), None)
        if struck:
            self.struck.remove(struck)
        if struck and struck[2]:
            _send(request, *struck[2])
            return
        answer = self._forward(request, body)
        if struck:
            request.close_connection = True  # it was carried out, and nobody hears of it
            return
        _send(request, answer.status_code, answer.content, {"Content-Type": answer.headers.get("Content-Type", "")})

    def _forward(self, request: http.server.BaseHTTPRequestHandler, body: bytes) -> httpx.Response:
        left_out = {"host", "connection", "content-length", "accept-encoding"}
        headers = {name: value for name, value in request.headers.items() if name.lower() not in left_out}
        url = f"{self.target}{request.path}"
        return httpx.request(request.command, url, content=body or None, headers=headers, timeout=PATIENCE)


def _send(request: http.server.BaseHTTPRequestHandler, status: int, body: bytes, headers: dict[str, str]) -> None:
    request.send_response(status)
    for name, value in {"Content-Length": str(len(body)), **headers}.items():
        request.send_header(name, value)
    request.end_headers()
    request.wfile.write(body)


@contextmanager
def relaying(target: str) -> Iterator[Relay]:
    """Yield a relay before `target` (an origin; none: it has nobody to ask)."""
    relay = Relay(target)

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            relay.handle(self)

        do_POST = do_DELETE = do_GET

        def log_message(self, *args: Any) -> None:
            """Nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    relay.origin = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield relay
    finally:
        relay.over.set()
        server.shutdown()
        server.server_close()
