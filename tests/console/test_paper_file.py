"""A paper's file in the console: who sees it, how it leaves, and what is written down."""

import sys
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from PIL import Image
from playwright.sync_api import sync_playwright

from accounts.models import Account, Membership, User
from compliance.models import Bundle, DecryptGrant, DocumentView, SupportingDocument
from compliance.services import review
from compliance.vault import objects
from numbering.recent import forget_everything
from tests.compliance.private.papers import pdf, picture
from tests.compliance.review import waiting
from tests.factories import AccountFactory, UserFactory


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    forget_everything()


@pytest.fixture
def rosa(db: None) -> User:
    """She may review, and nothing else."""
    row: User = UserFactory.create(email="rosa@example.com", is_staff=True)
    row.user_permissions.add(Permission.objects.get(codename="review_bundle"))
    return row


@pytest.fixture
def reviewer(rosa: User) -> Client:
    client = Client()
    client.force_login(rosa)
    return client


def handed_in(octets: bytes | None = None, mime_type: str = "image/jpeg", account: Account | None = None) -> Bundle:
    """A bundle whose address paper has a file."""
    draft = waiting.draft(account=account)
    file = objects.put(octets or picture(), mime_type=mime_type)
    waiting.papers(draft).filter(type="business_address").update(file=file)
    return waiting.submitted(draft)


def paper_of(bundle: Bundle) -> SupportingDocument:
    return waiting.papers(bundle).get(type="business_address")


def look(client: Client, bundle: Bundle, sid: str = "", **given: str) -> Any:
    asked = {"document": sid or paper_of(bundle).sid, "reason": "review", **given}
    return client.post(f"/console/compliance/bundle/{bundle.pk}/file/", asked)


def test_a_picture_is_shown_marked_and_can_do_nothing(reviewer: Client, rosa: User) -> None:
    bundle = review.claim(handed_in(), rosa)
    answer = look(reviewer, bundle)
    assert answer.status_code == 200
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("image/jpeg", "nosniff")
    assert "no-store" in answer["Cache-Control"]
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer["Content-Disposition"] == f'inline; filename="{paper_of(bundle).sid}.jpg"'
    assert answer.content != picture()
    assert Image.open(BytesIO(answer.content)).size == (640, 480)


def test_a_pdf_is_saved_and_not_opened_in_the_browser(reviewer: Client, rosa: User) -> None:
    bundle = review.claim(handed_in(pdf(), "application/pdf"), rosa)
    answer = look(reviewer, bundle)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert answer["Content-Disposition"] == f'attachment; filename="{paper_of(bundle).sid}.pdf"'
    assert b"JavaScript" not in answer.content


def test_every_look_leaves_its_row_with_who_why_and_from_where(reviewer: Client, rosa: User) -> None:
    bundle = review.claim(handed_in(), rosa)
    look(reviewer, bundle)
    look(reviewer, bundle, reason="authority", note="case 17")
    views = DocumentView.objects.order_by("pk").select_related("grant")
    assert [(each.user, each.what, each.seen_from) for each in views] == [(rosa, "preview", "127.0.0.1")] * 2
    assert [(each.grant.reason, each.grant.note) for each in views] == [("review", ""), ("authority", "case 17")]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "claim the bundle first"),
        ({"reason": "authority"}, "for which case"),
        ({"reason": "curiosity", "note": "case 17"}, "Choose why"),
        ({"reason": "authority", "note": "n" * 201}, "at most 200 characters"),
        ({"reason": "authority", "note": "case 17", "sid": "RD" + "0" * 32}, "no longer in the bundle"),
    ],
)
def test_a_refusal_is_a_page_in_plain_words_and_nothing_is_opened(
    reviewer: Client, given: dict[str, str], said: str
) -> None:
    answer = look(reviewer, handed_in(), **given)
    assert answer.status_code == 409
    assert said in answer.content.decode()
    assert not DecryptGrant.objects.exists()


def test_the_paper_of_another_bundle_is_not_opened(reviewer: Client, rosa: User) -> None:
    other = handed_in()
    bundle = review.claim(waiting.submitted(waiting.draft(of=other.regulation)), rosa)
    assert look(reviewer, bundle, paper_of(other).sid).status_code == 409
    assert look(reviewer, bundle, paper_of(bundle).sid).status_code == 409, "it has no file"
    assert not DocumentView.objects.exists()


@pytest.mark.parametrize("of_parent", [False, True])
def test_who_belongs_to_the_account_does_not_look(reviewer: Client, rosa: User, of_parent: bool) -> None:
    parent = AccountFactory.create()
    bundle = handed_in(account=AccountFactory.create(parent=parent))
    Membership.objects.create(user=rosa, account=parent if of_parent else bundle.account)
    answer = look(reviewer, bundle, reason="customer", note="case 17")
    assert answer.status_code == 403
    assert "somebody else has to look at it" in answer.content.decode()
    assert not DocumentView.objects.exists()


def test_only_reviewers_look_and_only_by_post(reviewer: Client) -> None:
    bundle = handed_in()
    clerk = Client()
    clerk.force_login(UserFactory.create(is_staff=True))
    assert look(clerk, bundle).status_code == 403
    assert look(Client(), bundle).status_code == 302
    assert reviewer.get(f"/console/compliance/bundle/{bundle.pk}/file/").status_code == 405
    assert look(Client(enforce_csrf_checks=True), bundle).status_code in (302, 403)


def test_what_is_damaged_is_not_shown(reviewer: Client, rosa: User) -> None:
    bundle = review.claim(handed_in(b"%PDF-1.7 broken", "application/pdf"), rosa)
    answer = look(reviewer, bundle)
    assert answer.status_code == 409
    assert "be marked with who looks at it" in answer.content.decode()


@pytest.mark.parametrize(
    ("command", "said"), [("echo ready; kill -SEGV $$", "be marked with who looks at it"), ("exit 1", "Try again")]
)
def test_a_file_that_ends_the_child_that_marks_it_is_a_page_and_a_look(
    *, reviewer: Client, rosa: User, command: str, said: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    bundle = review.claim(handed_in(), rosa)
    child = tmp_path / "child"
    child.write_text(f"#!/bin/sh\n{command}\n")
    child.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(child))
    answer = look(reviewer, bundle)
    assert answer.status_code == 409
    assert said in answer.content.decode()
    assert DocumentView.objects.get().user == rosa


@pytest.mark.django_db(transaction=True)
def test_in_a_browser_the_file_opens_beside_the_page(
    *, live_server: Any, reviewer: Client, rosa: User, chromium: str, tmp_path: Path
) -> None:
    """Narrow and wide; the form fits, and the picture is drawn in spite of its sandbox."""
    bundle = review.claim(handed_in(), rosa)
    cookie: Any = {"name": "sessionid", "value": reviewer.cookies["sessionid"].value, "url": live_server.url}
    with sync_playwright() as browsers, browsers.chromium.launch(executable_path=chromium, args=["--no-sandbox"]) as it:
        for width in (360, 1280):
            context = it.new_context(viewport={"width": width, "height": 900})
            context.add_cookies([cookie])
            tab = context.new_page()
            tab.goto(f"{live_server.url}/console/compliance/bundle/{bundle.pk}/change/")
            assert tab.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
            tab.screenshot(path=tmp_path / f"form-{width}.png", full_page=True)
            tab.get_by_text("The file, for another reason").click()
            with context.expect_page() as opened:
                tab.get_by_role("button", name="Open the file").click()
            opened.value.wait_for_load_state()
            assert opened.value.evaluate("document.images[0].naturalWidth") == 640
            opened.value.screenshot(path=tmp_path / f"file-{width}.png")
    assert DecryptGrant.objects.count() == 3  # one for the pictures in the page, one for each window
