"""Into quarantine when nobody reclaimed the number, out of it when it is clean."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pgtrigger
import pytest
from django.db import connection
from django.utils import timezone

from config.celery import app
from inventory import tasks
from inventory.lifecycle import State
from inventory.models import (
    DailyContact,
    Did,
    FeedDay,
    LifecycleEntry,
    PhoneNumber,
    Provider,
    Quarantine,
    QuarantineDecision,
    QuarantineOverride,
)
from inventory.models.quarantine import QuarantineSource
from inventory.quarantine import overrides
from inventory.quarantine.actions import Override
from inventory.quarantine.contacts import record_contacts
from inventory.quarantine.nights.stretches import morning, run
from inventory.quarantine.stays import enter
from inventory.quarantine.sweeps import clear_due, expire_due
from inventory.services import assignments
from tests.factories import (
    AccountFactory,
    BundleFactory,
    DidFactory,
    NumberFactory,
    ProviderFactory,
    RegulationFactory,
)

pytestmark = pytest.mark.django_db


def quarantined(days_ago: int = 60, **fields: object) -> PhoneNumber:
    """A number whose stay began so many days ago and whose clock has run out."""
    number = NumberFactory.create(quarantined=True, due_at=timezone.now(), **fields)
    enter(number, source=QuarantineSource.RELEASED, since=timezone.now() - timedelta(days=days_ago))
    return number


def listened_to() -> None:
    """Somebody heard the whole of every day."""
    today = timezone.now().date()
    days = [today - timedelta(days=ago) for ago in range(-1, 450)]
    FeedDay.objects.bulk_create(FeedDay(day=day, healthy=True) for day in days)


def called_daily(number: PhoneNumber) -> None:
    today = timezone.now().date()
    days = [today - timedelta(days=ago) for ago in range(60)]
    DailyContact.objects.bulk_create(DailyContact(number=number, day=day, voice=2) for day in days)


def test_a_clean_number_with_a_current_passport_goes_on_sale() -> None:
    listened_to()
    number = quarantined()
    assert clear_due(10) == 1
    number.refresh_from_db()
    assert (number.state, number.cleared_at is not None) == (State.AVAILABLE, True)
    assert number.due_at
    assert number.passport_expires_at
    assert timezone.now() < number.due_at < number.passport_expires_at
    stay, decision = Quarantine.objects.get(), QuarantineDecision.objects.get()
    assert (decision.action, decision.rule, decision.day) == ("release", "clean", morning(timezone.now()))
    assert (stay.verdict, stay.ended_at is not None) == (decision.sentence, True)
    assert decision.sentence.endswith("below 15 %: release.")
    entry = LifecycleEntry.objects.get()
    assert (entry.verb, entry.rule, entry.actor) == ("clear", stay.rule, "sweep:quarantine")
    assert (entry.reason, entry.data) == (decision.sentence, {"decision": decision.pk, "rule": "clean"})


def test_a_clean_number_whose_passport_ran_out_is_tested_once_more() -> None:
    listened_to()
    number = quarantined(passport_expires_at=timezone.now() - timedelta(days=1))
    clear_due(10)
    number.refresh_from_db()
    assert (number.state, number.cleared_at is not None, number.due_at) == (State.TESTING, True, None)


def test_one_call_in_sixty_days_holds_no_number() -> None:
    listened_to()
    number = quarantined()
    record_contacts(number, timezone.now().date() - timedelta(days=2), voice=1, distinct_callers=1)
    clear_due(10)
    number.refresh_from_db()
    assert number.state == State.AVAILABLE


def test_a_number_that_is_called_daily_stays() -> None:
    listened_to()
    number = quarantined()
    called_daily(number)
    clear_due(10)
    number.refresh_from_db()
    assert number.state == State.QUARANTINED
    assert number.due_at
    assert number.due_at > timezone.now()
    assert clear_due(10) == 0
    stay = Quarantine.objects.get()
    assert (stay.action, stay.action_rule) == ("hold", "likelihood")
    assert stay.predicted_on
    assert stay.predicted_on > timezone.now().date()


def test_a_number_still_called_at_the_maximum_leaves_the_stock() -> None:
    listened_to()
    number = quarantined(days_ago=400)
    called_daily(number)
    clear_due(10)
    number.refresh_from_db()
    assert number.state == State.RETURNED
    assert Quarantine.objects.get().verdict.endswith("the maximum of 365 days has passed: retire.")


def test_contacts_of_the_last_holder_do_not_count() -> None:
    listened_to()
    number = quarantined(days_ago=50)
    record_contacts(number, timezone.now().date() - timedelta(days=52), voice=9)
    clear_due(10)
    number.refresh_from_db()
    assert number.state == State.AVAILABLE
    assert QuarantineDecision.objects.get().recent_contacts == 0


def test_a_number_that_nobody_ever_listened_to_goes_late_and_is_known_by_it() -> None:
    early, late = quarantined(days_ago=60), quarantined(days_ago=125)
    clear_due(10)
    early.refresh_from_db()
    late.refresh_from_db()
    assert (early.state, early.quarantines.get().action_rule) == (State.QUARANTINED, "feed_gap")
    assert late.state == State.AVAILABLE
    assert LifecycleEntry.objects.get().data["rule"] == "unmonitored"
    assert "nobody ever listened" in late.quarantines.get().verdict


def test_the_minimum_stands_before_what_anybody_says() -> None:
    listened_to()
    number = quarantined(days_ago=44)
    say(number, Override.RELEASE)
    forge_release(number)
    assert clear_due(10) == 1
    number.refresh_from_db()
    assert (number.state, number.due_at) == (State.QUARANTINED, number.quarantines.get().earliest_at)
    assert clear_due(10) == 0


def test_a_persons_word_counts_after_the_minimum() -> None:
    listened_to()
    wanted, unwanted, kept = (quarantined(days_ago=60) for _ in range(3))
    called_daily(wanted)
    words = {wanted: Override.RELEASE, unwanted: Override.RETIRE, kept: Override.HOLD}
    for number, word in words.items():
        say(number, word)
    assert clear_due(10) == 3
    for number, state in zip(words, (State.AVAILABLE, State.RETURNED, State.QUARANTINED), strict=True):
        number.refresh_from_db()
        assert number.state == state
        assert number.quarantines.get().action_rule == "override"


def test_what_a_night_lets_go_does_not_wait_for_its_clock() -> None:
    listened_to()
    number = quarantined()
    PhoneNumber.objects.update(due_at=timezone.now() + timedelta(days=20))
    assert clear_due(10) == 0
    run(morning(timezone.now()))
    assert clear_due(10) == 1
    number.refresh_from_db()
    assert number.state == State.AVAILABLE
    assert QuarantineDecision.objects.count() == 1, "what the night has written down is not written again"


def test_who_leaves_is_decided_on_that_morning() -> None:
    """A night of last week said that it is clean; it has been called since."""
    listened_to()
    number = quarantined()
    on = morning(timezone.now())
    run(on - timedelta(days=14))
    called_daily(number)
    PhoneNumber.objects.update(due_at=timezone.now() + timedelta(days=20))
    assert clear_due(10) == 1
    number.refresh_from_db()
    assert number.state == State.QUARANTINED
    said = QuarantineDecision.objects.order_by("pk").values_list("day", "action")
    assert list(said) == [(on - timedelta(days=14), "release"), (on, "hold")]


def test_a_number_of_the_demonstration_rests_for_minutes() -> None:
    demo = ProviderFactory.create(demo_aging=timedelta(minutes=1))
    fresh, rested = (NumberFactory.create(quarantined=True, due_at=timezone.now(), provider=demo) for _ in range(2))
    for number, seconds in ((fresh, 50), (rested, 70)):
        enter(number, source=QuarantineSource.ONBOARDED_NEW, since=timezone.now() - timedelta(seconds=seconds))
    clear_due(10)
    fresh.refresh_from_db()
    rested.refresh_from_db()
    assert (fresh.state, rested.state) == (State.QUARANTINED, State.AVAILABLE)
    assert fresh.due_at == fresh.quarantines.get().earliest_at
    assert rested.quarantines.get().verdict == "quiet for 1 minute, as its carrier's numbers rest"
    assert not QuarantineDecision.objects.exists()


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """The nudges."""
    nudges: list[tuple[Any, ...]] = []
    monkeypatch.setattr(app, "send_task", lambda name, args, **_: nudges.append((name, *args)))
    return nudges


def test_a_stay_says_at_once_what_the_next_night_would(
    sent: list[tuple[Any, ...]], django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    number = NumberFactory.create(quarantined=True)
    with django_capture_on_commit_callbacks(execute=True):
        stay = enter(number, source=QuarantineSource.ONBOARDED_NEW, since=timezone.now())
    assert sent == [("inventory.tasks.decide_on_stay", stay.pk)]
    tasks.decide_on_stay(stay.pk)
    stay.refresh_from_db()
    assert (stay.action, stay.state_day) == ("hold", morning(timezone.now()) - timedelta(days=1))
    assert stay.predicted_on
    assert stay.predicted_on >= stay.earliest_at.date()
    assert QuarantineDecision.objects.get(stay=stay).sentence


def test_a_stay_of_the_demonstration_has_no_night_to_wait_for(
    sent: list[tuple[Any, ...]], django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        demonstrated()
    assert sent == []


def demonstrated(seconds: int = 70) -> PhoneNumber:
    """A number of the demonstration, which rests for a minute; its stay began so many seconds ago."""
    demo, _ = Provider.objects.get_or_create(slug="demo", adapter="sandbox", demo_aging=timedelta(minutes=1))
    number = NumberFactory.create(quarantined=True, due_at=timezone.now(), provider=demo)
    enter(number, source=QuarantineSource.RELEASED, since=timezone.now() - timedelta(seconds=seconds))
    return number


def test_a_persons_word_counts_in_the_demonstration_too_and_not_before_its_minutes() -> None:
    kept, wanted, unwanted, young = demonstrated(), demonstrated(), demonstrated(), demonstrated(seconds=20)
    record_contacts(wanted, timezone.now().date(), voice=9)
    words = {kept: Override.HOLD, wanted: Override.RELEASE, unwanted: Override.RETIRE, young: Override.RELEASE}
    for number, word in words.items():
        say(number, word)
    clear_due(10)
    states = (State.QUARANTINED, State.AVAILABLE, State.RETURNED, State.QUARANTINED)
    for number, state in zip(words, states, strict=True):
        number.refresh_from_db()
        assert number.state == state
    assert kept.due_at == datetime.combine(timezone.now().date() + timedelta(days=9), time(), UTC)
    assert LifecycleEntry.objects.get(number=wanted).reason == "force release by user:a: test"
    assert young.due_at == young.quarantines.get().earliest_at


def test_a_word_that_is_withdrawn_lets_a_number_of_the_demonstration_go() -> None:
    number = demonstrated()
    stay, until = number.quarantines.get(), timezone.now().date() + timedelta(days=9)
    word = overrides.force_hold(stay=stay, until=until, actor="user:a", reason="test")
    clear_due(10)
    assert clear_due(10) == 0, "it waits for the end of the word"
    overrides.withdraw(override=word, actor="user:a", note="a mistake")
    clear_due(10)
    number.refresh_from_db()
    assert number.state == State.AVAILABLE


def test_what_stays_have_in_common_is_read_once_for_a_sweep() -> None:
    listened_to()
    for _ in range(4):
        quarantined()
    told = list[str]()

    def note(execute: Any, sql: str, *rest: Any) -> Any:
        told.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(note):
        assert clear_due(10) == 4
    for table in ("inventory_feedday", "inventory_quarantinemodel", "inventory_alpharelief"):
        assert sum(f'FROM "{table}"' in sql for sql in told) == 1, table


def say(number: PhoneNumber, word: Override) -> None:
    said = {"expires_on": timezone.now().date() + timedelta(days=9), "actor": "user:a", "reason": "test"}
    QuarantineOverride.objects.create(stay=number.quarantines.get(), action=word, **said)


def forge_release(number: PhoneNumber) -> None:
    """As if a night had let it go."""
    night = {"state_day": morning(timezone.now()) - timedelta(days=1), "action": "release", "action_rule": "clean"}
    terms = dict.fromkeys(("recent_contacts", "effective_days", "likelihood", "alpha"), 0.1)
    number.quarantines.update(**night, **terms)


def test_a_day_is_written_once_however_often_it_is_sent() -> None:
    number = NumberFactory.create()
    for voice in (1, 3):
        record_contacts(number, timezone.now().date(), voice=voice)
    assert DailyContact.objects.get().voice == 3


def test_a_released_number_ages_from_its_release() -> None:
    released_at = datetime(2026, 10, 1, tzinfo=UTC)
    number = NumberFactory.create(
        state=State.RELEASED,
        holder=AccountFactory.create(),
        state_since=released_at,
        due_at=released_at + timedelta(days=10),
    )
    assert expire_due(10) == 1
    number.refresh_from_db()
    stay = Quarantine.objects.get()
    assert (number.state, number.holder, number.cleared_at) == (State.QUARANTINED, None, None)
    assert (stay.entered_at, stay.source) == (released_at, "released")
    assert stay.earliest_at == number.due_at == released_at + timedelta(days=45)


@pytest.mark.parametrize(("end_user_type", "use"), [("individual", "residential"), ("business", "business"), ("", "")])
def test_what_the_last_user_was_is_known_by_the_papers_of_the_number(end_user_type: str, use: str) -> None:
    did = DidFactory.create()
    if end_user_type:
        bundle = BundleFactory.create(
            account=did.account, regulation=RegulationFactory.create(end_user_type=end_user_type)
        )
        with pgtrigger.ignore("inventory.Did:lawful"):
            Did.objects.filter(pk=did.pk).update(bundle_sid=bundle.sid)
    assignments.release(did=did, actor="account:AC")
    PhoneNumber.objects.update(due_at=timezone.now())
    assert expire_due(10) == 1
    assert Quarantine.objects.get().previous_use == use


def test_a_released_number_may_be_reclaimed_until_its_window_ends() -> None:
    NumberFactory.create(
        state=State.RELEASED, holder=AccountFactory.create(), due_at=timezone.now() + timedelta(hours=1)
    )
    assert expire_due(10) == 0


def test_a_number_without_a_stay_does_not_hold_up_the_others() -> None:
    NumberFactory.create(quarantined=True, due_at=timezone.now() - timedelta(days=1))
    listened_to()
    sound = quarantined()
    assert clear_due(10) == 1
    sound.refresh_from_db()
    assert sound.state == State.AVAILABLE
