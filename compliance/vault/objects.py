"""Documents at rest: the storage has ciphertext under a random name, the row has the key.

No name that a customer gave leads anywhere: the name is drawn here, and is the only thing that leads to the object.
The object is written before its row. Who dies between the two leaves an object without a row, which
`compliance.vault.sweeps` deletes; the reverse, a row without an object, would be a lost document.
"""

import hashlib
import logging
import re
import secrets
from functools import partial

from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages
from django.db import connection, transaction
from django.db.models.functions import Now

from compliance.models import StoredFile
from compliance.refusals import DamagedFile, ErasedFile, VaultUnavailable
from compliance.vault.examination import reasons
from compliance.vault.sealing import BrokenSeal, Sealed, seal, unseal

log = logging.getLogger(__name__)

_NAME = re.compile(r"[0-9a-f]{32}")


def storage() -> Storage:
    """Where the objects are: a folder or a bucket."""
    return storages["documents"]


def place(name: str) -> str:
    """Where an object lies: in one of 256 folders."""
    if not _NAME.fullmatch(name):
        raise ValueError("no name of an object")
    return f"{name[:2]}/{name}"


def put(content: bytes, *, mime_type: str) -> StoredFile:
    """Keep a document that was inspected and scanned (`compliance.services.documents` does all three).

    In a transaction of the caller's the name stays claimed until it ends, so that no sweep takes the object for one
    that nobody names. Raises VaultUnavailable.
    """
    name = secrets.token_hex(16)
    sealed = seal(content, name.encode())
    digest = hashlib.sha256(sealed.ciphertext).hexdigest()
    with transaction.atomic():
        claim(name)
        _write(name, sealed.ciphertext)
        return StoredFile.objects.create(
            name=name, key=sealed.key, mime_type=mime_type, size=len(content), digest=digest
        )


def read(stored_file: StoredFile) -> bytes:
    """The document. Raises ErasedFile; DamagedFile if it is not what was put there; VaultUnavailable."""
    if stored_file.key is None:
        raise ErasedFile(reasons.ERASED)
    ciphertext = _fetch(stored_file.name)
    try:
        if hashlib.sha256(ciphertext).hexdigest() != stored_file.digest:
            raise BrokenSeal
        return unseal(Sealed(ciphertext, stored_file.key), stored_file.name.encode())
    except BrokenSeal:
        log.error("the stored file %s is damaged", stored_file.name)  # noqa: TRY400 - where is of no interest
        raise DamagedFile(reasons.LOST) from None


def erase(stored_file: StoredFile) -> None:
    """Forget a document for good: its key first, without which the object is noise, then the object.

    The object goes once the transaction is committed; one that could not be deleted then, a sweep deletes. Doing it
    again does nothing.
    """
    StoredFile.objects.filter(pk=stored_file.pk, erased_at=None).update(key=None, erased_at=Now())
    stored_file.refresh_from_db()
    transaction.on_commit(partial(_delete, stored_file.name))


def claim(name: str, *, waiting: bool = True) -> bool:
    """Lock a name until the transaction ends; without waiting, tell whether nobody else has it."""
    number = int.from_bytes(bytes.fromhex(name)[:8], "big", signed=True)
    function = "pg_advisory_xact_lock" if waiting else "pg_try_advisory_xact_lock"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s)", [number])
        (got,) = cursor.fetchone()
    return got is not False


def _write(name: str, ciphertext: bytes) -> None:
    try:
        saved = storage().save(place(name), ContentFile(ciphertext))
    except OSError:
        log.exception("a document could not be kept")
        raise VaultUnavailable(reasons.LATER_KEPT) from None
    if saved != place(name):  # taken; of 128 random bits, that is a storage gone mad
        raise VaultUnavailable(reasons.LATER_KEPT)


def _fetch(name: str) -> bytes:
    try:
        with storage().open(place(name)) as stored:
            return bytes(stored.read())
    except FileNotFoundError:
        log.error("the stored file %s is gone", name)  # noqa: TRY400 - likewise
        raise DamagedFile(reasons.LOST) from None
    except OSError:
        log.exception("the stored file %s could not be read", name)
        raise VaultUnavailable(reasons.LATER_READ) from None


def _delete(name: str) -> None:
    try:
        storage().delete(place(name))
    except OSError:
        log.exception("the object of the erased file %s is left to the sweep", name)
