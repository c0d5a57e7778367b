"""The web server's processes, as the kernel sees them."""

import os
from pathlib import Path
from typing import NamedTuple


class Memory(NamedTuple):
    """MiB of one process: resident, and its proportional share (pages that processes share are counted once)."""

    name: str
    resident: float
    proportional: float


def memory() -> list[Memory]:
    """The manager first, then its workers."""
    return [_memory(pid) for pid in _pids()]


def cpu_seconds() -> float:
    """Processor time that all of them have used so far."""
    return sum(_ticks(pid) for pid in _pids()) / os.sysconf("SC_CLK_TCK")


def _pids() -> list[int]:
    """They are one process group."""
    pids = (int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit())
    return sorted(pid for pid in pids if _group(pid) == _leader())


def _leader() -> int:
    return int(os.environ["BENCH_WEB_PID"])


def _group(pid: int) -> int:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return 0


def _memory(pid: int) -> Memory:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    sizes = {line.split(":")[0]: int(line.split()[1]) / 1024 for line in lines}
    return Memory("manager" if pid == _leader() else "worker", sizes["Rss"], sizes["Pss"])


def _ticks(pid: int) -> int:
    """proc(5): user and system time are the 14th and 15th fields; the second, the name, may hold spaces."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])
