"""Keys are changed while customers upload and read: nothing is lost, and afterwards the old key opens nothing."""

import threading
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.core.management import call_command
from django.db import connection
from pytest_django import Settings

from accounts.encryption import UndecipherableText
from compliance.models import StoredFile
from compliance.vault import objects
from tests.patience import eventually

pytestmark = pytest.mark.django_db(transaction=True)


class Traffic:
    """Customers who put a document, read it and another one, and erase some, until they are told to stop."""

    def __init__(self) -> None:
        self.over = threading.Event()
        self.contents: dict[int, bytes] = {}
        self.failures: list[BaseException] = []
        self._threads = [threading.Thread(target=self._run, args=(number,)) for number in range(3)]

    def __enter__(self) -> "Traffic":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        for thread in self._threads:
            thread.join()

    def _run(self, number: int) -> None:
        turn = 0
        try:
            while not self.over.is_set():
                turn += 1
                self._put_and_read(b"document %d of customer %d" % (turn, number), is_erased=turn % 4 == 0)
        except BaseException as failure:  # noqa: BLE001 - told to the test
            self.failures.append(failure)
        finally:
            connection.close()

    def _put_and_read(self, content: bytes, *, is_erased: bool) -> None:
        file = objects.put(content, mime_type="application/pdf")
        assert objects.read(StoredFile.objects.get(pk=file.pk)) == content
        if is_erased:
            objects.erase(file)
        else:
            self.contents[file.pk] = content
        oldest = next(iter(self.contents), file.pk)
        assert objects.read(StoredFile.objects.get(pk=oldest)) == self.contents.get(oldest, content)


def test_keys_are_rotated_under_load_and_nothing_is_lost(folder: Path, settings: Settings) -> None:
    old, new = settings.FIELD_ENCRYPTION_KEYS[0], Fernet.generate_key().decode()
    before = {file.pk: file.name for file in (objects.put(b"early", mime_type="image/png") for _ in range(30))}
    objects_before = {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    # Every process knows the new key before the rotation begins: docs/settings.md.
    settings.FIELD_ENCRYPTION_KEYS = [new, old]
    with Traffic() as traffic:
        eventually(lambda: len(traffic.contents) > 5 or traffic.failures)
        call_command("rotate_encryption")
        seen = len(traffic.contents)
        eventually(lambda: len(traffic.contents) > seen + 5 or traffic.failures)
    assert traffic.failures == []

    settings.FIELD_ENCRYPTION_KEYS = [new]
    readable = {file.pk: objects.read(file) for file in StoredFile.objects.filter(erased_at=None)}
    assert readable == traffic.contents | dict.fromkeys(before, b"early")
    assert all((folder / objects.place(name)).read_bytes() == content for name, content in objects_before.items())

    settings.FIELD_ENCRYPTION_KEYS = [old]
    for pk in readable:
        with pytest.raises(UndecipherableText):
            StoredFile.objects.get(pk=pk)


def test_an_erased_document_stays_erased_through_a_rotation(folder: Path, settings: Settings) -> None:
    file = objects.put(b"content", mime_type="image/png")
    objects.erase(file)
    settings.FIELD_ENCRYPTION_KEYS = [Fernet.generate_key().decode(), *settings.FIELD_ENCRYPTION_KEYS]
    call_command("rotate_encryption")
    assert StoredFile.objects.get(pk=file.pk).key is None
