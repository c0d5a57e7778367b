"""The desk between the deeds: how urgent a bundle is, the next one, pictures in the page, words of reasons."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from accounts.models import Membership, Role, User
from compliance.lifecycle import BundleState
from compliance.models import Bundle, DecryptGrant, DocumentView, Regulation, SupportingDocument
from compliance.services import decisions, review
from compliance.vault import objects
from console.review.timer import SOON, Timer
from numbering.recent import forget_everything
from tests.compliance.private.papers import picture
from tests.compliance.review import waiting
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
QUEUE = "/console/compliance/bundle/"


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    forget_everything()


@pytest.fixture
def rosa() -> User:
    """She may review, and nothing else."""
    row: User = UserFactory.create(email="rosa@example.com", is_staff=True)
    row.user_permissions.add(Permission.objects.get(codename="review_bundle"))
    return row


@pytest.fixture
def reviewer(rosa: User) -> Client:
    client = Client()
    client.force_login(rosa)
    return client


@pytest.fixture
def regulation() -> Regulation:
    return waiting.regulation()


def due_in(regulation: Regulation, hours: float) -> Bundle:
    """A bundle that waits, due in so many hours; the paper of its address has a picture."""
    draft = waiting.draft(of=regulation)
    file = objects.put(picture(), mime_type="image/jpeg")
    waiting.papers(draft).filter(type="business_address").update(file=file)
    bundle = waiting.submitted(draft)
    Bundle.objects.filter(pk=bundle.pk).update(due_at=timezone.now() + timedelta(hours=hours))
    bundle.refresh_from_db()
    return bundle


def page(bundle: Bundle) -> str:
    return f"{QUEUE}{bundle.pk}/change/"


def paper(bundle: Bundle) -> SupportingDocument:
    """That of the address."""
    return waiting.papers(bundle).get(type="business_address")


def picture_of(client: Client, bundle: Bundle, document: SupportingDocument) -> Any:
    return client.get(f"{QUEUE}{bundle.pk}/papers/{document.sid}/")


@pytest.mark.parametrize(("hours", "late", "soon"), [(-1, True, False), (7, False, True), (9, False, False)])
def test_a_deadline_is_late_soon_or_neither(hours: int, *, late: bool, soon: bool) -> None:
    now = timezone.now()
    timer = Timer(now + timedelta(hours=hours), now)
    assert (timer.is_late, timer.is_soon) == (late, soon)
    assert timedelta(hours=8) == SOON


def test_the_queue_says_in_words_how_urgent_each_is(reviewer: Client, regulation: Regulation) -> None:
    bundles = [due_in(regulation, hours) for hours in (50, -3.5, 5.5)]
    shown = reviewer.get(QUEUE).content.decode()
    assert "overdue by 3\xa0hours, 30\xa0minutes" in shown
    assert "due soon, in 5\xa0hours" in shown
    assert "in 2\xa0days, 1\xa0hour" in shown
    places = [shown.index(bundles[nth].sid) for nth in (1, 2, 0)]
    assert places == sorted(places)


def test_the_next_one_is_claimed_from_the_queue_and_after_the_last_one_it_says_so(
    reviewer: Client, rosa: User, regulation: Regulation
) -> None:
    later, sooner = due_in(regulation, 9), due_in(regulation, 2)
    answer = reviewer.post(f"{QUEUE}claim-next/", follow=True)
    assert answer.redirect_chain[-1][0] == page(sooner)
    assert Bundle.objects.get(pk=sooner.pk).claimed_by == rosa
    assert reviewer.get(f"{QUEUE}next/?after={sooner.pk}", follow=True).redirect_chain[-1][0] == page(later)
    for each in (sooner, later):
        review.claim(each, rosa)
        for judged in review.standing(each):
            review.judge(each, judged.item, user=rosa, approved=True)
        decisions.hold(each, rosa)
    assert "Nothing else waits for you." in reviewer.get(f"{QUEUE}next/", follow=True).content.decode()
    answer = reviewer.post(f"{QUEUE}claim-next/", follow=True)
    assert answer.redirect_chain[-1][0] == QUEUE
    assert "No bundle waits" in answer.content.decode()
    assert reviewer.get(f"{QUEUE}claim-next/").status_code == 405


@pytest.mark.parametrize("after", ["x", "", "0", "9" * 400])
def test_whatever_was_left_there_is_a_next_one(reviewer: Client, regulation: Regulation, after: str) -> None:
    bundle = due_in(regulation, 2)
    assert reviewer.get(f"{QUEUE}next/?after={after}", follow=True).redirect_chain[-1][0] == page(bundle)


def test_what_is_decided_is_said_to_others_and_undone_by_nobody_else(
    reviewer: Client, staff: Client, rosa: User, regulation: Regulation
) -> None:
    bundle = due_in(regulation, 2)
    review.claim(bundle, rosa)
    for each in review.standing(bundle):
        review.judge(bundle, each.item, user=rosa, approved=True)
    reviewer.post(f"{QUEUE}{bundle.pk}/decide/", {"decision": "decide"})
    assert "data-seconds" not in staff.get(page(bundle)).content.decode()
    assert "Nothing was done" in staff.post(f"{QUEUE}{bundle.pk}/undo/", follow=True).content.decode()
    mine = reviewer.get(page(bundle)).content.decode()
    assert "It is decided, and waits for its half minute to pass." in mine
    assert "data-approve" not in mine
    assert "taken back" in reviewer.post(f"{QUEUE}{bundle.pk}/undo/", follow=True).content.decode()
    assert "Nothing was done" in reviewer.post(f"{QUEUE}{bundle.pk}/undo/", follow=True).content.decode()
    assert Bundle.objects.get(pk=bundle.pk).state == BundleState.IN_REVIEW


def test_a_decision_that_came_to_nothing_is_told_on_the_page(
    reviewer: Client, rosa: User, regulation: Regulation
) -> None:
    bundle = due_in(regulation, 2)
    review.claim(bundle, rosa)
    for each in review.standing(bundle):
        review.judge(bundle, each.item, user=rosa, approved=True)
    held = decisions.hold(bundle, rosa)
    acting = Membership.objects.create(user=rosa, account=bundle.account, role=Role.VIEWER)
    decisions.carry_out(held.pk)
    acting.delete()
    assert "was no longer possible when its time came" in reviewer.get(page(bundle)).content.decode()


def test_a_picture_stands_in_the_page_of_who_has_the_bundle_and_each_look_is_recorded(
    reviewer: Client, rosa: User, regulation: Regulation
) -> None:
    bundle = due_in(regulation, 2)
    document = paper(bundle)
    address = f"{QUEUE}{bundle.pk}/papers/{document.sid}/"
    assert address not in reviewer.get(page(bundle)).content.decode()
    refused = picture_of(reviewer, bundle, document)
    assert (refused.status_code, refused["Content-Type"]) == (409, "text/plain")
    assert not DocumentView.objects.exists()
    review.claim(bundle, rosa)
    assert f'<img src="{address}"' in reviewer.get(page(bundle)).content.decode()
    answers = [picture_of(reviewer, bundle, document) for _ in range(2)]
    assert {answer["Content-Type"] for answer in answers} == {"image/jpeg"}
    assert all("no-store" in answer["Cache-Control"] for answer in answers)
    assert answers[0].content != picture()
    assert (DecryptGrant.objects.count(), DocumentView.objects.count()) == (1, 2)


def test_a_picture_is_of_a_paper_of_this_bundle_and_for_reviewers(
    reviewer: Client, rosa: User, regulation: Regulation
) -> None:
    mine, other = review.claim(due_in(regulation, 2), rosa), due_in(regulation, 3)
    strange = paper(other)
    assert picture_of(reviewer, mine, strange).status_code == 409
    clerk = Client()
    clerk.force_login(UserFactory.create(is_staff=True))
    assert picture_of(clerk, mine, paper(mine)).status_code == 403
    assert Client().get(f"{QUEUE}{mine.pk}/papers/{strange.sid}/").status_code == 302
    assert not DocumentView.objects.exists()


def test_the_words_of_a_reason_come_alone_and_hold_nothing_of_the_bundle(
    reviewer: Client, regulation: Regulation
) -> None:
    bundle = due_in(regulation, 2)
    item = bundle.items.earliest("pk").sid
    asked = {"reject": item, "reason": "illegible"}
    shown = reviewer.get(f"{QUEUE}{bundle.pk}/words/", asked).content.decode()
    assert review.reasons()["illegible"].explanation in shown
    assert "<html" not in shown
    assert "Mustermann" not in shown
    assert reviewer.get(f"{QUEUE}{bundle.pk}/words/", {**asked, "reason": "because"}).status_code == 404
    hostile = reviewer.get(f"{QUEUE}{bundle.pk}/words/", {**asked, "reject": '"><script>alert(1)</script>'})
    assert "<script>alert" not in hostile.content.decode()


def test_what_the_machine_found_right_is_folded_and_what_is_wrong_stands_open(
    reviewer: Client, rosa: User, regulation: Regulation
) -> None:
    bundle = review.claim(due_in(regulation, 2), rosa)
    before = bundle.evaluations.get()
    sid = waiting.papers(bundle).get(type="business_address").sid
    right = {"friendly_name": "Street", "field": "street", "reason": None, "sentence": "", "hint": ""}
    wrong = {**right, "friendly_name": "Town", "reason": "address_out_of_area", "sentence": "It lies elsewhere."}
    result = {**before.results[0], "object_sid": sid, "valid": [right], "invalid": [wrong]}
    bundle.evaluations.create(version=before.version, compliant=False, hard_passed=False, results=[result])
    shown = reviewer.get(page(bundle)).content.decode()
    assert "<summary>1 check passed</summary><ul><li>Street</li></ul>" in shown
    assert "<strong>Wrong.</strong> Town: It lies elsewhere." in shown
