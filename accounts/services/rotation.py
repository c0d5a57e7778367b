"""Moving every encrypted value to the newest key, so that an old key may be dropped."""

from collections.abc import Iterator
from itertools import chain, product
from typing import Any

from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, InvalidToken
from django.apps import apps
from django.conf import settings
from django.db import connection, models, transaction
from django.db.models import F, TextField
from django.db.models.functions import Cast

from accounts.encryption import BlindIndex, EncryptedText, current_fernet
from accounts.second_factors import SECRETS

BATCH = 500


def encrypted_columns() -> Iterator[tuple[type[models.Model], list[str]]]:
    """Every model that has encrypted columns, with the names of these and of their indexes."""
    for model in apps.get_models():
        names = [field.name for field in model._meta.concrete_fields if isinstance(field, EncryptedText | BlindIndex)]
        if names:
            yield model, names


def rotate() -> int:
    """Decrypt with any known key and encrypt with the first one, in short transactions; returns how many rows.

    Safe to stop and to run again, beside whatever else happens. Raises UndecipherableText when a row needs a key that
    is not in the list any more. What a process still writes that has not heard of the new key is not found: restart
    all of them first, and ask `left_behind` before the old key goes.
    """
    return sum(_rotate_model(model, names) for model, names in encrypted_columns()) + _rotate_second_factors()


def _rotate_model(model: type[models.Model], names: list[str]) -> int:
    rows, last = 0, None
    manager = model._base_manager
    indexes = [field for field in model._meta.concrete_fields if isinstance(field, BlindIndex)]
    while True:
        waiting = manager.order_by("pk") if last is None else manager.order_by("pk").filter(pk__gt=last)
        with transaction.atomic():
            # Not its key: whoever inserts a row that refers to one of these need not wait.
            batch = list(waiting.select_for_update(no_key=True, of=("self",))[:BATCH])
            for row, index in product(batch, indexes):
                index.pre_save(row, False)
            _write(model, names, batch)
        if not batch:
            return rows
        rows, last = rows + len(batch), batch[-1].pk


def _write(model: type[models.Model], names: list[str], batch: list[models.Model]) -> None:
    """In one statement that joins: `bulk_update` asks of each row which of the batch it is, for each column again."""
    fields = [field for field in model._meta.concrete_fields if field.primary_key or field.name in names]
    fields.sort(key=lambda field: not field.primary_key)
    table, (key, *columns) = model._meta.db_table, [str(field.column) for field in fields]
    statement = f"""
    UPDATE {table} SET {", ".join(f"{column} = new.{column}" for column in columns)}
    FROM unnest(%s::bigint[]{", %s::text[]" * len(columns)}) AS new ({", ".join([key, *columns])})
    WHERE {table}.{key} = new.{key}
    """  # noqa: S608 - names of our own models
    values = [[field.get_db_prep_save(getattr(row, field.attname), connection) for row in batch] for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def _rotate_second_factors() -> int:
    """Their secrets are values inside of JSON, which is django-allauth's."""
    rows = list(_second_factors().values_list("pk", flat=True))
    for pk in rows:
        with transaction.atomic():
            if row := _second_factors().select_for_update().filter(pk=pk).first():
                old = {name: row.data[name] for name in SECRETS if name in row.data}
                row.data |= {name: current_fernet().rotate(text.encode()).decode() for name, text in old.items()}
                row.save(update_fields=["data"])
    return len(rows)


def _second_factors() -> "models.QuerySet[Any]":
    rows: models.QuerySet[Any] = Authenticator.objects.exclude(type=Authenticator.Type.WEBAUTHN)
    return rows


def left_behind() -> int:
    """How many values in the database the first key alone does not open. At 0 the other keys may go."""
    newest = Fernet(settings.FIELD_ENCRYPTION_KEYS[0])
    in_columns = (
        ciphertext
        for model, names in encrypted_columns()
        for name in names
        if isinstance(model._meta.get_field(name), EncryptedText)
        for ciphertext in _ciphertexts(model, name)
    )
    of_factors = (
        data[name] for data in _second_factors().values_list("data", flat=True) for name in SECRETS & data.keys()
    )
    return sum(not _opens(newest, ciphertext) for ciphertext in chain(in_columns, of_factors))


def _ciphertexts(model: type[models.Model], name: str) -> Iterator[str]:
    rows = model._base_manager.annotate(raw=Cast(F(name), TextField())).exclude(raw=None)
    return rows.values_list("raw", flat=True).iterator(chunk_size=BATCH)


def _opens(key: Fernet, ciphertext: str) -> bool:
    try:
        key.decrypt(ciphertext.encode())
    except InvalidToken:
        return False
    return True
