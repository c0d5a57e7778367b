"""A daemon, a process of its own, is killed while it is on the telephone: no number is lost, nothing half is kept."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from django.db import connection
from django.utils import timezone

from inventory.lifecycle import State
from inventory.models import PhoneNumber
from numbering.types import Capability
from testing_lab.models import Evidence, Result, RunState, SuiteRun
from tests.carrier import RunningCarrier, start_carrier
from tests.factories import NumberFactory
from tests.patience import PATIENCE, eventually
from tests.ports import reserve

pytestmark = pytest.mark.django_db(transaction=True)


def url_of_the_test_database() -> str:
    database = connection.settings_dict
    password = f":{quote(database['PASSWORD'], safe='')}" if database["PASSWORD"] else ""
    host = quote(database["HOST"], safe="")
    return f"postgres://{database['USER']}{password}@{host}:{database['PORT']}/{database['NAME']}"


@contextmanager
def a_daemon(carrier: RunningCarrier, port: int, log: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """`manage.py labd` at the carrier."""
    doors = {
        "LAB_TRUNK_ADDRESS": carrier.sip_address,
        "LAB_SMSC_ADDRESS": carrier.smpp_address,
        "LAB_MMSC_ADDRESS": carrier.mms_address,
        "LAB_SIP_ADDRESS": ("127.0.0.1", port),
    }
    settings = {name: f"{host}:{port}" for name, (host, port) in doors.items()} | {
        "DATABASE_URL": url_of_the_test_database(),
        "LAB_SMSC_PASSWORD": carrier.password,
        "DJANGO_SETTINGS_MODULE": "config.settings.test",
        "LOG_FORMAT": "console",
    }
    with log.open("ab") as out:
        command = [sys.executable, "manage.py", "labd"]
        process = subprocess.Popen(command, env=os.environ | settings, stdout=out, stderr=out)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(PATIENCE)


def buy(carrier: RunningCarrier) -> str:
    with httpx.Client(base_url=f"{carrier.http_url}/carriers/tern/v1", headers=carrier.authorization) as client:
        offers = client.get("/offers", params={"country": "US", "type": "local", "limit": 1}).json()["offers"]
        number: str = offers[0]["number"]
        order = client.post("/orders", json={"client_reference": "kill", "numbers": [number]}).json()
        eventually(lambda: client.get(f"/orders/{order['id']}").json()["state"] == "complete")
    return number


def calls_up(carrier: RunningCarrier) -> int:
    with httpx.Client(base_url=carrier.http_url, headers=carrier.authorization) as client:
        calls = client.get("/sandbox/v1/calls").json()["calls"]
    return sum(call["status"] == 200 and not call["ended"] for call in calls)


def within_two_minutes(happens: Callable[[], object], log: Path) -> None:
    """A busy machine takes its time to import Django and to set up a call."""
    give_up = time.monotonic() + 120
    while not happens():
        assert time.monotonic() < give_up, log.read_text()[-3000:]
        time.sleep(0.1)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[tuple[RunningCarrier, int, Path]]:
    """A carrier that has sold a number which waits for the lab, the lab's port, and where its daemons log."""
    port = reserve()
    with start_carrier(tmp_path, inbound_sip=("127.0.0.1", port)) as carrier:
        sold = int(Capability.VOICE)
        NumberFactory.create(testing=True, e164=int(buy(carrier)), declared_capabilities=sold, capabilities=0)
        yield carrier, port, tmp_path / "labd.log"


def end_on_the_telephone(carrier: RunningCarrier, port: int, log: Path, how: signal.Signals) -> None:
    """Start a daemon, wait until it is talking, end it."""
    with a_daemon(carrier, port, log) as daemon:
        within_two_minutes(lambda: calls_up(carrier) >= 1, log)
        daemon.send_signal(how)
        daemon.wait(PATIENCE)


def nothing_half_is_kept() -> bool:
    return not (
        Result.objects.exists()
        or Evidence.objects.exists()
        or PhoneNumber.objects.exclude(state=State.TESTING).exists()
    )


def test_the_run_of_a_killed_daemon_is_due_again_when_its_lease_is_over(
    place: tuple[RunningCarrier, int, Path],
) -> None:
    carrier, port, log = place
    end_on_the_telephone(*place, signal.SIGKILL)
    run = SuiteRun.objects.get()
    assert (run.state, run.attempt) == (RunState.CLAIMED, 1)
    assert nothing_half_is_kept()
    SuiteRun.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    with a_daemon(carrier, port, log) as successor:
        within_two_minutes(lambda: SuiteRun.objects.get().attempt == 2, log)
        successor.terminate()
        assert successor.wait(PATIENCE) == 0
    run.refresh_from_db()
    assert (run.state, run.strikes) == (RunState.DUE, 1)
    assert nothing_half_is_kept()


def test_a_daemon_that_is_asked_to_end_hangs_up_and_gives_its_run_back(
    place: tuple[RunningCarrier, int, Path],
) -> None:
    carrier, _, log = place
    end_on_the_telephone(*place, signal.SIGTERM)
    run = SuiteRun.objects.get()
    assert (run.state, run.attempt, run.strikes) == (RunState.DUE, 1, 0)
    within_two_minutes(lambda: calls_up(carrier) == 0, log)
    assert nothing_half_is_kept()
