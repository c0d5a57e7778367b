"""What dies comes back; what is stopped stays stopped, in order, and leaves nothing behind."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.stack.program import Program, evict, find, mark
from tests.patience import PATIENCE, eventually

# A stack of two phases: a "server" and two "clients", one of which won't stop when asked.
STACK = """
import sys
from pathlib import Path
from config.stack.keeper import Stack
from config.stack.program import Program, mark

data = Path(sys.argv[1])
SLEEP = "\\nopen('{0} is up', 'w')\\nimport time\\nwhile True: time.sleep(60)"
DEAF = "import signal\\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)" + SLEEP
SAY = "import signal, sys\\nsignal.signal(signal.SIGTERM, lambda *_: sys.exit(print('{0} is leaving')))" + SLEEP

def program(name, code, seconds=60):
    command = [sys.executable, "-uc", code]
    return Program(name=name, command=command, folder=data, mark=mark(data, name), environment={}, stop_seconds=seconds)

with Stack() as stack:
    stack.begin([program("server", SAY.format("server"))])
    stack.begin([program("client", SAY.format("client")), program("deaf", DEAF.format("deaf"), 1)])
    stack.loop()
print("closed", flush=True)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def stack(folder: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", STACK, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            eventually(lambda: all((folder / f"{name} is up").exists() for name in ("server", "client", "deaf")))
            yield process
        finally:
            process.kill()
            evict(mark(folder), seconds=0)


def test_a_killed_program_comes_back(stack: subprocess.Popen[str], folder: Path) -> None:
    [first] = find(mark(folder, "client"))
    os.kill(first, signal.SIGKILL)
    eventually(lambda: find(mark(folder, "client")) not in ([], [first]))


def test_a_program_whose_keeper_was_killed_comes_back(stack: subprocess.Popen[str], folder: Path) -> None:
    [first] = find(mark(folder, "client"))
    os.kill(_parent(first), signal.SIGKILL)
    eventually(lambda: find(mark(folder, "client")) not in ([], [first]))


def _parent(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("PPid:")).split()[1])


@pytest.mark.parametrize("asked", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_told_to_stop_it_ends_the_last_phase_first_and_leaves_nothing(
    stack: subprocess.Popen[str], folder: Path, asked: signal.Signals
) -> None:
    stack.send_signal(asked)
    said, _ = stack.communicate(timeout=PATIENCE)
    assert stack.returncode == 0
    assert said.index("client is leaving") < said.index("server is leaving") < said.index("closed")
    assert find(mark(folder)) == []


def test_a_killed_manager_takes_everything_with_it(stack: subprocess.Popen[str], folder: Path) -> None:
    stack.kill()
    eventually(lambda: not find(mark(folder, "server")) and not find(mark(folder, "client")))


def test_what_a_program_writes_is_closed_to_other_users(folder: Path) -> None:
    command = [sys.executable, "-c", "open('state', 'w')"]
    program = Program(name="one", command=command, folder=folder, mark=mark(folder, "one"), environment={})
    assert program.start().wait(timeout=PATIENCE) == 0
    assert (folder / "state").stat().st_mode & 0o077 == 0
