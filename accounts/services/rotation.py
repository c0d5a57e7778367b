"""Moving every encrypted value to the newest key, so that an old key may be dropped."""

from collections.abc import Iterator

from django.apps import apps
from django.db import models, transaction

from accounts.encryption import EncryptedText

BATCH = 500


def encrypted_columns() -> Iterator[tuple[type[models.Model], list[str]]]:
    """Every model that has encrypted columns, with their names."""
    for model in apps.get_models():
        names = [field.name for field in model._meta.concrete_fields if isinstance(field, EncryptedText)]
        if names:
            yield model, names


def rotate() -> int:
    """Decrypt with any known key and encrypt with the first one, in short transactions; returns how many rows.

    Safe to stop and to run again. Raises UndecipherableText when a row needs a key that is not in the list any more.
    """
    return sum(_rotate_model(model, names) for model, names in encrypted_columns())


def _rotate_model(model: type[models.Model], names: list[str]) -> int:
    rows, last = 0, None
    manager = model._base_manager
    while True:
        waiting = manager.order_by("pk") if last is None else manager.order_by("pk").filter(pk__gt=last)
        with transaction.atomic():
            batch = list(waiting.select_for_update(of=("self",))[:BATCH])
            manager.bulk_update(batch, names)
        if not batch:
            return rows
        rows, last = rows + len(batch), batch[-1].pk
