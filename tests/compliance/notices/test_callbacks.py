"""Status callbacks as they arrive: to a real web server."""

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]  # it ships no types

from accounts.models import User
from compliance.models import Bundle, Notice, NoticeKind
from compliance.services import delivery, notices, review, transition
from compliance.services.delivery import FINAL_TRIES, LONGEST_PAUSE, pause_after
from compliance.services.notices import Coming
from tests.compliance.notices.receiver import Receiver
from tests.compliance.review import waiting
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def rosa() -> User:
    row: User = UserFactory.create(is_staff=True)
    return row


def callbacks(bundle: Bundle) -> Any:
    return Notice.objects.filter(bundle=bundle, kind=NoticeKind.CALLBACK).order_by("pk")


def reject(bundle: Bundle, user: User) -> Bundle:
    review.claim(bundle, user)
    for number, each in enumerate(review.standing(bundle)):
        no: dict[str, Any] = {"approved": False, "reason": "illegible", "fix_hint": "Scan it again."}
        review.judge(bundle, each.item, user=user, **(no if number == 1 else {"approved": True}))
    return review.decide(bundle, user)


def test_every_change_is_told_but_that_a_reviewer_has_begun(bundle: Bundle, receiver: Receiver, rosa: User) -> None:
    waiting.submitted(bundle)
    reject(bundle, rosa)
    transition.move(bundle, "reopen", actor="account:AC")
    delivery.deliver_of(bundle.pk)
    told = [(each.fields["Status"], each.fields["FailureReason"]) for each in receiver.received]
    paper = waiting.papers(bundle).get(type="commercial_registrar_excerpt")
    named = f"Extract from the commercial register ({paper.sid})"
    assert told == [
        ("pending-review", ""),
        ("twilio-rejected", f"{named}: The paper cannot be read. Scan it again."),
        ("draft", ""),
    ]
    whose = {(each.fields["AccountSID"], each.fields["BundleSID"]) for each in receiver.received}
    assert whose == {(bundle.account.sid, bundle.sid)}


def test_an_approval_is_told(bundle: Bundle, receiver: Receiver, rosa: User) -> None:
    review.claim(waiting.submitted(bundle), rosa)
    for each in review.standing(bundle):
        review.judge(bundle, each.item, user=rosa, approved=True)
    review.decide(bundle, rosa)
    delivery.deliver_of(bundle.pk)
    assert [each.fields["Status"] for each in receiver.received] == ["pending-review", "twilio-approved"]


def test_a_test_bundle_is_told_why_it_was_rejected(receiver: Receiver, db: None) -> None:
    bundle = waiting.submitted(waiting.draft(status_callback=receiver.url, is_test=True))
    review.consider(bundle)
    delivery.deliver_of(bundle.pk)
    assert "test bundle" in receiver.received[1].fields["FailureReason"]


def test_a_change_of_the_rules_is_told_with_its_day(bundle: Bundle, receiver: Receiver) -> None:
    notices.tell([Coming(bundle, date(2027, 2, 1), lambda: "A phone number is missing.")], "regulation_changed")
    delivery.deliver_of(bundle.pk)
    assert receiver.received[0].fields["ValidUntil"] == "2027-02-01"
    assert receiver.received[0].fields["FailureReason"] == (
        "The rules changed and the bundle no longer meets them. A phone number is missing."
    )


def test_the_official_library_finds_it_genuine(bundle: Bundle, receiver: Receiver) -> None:
    waiting.submitted(bundle)
    delivery.deliver_of(bundle.pk)
    found = receiver.received[0]
    validator = RequestValidator(bundle.account.auth_token)
    assert validator.validate(receiver.url, found.fields, found.headers["X-Twilio-Signature"])
    assert not validator.validate(receiver.url, found.fields | {"Status": "draft"}, found.headers["X-Twilio-Signature"])


def test_the_token_is_the_same_at_every_attempt_and_another_for_every_notice(
    bundle: Bundle, receiver: Receiver
) -> None:
    receiver.answers = [500, 204, 204]
    waiting.submitted(bundle)
    transition.move(bundle, "recall", actor="account:AC")
    delivery.deliver_of(bundle.pk)
    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        delivery.deliver_of(bundle.pk)
    tokens = [each.headers["I-Twilio-Idempotency-Token"] for each in receiver.received]
    assert tokens[0] == tokens[1] != tokens[2]
    assert [each.fields["Status"] for each in receiver.received] == ["pending-review", "pending-review", "draft"]


def test_a_later_one_waits_for_the_earlier(bundle: Bundle, receiver: Receiver) -> None:
    receiver.answers = [503]
    waiting.submitted(bundle)
    transition.move(bundle, "recall", actor="account:AC")
    assert delivery.deliver_of(bundle.pk) == 2  # one of them is the e-mail
    assert [each.done_at for each in callbacks(bundle)] == [None, None]


@pytest.mark.parametrize("status", [408, 429, 500, 503])
def test_trouble_of_theirs_is_tried_again_later_and_for_a_day(bundle: Bundle, receiver: Receiver, status: int) -> None:
    receiver.answers = [status] * 100
    waiting.submitted(bundle)
    now = timezone.now()
    for hour in range(0, 30, 2):
        with time_machine.travel(now + timedelta(hours=hour), tick=False):
            delivery.deliver_of(bundle.pk)
    notice = callbacks(bundle).get()
    assert (notice.attempts, notice.last_error) == (13, f"answered {status}")
    assert notice.given_up_at is not None


@pytest.mark.parametrize("status", [301, 400, 404, 410])
def test_a_no_is_taken_for_one_after_three_tries(bundle: Bundle, receiver: Receiver, status: int) -> None:
    receiver.answers = [status] * 10
    waiting.submitted(bundle)
    now = timezone.now()
    for hour in range(10):
        with time_machine.travel(now + timedelta(hours=hour), tick=False):
            delivery.deliver_of(bundle.pk)
    notice = callbacks(bundle).get()
    assert notice.attempts == len(receiver.received) == FINAL_TRIES
    assert notice.given_up_at is not None


def test_where_nobody_listens_it_is_tried_again(bundle: Bundle, receiver: Receiver) -> None:
    Bundle.objects.update(status_callback="http://127.0.0.1:9/")
    waiting.submitted(bundle)
    delivery.deliver_of(bundle.pk)
    notice = callbacks(bundle).get()
    assert (notice.last_error, notice.given_up_at) == ("ConnectError", None)


def test_our_own_network_is_not_called(bundle: Bundle, receiver: Receiver, settings: Any) -> None:
    settings.CALLBACK_ALLOWED_NETWORKS = []
    waiting.submitted(bundle)
    delivery.deliver_of(bundle.pk)
    assert receiver.received == []
    assert callbacks(bundle).get().last_error == "the address or the port is not one that we connect to"


def test_who_asks_for_a_pause_gets_it(bundle: Bundle, receiver: Receiver) -> None:
    receiver.answers = [(429, {"Retry-After": "1200"})]
    waiting.submitted(bundle)
    now = timezone.now()
    with time_machine.travel(now, tick=False):
        delivery.deliver_of(bundle.pk)
    assert callbacks(bundle).get().next_at == now + timedelta(minutes=20)


@pytest.mark.parametrize("asked", ["0", "1"])
def test_who_asks_for_no_pause_is_not_asked_again_at_once(bundle: Bundle, receiver: Receiver, asked: str) -> None:
    """Else whoever answers so keeps a worker busy for a day."""
    receiver.answers = [(503, {"Retry-After": asked})] * 20
    waiting.submitted(bundle)
    with time_machine.travel(timezone.now(), tick=False):
        delivery.deliver_of(bundle.pk)
    assert len(receiver.received) == 1
    assert pause_after(10, asked=int(asked)) > pause_after(3)


def test_pauses_double_up_to_an_hour_and_no_two_are_alike() -> None:
    for attempts, seconds in ((1, 5), (2, 10), (5, 80), (12, 3600), (60, 3600)):
        pauses = {pause_after(attempts).total_seconds() for _ in range(50)}
        assert seconds * 0.5 <= min(pauses) < max(pauses) <= seconds * 1.5
    assert pause_after(1, asked=10**6) == LONGEST_PAUSE


def test_the_token_of_the_account_signs_that_is_valid_when_it_is_sent(bundle: Bundle, receiver: Receiver) -> None:
    waiting.submitted(bundle)
    bundle.account.auth_token = "f" * 32
    bundle.account.save(update_fields=["auth_token"])
    delivery.deliver_of(bundle.pk)
    found = receiver.received[0]
    assert RequestValidator("f" * 32).validate(receiver.url, found.fields, found.headers["X-Twilio-Signature"])


def test_what_was_said_is_not_kept(bundle: Bundle, receiver: Receiver) -> None:
    waiting.submitted(bundle)
    delivery.deliver_of(bundle.pk)
    assert {(each.payload, each.next_at) for each in Notice.objects.all()} == {(None, None)}


def test_who_wants_no_callback_gets_none(receiver: Receiver, db: None) -> None:
    bundle = waiting.submitted(waiting.draft())
    assert not callbacks(bundle).exists()
