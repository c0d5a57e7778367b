"""Encryption at rest for what must be read back: MultiFernet, with keys that live outside the database.

The first key of `FIELD_ENCRYPTION_KEYS` encrypts, all of them decrypt; `manage.py rotate_encryption` rewrites old rows.
Fernet is AES-128-CBC with HMAC-SHA256 (https://github.com/fernet/spec).
"""

from functools import cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models


@cache
def _fernet(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def current_fernet() -> MultiFernet:
    """The key ring of this process."""
    return _fernet(tuple(settings.FIELD_ENCRYPTION_KEYS))


class UndecipherableText(Exception):
    """The row was encrypted with a key that this deployment no longer has."""


class EncryptedText(models.TextField):  # type: ignore[type-arg]  # fields are generic only in the stubs
    """Text that is ciphertext in the database and plain text in Python. It can't be searched; NULL stays NULL."""

    def get_prep_value(self, value: Any) -> Any:
        return None if value is None else current_fernet().encrypt(str(value).encode()).decode()

    def from_db_value(self, value: str | None, *_: Any) -> str | None:
        if value is None:
            return None
        try:
            return current_fernet().decrypt(value.encode()).decode()
        except InvalidToken as error:
            raise UndecipherableText(self.name) from error
