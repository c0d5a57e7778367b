"""The process itself: it survives any crash with its promises, stops cleanly and says what it misses."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.carrier import ROOT, RunningCarrier
from tests.patience import PATIENCE, eventually
from tests.sandbox.conftest import client_of


@pytest.mark.parametrize("moment", range(3))
def test_an_accepted_order_fills_although_the_process_is_killed(
    start: Callable[..., RunningCarrier], moment: int
) -> None:
    carrier = start(fill_seconds="0.0-0.4")
    with client_of(carrier) as http:
        numbers = http.offers(limit=40)
        accepted = [http.order(f"o{i}", numbers[i : i + 10]).status_code for i in range(0, 10 * (moment + 1), 10)]
    assert carrier.kill() < 0
    carrier.restart()
    with client_of(carrier) as http:
        orders = [http.settled(f"o{i}") for i in range(0, 10 * len(accepted), 10)]
        assert [order["state"] for order in orders] == ["complete"] * len(accepted)
        assert http.held() == set(numbers[: 10 * len(accepted)])


def test_releases_and_forced_faults_survive_a_crash(start: Callable[..., RunningCarrier]) -> None:
    carrier = start()
    with client_of(carrier) as http:
        keep, give = http.offers(limit=2)
        http.buy("two", [keep, give])
        http.give_fault(keep, "packet_loss", "heavy")
        http.post(f"/carriers/tern/v1/numbers/{give}/release", json={"client_reference": "r"}).raise_for_status()
    carrier.kill()
    carrier.restart()
    with client_of(carrier) as http:
        assert http.get(f"/sandbox/v1/numbers/{keep}").json()["fault"]["severity"] == "heavy"
        eventually(lambda: http.held() == {keep})


@pytest.mark.parametrize("end", ["SIGTERM", "SIGINT"])
def test_it_stops_cleanly(start: Callable[..., RunningCarrier], end: str) -> None:
    carrier = start()
    carrier.process.send_signal(getattr(signal, end))
    assert carrier.process.wait(PATIENCE) == 0
    assert carrier.log.splitlines()[-1].endswith(" stopped")


def test_every_event_is_one_plain_line(start: Callable[..., RunningCarrier]) -> None:
    carrier = start()
    with client_of(carrier) as http:
        http.buy("a line with blanks", http.offers(limit=1))
    carrier.stop()
    shape = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z [a-z._]+( [a-z_]+=(\"[^\"]*\"|\S+))*")
    assert all(shape.fullmatch(line) for line in carrier.log.splitlines())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SANDBOX_HTTP", "nowhere"),
        ("SANDBOX_SIP", "0.0.0.0:5070"),
        ("SANDBOX_SEED", "one"),
        ("SANDBOX_API_KEY", ""),
        ("SANDBOX_SMPP_PASSWORD", ""),
        ("SANDBOX_FAULTY_SHARE", "1.5"),
        ("SANDBOX_REFERENCE_NUMBERS", "12025550142"),
        ("SANDBOX_FILL_SECONDS", "2-1"),
    ],
)
def test_a_bad_setting_is_named(name: str, value: str) -> None:
    environ = {"SANDBOX_API_KEY": "k", "SANDBOX_SMPP_PASSWORD": "p", name: value}
    command = [sys.executable, "-m", "sandbox"]
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 2
    assert name in done.stdout


def test_it_is_small(start: Callable[..., RunningCarrier]) -> None:
    carrier = start()
    with client_of(carrier) as http:
        for _ in range(50):
            http.offers(limit=500)
    status = Path(f"/proc/{carrier.process.pid}/status").read_text()
    resident = re.search(r"VmRSS:\s+(\d+) kB", status)
    assert resident
    assert int(resident[1]) < 90_000, "kB"
