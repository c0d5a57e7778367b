"""The processes that are measured: the lab daemon with its calculator, and the sandbox carrier."""

import contextlib
import dataclasses
import multiprocessing
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from bench.options import ROOT
from config.stack import processes
from config.stack.program import Program, end

DATA = ROOT / ".data" / "bench-lab"
STARTED, START_S = "SIP on", 60.0
"""What a daemon logs once it is warm, and how long that may take: its start is no part of what a number costs."""


class Watched:
    """A process group, as the kernel sees it: the process that we started and those that it started."""

    def __init__(self, pid: int) -> None:
        self._leader = pid

    def cpu_seconds(self) -> float:
        """Processor time that they have used so far."""
        return sum(map(_ticks, self._pids())) / os.sysconf("SC_CLK_TCK")

    def memory_mib(self) -> float:
        """Their proportional share: pages that processes share are counted once."""
        return sum(map(_proportional_kib, self._pids())) / 1024

    def _pids(self) -> list[int]:
        pids = (int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit())
        return [pid for pid in pids if _group(pid) == self._leader]


@contextlib.contextmanager
def carrier(surroundings: Mapping[str, str], name: str = "sandbox") -> Iterator[Watched]:
    """Run a sandbox carrier."""
    with _running(_program(name, surroundings, [sys.executable, "-m", "sandbox"])) as watched:
        yield watched


@contextlib.contextmanager
def daemon(surroundings: Mapping[str, str], concurrency: int, name: str = "labd") -> Iterator[Watched]:
    """Run a lab daemon of `make run`'s kind that begins at its full pace: to reach it takes the usual one minutes."""
    own, log = {**processes.LAB, **surroundings, "LAB_CONCURRENCY": str(concurrency)}, DATA / f"{name}.log"
    before = log.read_text().count(STARTED) if log.exists() else 0
    with _running(_program(name, own, [sys.executable, "-m", "bench.lab.labd", name])) as watched:
        give_up = time.monotonic() + START_S
        while log.read_text().count(STARTED) == before:
            if time.monotonic() > give_up:
                raise TimeoutError(f"the lab daemon does not start; see {log}")
            time.sleep(0.2)
        yield watched


@contextlib.contextmanager
def hogs(count: int) -> Iterator[None]:
    """So many processes that want a core each, at the same priority as the lab."""
    context = multiprocessing.get_context("fork")
    busy = [context.Process(target=_spin, daemon=True) for _ in range(count)]
    for each in busy:
        each.start()
    try:
        yield
    finally:
        for each in busy:
            each.kill()
            each.join()


def _spin() -> None:
    while True:
        pass


def _program(name: str, surroundings: Mapping[str, str], command: list[str]) -> Program:
    return dataclasses.replace(
        processes.program(DATA, name, command, {**processes.FEW_HEAPS, **surroundings}), log=DATA / f"{name}.log"
    )


@contextlib.contextmanager
def _running(program: Program) -> Iterator[Watched]:
    process = program.start()
    try:
        time.sleep(0.2)
        if process.poll() is not None:
            raise RuntimeError(f"{program.name} ended at once; see {program.log}")
        yield Watched(process.pid)
    finally:
        with contextlib.suppress(subprocess.TimeoutExpired):
            end(process, program.stop_signal, seconds=10)


def _group(pid: int) -> int:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return 0


def _ticks(pid: int) -> int:
    """proc(5): user and system time are the 14th and 15th fields; the second, the name, may hold spaces."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return int(fields[11]) + int(fields[12])


def _proportional_kib(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
