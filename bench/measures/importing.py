"""Importing: `python -m bench.measures.importing FILE` loads a CSV file in a process of its own and tells what it cost.

It runs against a database of its own, made beside the stock's and dropped afterwards.
"""

import json
import os
import random
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import LiteralString, NamedTuple, Self
from urllib.parse import urlsplit

import psycopg
from django.core.management import call_command
from django.db import connection
from psycopg import sql

from bench.options import ROOT
from inventory.importing.lines import LineReader
from inventory.importing.load import import_numbers
from inventory.models import Provider
from numbering.services.load_places import load_places
from testing_lab.demo import blocks

_CAPABILITIES = ("", "voice", "voice sms", "voice sms mms")


class Result(NamedTuple):
    """`loaded` numbers in `seconds`; processor seconds of the importing process and of its PostgreSQL backend, and the
    most memory that each held, in MiB."""

    loaded: int
    seconds: float
    own_cpu: float
    backend_cpu: float
    own_peak: float
    backend_peak: float

    @property
    def rate(self) -> float:
        """Numbers a second."""
        return self.loaded / self.seconds

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what the process wrote."""
        return cls(**json.loads(text))


def measure(count: int, folder: Path) -> Result:
    """Write a file of `count` lines and load it. Raises CalledProcessError."""
    file = folder / "import.csv"
    _write(file, count)
    with _own_database() as url:
        command = [sys.executable, "-m", "bench.measures.importing"]
        environment = {**os.environ, "DATABASE_URL": url}
        for arguments in (["prepare"], ["load", str(file)]):
            done = subprocess.run(
                [*command, *arguments], env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True
            )
    file.unlink()
    return Result.from_json(done.stdout)


def _write(file: Path, count: int) -> None:
    """Lines as customers bring them: in no order, some with a type, a price, capabilities, each with a provider."""
    dice, kept = random.Random(3), blocks.kept()
    dice.shuffle(kept)
    with file.open("w", encoding="utf-8") as out:
        out.write("number,type,capabilities,provider,price,currency\n")
        for taken in range(-(-count // len(kept))):
            for block in kept[: count - taken * len(kept)]:
                e164 = block.first + taken * block.stride % blocks.WIDTH
                price = f"{dice.randint(50, 300) / 100},USD" if dice.random() < 0.5 else ","
                out.write(f"+{e164},{block.number_type},{dice.choice(_CAPABILITIES)},bench,{price}\n")


@contextmanager
def _own_database() -> Iterator[str]:
    url = urlsplit(os.environ["DATABASE_URL"])
    name = f"{url.path.lstrip('/')}_import"
    _administer("DROP DATABASE IF EXISTS {}", name)
    _administer("CREATE DATABASE {}", name)
    try:
        yield url._replace(path=f"/{name}").geturl()
    finally:
        _administer("DROP DATABASE {}", name)


def _administer(statement: LiteralString, name: str) -> None:
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as administrator:
        administrator.execute(sql.SQL(statement).format(sql.Identifier(name)))


def prepare() -> None:
    """An empty stock, with the reference data."""
    call_command("migrate", verbosity=0)
    load_places()
    Provider.objects.create(slug="bench", name="bench")


def run(file: Path) -> Result:
    """Load the file and look at what it cost. Raises RuntimeError when a line was refused."""
    began, cpu = time.perf_counter(), time.process_time()
    with file.open(encoding="utf-8", newline="") as text:
        report = import_numbers(text, LineReader(), actor="import:bench")
    seconds, own_cpu = time.perf_counter() - began, time.process_time() - cpu
    if report.refusals:
        raise RuntimeError(f"{report.refused_lines} lines were refused, first: {report.shown[0]}")
    own_peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Result(report.loaded, seconds, own_cpu, *_backend(own_peak))


def _backend(own_peak: float) -> tuple[float, float, float]:
    """Processor seconds and peaks; of the backend, where /proc can tell (its peak includes shared buffers)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        process = Path(f"/proc/{cursor.fetchone()[0]}")
    ticks = process.joinpath("stat").read_text().rpartition(")")[2].split()
    status = dict(line.split(":", 1) for line in process.joinpath("status").read_text().splitlines())
    cpu = (int(ticks[11]) + int(ticks[12])) / os.sysconf("SC_CLK_TCK")
    return cpu, own_peak, int(status["VmHWM"].split()[0]) / 1024


if __name__ == "__main__":
    if sys.argv[1] == "prepare":
        prepare()
    else:
        json.dump(run(Path(sys.argv[2]))._asdict(), sys.stdout)
