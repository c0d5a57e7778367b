"""The embedded servers of one data folder: which are needed, and how one comes up."""

import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from config.stack import place, ports
from config.stack.postgres import Postgres
from config.stack.program import Program, end
from config.stack.redis import Redis

START_SECONDS = 60.0  # crash recovery of a busy database included


class Server(Protocol):
    """What PostgreSQL and Redis have in common."""

    @property
    def variable(self) -> str:
        """The environment variable that names such a server."""

    @property
    def url(self) -> str:
        """Its value for this one."""

    def program(self) -> Program:
        """Describe the process."""

    def is_ready(self) -> bool:
        """Say whether it answers."""


def needed(
    data: Path, secrets: Mapping[str, str], given: Mapping[str, str], *, for_tests: bool = False
) -> list[Server]:
    """Describe the servers that the environment `given` does not name. Those for tests take any port, may lose data."""
    home = place.choose(data)
    postgres_port, redis_port = (0, 0) if for_tests else (54318, 63790)
    servers: list[Server] = [
        Postgres(home, data, ports.choose(postgres_port), secrets["POSTGRES_PASSWORD"], durable=not for_tests),
        Redis(home, data, ports.choose(redis_port), secrets["REDIS_PASSWORD"]),
    ]
    return [server for server in servers if not given.get(server.variable)]


@contextmanager
def running(server: Server) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server as our child while the block lasts."""
    program = server.program()
    process = program.start()
    try:
        wait_until_ready(server, is_alive=lambda: process.poll() is None)
        yield process
    finally:
        end(process, program.stop_signal, seconds=program.stop_seconds)


def wait_until_ready(server: Server, *, is_alive: Callable[[], bool] = lambda: True) -> None:
    """Return when the server answers. Raises TimeoutError or ChildProcessError that names its log."""
    program, give_up = server.program(), time.monotonic() + START_SECONDS
    while not server.is_ready():
        if not is_alive():
            raise ChildProcessError(f"{program.name} ended while it started; see {program.log}")
        if time.monotonic() > give_up:
            raise TimeoutError(f"{program.name} did not answer within {START_SECONDS:.0f} s; see {program.log}")
        time.sleep(0.03)
