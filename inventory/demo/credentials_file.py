"""The file that the credentials of the demonstration are kept in: KEY=VALUE lines, for its owner's eyes only."""

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path


def read(path: Path) -> dict[str, str]:
    """What the file holds; nothing when there is none."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return {}
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))


def write(path: Path, values: Mapping[str, str]) -> None:
    """Replace the file at once, so that a crash leaves the old one or the new one. Mode 0600 from its first byte."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, unfinished = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.writelines(f"{name}={value}\n" for name, value in values.items())
            file.flush()
            os.fsync(file.fileno())
        Path(unfinished).replace(path)
    finally:
        Path(unfinished).unlink(missing_ok=True)
