"""What activated rules do to approved bundles, and that nothing is done twice or forgotten."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import time_machine
from cryptography.fernet import InvalidToken
from django.core.cache import cache
from django.db.models import F

from accounts import sweeping
from compliance.evaluation.case import Case
from compliance.models import Bundle, ExpiryWarning, Recheck, RolloutPolicy, Rulebook
from compliance.services import evaluations, expiring_papers, notices, replacement, rollout, rulebooks
from compliance.services.transition import move
from config.queues import SETTINGS
from numbering.recent import forget_everything
from tests.compliance.country_folder import folder_of
from tests.compliance.test_impact import approved, ask_for_a_phone_number, business, version
from tests.factories import AccountFactory, BundleFactory, DidFactory, DocumentFactory, EndUserFactory

pytestmark = pytest.mark.django_db

TODAY = date(2026, 12, 1)
NEXT_YEAR = date(2027, 1, 1)


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    forget_everything()
    cache.delete("sweeping:expiring_papers")
    with time_machine.travel(datetime(2026, 12, 1, 12, tzinfo=UTC), tick=False) as traveller:
        yield traveller


@pytest.fixture(autouse=True)
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, str]]:
    """Bundle, event and day of each notice."""
    found: list[tuple[str, str, str]] = []

    def tell(coming: Iterable[notices.Coming], event: str) -> None:
        found.extend((each.bundle.sid, event, each.day.isoformat()) for each in coming)

    monkeypatch.setattr("compliance.services.notices.tell", tell)
    return found


@pytest.fixture
def germany(tmp_path: Path) -> Path:
    rulebooks.load(folder_of(tmp_path, "DE"))
    return tmp_path


def activated(folder: Path, effective_from: date = TODAY, change: Any = ask_for_a_phone_number) -> Rulebook:
    waiting = version(folder, change)
    return rulebooks.activate(waiting, effective_from=effective_from, actor="user:anna")


def policy(**columns: Any) -> None:
    fields: dict[str, Any] = {"valid_from": TODAY, "set_by": "user:anna", **columns}
    RolloutPolicy.objects.create(**fields)


def complying() -> Bundle:
    """Its end user has a phone number already."""
    account = AccountFactory.create()
    end_user = EndUserFactory.create(account=account)
    end_user.attributes |= {"phone_number": "+493012345678"}
    end_user.save()
    return approved(account, items=[end_user, DocumentFactory.create(account=account)])


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def test_a_bundle_that_complies_goes_on_under_the_new_version(germany: Path, told: list[Any]) -> None:
    bundle, book = complying(), activated(germany)
    rollout.recheck_due()
    bundle.refresh_from_db()
    assert bundle.approved_under is not None
    assert (bundle.approved_under.rulebook, bundle.valid_until, told) == (book, None, [])


def test_a_bundle_that_lacks_something_has_an_end_and_its_customer_is_told(germany: Path, told: list[Any]) -> None:
    policy(country="DE", grace_days=30)
    bundle = approved()
    activated(germany, NEXT_YEAR)
    rollout.recheck_due()
    bundle.refresh_from_db()
    assert bundle.valid_until == midnight(date(2027, 1, 31))
    assert told == [(bundle.sid, "regulation_changed", "2027-01-31")]
    (lack,) = bundle.rechecks.get().lacks
    assert (lack["field"], lack["code"]) == ("phone_number", "end_user_field_missing")


def test_its_customer_is_told_what_it_lacks(germany: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(
        "compliance.services.notices.tell", lambda coming, _: said.extend(each.more() for each in coming)
    )
    approved()
    activated(germany, NEXT_YEAR)
    rollout.recheck_due()
    assert said == ["A detail about the end user is missing: Phone number."]


def test_the_grace_never_begins_before_the_customer_hears_of_it(germany: Path) -> None:
    policy(grace_days=10)
    bundle = approved()
    activated(germany, date(2026, 11, 22))
    rollout.recheck_due()
    bundle.refresh_from_db()
    assert bundle.valid_until == midnight(TODAY + timedelta(days=10))


def test_doing_it_again_changes_nothing_and_tells_nobody_twice(germany: Path, told: list[Any]) -> None:
    approved(), complying()
    activated(germany)
    assert rollout.recheck_due() == 2
    before = list(Bundle.objects.order_by("pk").values())
    assert rollout.recheck_due() == 0
    assert (list(Bundle.objects.order_by("pk").values()), len(told)) == (before, 1)


def test_what_a_crash_left_is_found_by_the_next_sweep(
    germany: Path, monkeypatch: pytest.MonkeyPatch, told: list[Any]
) -> None:
    bundle = approved()
    activated(germany)
    tell = notices.tell

    def crash(*_: object, **__: object) -> None:
        raise OSError

    monkeypatch.setattr("compliance.services.notices.tell", crash)
    assert rollout.recheck_due() == 0
    bundle.refresh_from_db()
    assert (bundle.valid_until, Recheck.objects.count()) == (None, 0)

    monkeypatch.setattr("compliance.services.notices.tell", tell)
    assert rollout.recheck_due() == 1
    assert [event for _, event, _ in told] == ["regulation_changed"]


def test_a_sweep_ends_before_its_worker_is_told_to() -> None:
    assert sweeping.LONG.total_seconds() < SETTINGS["task_soft_time_limit"]


def test_a_bundle_that_fails_holds_up_nobody(germany: Path, monkeypatch: pytest.MonkeyPatch, told: list[Any]) -> None:
    bad, good = approved(), approved()
    activated(germany)
    cases_of = evaluations.cases_of

    def unreadable(bundles: Sequence[Bundle]) -> dict[int, Case]:
        if bad in bundles:
            raise InvalidToken
        return cases_of(bundles)

    monkeypatch.setattr("compliance.services.impact.cases_of", unreadable)
    assert rollout.recheck_due() == 1
    assert [sid for sid, _, _ in told] == [good.sid]


def test_a_copy_that_was_not_completed_takes_no_end_away(germany: Path, told: list[Any]) -> None:
    """It is approved under the rules in force, which do not ask for more yet; no sweep has seen it."""
    original = approved()
    activated(germany, NEXT_YEAR)
    rollout.recheck_due()
    original.refresh_from_db()
    copy = approved(
        original.account, copied_from=original, items=[each.end_user or each.document for each in original.items.all()]
    )
    Bundle.objects.filter(pk=copy.pk).update(approved_under=first_version(copy))

    replaced = replacement.replace(target=original, source=copy, actor="account:test")
    assert original.valid_until is not None
    assert replaced.valid_until == original.valid_until


def test_a_copy_that_was_completed_goes_on_under_the_new_version(germany: Path, clock: time_machine.Traveller) -> None:
    original, book = approved(), activated(germany, NEXT_YEAR)
    rollout.recheck_due()
    paper = original.items.get(document__isnull=False).document
    end_user = EndUserFactory.create(account=original.account)
    end_user.attributes |= {"phone_number": "+493012345678"}
    end_user.save()
    copy = approved(original.account, copied_from=original, items=[end_user, paper])
    Bundle.objects.filter(pk=copy.pk).update(approved_under=first_version(copy))
    assert replacement.replace(target=original, source=copy, actor="account:test").valid_until is None

    clock.move_to(midnight(NEXT_YEAR))
    rollout.recheck_due()
    original.refresh_from_db()
    assert original.approved_under == original.regulation.versions.get(rulebook=book)


def test_who_complies_goes_on_under_the_old_version_until_the_new_one_is_in_force(
    germany: Path, clock: time_machine.Traveller
) -> None:
    bundle, book = complying(), activated(germany, NEXT_YEAR)
    rollout.recheck_due()
    bundle.refresh_from_db()
    assert bundle.approved_under is not None
    assert bundle.approved_under.rulebook.version == 1

    clock.move_to(midnight(NEXT_YEAR))
    rollout.recheck_due()
    bundle.refresh_from_db()
    assert bundle.approved_under.rulebook == book


def test_a_bundle_approved_meanwhile_under_the_old_rules_is_found(germany: Path) -> None:
    activated(germany, NEXT_YEAR)
    rollout.recheck_due()
    bundle = approved()
    Bundle.objects.filter(pk=bundle.pk).update(approved_under=first_version(bundle))
    rollout.recheck_due()
    bundle.refresh_from_db()
    assert bundle.valid_until is not None


def first_version(bundle: Bundle) -> Any:
    return bundle.regulation.versions.get(rulebook__version=1)


def test_an_end_is_not_put_off_by_the_next_change(germany: Path) -> None:
    policy(grace_days=10)
    bundle = approved()
    activated(germany)
    rollout.recheck_due()

    def and_a_birth_date(document: dict[str, Any]) -> None:
        business(document)["end_user"]["fields"].append("birth_date")

    rulebooks.activate(version(germany, and_a_birth_date, "2026-11-22"), effective_from=NEXT_YEAR, actor="user:anna")
    rollout.recheck_due()
    bundle.refresh_from_db()
    assert bundle.valid_until == midnight(TODAY + timedelta(days=10))
    assert bundle.rechecks.count() == 2


def test_an_end_is_taken_back_when_the_rules_ask_for_less_again(germany: Path) -> None:
    bundle = approved()
    activated(germany)
    rollout.recheck_due()

    def no_more(document: dict[str, Any]) -> None:
        business(document)["end_user"]["fields"].remove("phone_number")

    rulebooks.activate(version(germany, no_more, "2026-11-22"), effective_from=TODAY, actor="user:anna")
    rollout.recheck_due()
    bundle.refresh_from_db()
    assert bundle.valid_until is None


def ended(**policy_columns: Any) -> Bundle:
    """Approved, with a number in service, and its end has come."""
    policy(**policy_columns)
    bundle = approved()
    DidFactory.create(account=bundle.account, bundle_sid=bundle.sid)
    Bundle.objects.filter(pk=bundle.pk).update(valid_until=midnight(TODAY))
    return bundle


def test_what_was_not_replaced_is_rejected_at_its_end(germany: Path, clock: time_machine.Traveller) -> None:
    bundle = approved()
    Bundle.objects.filter(pk=bundle.pk).update(valid_until=midnight(NEXT_YEAR))
    rollout.expire_due()
    bundle.refresh_from_db()
    assert bundle.state == "approved"

    clock.move_to(midnight(NEXT_YEAR))
    rollout.expire_due()
    bundle.refresh_from_db()
    entry = bundle.ledger.latest("pk")
    assert (bundle.state, entry.verb, entry.reason) == ("rejected", "expire", "regulation_changed")


def test_by_default_a_bundle_with_numbers_ends_and_the_numbers_stay(germany: Path) -> None:
    bundle = ended()
    rollout.expire_due()
    bundle.refresh_from_db()
    assert bundle.state == "rejected"
    assert bundle.ledger.latest("pk").data == {"numbers": 1}
    assert bundle.account.dids.get().ended_at is None


def test_a_policy_may_leave_bundles_with_numbers_to_staff(germany: Path) -> None:
    bundle = ended(numbers_at_end="keep")
    rollout.expire_due()
    bundle.refresh_from_db()
    assert bundle.state == "approved"
    assert list(rollout.left_to_staff()) == [bundle]


def test_bundles_left_to_staff_take_no_sweeps_time(germany: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept, free = ended(country="DE", numbers_at_end="keep"), approved()
    Bundle.objects.filter(pk=free.pk).update(valid_until=midnight(TODAY))
    looked_at: list[int] = []
    monkeypatch.setattr("compliance.services.rollout.expire", looked_at.append)
    assert rollout.expire_due() == 1
    assert (looked_at, kept in rollout.left_to_staff()) == ([free.pk], True)


def test_the_countrys_own_policy_goes_before_the_one_for_all(germany: Path) -> None:
    policy(country="", grace_days=1, valid_from=TODAY)
    policy(country="DE", grace_days=90, valid_from=date(2026, 1, 1))
    policy(country="DE", grace_days=5, valid_from=NEXT_YEAR)
    assert RolloutPolicy.objects.all().governing("DE", TODAY).grace_days == 90
    assert RolloutPolicy.objects.all().governing("FR", TODAY).grace_days == 1
    assert RolloutPolicy.objects.all().governing("DE", NEXT_YEAR).grace_days == 5


def test_bundles_that_were_not_approved_are_left_alone(germany: Path) -> None:
    draft = BundleFactory.create()
    gone = approved()
    Bundle.objects.filter(pk=gone.pk).update(deleted_at=F("created_at"))
    activated(germany)
    assert rollout.recheck_due() == 0
    assert not Recheck.objects.filter(bundle__in=[draft, gone]).exists()


def with_paper(last_day: str) -> Bundle:
    account = AccountFactory.create()
    paper = DocumentFactory.create(account=account, type="passport", attributes={"expiration_date": last_day})
    return approved(account, items=[EndUserFactory.create(account=account), paper])


def test_a_paper_that_expires_soon_is_told_of_once(germany: Path, told: list[Any]) -> None:
    soon = with_paper("2026-12-31")
    for day in ("2027-01-01", "2026-11-30", "never"):
        with_paper(day)
    expiring_papers.warn_due()
    expiring_papers.warn_due()
    assert told == [(soon.sid, "document_expires_soon", "2026-12-31")]
    assert ExpiryWarning.objects.count() == 1


def test_the_papers_are_gone_through_from_where_the_last_sweep_stopped(
    germany: Path, monkeypatch: pytest.MonkeyPatch, told: list[Any]
) -> None:
    monkeypatch.setattr("accounts.sweeping.batches", partial(sweeping.batches, size=1))
    papers = [with_paper("2026-12-31") for _ in range(3)]
    with monkeypatch.context() as hurry:
        hurry.setattr("accounts.sweeping.monotonic", iter([0.0, 1.0, 1_000.0]).__next__)
        assert expiring_papers.warn_due() == 1
    assert expiring_papers.warn_due() == 2
    assert [sid for sid, _, _ in told] == [bundle.sid for bundle in papers]


def test_papers_of_bundles_that_are_not_approved_are_nobodys_worry(germany: Path, told: list[Any]) -> None:
    bundle = with_paper("2026-12-31")
    Bundle.objects.filter(pk=bundle.pk).update(valid_until=midnight(TODAY))
    move(bundle, "expire", actor="sweep:test")
    expiring_papers.warn_due()
    assert told == []
