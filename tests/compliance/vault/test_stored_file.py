"""Raw SQL against what the database promises of stored files."""

import pytest
from django.db import DatabaseError, connection, transaction

from compliance.models import StoredFile
from tests.architecture import rows

pytestmark = pytest.mark.django_db


def refused(sql: str, file: StoredFile) -> None:
    with pytest.raises(DatabaseError) as refusal, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, [file.pk])
    assert refusal.value.__cause__.sqlstate == "P0001"  # type: ignore[union-attr]  # psycopg's own error


def erased() -> StoredFile:
    file = rows.stored_file()
    StoredFile.objects.filter(pk=file.pk).update(key=None, erased_at="2026-01-01T00:00Z")
    return file


@pytest.mark.parametrize(
    "to",
    [
        "key = 'x', erased_at = NULL",
        "erased_at = now()",
        "erased_at = NULL, key = 'x', name = repeat('f', 32)",
    ],
)
def test_what_was_erased_stays_erased(to: str) -> None:
    refused(f"UPDATE compliance_storedfile SET {to} WHERE id = %s", erased())  # noqa: S608 - our own words


def test_a_rotation_may_pass_over_what_was_erased() -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE compliance_storedfile SET key = NULL WHERE id = %s", [erased().pk])


@pytest.mark.parametrize(
    "to",
    [
        "id = id + 1",
        "name = repeat('f', 32)",
        "digest = repeat('f', 64)",
        "size = 2",
        "mime_type = 'text/html'",
        "created_at = now() - interval '1 year'",
    ],
)
def test_what_a_file_is_never_changes(to: str) -> None:
    refused(f"UPDATE compliance_storedfile SET {to} WHERE id = %s", rows.stored_file())  # noqa: S608 - our own words


def test_rows_stay_as_proof() -> None:
    refused("DELETE FROM compliance_storedfile WHERE id = %s", rows.stored_file())
