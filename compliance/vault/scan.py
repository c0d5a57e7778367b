"""The malware scanner: ClamAV's clamd, asked by its `INSTREAM` command (clamd(8)) over TCP or a UNIX socket.

Off while CLAMAV_ADDRESS is empty. Once it is on nothing is let in unscanned: whatever clamd answers but a plain `OK` or
`FOUND`, and whatever keeps it from answering, refuses the upload for now.
"""

import logging
import re
import socket
import time
from contextlib import suppress

from django.conf import settings

from compliance.refusals import InfectedFile, ScannerUnavailable
from compliance.vault.examination import reasons

log = logging.getLogger(__name__)

PATIENCE = 30.0  # seconds for the whole conversation; a scan of five million bytes takes about one
_CHUNK = 65_536
_LONGEST_ANSWER = 4_096
_FOUND = re.compile(rb"stream: (.+) FOUND")


def scan(content: bytes) -> None:
    """Return if the scanner is off or knows nothing against the file.

    Raises InfectedFile, which does not name what was found: that would tell an attacker what to change. Raises
    ScannerUnavailable if there is no clear answer.
    """
    if not settings.CLAMAV_ADDRESS:
        return
    try:
        answer = _ask(settings.CLAMAV_ADDRESS, content)
    except OSError as error:
        log.error("the malware scanner does not answer: %s", error)  # noqa: TRY400 - where is of no interest
        raise ScannerUnavailable(reasons.LATER) from None
    found = _FOUND.fullmatch(answer)
    if found:
        log.warning("the malware scanner refused an upload", extra={"signature": found[1].decode(errors="replace")})
        raise InfectedFile(reasons.INFECTED)
    if answer != b"stream: OK":
        log.error("the malware scanner gave no verdict: %.200r", answer)
        raise ScannerUnavailable(reasons.LATER)


def _ask(address: str, content: bytes) -> bytes:
    """Hand over the file in chunks, each behind its length, and an empty one; return the answer without its end."""
    give_up = time.monotonic() + PATIENCE
    with _connect(address) as clamd:
        # It stops listening when a file is too long for it, and says so.
        with suppress(BrokenPipeError, ConnectionResetError):
            clamd.sendall(b"zINSTREAM\0")
            for start in range(0, len(content), _CHUNK):
                chunk = content[start : start + _CHUNK]
                clamd.settimeout(_left(give_up))
                clamd.sendall(len(chunk).to_bytes(4, "big") + chunk)
            clamd.sendall(bytes(4))
        return _answer(clamd, give_up)


def _connect(address: str) -> socket.socket:
    path = address.removeprefix("unix:")
    if path == address:
        host, _, port = address.rpartition(":")
        return socket.create_connection((host, int(port)), timeout=PATIENCE)
    clamd = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    clamd.settimeout(PATIENCE)
    try:
        clamd.connect(path)
    except OSError:
        clamd.close()
        raise
    return clamd


def _answer(clamd: socket.socket, give_up: float) -> bytes:
    """Everything up to the zero byte that ends an answer. Raises OSError if it does not come, or too much comes."""
    answer = b""
    while not answer.endswith(b"\0"):
        clamd.settimeout(_left(give_up))
        part = clamd.recv(_LONGEST_ANSWER)
        answer += part
        if not part or len(answer) > _LONGEST_ANSWER:
            raise OSError(f"an answer without an end, {len(answer)} bytes long")
    return answer[:-1]


def _left(give_up: float) -> float:
    left = give_up - time.monotonic()
    if left <= 0:
        raise TimeoutError(f"no answer within {PATIENCE:g} seconds")
    return left
