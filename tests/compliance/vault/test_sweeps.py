"""What crashes left behind is deleted, and never what a live row names."""

import os
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.db import connection, transaction

from compliance.models import StoredFile
from compliance.tasks import sweep_documents
from compliance.vault import objects, sweeps
from tests.patience import eventually

pytestmark = pytest.mark.django_db(transaction=True)


def put() -> StoredFile:
    return objects.put(b"content", mime_type="application/pdf")


def orphan(name: str = "ab" * 16) -> str:
    """As an upload leaves it that died before its row."""
    return objects.storage().save(objects.place(name), ContentFile(b"noise"))


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Age is for people who look; what keeps live objects is the claim."""
    monkeypatch.setattr(sweeps, "ORPHAN_AGE", timedelta(days=-1))


@pytest.mark.usefixtures("at_once")
def test_an_object_without_a_row_is_deleted_and_no_other(vault: str) -> None:
    lost, kept = orphan(), put()
    assert sweeps.sweep() == 1
    assert not objects.storage().exists(lost)
    assert objects.read(kept) == b"content"


def test_a_young_object_without_a_row_stays_for_an_hour(folder: Path) -> None:
    lost = orphan()
    assert sweeps.sweep() == 0
    then = time.time() - 3601
    os.utime(folder / lost, (then, then))
    sweep_documents()
    assert not objects.storage().exists(lost)


def test_the_object_of_an_erased_row_is_deleted_however_young(vault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    file = put()
    with monkeypatch.context() as dying:
        dying.setattr(objects, "_delete", lambda name: None)
        objects.erase(file)
    assert objects.storage().exists(objects.place(file.name))
    assert sweeps.sweep() == 1
    assert not objects.storage().exists(objects.place(file.name))


def test_a_storage_without_objects_has_nothing_to_sweep(vault: str) -> None:
    assert sweeps.sweep() == 0


@pytest.mark.usefixtures("at_once")
def test_what_is_no_object_is_left_alone(folder: Path) -> None:
    for odd in ("ab/README", "ab/" + "cd" * 16, "stray"):
        objects.storage().save(odd, ContentFile(b"?"))
    assert sweeps.sweep() == 0
    assert len([path for path in folder.rglob("*") if path.is_file()]) == 3


@pytest.mark.usefixtures("at_once")
def test_an_object_whose_row_is_not_committed_yet_is_not_taken_for_an_orphan(folder: Path) -> None:
    written, swept = threading.Event(), threading.Event()

    def upload() -> None:
        try:
            with transaction.atomic():
                put()
                written.set()
                swept.wait(60)
        finally:
            connection.close()

    uploading = threading.Thread(target=upload)
    uploading.start()
    assert written.wait(60)
    assert sweeps.sweep() == 0
    swept.set()
    uploading.join()
    assert objects.read(StoredFile.objects.get()) == b"content"


@pytest.mark.usefixtures("at_once")
def test_an_upload_that_is_taken_back_leaves_an_orphan_for_the_sweep(folder: Path) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        file = put()
        raise RuntimeError
    assert objects.storage().exists(objects.place(file.name))
    assert sweeps.sweep() == 1
    assert not objects.storage().exists(objects.place(file.name))


@pytest.mark.usefixtures("at_once")
def test_uploads_and_erasures_beside_an_eager_sweep_lose_nothing(folder: Path) -> None:
    over = threading.Event()
    kept: list[StoredFile] = []

    def upload() -> None:
        try:
            while not over.is_set():
                file = put()
                if len(kept) % 3:
                    objects.erase(file)
                kept.append(file)
        finally:
            connection.close()

    uploads = [threading.Thread(target=upload) for _ in range(3)]
    for uploading in uploads:
        uploading.start()
    for _ in range(5):
        sweeps.sweep()
    eventually(lambda: len(kept) >= 20)
    over.set()
    for uploading in uploads:
        uploading.join()
    live = StoredFile.objects.filter(erased_at=None)
    assert [objects.read(file) for file in live] == [b"content"] * len(live)
    assert {path.name for path in folder.rglob("*") if path.is_file()} == {file.name for file in live}
