"""Lab daemons as processes of their own, on the test's database and one carrier."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import quote

from django.db import connection

from tests.carrier import Address, RunningCarrier
from tests.patience import PATIENCE


@contextlib.contextmanager
def running(
    folder: Path, carrier: RunningCarrier, addresses: Sequence[Address], references: Sequence[str], *, most_each: int
) -> Iterator[list[Path]]:
    """One daemon for each address, with a reference number and a bind of its own; what each one logs.

    No daemon has more than `most_each` numbers in hand.
    """
    logs = [folder / f"lab-{number}.log" for number, _ in enumerate(addresses, 1)]
    with contextlib.ExitStack() as stack:
        for number, (address, reference, log) in enumerate(zip(addresses, references, logs, strict=True), 1):
            settings = _settings(carrier) | {
                "LAB_SIP_ADDRESS": "{}:{}".format(*address),
                "LAB_SMSC_SYSTEM_ID": f"lab{number}",
                "LAB_MMS_DOMAIN": f"lab{number}.example",
                "LAB_REFERENCE_NUMBER": reference,
                "LAB_CONCURRENCY": str(most_each),
            }
            stack.enter_context(_running(f"lab-{number}", settings, log))
        yield logs


@contextlib.contextmanager
def _running(name: str, settings: dict[str, str], log: Path) -> Iterator[None]:
    command = [sys.executable, "-m", "tests.testing_lab.short_labd", name]
    with log.open("wb") as out:
        process = subprocess.Popen(command, env=os.environ | settings, stdout=out, stderr=out)
    try:
        yield
    finally:
        process.terminate()
        process.wait(PATIENCE)


def _settings(carrier: RunningCarrier) -> dict[str, str]:
    addresses = {
        "LAB_TRUNK_ADDRESS": carrier.sip_address,
        "LAB_SMSC_ADDRESS": carrier.smpp_address,
        "LAB_MMSC_ADDRESS": carrier.mms_address,
    }
    return {name: f"{host}:{port}" for name, (host, port) in addresses.items()} | {
        "DATABASE_URL": database_url(),
        "LAB_SMSC_PASSWORD": carrier.password,
        "LAB_STIR_CERTIFICATES": f"{carrier.http_url}/certificates/",
        "LAB_FURTHER_REFERENCE_NUMBERS": "",
    }


def database_url() -> str:
    database = connection.settings_dict
    password = f":{quote(database['PASSWORD'], safe='')}" if database["PASSWORD"] else ""
    host = quote(database["HOST"], safe="")
    return f"postgres://{database['USER']}{password}@{host}:{database['PORT']}/{database['NAME']}"
