"""Secrets: made once, kept in files that only their owner may read."""

import os
import secrets
from pathlib import Path

from cryptography.fernet import Fernet

SECRETS = "secrets.env"
CREDENTIALS = "credentials.env"


def load_or_make(data: Path) -> dict[str, str]:
    """Return the project's secrets; make them on the first start.

    Raises FileNotFoundError when there is a database but no secrets: new ones could neither open nor decrypt it.
    """
    path = data / SECRETS
    if path.exists():
        return read(path)
    if any((data / folder).exists() for folder in ("postgres", "servers/postgres")):
        raise FileNotFoundError(f"{path} is gone but a database is here: bring it back, or remove {data} to start anew")
    made = {
        "SECRET_KEY": secrets.token_urlsafe(48),
        "FIELD_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
        "POSTGRES_PASSWORD": secrets.token_hex(24),
        "REDIS_PASSWORD": secrets.token_hex(24),
        "SANDBOX_API_KEY": secrets.token_hex(16),
        "SMSC_PASSWORD": secrets.token_hex(4),  # SMPP 3.4 has room for eight characters
    }
    write(path, made)
    return made


def read(path: Path) -> dict[str, str]:
    """Read KEY=VALUE lines; nothing if there is no such file."""
    if not path.exists():
        return {}
    lines = path.read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))


def write(path: Path, values: dict[str, str]) -> None:
    """Write KEY=VALUE lines to a file that only we may read; a crash leaves the old file or the new."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".unfinished")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.writelines(f"{key}={value}\n" for key, value in values.items())
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
