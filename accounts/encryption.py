"""Encryption at rest for what must be read back: MultiFernet, with keys that live outside the database.

The first key of `FIELD_ENCRYPTION_KEYS` encrypts, all of them decrypt; `manage.py rotate_encryption` rewrites old rows.
Fernet is AES-128-CBC with HMAC-SHA256 (https://github.com/fernet/spec).
"""

import hashlib
import hmac
import json
from base64 import urlsafe_b64decode
from functools import cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
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


class EncryptedJson(EncryptedText):
    """A JSON value that is ciphertext in the database."""

    _pyi_private_set_type: Any  # for the stubs of Django, which take it for a text
    _pyi_private_get_type: Any

    def get_prep_value(self, value: Any) -> Any:
        return None if value is None else super().get_prep_value(json.dumps(value))

    def from_db_value(self, value: str | None, *args: Any) -> Any:
        text = super().from_db_value(value, *args)
        return None if text is None else json.loads(text)


@cache
def _index_key(key: str) -> bytes:
    """A key of its own for indexes, so that nothing is learnt of the one that encrypts (HKDF, RFC 5869)."""
    return HKDF(SHA256(), length=32, salt=None, info=b"numberyard blind index").derive(urlsafe_b64decode(key))


def _blind(key: str, column: str, text: str) -> str:
    return hmac.new(_index_key(key), f"{column}\0{text}".encode(), hashlib.sha256).hexdigest()


class BlindIndex(models.CharField):  # type: ignore[type-arg]  # likewise
    """A keyed hash of an encrypted column beside it, so that the database finds equal texts and learns no text.

    Written with every save; `rotate` writes it anew under the newest key. Ask for `values_of(text)` with `__in`:
    until the rotation is over, rows carry hashes under any of the keys.
    """

    def __init__(self, of: str = "", **options: Any) -> None:
        self.of = of
        super().__init__(**{"max_length": 64, "editable": False, **options})

    def deconstruct(self) -> Any:
        name, path, args, options = super().deconstruct()
        return name, path, args, {**options, "of": self.of}

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        value = _blind(settings.FIELD_ENCRYPTION_KEYS[0], self._column, getattr(model_instance, self.of))
        setattr(model_instance, self.attname, value)
        return value

    def values_of(self, text: str) -> list[str]:
        """What a row whose column is `text` may carry, the newest key first."""
        return [_blind(key, self._column, text) for key in settings.FIELD_ENCRYPTION_KEYS]

    @property
    def _column(self) -> str:
        return f"{self.model._meta.label_lower}.{self.of}"
