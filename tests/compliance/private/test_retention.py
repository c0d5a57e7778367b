"""When what nothing needs any more goes, and what keeps it."""

from datetime import timedelta
from typing import Any

import pgtrigger
import pytest
from django.core.cache import cache
from django.utils import timezone

from compliance.lifecycle import BundleState
from compliance.models import Bundle, Clock, EndUser, Erasure, RetentionPolicy, SupportingDocument
from compliance.services import holds, retention, transition
from inventory.models import Did, PastPapers, PhoneNumber
from inventory.services import assignments
from tests.compliance.private.test_erasure import bundle_with_a_file, document_of, person
from tests.factories import AddressFactory, BundleFactory, DidFactory, DocumentFactory, EndUserFactory

pytestmark = pytest.mark.django_db
DEFAULTS = {"bundle_ended": 180, "number_released": 365, "rejected": 90, "abandoned": 90}


@pytest.fixture(autouse=True)
def from_the_beginning() -> None:
    cache.delete(retention._MARK)


def swept(days: float) -> int:
    """What a sweep erases when so many days have passed."""
    return retention.sweep(timezone.now() + timedelta(days=days))


def test_the_days_of_the_data_file_are_known_and_called_our_policy() -> None:
    on = timezone.now().date()
    assert {clock.value: retention.term("DE", clock, on).days for clock in Clock} == DEFAULTS
    assert "not a law" in retention.term("DE", Clock.REJECTED, on).source


def test_the_newest_policy_of_the_country_wins() -> None:
    on = timezone.now().date()
    for country, days, start in (("", 10, 30), ("DE", 20, 20), ("DE", 30, 10), ("DE", 40, -1)):
        said = {"clock": "rejected", "source": "counsel", "set_by": "user:1"}
        RetentionPolicy.objects.create(country=country, days=days, valid_from=on - timedelta(days=start), **said)
    assert retention.term("DE", Clock.REJECTED, on).days == 30
    assert retention.term("FR", Clock.REJECTED, on).days == 10


@pytest.mark.parametrize(
    ("state", "days"), [(BundleState.DRAFT, DEFAULTS["abandoned"]), (BundleState.REJECTED, DEFAULTS["rejected"])]
)
def test_what_never_came_to_be_used_goes_after_its_days(state: BundleState, days: int) -> None:
    bundle = bundle_with_a_file(state)
    assert swept(days - 1) == 0
    assert swept(days + 1) == 1
    for row in (bundle, person(bundle), document_of(bundle), document_of(bundle).addresses.get()):
        row.refresh_from_db()
        assert row.erased_at
    assert Erasure.objects.get().actor == "sweep:retention"


@pytest.mark.parametrize(
    "state",
    [
        BundleState.PENDING_REVIEW,
        BundleState.IN_REVIEW,
        BundleState.PROVISIONALLY_APPROVED,
        BundleState.APPROVED,
    ],
)
def test_a_bundle_in_review_or_approved_is_kept_for_ever(state: BundleState) -> None:
    bundle_with_a_file(state)
    assert swept(10_000) == 0


def test_papers_that_are_in_no_bundle_go() -> None:
    EndUserFactory.create()
    DocumentFactory.create()  # with an address
    AddressFactory.create()
    assert swept(DEFAULTS["abandoned"] - 1) == 0
    assert swept(DEFAULTS["abandoned"] + 1) == 4


def test_what_was_approved_and_deleted_waits_longer() -> None:
    bundle = bundle_with_a_file(BundleState.APPROVED)
    Bundle.objects.update(deleted_at=timezone.now())
    assert swept(DEFAULTS["bundle_ended"] - 1) == 0
    assert swept(DEFAULTS["bundle_ended"] + 1) == 1
    assert EndUser.objects.get(pk=person(bundle).pk).attributes == {}


def test_the_clock_of_a_number_begins_with_its_release_and_runs_longest() -> None:
    bundle = bundle_with_a_file(BundleState.APPROVED)
    did = DidFactory.create(account=bundle.account, bundle_sid=bundle.sid)
    transition.move(bundle, "expire", actor="rules:test")
    assert swept(10_000) == 0, "a number in service hangs on it"
    assignments.release(did=did, actor="test")
    assert swept(9) == 0, "it may be reclaimed"
    PhoneNumber.objects.update(due_at=timezone.now())
    assert swept(DEFAULTS["number_released"] - 1) == 0
    assert swept(DEFAULTS["number_released"] + 1) == 1


def test_papers_that_numbers_were_moved_off_wait_from_that_day_on() -> None:
    """Moved twice: the first two bundles are ended, and nobody holds a number on them any more."""
    first = bundle_with_a_file(BundleState.APPROVED)
    account = first.account
    second, third = (BundleFactory.create(account=account, approved=True, regulation=first.regulation) for _ in "ab")
    did = DidFactory.create(account=account, bundle_sid=first.sid)
    for bundle in (second, third):
        with pgtrigger.ignore("inventory.Did:lawful"):  # the bundles are of another country than the number
            Did.objects.filter(pk=did.pk).update(bundle_sid=bundle.sid)
    for bundle in (first, second):
        transition.move(bundle, "expire", actor="rules:test")
    for bundle, past in zip((first, second), PastPapers.objects.order_by("until"), strict=True):
        due = retention.due(bundle)
        assert due is not None
        waits = timedelta(days=DEFAULTS["number_released"])
        assert (due.term.clock, due.at) == (Clock.NUMBER_RELEASED, past.until + waits)
    assert retention.due(third) is None, "a number in service hangs on it"
    assert swept(DEFAULTS["number_released"] - 1) == 0
    assert swept(DEFAULTS["number_released"] + 1) == 2
    assert EndUser.objects.get(pk=person(first).pk).erased_at


def test_a_replaced_paper_goes_though_its_bundle_lives() -> None:
    bundle = bundle_with_a_file(BundleState.APPROVED)
    old = document_of(bundle)
    other = DocumentFactory.create(account=bundle.account)
    copy = BundleFactory.create(
        account=bundle.account, copied_from=bundle, items=[person(bundle), other], state=BundleState.APPROVED
    )
    bundle.items.filter(document=old).update(ended_at=timezone.now())
    bundle.items.create(document=other, brought_from=copy)
    assert swept(DEFAULTS["bundle_ended"] + 1) >= 1
    old.refresh_from_db()
    assert old.erased_at
    assert SupportingDocument.objects.get(pk=other.pk).erased_at is None
    assert person(bundle).attributes


def test_a_legal_hold_stops_the_sweep() -> None:
    bundle = bundle_with_a_file(BundleState.REJECTED)
    hold = holds.place(bundle.account.sid, actor="user:1", reason="case 3", until=timezone.now() + timedelta(days=1))
    assert swept(1_000) == 0
    holds.lift(hold, actor="user:1")
    assert swept(1_000) == 1


def test_a_sweep_that_has_no_time_left_is_continued_by_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 1)
    rows = [EndUserFactory.create() for _ in range(3)]
    later = timezone.now() + timedelta(days=1_000)
    erased = [retention.sweep(later, timedelta(0)) for _ in rows]
    assert erased == [1, 1, 1]


def test_staff_terms_are_followed() -> None:
    bundle_with_a_file(BundleState.REJECTED)
    said: dict[str, Any] = {"clock": "rejected", "source": "counsel", "set_by": "user:1", "country": "DE"}
    RetentionPolicy.objects.create(days=300, valid_from=timezone.now().date(), **said)
    assert swept(299) == 0
    assert swept(301) == 1


def test_what_can_not_be_erased_holds_up_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is wrong with it: the sweeps after would begin with it again."""
    bad, good = bundle_with_a_file(BundleState.DRAFT), bundle_with_a_file(BundleState.DRAFT)
    due = retention.due

    def unreadable(paper: Any, now: Any = None) -> Any:
        if paper == person(bad):
            raise OSError
        return due(paper, now)

    monkeypatch.setattr("compliance.services.retention.due", unreadable)
    assert swept(DEFAULTS["abandoned"] + 1) >= 1
    assert (person(good).erased_at is None, person(bad).erased_at) == (False, None)
