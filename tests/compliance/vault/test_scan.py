"""The malware scanner is asked as clamd wants to be asked, and no upload passes without its word."""

import logging
import socket
import threading
from pathlib import Path

import pytest
from pytest_django import Settings

from compliance.refusals import InfectedFile, ScannerUnavailable
from compliance.vault import scan as scanning
from compliance.vault.scan import scan
from tests import ports
from tests.compliance.vault.clamd import Behaviour, Clamd, answering, running

CONTENT = bytes(range(256)) * 1000  # some chunks, the last one short


def test_while_it_is_off_nobody_is_asked(settings: Settings) -> None:
    settings.CLAMAV_ADDRESS = ""
    scan(CONTENT)


def test_a_clean_file_passes_whole(settings: Settings) -> None:
    with running(answering(b"stream: OK\0")) as clamd:
        settings.CLAMAV_ADDRESS = clamd.address
        scan(CONTENT)
        scan(b"x")
    assert clamd.seen == [CONTENT, b"x"]
    assert clamd.longest_chunk == 65_536


def test_it_is_asked_over_a_unix_socket(settings: Settings, tmp_path: Path) -> None:
    with running(answering(b"stream: OK\0"), str(tmp_path / "clamd.ctl")) as clamd:
        settings.CLAMAV_ADDRESS = clamd.address
        scan(CONTENT)
    assert clamd.seen == [CONTENT]


def test_an_answer_in_pieces_is_one_answer(settings: Settings) -> None:
    with running(answering(b"str", b"eam: ", b"OK", b"\0")) as clamd:
        settings.CLAMAV_ADDRESS = clamd.address
        scan(CONTENT)


def test_an_infected_file_is_refused_without_a_name(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    with running(answering(b"stream: Win.Test.EICAR_HDB-1 FOUND\0")) as clamd, caplog.at_level(logging.WARNING):
        settings.CLAMAV_ADDRESS = clamd.address
        with pytest.raises(InfectedFile) as refused:
            scan(CONTENT)
    assert "EICAR" not in str(refused.value)
    assert [record.__dict__["signature"] for record in caplog.records] == ["Win.Test.EICAR_HDB-1"]


@pytest.mark.parametrize(
    "answer",
    [
        b"INSTREAM size limit exceeded. ERROR\0",
        b"stream: Can't allocate memory ERROR\0",
        b"UNKNOWN COMMAND\0",
        b"\0",
        b"OK\0",
        b"stream: OK",  # cut
        b"",
        b"stream: OK\nstream: x FOUND\0",
        b"stream: OK \0",
        b"stream:  FOUND\0",
        b"\xff\xfe\0",
        b"x" * 100_000,
    ],
)
def test_without_a_verdict_nothing_passes(answer: bytes, settings: Settings) -> None:
    with running(answering(answer)) as clamd:
        settings.CLAMAV_ADDRESS = clamd.address
        with pytest.raises(ScannerUnavailable):
            scan(CONTENT)


def too_long(caller: socket.socket, _: Clamd) -> None:
    """As clamd does past StreamMaxLength: it answers in the middle, and reads no more."""
    caller.recv(1000)
    caller.sendall(b"INSTREAM size limit exceeded. ERROR\0")


def gone(_caller: socket.socket, _: Clamd) -> None:
    """It crashes as soon as it is called."""


@pytest.mark.parametrize("behave", [too_long, gone])
def test_a_scanner_that_stops_in_the_middle_gives_no_verdict(behave: Behaviour, settings: Settings) -> None:
    with running(behave) as clamd:
        settings.CLAMAV_ADDRESS = clamd.address
        with pytest.raises(ScannerUnavailable):
            scan(bytes(5_000_000))


@pytest.mark.parametrize("drops", [False, True], ids=["silent", "a byte at a time"])
def test_a_slow_scanner_is_not_waited_for_without_end(
    drops: bool, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scanning, "PATIENCE", 0.3)
    over = threading.Event()

    def slow(caller: socket.socket, clamd: Clamd) -> None:
        clamd.take(caller)
        while not over.wait(0.1):
            if drops:
                caller.sendall(b"s")

    with running(slow) as clamd:
        settings.CLAMAV_ADDRESS = clamd.address
        with pytest.raises(ScannerUnavailable):
            scan(CONTENT)
        over.set()


def test_a_scanner_that_does_not_read_is_not_waited_for_without_end(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scanning, "PATIENCE", 0.3)
    over = threading.Event()

    def deaf(_caller: socket.socket, _: Clamd) -> None:
        over.wait()

    with running(deaf) as clamd:
        settings.CLAMAV_ADDRESS = clamd.address
        with pytest.raises(ScannerUnavailable):
            scan(bytes(50_000_000))
        over.set()


def test_a_scanner_that_is_not_there_refuses_everything(settings: Settings, tmp_path: Path) -> None:
    for address in (f"127.0.0.1:{ports.reserve()}", f"unix:{tmp_path / 'nothing'}"):
        settings.CLAMAV_ADDRESS = address
        with pytest.raises(ScannerUnavailable):
            scan(CONTENT)
