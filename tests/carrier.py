"""Start a real sandbox carrier on free ports, for the tests of every room.

with start_carrier(tmp_path, inbound_sip=("127.0.0.1", 5080)) as carrier: ...
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

import yaml

from tests.patience import PATIENCE
from tests.ports import reserve

Address = tuple[str, int]
DOORS = ("HTTP", "SIP", "SMPP", "MMS")
ROOT = Path(__file__).parent.parent
_READY = re.compile(r" ready http=(\S+) sip=(\S+) smpp=(\S+) mms=(\S+)")


@dataclass
class RunningCarrier:
    """A sandbox process; its addresses stay the same across `restart()`."""

    log_path: Path
    environ: dict[str, str]
    api_key: str
    system_id: str
    password: str
    reference_numbers: tuple[str, ...]
    http_url: str = ""
    sip_address: Address = ("", 0)
    smpp_address: Address = ("", 0)
    mms_address: Address = ("", 0)
    process: subprocess.Popen[bytes] = field(init=False)

    def __enter__(self) -> RunningCarrier:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def authorization(self) -> dict[str, str]:
        """The header that the carrier's HTTP doors want."""
        return {"Authorization": f"Bearer {self.api_key}"}

    @property
    def log(self) -> str:
        """Everything the process has written so far, over all its lives."""
        return self.log_path.read_text()

    def start(self) -> None:
        """Start the process and wait until its doors are open. Raises RuntimeError with its log if it dies."""
        before = len(self.log) if self.log_path.exists() else 0
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "sandbox"], cwd=ROOT, env=self.environ, stdout=log, stderr=log
            )
        self._learn_addresses(before)

    def _learn_addresses(self, before: int) -> None:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and self.process.poll() is None:
            if ready := _READY.search(self.log, before):
                self.http_url = f"http://{ready[1]}"
                self.sip_address, self.smpp_address = _address(ready[2]), _address(ready[3])
                self.mms_address = _address(ready[4])
                doors = zip(DOORS, ready.groups(), strict=True)
                self.environ |= {f"SANDBOX_{door}": address for door, address in doors}
                return
            time.sleep(0.02)
        self.kill()
        raise RuntimeError(f"the sandbox carrier did not start:\n{self.log[before:]}")

    def stop(self) -> int:
        """End it as a supervisor does (SIGTERM); returns its exit status."""
        return self._end(signal.SIGTERM)

    def kill(self) -> int:
        """End it as a crash does (SIGKILL)."""
        return self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> int:
        self.process.send_signal(how)
        try:
            return self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise

    def restart(self, **environ: str) -> None:
        """Start again with the same state and addresses, and with these settings changed."""
        if self.process.poll() is None:
            self.stop()
        self.environ |= environ
        self.start()


def start_carrier(
    tmp_path: Path,
    *,
    inbound_sip: Address | None = None,
    inbound_mms: Address = ("127.0.0.1", 9),
    faults: Mapping[str, Mapping[str, Any]] | None = None,
    number_faults: Sequence[Mapping[str, Any]] | None = None,
    faulty_share: float = 0.0,
    seed: int = 1,
    reference_numbers: Sequence[str] = ("+12025550142",),
    fill_seconds: str = "0.02-0.1",
    **environ: str,
) -> RunningCarrier:
    """A carrier on free ports whose state lies under `tmp_path`.

    `faults`: the service faults that shall happen, e.g. `{"stale_offer": {"rate": 1.0}}`; none by default.
    `number_faults`: rows instead of the stock rows, e.g. `[{"kind": "packet_loss", "severity": "heavy"}]`.
    `faulty_share`: how many of the numbers carry one; none by default. `environ`: further SANDBOX_* settings.
    """
    key, system_id, password = "test-carrier-key", "lab", "test-pw"
    settings = {
        **{f"SANDBOX_{door}": f"127.0.0.1:{reserve()}" for door in DOORS},
        "SANDBOX_INBOUND_SIP": "{}:{}".format(*(inbound_sip or ("127.0.0.1", 9))),
        "SANDBOX_INBOUND_MMS": "{}:{}".format(*inbound_mms),
        "SANDBOX_STATE": str(tmp_path / "sandbox.sqlite3"),
        "SANDBOX_SEED": str(seed),
        "SANDBOX_API_KEY": key,
        "SANDBOX_SMPP_SYSTEM_ID": system_id,
        "SANDBOX_SMPP_PASSWORD": password,
        "SANDBOX_FAULTY_SHARE": str(faulty_share),
        "SANDBOX_REFERENCE_NUMBERS": ",".join(reference_numbers),
        "SANDBOX_FILL_SECONDS": fill_seconds,
        "SANDBOX_FAULTS": str(_write_faults(tmp_path, faults, number_faults)),
    }
    path = {"PATH": os.environ["PATH"], "PYTHONUNBUFFERED": "1"}
    carrier = RunningCarrier(
        tmp_path / "sandbox.log", path | settings | environ, key, system_id, password, tuple(reference_numbers)
    )
    carrier.start()
    return carrier


def _write_faults(
    tmp_path: Path, faults: Mapping[str, Any] | None, numbers: Sequence[Mapping[str, Any]] | None
) -> Path:
    document: dict[str, Any] = {"service": {kind: dict(row) for kind, row in (faults or {}).items()}}
    if numbers is not None:
        document["numbers"] = [dict(row) for row in numbers]
    path = tmp_path / "sandbox-faults.yaml"
    path.write_text(yaml.safe_dump(document))
    return path


def _address(text: str) -> Address:
    host, _, port = text.rpartition(":")
    return host, int(port)
