"""One long-running process: how it is started, recognised, and found again after its starter died."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from config.stack.place import Owner, digest

PR_SET_PDEATHSIG = 1  # prctl(2)
_LINUX = sys.platform == "linux"
_prctl: Callable[[int, int], int] | None = ctypes.CDLL(None).prctl if _LINUX else None


def mark(data: Path, name: str = "") -> str:
    """Name a program of the project whose data folder is `data`; without a name: the beginning of all of them."""
    return f"numberyard-{digest(data)}-{name}"


def _nothing() -> None:
    """Prepare nothing."""


@dataclass(frozen=True, kw_only=True)
class Program:
    """A command with its surroundings. It and its children carry `mark` in their environment or command line."""

    name: str
    command: Sequence[str]
    folder: Path
    mark: str
    environment: Mapping[str, str] = field(repr=False)
    owner: Owner = field(default_factory=Owner)
    stop_signal: signal.Signals = signal.SIGTERM
    stop_seconds: int = 5
    log: Path | None = None
    prepare: Callable[[], None] = _nothing

    def start(self) -> subprocess.Popen[bytes]:
        """Start it with a clear ground: nothing left of its former self, everything made that it needs."""
        evict(self.mark, seconds=1)
        self.prepare()
        return self.spawn()

    def spawn(self) -> subprocess.Popen[bytes]:
        """Start it in a process group of its own. It is told to stop when the thread that started it is gone."""
        output: IO[bytes] | int = _append_privately(self.log) if self.log else subprocess.PIPE
        try:
            return subprocess.Popen(  # noqa: S603 - the commands are our own
                self.command,
                cwd=self.folder,
                env={**self.environment, "NUMBERYARD_PROGRAM": self.mark},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                umask=0o077,  # what it writes is for its user alone
                # a closure over one system call, safe between fork and exec
                preexec_fn=lambda: follow_parent(self.stop_signal),  # noqa: PLW1509
                user=self.owner.uid,
                group=self.owner.gid,
                extra_groups=self.owner.groups,
            )
        finally:
            if not isinstance(output, int):
                output.close()


def _append_privately(path: Path) -> IO[bytes]:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "ab")


def follow_parent(with_signal: signal.Signals) -> None:
    """Ask the kernel to send us `with_signal` when our parent dies, however it dies. On Linux only."""
    if _prctl:
        _prctl(PR_SET_PDEATHSIG, with_signal)


def end(process: subprocess.Popen[bytes], stop_signal: signal.Signals, *, seconds: float) -> None:
    """Stop a process politely, and after `seconds` together with its whole group by force."""
    if process.poll() is None:
        process.send_signal(stop_signal)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(seconds)
    kill_group(process.pid)
    process.wait()


def kill_group(leader: int) -> None:
    """Kill what is left of a process group, if anything is."""
    with contextlib.suppress(ProcessLookupError, PermissionError):  # macOS says "not permitted" of a group of zombies
        os.killpg(leader, signal.SIGKILL)


def evict(marked: str, *, seconds: float) -> None:
    """Wait for leftovers of a program that was killed (they notice by themselves), then kill those that stay.

    An orphan of a killed PostgreSQL still holds its shared memory, one of gunicorn its port.
    """
    give_up = time.monotonic() + seconds
    while leftovers := find(marked):
        if time.monotonic() > give_up:
            for pid in leftovers:
                kill_group(pid)
                _kill(pid)
        time.sleep(0.05)


def find(marked: str) -> list[int]:
    """Return the processes whose command line or environment carries a mark. Elsewhere than on Linux: none."""
    if not _LINUX:
        return []
    pids = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
    return [pid for pid in pids if pid != os.getpid() and marked.encode() in _traces(pid)]


def _traces(pid: int) -> bytes:
    """Read what a process was started with, as far as we may. A zombie has none.

    PostgreSQL overwrites its environment with its title, hence both. The command line is open to everyone.
    """
    traces = b""
    for kind in ("cmdline", "environ"):
        try:
            traces += Path(f"/proc/{pid}/{kind}").read_bytes()
        except OSError:
            continue
    return traces


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
