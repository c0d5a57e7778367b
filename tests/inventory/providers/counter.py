"""What the emulated vendors of these tests have in common: an HTTP server over stock and orders, made to fail at will.

A vendor answers in its own words (`Counter.routes`); how an answer is lost, late or garbled is the same for all.
"""

import http.server
import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlsplit

from tests.patience import PATIENCE


@dataclass(frozen=True)
class Request:
    """What came in; `body` is the JSON document, None without one."""

    method: str
    path: str
    query: dict[str, str]
    body: Any
    headers: dict[str, str]


@dataclass(frozen=True)
class Answer:
    """What goes out; bytes as they are, anything else as JSON."""

    status: int
    document: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def body(self) -> bytes:
        """The octets of it."""
        if self.document is None:
            return b""
        return self.document if isinstance(self.document, bytes) else json.dumps(self.document).encode()


@dataclass(frozen=True)
class Trouble:
    """Something that goes wrong once, with the `nth` request of a method whose path begins like this.

    `instead`: the answer to give. With `after`, what was asked for is done first. Neither answer: the connection is
    cut, or with `silent` left open until the end of the test.
    """

    method: str
    path: str = ""
    instead: Answer | None = None
    after: bool = False
    silent: bool = False
    nth: int = 1


Route = tuple[str, str, Callable[..., Answer]]


class Counter:
    """A vendor behind its HTTP API. `seen` is every request in order."""

    prefix = ""

    def __init__(self) -> None:
        self.seen: list[Request] = []
        self.troubles: list[Trouble] = []
        self.over = threading.Event()
        self.lock = threading.Lock()
        self.url = ""

    def routes(self) -> Sequence[Route]:
        """The vendor's own part: method, pattern of the path, and what answers, given the request and the groups of the
        pattern. One thread at a time."""
        raise NotImplementedError

    def unknown(self) -> Answer:
        """Its 404."""
        raise NotImplementedError

    def refused(self, request: Request) -> Answer | None:
        """Its answer to somebody whom it does not know."""
        raise NotImplementedError

    def answer(self, request: Request) -> Answer:
        """What it says when nothing goes wrong."""
        if refusal := self.refused(request):
            return refusal
        for method, pattern, handler in self.routes():
            if method == request.method and (found := re.fullmatch(pattern, request.path)):
                return handler(request, *found.groups())
        return self.unknown()

    def strike(self, method: str, path: str = "", **what: Any) -> None:
        """Let something go wrong, once: see Trouble."""
        self.troubles.append(Trouble(method, path, **what))

    def asked(self, method: str, path: str = "") -> list[Request]:
        """The requests of a method whose path begins like this."""
        return [one for one in self.seen if one.method == method and one.path.startswith(path)]

    def handle(self, request: Request) -> Answer | Trouble:
        """The answer, or the trouble that is there instead of one."""
        with self.lock:
            self.seen.append(request)
            trouble = self._trouble(request)
            if trouble is None:
                return self.answer(request)
            if trouble.after:
                self.answer(request)
            return trouble.instead or trouble

    def _trouble(self, request: Request) -> Trouble | None:
        for place, trouble in enumerate(self.troubles):
            if trouble.method == request.method and request.path.startswith(trouble.path):
                if trouble.nth == 1:
                    return self.troubles.pop(place)
                self.troubles[place] = replace(trouble, nth=trouble.nth - 1)
        return None


AnyCounter = TypeVar("AnyCounter", bound=Counter)


class _Handler(http.server.BaseHTTPRequestHandler):
    counter: Counter
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        found = self.counter.handle(self._request())
        if isinstance(found, Trouble):
            if found.silent:
                self.counter.over.wait(PATIENCE)
            self.close_connection = True
            return
        self.send_response(found.status)
        body = found.body
        for name, value in {
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
            **found.headers,
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_PATCH = do_DELETE = do_GET

    def _request(self) -> Request:
        url = urlsplit(self.path)
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        return Request(
            method=self.command,
            path=url.path.removeprefix(self.counter.prefix),
            query=dict(parse_qsl(url.query)),
            body=json.loads(raw) if raw else None,
            headers={name.lower(): value for name, value in self.headers.items()},
        )

    def log_message(self, *args: Any) -> None:
        """Nothing."""


@contextmanager
def opened(counter: AnyCounter) -> Iterator[AnyCounter]:
    """The counter, answering on loopback while the body runs."""
    handler = type("Handler", (_Handler,), {"counter": counter})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    counter.url = f"http://127.0.0.1:{server.server_address[1]}{counter.prefix}"
    try:
        yield counter
    finally:
        counter.over.set()
        server.shutdown()
        server.server_close()
