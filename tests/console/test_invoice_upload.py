"""An invoice through the console: what the command takes, a page takes; what it refuses, it refuses by line."""

from datetime import date
from typing import Any

import pytest
from django.contrib.admin.models import ADDITION, LogEntry
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from console import invoice_upload
from inventory.models import Invoice, Provider
from tests.factories import ProviderFactory, UserFactory

pytestmark = pytest.mark.django_db
PAGE = "/console/inventory/invoice/bring-in/"
GOOD = b"number,amount,currency,charge\n+14155550199,1.25,USD,monthly\n+14155550198,1.25,USD,monthly\n"


@pytest.fixture
def tern() -> Provider:
    row: Provider = ProviderFactory.create(slug="tern", name="Tern")
    return row


def send(client: Client, provider: Provider, content: bytes = GOOD, **more: Any) -> Any:
    file = SimpleUploadedFile(more.pop("name", "october.csv"), content, content_type=more.pop("type", "text/csv"))
    return client.post(PAGE, {"provider": str(provider.pk), "period": "2026-10", "file": file, **more}, follow=True)


def test_a_file_is_taken_whole_and_compared_and_who_brought_it_is_kept(staff: Client, tern: Provider) -> None:
    assert PAGE in staff.get("/console/inventory/invoice/").content.decode()
    shown = send(staff, tern).content.decode()
    invoice = Invoice.objects.get()
    assert (invoice.period, invoice.line_count, invoice.file_name) == (date(2026, 10, 1), 2, "october.csv")
    assert invoice.imported_by == "user:staff@example.com"
    assert invoice.compared_at is not None
    assert "2 lines, compared with our stock" in shown
    assert LogEntry.objects.get(action_flag=ADDITION).object_id == str(invoice.pk)


def test_the_same_file_again_changes_nothing(staff: Client, tern: Provider) -> None:
    send(staff, tern)
    assert "was here already" in send(staff, tern).content.decode()
    assert Invoice.objects.count() == 1


def test_bad_lines_are_named_by_their_place_and_nothing_is_taken(staff: Client, tern: Provider) -> None:
    bad = GOOD + b"<script>alert(1)</script>,1.25,USD,monthly\n+14155550197,many,USD,monthly\n"
    answer = send(staff, tern, bad)
    shown = answer.content.decode()
    assert "2 of 4 lines can&#x27;t be read" in shown
    assert [f">{line}</td>" in shown for line in (4, 5)] == [True, True]
    assert "<script>alert" not in shown
    assert not Invoice.objects.exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"a,b\n1,2\n", "The header has no column for"),
        (b"number,amount,currency\n", "The file has no charges"),
        ("number,amount,currency\n+14155550199,1,USD\n".encode("utf-16"), "is not UTF-8"),
        (b"\x00\x01\x02PK\x03\x04", "The header has no column for"),
        (b'number,amount,currency\n"' + b"x" * 200_000 + b'",1,USD\n', "is no CSV"),
    ],
    ids=["columns", "empty", "utf-16", "binary", "a field without an end"],
)
def test_what_is_no_invoice_is_refused_in_words(staff: Client, tern: Provider, content: bytes, said: str) -> None:
    answer = send(staff, tern, content)
    assert said in answer.content.decode()
    assert not Invoice.objects.exists()


def test_a_name_that_the_sender_chose_can_t_write_the_page(staff: Client, tern: Provider) -> None:
    shown = send(staff, tern, name="../../<img src=x onerror=alert(1)>.csv").content.decode()
    assert "<img src=x" not in shown
    assert "/" not in Invoice.objects.get().file_name


def test_a_file_that_takes_too_long_is_the_command_s(
    staff: Client, tern: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(invoice_upload, "MOST_BYTES", len(GOOD) - 1)
    assert "manage.py import_invoice" in send(staff, tern).content.decode()
    assert not Invoice.objects.exists()


@pytest.mark.parametrize("period", ["", "2026-13", "9999-01", "0001-01", "2026-10-01"])
def test_a_month_is_a_month_that_has_begun(staff: Client, tern: Provider, period: str) -> None:
    assert 'class="errorlist"' in send(staff, tern, period=period).content.decode()
    assert not Invoice.objects.exists()


def test_who_may_only_look_brings_nothing_in(tern: Provider) -> None:
    clerk = UserFactory.create(is_staff=True)
    clerk.user_permissions.add(Permission.objects.get(codename="view_invoice"))
    client = Client()
    client.force_login(clerk)
    assert PAGE not in client.get("/console/inventory/invoice/").content.decode()
    assert send(client, tern).status_code == 403
    assert not Invoice.objects.exists()
