"""Deleting what nobody can read any more, or nobody names: what crashes left behind."""

import logging
from collections.abc import Iterator
from datetime import timedelta
from random import SystemRandom

from django.db import transaction
from django.utils import timezone

from compliance.models import StoredFile
from compliance.vault.objects import claim, place, storage

log = logging.getLogger(__name__)

ORPHAN_AGE = timedelta(hours=1)  # younger ones may be looked into by somebody who wonders why an upload failed
BATCH = 1000


def sweep() -> int:
    """Delete objects without a row and those of erased rows; returns how many.

    In any order, so that runs that are cut short don't always miss the same folders.
    """
    folders, _ = _listed("")
    SystemRandom().shuffle(folders)
    return sum(_sweep_folder(folder) for folder in folders)


def _sweep_folder(folder: str) -> int:
    names = list(_names(folder))
    batches = (names[start : start + BATCH] for start in range(0, len(names), BATCH))
    return sum(_delete_unless_live(name) for batch in batches for name in _candidates(batch))


def _names(folder: str) -> Iterator[str]:
    """Objects in a folder; what else lies there is not ours to delete."""
    _, files = _listed(folder)
    for file in files:
        try:
            if place(file).startswith(folder):
                yield file
        except ValueError:
            log.warning("the storage of documents has a file that is no document")


def _listed(folder: str) -> tuple[list[str], list[str]]:
    """Folders and files in a folder; a file system that was given nothing yet has not even the first."""
    try:
        return storage().listdir(folder)
    except FileNotFoundError:
        return [], []


def _candidates(names: list[str]) -> list[str]:
    live = set(StoredFile.objects.filter(name__in=names, erased_at=None).values_list("name", flat=True))
    return [name for name in names if name not in live]


def _delete_unless_live(name: str) -> bool:
    """Who is putting the object just now holds its name. Once the name is ours, either the row is there or none will
    ever be: whoever drew the name has ended."""
    with transaction.atomic():
        if not claim(name, waiting=False):
            return False
        row = StoredFile.objects.filter(name=name).first()
        is_waste = row.erased_at is not None if row else _is_old(name)
        if is_waste:
            storage().delete(place(name))
    return is_waste


def _is_old(name: str) -> bool:
    try:
        return storage().get_modified_time(place(name)) <= timezone.now() - ORPHAN_AGE
    except FileNotFoundError:
        return False
