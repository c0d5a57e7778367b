"""A whole stack of its own, in a copy of the project, with processes that can be killed."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psycopg
import pytest
import yaml

from config.stack import credentials, place, ports
from config.stack.program import find, mark

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = ("web", "worker", "auditor", "sweeper", "beat", "labd", "sandbox", "postgres", "redis")
# What pytest has set for the suite, and the stack chooses for itself.
SETTINGS = (
    "DATABASE_URL",
    "REDIS_URL",
    "DJANGO_SETTINGS_MODULE",
    "SECRET_KEY",
    "FIELD_ENCRYPTION_KEYS",
    "SANDBOX_API_KEY",
    "LAB_SMSC_PASSWORD",
)
# A small shop that turns over quickly: the storm lasts a minute, and the lab tests a few numbers in that time where the
# machine has other things to do.
SMALL = {"demo_aging_seconds": 5, "quantity": 1, "quantities": {"US local": 12}}
CARRIERS = 2
READY_S = 180.0  # where the machine has other things to do

Database = psycopg.Connection[tuple[object, ...]]


@dataclass
class Stack:
    """`make run` in `folder`. `chance` decides who is killed; `kills` counts them by program."""

    folder: Path
    log: Path
    chance: random.Random
    kills: Counter[str] = field(default_factory=Counter)
    port: int = field(default_factory=ports.choose)
    _manager: subprocess.Popen[bytes] | None = None

    @property
    def data(self) -> Path:
        return self.folder / ".data"

    @property
    def url(self) -> str:
        return f"http://{ports.LOOPBACK}:{self.port}"

    def environment(self) -> dict[str, str]:
        return credentials.read(self.data / "stack.env")

    def keys(self) -> dict[str, str]:
        return credentials.read(self.data / credentials.CREDENTIALS)

    def database(self) -> Database:
        return psycopg.connect(self.environment()["DATABASE_URL"], autocommit=True)

    def set_up(self) -> None:
        """Copy what git knows, as it is now."""
        listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
        for name in listed.splitlines():
            (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, self.folder / name)
        stock = self.folder / "inventory/demo/stock.yaml"
        usual = yaml.safe_load(stock.read_text(encoding="utf-8"))
        assert usual.keys() > SMALL.keys(), "the demonstration's stock has changed"
        small = {**usual, **SMALL, "carriers": usual["carriers"][:CARRIERS]}
        stock.write_text(yaml.safe_dump(small), encoding="utf-8")
        if os.environ.get("CHAOS_MESSAGES_ONLY"):
            self._sell_messages_only()

    def _sell_messages_only(self) -> None:
        """No number carries calls: they are in real time, which a machine that is too busy does not keep."""
        catalogue = self.folder / "sandbox/data/carriers.yaml"
        text = catalogue.read_text(encoding="utf-8")
        for capabilities in ("voice, sms, mms", "voice, sms", "voice, fax", "voice"):
            text = text.replace(f"[{capabilities}]", "[sms]")
        catalogue.write_text(text, encoding="utf-8")

    def start(self) -> None:
        given = {k: v for k, v in os.environ.items() if k not in SETTINGS and not k.startswith("PYTEST")}
        with self.log.open("ab") as log:
            self._manager = self.run("-m", "config.stack", "run", given=given, stdout=log, stderr=log)

    def run(self, *arguments: str, given: dict[str, str], **options: object) -> subprocess.Popen[bytes]:
        """Python in the copy."""
        environment = {**given, "NUMBERYARD_PORT": str(self.port), "RECLAIM_WINDOW": "5"}
        return subprocess.Popen([sys.executable, *arguments], cwd=self.folder, env=environment, **options)  # type: ignore[call-overload, no-any-return]  # passed on

    def wait_until_ready(self, seconds: float) -> None:
        wait_until("a stack that is ready", lambda: httpx.get(f"{self.url}/readyz").is_success, seconds)

    def stop(self) -> None:
        if self._manager and self._manager.poll() is None:
            self._manager.send_signal(signal.SIGTERM)
            self._manager.wait(60)

    def remove(self) -> None:
        """Remove the data; a run that failed keeps it for whoever asks why."""
        place.remove(self.data)
        shutil.rmtree(self.folder.parent)

    def kill_one(self) -> str:
        """SIGKILL to one process of a program, whichever."""
        return self._kill(self.chance.choice(PROGRAMS), most=1)

    def kill_program(self) -> str:
        """SIGKILL to all processes of one program."""
        return self._kill(self.chance.choice(PROGRAMS), most=None)

    def crash(self) -> str:
        """SIGKILL to everything at once, as when the power fails; then the stack is started again.

        Returns when it is ready: `make run` that loses its database while it migrates says so, and ends.
        """
        assert self._manager
        self._manager.kill()
        for program in PROGRAMS:
            self._kill(program, most=None)
        self._manager.wait()
        self.kills["everything"] += 1
        self.start()
        self.wait_until_ready(READY_S)
        return "everything"

    def _kill(self, program: str, *, most: int | None) -> str:
        found = sorted(find(mark(self.data, program)))
        self.chance.shuffle(found)
        for pid in found[:most]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                self.kills[program] += 1
        return f"{program} ({len(found[:most])} of {len(found)})"


def wait_until(
    what: str, check: Callable[[], object], seconds: float, sign: Callable[[], object] = lambda: None
) -> None:
    """Poll until `check` is true; a database or door that is away counts as not yet.

    Each change of `sign` begins the time anew: a machine that is busy is slow, and what goes on is not stuck.
    """
    end, last, seen = time.monotonic() + seconds, "", None
    while time.monotonic() < end:
        try:
            if check():
                return
            if (now := sign()) != seen:
                seen, end = now, time.monotonic() + seconds
        except (httpx.HTTPError, psycopg.Error, OSError, KeyError) as error:
            last = repr(error)
        time.sleep(1)
    pytest.fail(f"{what} did not come about in {seconds:.0f} s {last}")
