"""Folders with country files for tests: ours, changed as the test wants."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from compliance.rulebook.country_files import COUNTRY_FILES

Change = Callable[[dict[str, Any]], object]


def folder_of(folder: Path, *countries: str) -> Path:
    """The folder, with the files of these countries as they are."""
    for country in countries:
        shutil.copy(COUNTRY_FILES / f"{country.lower()}.yaml", folder)
    return folder


def rewrite(folder: Path, country: str, change: Change, snapshot_date: str = "2026-11-21") -> None:
    """Change a file of the folder, and give it a day of its own."""
    path = folder / f"{country.lower()}.yaml"
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    document["snapshot_date"] = snapshot_date
    change(document)
    nothing_shared = json.loads(json.dumps(document))  # YAML would write an anchor for a part that stands twice
    path.write_text(yaml.safe_dump(nothing_shared, allow_unicode=True), encoding="utf-8")
