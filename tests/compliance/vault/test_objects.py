"""Documents at rest: unreadable without their row, unreadable under another name, gone when they are erased."""

import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.db import connection, transaction
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from compliance.models import StoredFile, SupportingDocument
from compliance.refusals import DamagedFile, ErasedFile, UnacceptableFile, VaultUnavailable
from compliance.services import documents
from compliance.vault import objects
from config import environment
from config.settings import base
from tests import ports
from tests.compliance.vault import pictures
from tests.compliance.vault.conftest import bucket_options, use
from tests.factories import AccountFactory

pytestmark = pytest.mark.django_db

CONTENT = b"%PDF-1.4 ID card of Jane Doe, born 1970-01-01" * 100


def put(content: bytes = CONTENT) -> StoredFile:
    return objects.put(content, mime_type="application/pdf")


def stored(file: StoredFile) -> bytes:
    with objects.storage().open(objects.place(file.name)) as opened:
        return bytes(opened.read())


def exists(file: StoredFile) -> bool:
    return objects.storage().exists(objects.place(file.name))


def overwrite(file: StoredFile, content: bytes) -> None:
    objects.storage().delete(objects.place(file.name))
    objects.storage().save(objects.place(file.name), ContentFile(content))


def test_what_was_put_is_read_again(vault: str) -> None:
    file = StoredFile.objects.get(pk=put().pk)
    assert objects.read(file) == CONTENT
    assert (file.mime_type, file.size) == ("application/pdf", len(CONTENT))


def test_neither_the_storage_nor_the_database_sees_the_content_or_the_key(vault: str) -> None:
    file = put()
    assert b"Jane" not in stored(file)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM compliance_storedfile WHERE id = %s", [file.pk])
        row = str(cursor.fetchone())
    assert file.key is not None
    assert file.key not in row
    assert "Jane" not in row


def test_the_same_document_twice_is_two_objects_that_are_not_alike(vault: str) -> None:
    one, other = put(), put()
    assert one.name != other.name
    assert stored(one)[13:] != stored(other)[13:]


def test_two_objects_that_were_swapped_do_not_open(vault: str) -> None:
    one, other = put(), put(b"other")
    first, second = stored(one), stored(other)
    overwrite(one, second)
    overwrite(other, first)
    for file in (one, other):
        with pytest.raises(DamagedFile):
            objects.read(file)


def test_an_object_and_its_digest_that_were_swapped_together_do_not_open(vault: str) -> None:
    """Somebody writes in the storage and in the database, and has no key."""
    one, other = put(), put(b"other")
    overwrite(one, stored(other))
    one.digest = other.digest
    with pytest.raises(DamagedFile):
        objects.read(one)


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "cut": lambda content: content[:-1],
    "longer": lambda content: content + b"x",
    "empty": lambda content: b"",
    "changed": lambda content: content[:50] + bytes([content[50] ^ 1]) + content[51:],
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_object_is_said_to_be_and_not_handed_out(damage: str, vault: str) -> None:
    file = put()
    overwrite(file, DAMAGES[damage](stored(file)))
    with pytest.raises(DamagedFile):
        objects.read(file)


def test_a_lost_object_is_said_to_be(vault: str) -> None:
    file = put()
    objects.storage().delete(objects.place(file.name))
    with pytest.raises(DamagedFile):
        objects.read(file)


def test_an_erased_document_has_no_key_and_no_object(
    vault: str, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    file = put()
    with django_capture_on_commit_callbacks(execute=True):
        objects.erase(file)
    kept = StoredFile.objects.get(pk=file.pk)
    assert kept.key is None
    assert kept.erased_at
    assert not exists(file)
    with pytest.raises(ErasedFile):
        objects.read(kept)


def test_erasing_again_does_nothing(
    vault: str, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    file = put()
    for _ in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            objects.erase(file)
    first = file.erased_at
    objects.erase(file)
    assert StoredFile.objects.get(pk=file.pk).erased_at == first


@pytest.mark.django_db(transaction=True)
def test_an_erasure_that_is_taken_back_has_erased_nothing(vault: str) -> None:
    file = put()
    with pytest.raises(RuntimeError), transaction.atomic():
        objects.erase(file)
        raise RuntimeError
    assert objects.read(StoredFile.objects.get(pk=file.pk)) == CONTENT


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "0" * 31, "0" * 33, "A" * 32, "", "0" * 31 + "/", "0" * 32 + "\n"]
)
def test_no_name_leads_out_of_the_storage(name: str) -> None:
    with pytest.raises(ValueError, match="no name"):
        objects.place(name)


def test_objects_have_no_address(vault: str) -> None:
    with pytest.raises(ValueError):
        objects.storage().url(objects.place(put().name))


def test_files_are_read_by_us_and_our_group_only(folder: Path) -> None:
    path = folder / objects.place(put().name)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o750


def test_a_full_disk_keeps_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(type(objects.storage()), "_save", full)
    with pytest.raises(VaultUnavailable):
        put()
    assert not StoredFile.objects.exists()


def test_a_bucket_that_does_not_answer_keeps_and_loses_nothing(bucket: str, s3: str, settings: Settings) -> None:
    file = put()
    use(
        settings,
        "compliance.vault.bucket.DocumentBucket",
        bucket_options(f"http://127.0.0.1:{ports.reserve()}", bucket),
    )
    with pytest.raises(VaultUnavailable):
        put()
    with pytest.raises(VaultUnavailable):
        objects.read(file)
    use(settings, "compliance.vault.bucket.DocumentBucket", bucket_options(s3, bucket))
    assert objects.read(file) == CONTENT
    assert StoredFile.objects.count() == 1


def test_a_bucket_that_is_not_ours_is_not_taken_for_an_empty_one(bucket: str, s3: str, settings: Settings) -> None:
    file = put()
    use(settings, "compliance.vault.bucket.DocumentBucket", bucket_options(s3, "nobodys"))
    with pytest.raises(VaultUnavailable):
        put()
    with pytest.raises((VaultUnavailable, DamagedFile)):
        objects.read(file)


def upload(content: bytes) -> SupportingDocument:
    return documents.create(
        account=AccountFactory.create(), type="passport", friendly_name="", attributes={}, content=content
    )


def test_an_upload_that_is_refused_leaves_nothing(folder: Path) -> None:
    with pytest.raises(UnacceptableFile):
        upload(pictures.jpeg() + b"hidden")
    assert not folder.exists()
    assert not StoredFile.objects.exists()
    assert not SupportingDocument.objects.exists()


def test_an_upload_that_is_taken_is_kept_with_its_type(folder: Path) -> None:
    picture = pictures.with_exif()
    file = upload(picture).file
    assert file
    assert (file.mime_type, file.size) == ("image/jpeg", len(picture))
    assert objects.read(file) == picture


def test_a_deployment_keeps_documents_in_a_folder_unless_it_names_a_bucket() -> None:
    kept = base._DOCUMENTS
    assert kept["BACKEND"].endswith("DocumentFolder") is not bool(environment.DOCUMENTS_S3_BUCKET)
