"""The reviewer's desk: queue, page, verdicts and decision, by plain forms."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone
from django.utils.html import escape
from playwright.sync_api import sync_playwright

from accounts.models import Membership, User
from compliance.lifecycle import BundleState
from compliance.models import Bundle, BundleView, ItemVerdict, NoticeKind, ReviewPolicy
from compliance.services import decisions, review
from numbering.recent import forget_everything
from tests.compliance.review import waiting
from tests.factories import BundleFactory, UserFactory

QUEUE = "/console/compliance/bundle/"


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


@pytest.fixture
def bundle(db: None) -> Bundle:
    return waiting.submitted()


def page(bundle: Bundle) -> str:
    return f"{QUEUE}{bundle.pk}/change/"


def do(client: Client, bundle: Bundle, deed: str, **given: str) -> str:
    answer = client.post(f"{QUEUE}{bundle.pk}/{deed}/", given, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def more_was_given(bundle: Bundle) -> None:
    """A phone number, for which this regulation does not ask."""
    end_user: Any = bundle.items.get(end_user__isnull=False).end_user
    end_user.attributes = {**waiting.COMPANY, "phone_number": "+4930123456"}
    end_user.save(update_fields=["attributes"])


def carry_out(bundle: Bundle) -> None:
    """As the sweep does when half a minute has passed."""
    decisions.carry_out(bundle.held_decisions.get(ended_at=None).pk)


def judge_all(client: Client, bundle: Bundle) -> None:
    for item in bundle.items.all():
        do(client, bundle, "judge", item=item.sid, verdict="approve")


def test_the_queue_says_what_waits_since_when_and_with_whom(reviewer: Client, bundle: Bundle, rosa: User) -> None:
    review.claim(bundle, rosa)
    shown = reviewer.get(QUEUE).content.decode()
    assert all(words in shown for words in (bundle.sid, "DE", "rosa@example.com", "in review"))


def test_a_bundle_is_claimed_judged_and_approved_on_its_page(reviewer: Client, bundle: Bundle, rosa: User) -> None:
    assert "Claimed." in do(reviewer, bundle, "claim")
    assert "3 items still need a verdict" in reviewer.get(page(bundle)).content.decode()
    judge_all(reviewer, bundle)
    shown = do(reviewer, bundle, "decide", decision="decide")
    assert "Nothing else waits for you." in shown
    assert "Undo" in shown
    carry_out(bundle)
    assert Bundle.objects.get().state == BundleState.APPROVED
    assert LogEntry.objects.filter(user=rosa).count() == 5


def test_an_item_is_rejected_in_the_reviewer_s_words(reviewer: Client, bundle: Bundle) -> None:
    do(reviewer, bundle, "claim")
    item = bundle.items.get(document__type="business_address")
    given = {"reason": "address_mismatch", "sentence": "The street is another.", "fix_hint": ""}
    shown = do(reviewer, bundle, "judge", item=item.sid, verdict="reject", **given)
    assert "The street is another. What to do: Correct the address or upload the right paper." in shown
    verdict = ItemVerdict.objects.get()
    assert (verdict.approved, verdict.reason) == (False, "address_mismatch")


def test_what_the_customer_gave_is_shown_to_who_has_the_bundle_and_each_look_is_recorded(
    reviewer: Client, bundle: Bundle, rosa: User
) -> None:
    before = reviewer.get(page(bundle)).content.decode()
    assert [word for word in ("Mustermann", "Unter den Linden") if word in before] == []
    assert BundleView.objects.count() == 0
    review.claim(bundle, rosa)
    after = reviewer.get(page(bundle)).content.decode()
    assert all(word in after for word in ("Mustermann", "Unter den Linden"))
    assert BundleView.objects.get().user == rosa


def test_the_words_of_a_rejection_are_read_before_they_are_given(reviewer: Client, bundle: Bundle, rosa: User) -> None:
    review.claim(bundle, rosa)
    item = bundle.items.get(document__type="business_address")
    chosen = {"reject": item.sid, "reason": "address_mismatch"}
    shown = reviewer.get(page(bundle), chosen).content.decode()
    words = review.reasons()["address_mismatch"]
    assert all(f">{said}</textarea>" in shown for said in (words.explanation, words.how_to_fix))
    assert "Reject with these words" not in reviewer.get(page(bundle), {**chosen, "reason": "because"}).content.decode()
    ours = reviewer.get(page(bundle), {**chosen, "reason": "suspected_fraud"}).content.decode()
    assert "These words stay as they are" in ours
    assert "</textarea>" not in ours


def test_the_letter_is_read_before_it_is_sent(reviewer: Client, bundle: Bundle, rosa: User) -> None:
    review.claim(bundle, rosa)
    judge_all(reviewer, bundle)
    assert "What has to change" not in reviewer.get(page(bundle)).content.decode()
    item = bundle.items.get(document__type="business_address")
    given = {"reason": "address_mismatch", "sentence": "The street is another.", "fix_hint": "Send a newer one."}
    shown = do(reviewer, bundle, "judge", item=item.sid, verdict="reject", **given)
    do(reviewer, bundle, "decide", decision="decide")
    assert not bundle.notices.filter(event="rejected").exists()
    carry_out(bundle)
    letter = bundle.notices.get(event="rejected", kind=NoticeKind.EMAIL).payload["body"]
    assert "The street is another." in letter
    assert escape(letter) in shown


def test_first_only_what_the_regulation_asks_for_is_shown(reviewer: Client, bundle: Bundle, rosa: User) -> None:
    more_was_given(bundle)
    review.claim(bundle, rosa)
    assert "Mustermann" in reviewer.get(page(bundle)).content.decode()
    assert "+4930123456" not in reviewer.get(page(bundle)).content.decode()
    shown = do(reviewer, bundle, "everything", reason="review", note="case 17")
    assert all(words in shown for words in ("+4930123456", "Mustermann", "Beyond what is asked"))
    look = BundleView.objects.latest("pk")
    assert (look.user, look.everything, look.reason, look.note) == (rosa, True, "review", "case 17")


def test_who_has_not_claimed_it_sees_everything_for_another_reason_with_a_note(
    reviewer: Client, bundle: Bundle
) -> None:
    more_was_given(bundle)
    for given in (
        {"reason": "review", "note": "case 17"},
        {"reason": "customer"},
        {"reason": "curiosity", "note": "x"},
    ):
        shown = do(reviewer, bundle, "everything", **given)
        assert "Nothing was shown" in shown
        assert "Mustermann" not in shown
    assert not BundleView.objects.exists()
    assert "+4930123456" in do(reviewer, bundle, "everything", reason="customer", note="case 17")
    assert BundleView.objects.get().reason == "customer"


def test_a_provisionally_approved_bundle_shows_nothing_to_who_belongs_to_its_account(
    reviewer: Client, bundle: Bundle, rosa: User
) -> None:
    do(reviewer, bundle, "claim")
    judge_all(reviewer, bundle)
    do(reviewer, bundle, "decide", decision="provisionally", reason="translation is on its way")
    carry_out(bundle)
    assert "Mustermann" in reviewer.get(page(bundle)).content.decode()
    Membership.objects.create(user=rosa, account=bundle.account)
    looks = BundleView.objects.count()
    assert "Mustermann" not in reviewer.get(page(bundle)).content.decode()
    assert "Mustermann" not in do(reviewer, bundle, "everything", reason="customer", note="case 17")
    assert BundleView.objects.count() == looks


def test_the_home_page_says_which_bundles_are_late_and_which_approvals_wait_for_staff(
    reviewer: Client, bundle: Bundle
) -> None:
    home = reviewer.get("/console/").content.decode()
    assert "bundles are past their deadline" not in home
    ended = BundleFactory.create(approved=True, valid_until=timezone.now() - timedelta(hours=1))
    Bundle.objects.filter(pk=bundle.pk).update(due_at=timezone.now() - timedelta(hours=1))
    home = reviewer.get("/console/").content.decode()
    for asked, found, other in (("late=yes", bundle, ended), ("ended=yes", ended, bundle)):
        assert f"{QUEUE}?{asked}" in home
        listed = reviewer.get(f"{QUEUE}?{asked}").content.decode()
        assert found.sid in listed
        assert other.sid not in listed
    clerk = Client()
    clerk.force_login(UserFactory.create(is_staff=True))
    assert QUEUE not in clerk.get("/console/").content.decode()


def test_a_paper_s_card_says_what_it_proves_and_what_is_doubtful_about_its_address(
    reviewer: Client, bundle: Bundle
) -> None:
    paper = bundle.items.get(document__type="business_address").document
    assert paper is not None
    before = bundle.evaluations.get()
    result = {**before.results[0], "requirement_name": "business_address_info", "object_sid": paper.sid}
    doubt = {"kind": "flag", "field": "", "object_sid": paper.addresses.get().sid, "sentence": "Compare the town."}
    bundle.evaluations.create(
        version=before.version, compliant=True, hard_passed=False, results=[result], flags=[doubt]
    )
    shown = reviewer.get(page(bundle)).content.decode()
    assert "business address info ·" in shown
    assert "Compare the town." in shown


def test_a_refusal_is_said_and_nothing_is_done(reviewer: Client, bundle: Bundle) -> None:
    assert "Nothing was done" in do(reviewer, bundle, "decide", decision="decide")
    do(reviewer, bundle, "claim")
    item = bundle.items.earliest("pk").sid
    assert "Nothing was done" in do(reviewer, bundle, "judge", item=item, verdict="reject", reason="")
    assert "Nothing was done" in do(reviewer, bundle, "judge", item="BV0", verdict="approve")
    assert ItemVerdict.objects.count() == 0


def test_two_people_approve_where_the_policy_wants_it(reviewer: Client, staff: Client, bundle: Bundle) -> None:
    ReviewPolicy.objects.create(country="DE", four_eyes=True, valid_from="2026-01-01", set_by="user:ops")
    do(reviewer, bundle, "claim")
    judge_all(reviewer, bundle)
    assert "approved by the first of two people" in do(reviewer, bundle, "decide", decision="decide")
    assert "Nothing was done" in do(staff, bundle, "claim")
    carry_out(bundle)
    do(staff, bundle, "claim")
    assert "approved. " in do(staff, bundle, "decide", decision="decide")
    carry_out(bundle)
    assert Bundle.objects.get().state == BundleState.APPROVED


def test_a_provisional_approval_takes_a_reason(reviewer: Client, bundle: Bundle) -> None:
    do(reviewer, bundle, "claim")
    judge_all(reviewer, bundle)
    assert "Nothing was done" in do(reviewer, bundle, "decide", decision="provisionally")
    shown = do(reviewer, bundle, "decide", decision="provisionally", reason="translation is on its way")
    assert "provisionally approved" in shown


@pytest.mark.parametrize("deed", ["claim", "take_over", "give_back", "judge", "decide", "undo", "everything"])
def test_only_reviewers_look_or_do_anything_and_only_by_post(deed: str, bundle: Bundle, reviewer: Client) -> None:
    clerk = Client()
    clerk.force_login(UserFactory.create(is_staff=True))
    address = f"{QUEUE}{bundle.pk}/{deed}/"
    assert clerk.post(address).status_code == 403
    assert [clerk.get(each).status_code for each in (QUEUE, page(bundle))] == [403, 403]
    assert reviewer.get(address).status_code == 405
    assert Client().post(address).status_code == 302
    assert Bundle.objects.get().state == BundleState.PENDING_REVIEW


def test_nobody_reviews_what_their_own_account_gave(reviewer: Client, bundle: Bundle, rosa: User) -> None:
    Membership.objects.create(user=rosa, account=bundle.account)
    assert "Nothing was done" in do(reviewer, bundle, "claim")


def test_what_customers_wrote_can_t_write_the_page(reviewer: Client, rosa: User, db: None) -> None:
    draft = waiting.draft()
    end_user: Any = draft.items.earliest("pk").end_user
    end_user.attributes = {**waiting.COMPANY, "first_name": "<script>alert(1)</script>"}
    end_user.save(update_fields=["attributes"])
    bundle = review.claim(waiting.submitted(draft), rosa)
    assert "<script>alert" not in reviewer.get(page(bundle)).content.decode()


def test_a_policy_is_added_with_the_name_of_who_set_it(staff: Client) -> None:
    row = {"country": "IE", "target_hours": "8", "claim_hours": "4", "four_eyes": "on", "valid_from": "2026-11-21"}
    staff.post("/console/compliance/reviewpolicy/add/", row)
    policy = ReviewPolicy.objects.get()
    assert (policy.country, policy.target_hours, policy.set_by) == ("IE", 8, "user:staff@example.com")


@pytest.mark.django_db(transaction=True)
def test_without_javascript_a_bundle_is_reviewed_from_claim_to_rejection(
    *, live_server: Any, reviewer: Client, bundle: Bundle, chromium: str
) -> None:
    """The theme hides its pages until its script runs; ours show without it, and the desk is plain forms."""
    wrong, *right = (item.sid for item in bundle.items.order_by("pk"))
    cookie: Any = {"name": "sessionid", "value": reviewer.cookies["sessionid"].value, "url": live_server.url}
    with sync_playwright() as browsers, browsers.chromium.launch(executable_path=chromium, args=["--no-sandbox"]) as it:
        context = it.new_context(viewport={"width": 360, "height": 900}, java_script_enabled=False)
        context.add_cookies([cookie])
        tab = context.new_page()
        tab.goto(live_server.url + page(bundle))
        tab.get_by_role("button", name="Claim").click()
        first = tab.locator(f"#{wrong}")
        first.get_by_text("Reject", exact=True).click()
        first.get_by_role("radio", name=review.reasons()["illegible"].explanation).check()
        first.get_by_role("button", name="See what the customer will read").click()
        first.get_by_label("What to do").fill("Scan it in colour.")
        first.get_by_role("button", name="Reject with these words").click()
        for sid in right:
            tab.locator(f"#{sid}").get_by_role("button", name="Approve").click()
        assert "Scan it in colour." in tab.locator(".ny-letter").inner_text()
        tab.get_by_role("button", name="Reject the bundle").click()
        assert "rejected." in tab.locator("#held").inner_text()
        tab.get_by_role("button", name="Undo").click()
        assert tab.get_by_text("The decision is taken back").is_visible()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("width", [360, 1280])
def test_the_page_fits_its_window(
    *, live_server: Any, reviewer: Client, rosa: User, chromium: str, width: int, tmp_path: Path
) -> None:
    """Narrow and wide, nothing is wider than the window."""
    bundle = review.claim(waiting.submitted(), rosa)
    cookie: Any = {"name": "sessionid", "value": reviewer.cookies["sessionid"].value, "url": live_server.url}
    with sync_playwright() as browsers, browsers.chromium.launch(executable_path=chromium, args=["--no-sandbox"]) as it:
        context = it.new_context(viewport={"width": width, "height": 900})
        context.add_cookies([cookie])
        tab = context.new_page()
        for name, address in {"queue": QUEUE, "bundle": page(bundle)}.items():
            answer = tab.goto(live_server.url + address)
            assert answer is not None
            assert answer.ok
            tab.screenshot(path=tmp_path / f"{name}-{width}.png", full_page=True)
        cards = tab.locator("section.ny-card")
        boxes = [cards.nth(number).bounding_box() for number in range(cards.count())]
    assert len(boxes) >= 6
    assert all(box and box["x"] >= 0 and box["x"] + box["width"] <= width for box in boxes)
