"""The one door to libraries that read hostile files: a child process for each file, with limits, two at a time.

What a child is allowed is said by `compliance.vault.child`; what it does, by the program that is named.
"""

import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from compliance.vault.child import MOST_SAID, READY

log = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 30.0  # seconds until a child is given up that was not given its few seconds of a processor
AT_ONCE = threading.BoundedSemaphore(2)  # children of one process: each may take hundreds of megabytes


class NoChild(Exception):
    """The machine has no room for a child now; later it may."""


class ChildEnded(Exception):
    """The file ended the child: by a limit that it ran into, a flaw of a library that it found, or an exception."""

    def __init__(self, status: int) -> None:
        super().__init__(f"status {status}")
        self.was_stopped = status < 0  # by a signal


def answer(program: str, mime_type: str, given: bytes) -> bytes:
    """What the program says of what it is given. Raises NoChild, ChildEnded."""
    with _place(), _memory(given) as stdin, _memory() as stdout, _memory() as stderr:
        status = _run(program, mime_type, stdin, stdout, stderr)
        said, complaints = _said(stdout), _said(stderr)
    if not said.startswith(READY):
        log.error("%s did not begin: %s", program, complaints.decode(errors="replace")[-2000:])
        raise NoChild
    if status:
        log.warning("%s of %s ended with %s", program, mime_type, status)
        raise ChildEnded(status)
    return said.removeprefix(READY)


@contextmanager
def _place() -> Iterator[None]:
    if not AT_ONCE.acquire(timeout=PATIENCE):
        raise NoChild
    try:
        yield
    finally:
        AT_ONCE.release()


def _memory(content: bytes = b"") -> BinaryIO:
    """A file that lies on no disk. Unlike a pipe it is under the child's limit of what it may write."""
    file = os.fdopen(os.memfd_create("child"), "w+b")
    file.write(content)
    file.seek(0)
    return file


def _said(file: BinaryIO) -> bytes:
    file.seek(0)
    return file.read(MOST_SAID)


def _run(program: str, mime_type: str, stdin: BinaryIO, stdout: BinaryIO, stderr: BinaryIO) -> int:
    """Run the child. It is a new program, not a fork: of our memory, descriptors and environment it has nothing."""
    command = [sys.executable, "-s", "-m", program, mime_type]
    kept = {name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ}
    try:
        return subprocess.run(  # noqa: S603 - our own program, and a type from our own table
            command, stdin=stdin, stdout=stdout, stderr=stderr, cwd=ROOT, env=kept, timeout=PATIENCE, check=False
        ).returncode
    except (subprocess.TimeoutExpired, OSError) as error:
        log.warning("%s could not be done: %s", program, type(error).__name__)
        raise NoChild from None
