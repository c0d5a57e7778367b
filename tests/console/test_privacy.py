"""Staff and personal data: export, erasure, holds and terms, each with who and why."""

from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from accounts.models import Membership, User
from compliance.lifecycle import BundleState
from compliance.models import Bundle, BundleView, DocumentView, EndUser, Erasure, LegalHold, RetentionPolicy
from compliance.services import holds
from tests.compliance.private.papers import paper
from tests.factories import BundleFactory, DidFactory, EndUserFactory, UserFactory

ROOM = "/console/compliance/"


@pytest.fixture
def bundle(db: None) -> Bundle:
    """Approved, with a file."""
    document = paper()
    person = EndUserFactory.create(account=document.account, attributes={"last_name": "Quackenbush"})
    row: Bundle = BundleFactory.create(account=document.account, items=[person, document], state=BundleState.APPROVED)
    return row


def do(client: Client, bundle: Bundle, verb: str, reason: str = "case 17") -> Any:
    row = EndUser.objects.get(assignments__bundle=bundle)
    return client.post(f"{ROOM}enduser/{row.pk}/do/{verb}/", {"reason": reason}, follow=True)


def test_an_end_user_s_page_has_the_verbs_and_no_name(staff: Client, bundle: Bundle) -> None:
    row = EndUser.objects.get()
    shown = staff.get(f"{ROOM}enduser/{row.pk}/change/").content.decode()
    assert "Quackenbush" not in shown
    assert all(f"/do/{verb}/" in shown for verb in ("export", "erase"))


def test_staff_export_a_person_and_each_paper_and_bundle_says_so(
    staff: Client, staff_user: User, bundle: Bundle
) -> None:
    answer = do(staff, bundle, "export")
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("application/zip", "nosniff")
    assert "no-store" in answer["Cache-Control"]
    with ZipFile(BytesIO(b"".join(answer.streaming_content))) as package:
        assert "Quackenbush" in package.read("person.json").decode()
    look, seen = DocumentView.objects.get(), BundleView.objects.get()
    assert (look.user, look.what, look.grant.reason, look.grant.note) == (staff_user, "bytes", "person", "case 17")
    assert (seen.user, seen.everything, seen.reason, seen.note) == (staff_user, True, "person", "case 17")
    assert LogEntry.objects.get().change_message == "Export: case 17"


def test_nobody_exports_a_person_of_their_own_account_here(staff: Client, staff_user: User, bundle: Bundle) -> None:
    Membership.objects.create(user=staff_user, account=bundle.account)
    assert "Nothing was done" in do(staff, bundle, "export").content.decode()
    assert (BundleView.objects.count(), LogEntry.objects.count()) == (0, 0)


def test_staff_erase_a_person_with_a_reason(staff: Client, bundle: Bundle) -> None:
    assert "required" in do(staff, bundle, "erase", reason="").content.decode()
    assert "Erase: done for" in do(staff, bundle, "erase").content.decode()
    assert (Erasure.objects.get().reason, Erasure.objects.get().actor) == ("case 17", "user:staff@example.com")
    assert do(staff, bundle, "erase").status_code == 404, "there is nothing left to erase"


def test_why_a_person_can_t_be_erased_is_said_in_words(staff: Client, bundle: Bundle) -> None:
    assert "repeats what is to be erased" in do(staff, bundle, "erase", "for Quackenbush").content.decode()
    holds.place(bundle.sid, actor="user:ops", reason="case 3")
    assert "kept for legal claims" in do(staff, bundle, "erase").content.decode()
    DidFactory.create(account=bundle.account, bundle_sid=bundle.sid)
    holds.lift(LegalHold.objects.get(), actor="user:ops")
    assert (
        "numbers that are in service or may be reclaimed (1) hang on it" in do(staff, bundle, "erase").content.decode()
    )
    assert not Erasure.objects.exists()


def test_it_takes_the_rights(bundle: Bundle) -> None:
    clerk = Client()
    clerk.force_login(UserFactory.create(is_staff=True))
    assert [do(clerk, bundle, verb).status_code for verb in ("export", "erase")] == [403, 403]
    assert clerk.get(f"{ROOM}erasure/").status_code == 403


def test_a_hold_is_placed_on_what_is_there_and_lifted_with_a_reason(staff: Client, bundle: Bundle) -> None:
    given = {"reason": "case 3", "until_0": "", "until_1": ""}
    mistyped = staff.post(f"{ROOM}legalhold/add/", {**given, "subject_sid": "BU" + "0" * 32})
    assert "There is nothing of that SID" in mistyped.content.decode()
    staff.post(f"{ROOM}legalhold/add/", {**given, "subject_sid": bundle.sid})
    hold = LegalHold.objects.get()
    assert (hold.subject_sid, hold.placed_by) == (bundle.sid, "user:staff@example.com")
    staff.post(f"{ROOM}legalhold/{hold.pk}/do/lift/", {"reason": "the case is closed"})
    hold.refresh_from_db()
    assert hold.lifted_by == "user:staff@example.com"
    assert LogEntry.objects.latest("pk").change_message == "Lift: the case is closed"
    assert "Lift: the case is closed" in staff.get(f"{ROOM}legalhold/{hold.pk}/change/").content.decode()


def test_who_places_a_hold_is_asked_only_for_what_they_decide(staff: Client) -> None:
    shown = staff.get(f"{ROOM}legalhold/add/").content.decode()
    assert all(words in shown for words in ("On what", "Reason", "Until", "keeps personal data from being erased"))
    assert [words for words in ("Placed at", "Lifted by", "DatabaseDefault") if words in shown] == []


def test_a_term_is_added_with_the_name_of_who_set_it(staff: Client) -> None:
    row = {"country": "IE", "clock": "rejected", "days": "30", "source": "our policy", "valid_from": "2026-11-21"}
    staff.post(f"{ROOM}retentionpolicy/add/", row)
    policy = RetentionPolicy.objects.get()
    assert (policy.country, policy.days, policy.set_by) == ("IE", 30, "user:staff@example.com")
