"""Opening a document: by whom, for how long, and what is written down."""

from datetime import timedelta
from io import BytesIO

import pikepdf
import pytest
import time_machine
from django.conf import settings
from django.db import DatabaseError
from django.utils import timezone
from PIL import Image, ImageChops

from accounts.models import Membership
from compliance import watermark
from compliance.models import DocumentView, Seen, SightReason
from compliance.refusals import CantBeMarked, NoLiveGrant, NothingToOpen, OwnDocument
from compliance.services import grants
from compliance.vault import objects
from tests.compliance.private.papers import paper, pdf, picture, reviewer
from tests.compliance.vault.papers import archival
from tests.compliance.vault.pictures import png
from tests.factories import AccountFactory, DocumentFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_a_view_hands_out_the_file_and_is_written_down() -> None:
    document, user = paper(), reviewer()
    grant = grants.open_document(document, user, SightReason.REVIEW)
    assert grants.view(grant, user=user, what=Seen.BYTES, seen_from="192.0.2.7") == picture()
    row = DocumentView.objects.get()
    assert (row.grant, row.user, row.what, row.seen_from) == (grant, user, "bytes", "192.0.2.7")


def test_a_grant_runs_out() -> None:
    document, user = paper(), reviewer()
    grant = grants.open_document(document, user)
    later = timezone.now() + settings.DECRYPT_GRANT_LIFETIME + timedelta(seconds=1)
    with time_machine.travel(later), pytest.raises(NoLiveGrant):
        grants.view(grant, user=user)
    assert not DocumentView.objects.exists()


def test_a_grant_is_for_one_person() -> None:
    grant = grants.open_document(paper(), reviewer())
    with pytest.raises(NoLiveGrant):
        grants.view(grant, user=reviewer())


@pytest.mark.parametrize("of_parent", [False, True])
def test_nobody_opens_the_papers_of_an_account_they_act_for(of_parent: bool) -> None:
    parent = AccountFactory.create()
    document, user = paper(AccountFactory.create(parent=parent)), reviewer()
    Membership.objects.create(user=user, account=parent if of_parent else document.account)
    with pytest.raises(OwnDocument):
        grants.open_document(document, user)


def test_who_became_a_member_meanwhile_sees_no_more() -> None:
    document, user = paper(), reviewer()
    grant = grants.open_document(document, user)
    Membership.objects.create(user=user, account=document.account)
    with pytest.raises(OwnDocument):
        grants.view(grant, user=user)


def test_customers_open_nothing() -> None:
    with pytest.raises(OwnDocument):
        grants.open_document(paper(), UserFactory.create())


def test_without_a_file_there_is_nothing_to_open() -> None:
    with pytest.raises(NothingToOpen):
        grants.open_document(DocumentFactory.create(), reviewer())


def test_the_look_is_written_down_even_if_the_vault_then_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    document, user = paper(), reviewer()
    grant = grants.open_document(document, user)

    def no_answer(_file: object) -> bytes:
        assert DocumentView.objects.exists(), "the bytes are asked for before the look is in the record"
        raise ConnectionError

    monkeypatch.setattr(objects, "read", no_answer)
    with pytest.raises(ConnectionError):
        grants.view(grant, user=user)
    assert DocumentView.objects.count() == 1


@pytest.mark.parametrize("row", ["grant", "view"])
def test_grants_and_views_are_never_changed(row: str) -> None:
    document, user = paper(), reviewer()
    grant = grants.open_document(document, user)
    grants.view(grant, user=user)
    meant = grant if row == "grant" else grant.views.get()
    with pytest.raises(DatabaseError, match="append_only"):
        type(meant).objects.filter(pk=meant.pk).update(user=reviewer())


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_picture_is_marked_and_loses_its_metadata(kind: str) -> None:
    octets = picture(kind)
    shown = watermark.marked(octets, f"image/{kind.lower()}", "erika@example.com grant 12")
    with Image.open(BytesIO(octets)) as before, Image.open(BytesIO(shown)) as after:
        assert (after.format, after.size) == (kind, before.size)
        assert "comment" not in after.info
        difference = ImageChops.difference(before.convert("RGB"), after.convert("RGB")).convert("L")
    changed = difference.point(lambda value: 255 if value > 24 else 0)
    thirds = [changed.crop((0, top, 640, top + 160)).getbbox() for top in (0, 160, 320)]
    assert all(thirds), "somewhere between top and bottom there is no mark"


def test_greys_of_sixteen_bits_are_shown_as_they_are() -> None:
    """As scanners make them; Pillow's own conversion shows a white page."""
    shown = watermark.marked(png(Image.new("I;16", (64, 48), 30_000)), "image/png", "grant 12")
    with Image.open(BytesIO(shown)) as after:
        assert after.getpixel((63, 47)) == (117, 117, 117)


def test_every_page_of_a_pdf_is_marked_and_nothing_runs_any_more() -> None:
    shown = watermark.marked(pdf(pages=3), "application/pdf", r"erika (the \ reviewer) grant 12")
    with pikepdf.open(BytesIO(shown)) as document:
        assert "/OpenAction" not in document.Root
        marks = [b"".join(each.read_bytes() for each in page.Resources.XObject.values()) for page in document.pages]
    assert len(marks) == 3
    assert all(rb"(erika \(the \\ reviewer\) grant 12)" in mark for mark in marks)


def test_a_pdf_loses_its_metadata() -> None:
    shown = watermark.marked(archival(), "application/pdf", "grant 12")
    with pikepdf.open(BytesIO(shown)) as document:
        assert "/Metadata" not in document.Root
        assert "/Info" not in document.trailer


@pytest.mark.parametrize(
    ("octets", "mime_type"),
    [(b"%PDF-1.7 broken", "application/pdf"), (b"\x89PNG\r\n\x1a\n", "image/png"), (picture()[:-400], "image/jpeg")],
)
def test_what_cant_be_marked_is_not_shown(octets: bytes, mime_type: str) -> None:
    with pytest.raises(CantBeMarked):
        watermark.marked(octets, mime_type, "grant 12")
