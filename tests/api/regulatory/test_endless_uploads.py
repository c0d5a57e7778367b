"""A gigabyte for a passport: the real web server answers and hangs up, and its memory stays as it was."""

import os
import socket
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from accounts.models import Account
from compliance.models import SupportingDocument
from tests.api.conftest import BOUNDARY
from tests.api.gunicorn import serving
from tests.api.regulatory.papers import DOCUMENTS
from tests.factories import AccountFactory
from tests.patience import PATIENCE, eventually

pytestmark = pytest.mark.django_db(transaction=True)

GIGABYTE = 2**30
PIECE = b"\xff" * 2**16
MEMORY = 64 * 2**20  # bytes that the server may have gained


def processes() -> Iterator[Path]:
    """What gunicorn runs in: the children of this process, and theirs."""
    parents = {int(path.name): _parent(path) for path in Path("/proc").iterdir() if path.name.isdigit()}
    ours = {os.getpid()}
    while more := {pid for pid, parent in parents.items() if parent in ours} - ours:
        ours |= more
    yield from (Path(f"/proc/{pid}") for pid in ours if "gunicorn" in _text(Path(f"/proc/{pid}/cmdline")))


def _parent(path: Path) -> int:
    return int(next((line.split()[1] for line in _text(path / "status").splitlines() if line.startswith("PPid")), 0))


def _text(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:  # it has ended meanwhile
        return ""


def memory() -> int:
    """The most memory that all of them have had at one time, in bytes."""
    lines = [line for path in processes() for line in _text(path / "status").splitlines()]
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))


def streamed(origin: str, account: Account, framing: str) -> tuple[str, int]:
    """The status line of the answer, and how many bytes were sent before the server hung up."""
    place = urlsplit(origin)
    signed = b64encode(f"{account.sid}:{account.auth_token}".encode()).decode()
    head = (
        f"POST {DOCUMENTS} HTTP/1.1\r\nHost: {place.netloc}\r\nAuthorization: Basic {signed}\r\n"
        f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\n{framing}\r\n\r\n"
    )
    with closing(socket.create_connection((place.hostname or "", place.port or 0), timeout=PATIENCE)) as line:
        line.sendall(head.encode())
        answer = line.recv(2**16)
        sent = 0
        try:
            while sent < GIGABYTE:
                sent += line.send(b"10000\r\n" + PIECE + b"\r\n" if "chunked" in framing else PIECE)
        except OSError:  # it hung up
            pass
    return answer.split(b"\r\n")[0].decode(), sent


@pytest.mark.parametrize("framing", [f"Content-Length: {GIGABYTE}", "Transfer-Encoding: chunked"])
def test_a_gigabyte_is_answered_before_it_is_sent_and_costs_nothing(transactional_db: None, framing: str) -> None:
    account = AccountFactory.create()
    with serving(workers=1) as origin:
        eventually(lambda: memory() > 0)
        before = memory()
        status, sent = streamed(origin, account, framing)
        assert status == "HTTP/1.1 400 Bad Request"
        assert sent < GIGABYTE // 4
        assert memory() - before < MEMORY
    assert not SupportingDocument.objects.exists()
