"""The process that reads hostile files, to examine and to mark them: what it may not do, and what its end means."""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from compliance import watermark
from compliance.refusals import CantBeMarked, ScannerUnavailable, UnacceptableFile, VaultUnavailable
from compliance.vault import children, inspection
from compliance.vault.child import MEMORY, MOST_SAID
from compliance.vault.examination import reasons
from tests.architecture.sizes import ROOT
from tests.compliance.vault import papers, pictures

CONFINED = "from compliance.vault.child import confine\nconfine()\n"


def run(program: str) -> str:
    """What an exception, if any, ends a confined program with."""
    ended = subprocess.run(
        [sys.executable, "-c", f"import os, socket\n{CONFINED}{program}"],
        check=False,
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    return ended.stderr.strip().rpartition("\n")[2]


def test_it_loads_no_django() -> None:
    program = (
        "import sys\n"
        "from compliance.vault.examination import __main__, jpeg, pdf, png\n"
        "from compliance.watermark import __main__, images, pdfs\n"
        "sys.exit(' '.join(sorted({'django', 'accounts', 'config'} & set(sys.modules))) or 0)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False, cwd=ROOT).returncode == 0


@pytest.mark.parametrize(
    ("program", "error"),
    [
        ("open('/etc/hostname')", "Too many open files"),
        ("socket.socket()", "Too many open files"),
        (f"bytes({MEMORY})", "MemoryError"),
        ("pass", ""),
    ],
)
def test_it_may_open_nothing_and_fill_nothing(program: str, error: str) -> None:
    said = run(program)
    assert error in said
    assert bool(said) == bool(error)


def examine() -> None:
    inspection.inspect(pictures.jpeg())


def mark() -> None:
    watermark.marked(pictures.jpeg(), "image/jpeg", "Erika Mustermann")


@pytest.mark.parametrize("work", [examine, mark])
def test_it_is_told_no_secret(work: Callable[[], None], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Its environment, as a program in its place sees it; what it is called with, anybody on the machine may read."""
    monkeypatch.setenv("FIELD_ENCRYPTION_KEYS", "c2VjcmV0")
    stand_in = program(tmp_path, "env > seen; echo $* >> seen; echo ready; exit 1")
    monkeypatch.setattr(sys, "executable", str(stand_in))
    monkeypatch.setattr(children, "ROOT", tmp_path)
    with pytest.raises((UnacceptableFile, CantBeMarked)):
        work()
    seen = (tmp_path / "seen").read_text()
    assert "image/jpeg" in seen
    assert not {"c2VjcmV0", "Mustermann"} & set(re.split(r"\W", seen))


def test_it_says_no_more_than_an_honest_answer_is_long(tmp_path: Path) -> None:
    """A child that a file took over does not fill the memory of the web server."""
    with (tmp_path / "said").open("wb") as said:
        said.truncate(MOST_SAID)
        said.seek(MOST_SAID)
        endless = f"{CONFINED}os.write(1, b'x')"
        ended = subprocess.run(
            [sys.executable, "-c", f"import os\n{endless}"], check=False, cwd=ROOT, stdout=said, stderr=subprocess.PIPE
        )
    assert b"File too large" in ended.stderr


def program(folder: Path, commands: str) -> Path:
    """A program in place of Python."""
    path = folder / "program"
    path.write_text(f"#!/bin/sh\ncat > /dev/null\n{commands}\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    ("commands", "reason"),
    [
        ("echo ready; kill -SEGV $$", reasons.HEAVY),
        ("echo ready; kill -XCPU $$", reasons.HEAVY),
        ("echo ready; kill -KILL $$", reasons.HEAVY),
        ("echo ready; exit 1", reasons.DAMAGED),
    ],
)
def test_what_ends_it_is_the_files_fault(
    commands: str, reason: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "executable", str(program(tmp_path, commands)))
    with pytest.raises(UnacceptableFile, match=reason[:20]):
        inspection.inspect(papers.by_hand())


@pytest.mark.parametrize("end", ["kill -SEGV $$", "kill -XCPU $$", "kill -KILL $$", "exit 1"])
def test_what_ends_it_at_marking_is_not_shown(end: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "executable", str(program(tmp_path, f"echo ready; {end}")))
    with pytest.raises(CantBeMarked):
        mark()


@pytest.mark.parametrize(("work", "refusal"), [(examine, ScannerUnavailable), (mark, VaultUnavailable)])
@pytest.mark.parametrize("commands", ["exit 1", "echo Traceback >&2", "exec sleep 60"])
def test_a_child_that_cannot_work_is_our_fault(
    commands: str, work: Callable[[], None], refusal: type[Exception], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "executable", str(program(tmp_path, commands)))
    monkeypatch.setattr(children, "PATIENCE", 0.5)
    with pytest.raises(refusal):
        work()


@pytest.mark.parametrize(("work", "refusal"), [(examine, ScannerUnavailable), (mark, VaultUnavailable)])
def test_without_room_for_a_child_it_may_be_asked_again(
    work: Callable[[], None], refusal: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Examining and marking go through the same door: the two that are at it may be either."""
    monkeypatch.setattr(children, "PATIENCE", 0.01)
    with children.AT_ONCE, children.AT_ONCE, pytest.raises(refusal):
        work()


def test_a_system_without_processes_to_spare_is_our_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(ScannerUnavailable):
        inspection.inspect(papers.by_hand())


def test_what_marks_touches_no_picture_in_the_web_server() -> None:
    """The libraries that draw are the child's: whoever asks it has not even loaded how."""
    program = (
        "import sys\n"
        "from compliance import watermark\n"
        "assert watermark.marked(sys.stdin.buffer.read(), 'image/jpeg', 'Erika').startswith(b'\\xff\\xd8')\n"
        "sys.exit(' '.join(sorted({'PIL', 'pikepdf'} & set(sys.modules))) or 0)"
    )
    ended = subprocess.run([sys.executable, "-c", program], check=False, cwd=ROOT, input=pictures.jpeg())
    assert ended.returncode == 0
