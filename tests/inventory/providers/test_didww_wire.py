"""Through the library of DIDWW's client too, what counts is the address of a name, and TLS proves the name."""

import http.server
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from accounts.outgoing import NotPublic
from inventory.providers.didww.wire import Outside
from tests.compliance.notices.tls import authority, for_server

NAME = "vendor.example"


class _Vendor(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.send_header("X-Host", self.headers["Host"])
        self.end_headers()


@contextmanager
def vendor(asked: list[str | None], trusted: Path) -> Iterator[int]:
    """The port of a server at 127.0.0.1 that is NAME by its certificate; the names that clients ask for go to
    `asked`."""
    issued = authority(NAME)
    trusted.write_bytes(issued.pem)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Vendor)
    server.socket = for_server(issued, asked).wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """What names stand for; addresses are what they are."""
    known: dict[str, list[str]] = {}
    usual = socket.getaddrinfo

    def resolve(host: str, port: Any, *args: Any, **kwargs: Any) -> list[Any]:
        return [each for one in known.get(host, [host]) for each in usual(one, port, *args, **kwargs)]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return known


def session(trusted: Path) -> requests.Session:
    made = requests.Session()
    made.trust_env, made.verify = False, str(trusted)
    made.mount("https://", Outside())
    return made


def test_the_certificate_is_of_the_name(names: dict[str, list[str]], settings: Any, tmp_path: Path) -> None:
    settings.PROVIDER_ALLOWED_NETWORKS = ["127.0.0.0/8"]
    names[NAME] = names["another.example"] = ["127.0.0.2", "127.0.0.1"]  # nobody listens at the first
    asked: list[str | None] = []
    with vendor(asked, tmp_path / "pem") as port, session(tmp_path / "pem") as client:
        assert client.get(f"https://{NAME}:{port}/v3").headers["X-Host"] == f"{NAME}:{port}"
        with pytest.raises(requests.exceptions.SSLError):
            client.get(f"https://another.example:{port}/v3")
    assert asked == [NAME, "another.example"]


def test_a_name_that_moves_into_our_network_is_not_followed(
    names: dict[str, list[str]], settings: Any, tmp_path: Path
) -> None:
    settings.PROVIDER_ALLOWED_NETWORKS = ["127.0.0.0/8"]
    names[NAME] = ["127.0.0.1"]
    asked: list[str | None] = []
    with vendor(asked, tmp_path / "pem") as port, session(tmp_path / "pem") as client:
        client.get(f"https://{NAME}:{port}/v3")
        names[NAME] = ["10.0.0.8"]
        with pytest.raises(NotPublic):
            client.get(f"https://{NAME}:{port}/v3")
