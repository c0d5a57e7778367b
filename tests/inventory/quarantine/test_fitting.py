"""Fits from the database: what is learnt, kept as a version, and put in force if it foretells no worse."""

import random
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import numpy as np
import pytest
from django.core.management import call_command
from django.utils import timezone

from inventory.lifecycle import State
from inventory.models import (
    DailyContact,
    FeedDay,
    PhoneNumber,
    Quarantine,
    QuarantineFitting,
    QuarantineModel,
    QuarantineModelChange,
)
from inventory.quarantine import lessons
from inventory.quarantine.calibration import learn
from inventory.quarantine.feed import Feed
from inventory.quarantine.finished import unroll
from inventory.quarantine.fitting import fit_if_due, fit_now, in_force
from inventory.quarantine.lessons import read_lessons
from inventory.quarantine.model import DEFAULT
from inventory.quarantine.records import read_stays
from inventory.quarantine.versions import activate
from tests.factories import NumberFactory, ProviderFactory, anywhere_in_life

pytestmark = pytest.mark.django_db
ON = date(2026, 1, 15)


def finished(count: int, seed: int = 5) -> None:
    """So many stays that are over, most of quiet numbers, some of such as are called again and again."""
    chance = random.Random(seed)
    FeedDay.objects.bulk_create(
        FeedDay(day=ON - timedelta(days=ago), healthy=chance.random() > 0.004) for ago in range(1, 410)
    )
    fields = {"state": State.SOURCED, "passport_expires_at": None, "cleared_at": None}
    with anywhere_in_life():
        numbers = PhoneNumber.objects.bulk_create(NumberFactory.build_batch(count, **fields))
    stays, contacts = [], []
    for number in numbers:
        entered, days = ON - timedelta(days=chance.randrange(150, 380)), chance.randrange(60, 140)
        stays.append(_stay(number, entered, days, retired=chance.random() < 0.05))
        rate = chance.choice([0.02, 0.02, 0.05, 0.3, 0.6])
        for ago in (day for day in range(days) if chance.random() < rate):
            contacts.append(
                DailyContact(number=number, day=entered + timedelta(days=ago), voice=chance.randrange(1, 3))
            )
    Quarantine.objects.bulk_create(stays)
    DailyContact.objects.bulk_create(contacts)


def _stay(number: PhoneNumber, entered: date, days: int, *, retired: bool) -> Quarantine:
    since = datetime.combine(entered, time(9), UTC)
    limits: dict[str, Any] = {"earliest_at": since + timedelta(days=45), "latest_at": since + timedelta(days=365)}
    ends = {"ended_at": since + timedelta(days=days), "verdict": "retired: forced" if retired else "clean"}
    return Quarantine(number=number, source="released", entered_at=since, rule="test", **limits, **ends)


def test_too_few_finished_stays_teach_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    finished(40)
    found = fit_now(ON)
    assert (found.finished, found.fit, found.took_over) == (40, None, False)
    assert not QuarantineModel.objects.exists()
    assert fit_if_due() is None
    call_command("quarantine_fit")
    assert capsys.readouterr().out.endswith("are too few\n")


def tried(*, ago: timedelta, **found: Any) -> QuarantineFitting:
    return QuarantineFitting.objects.create(begun_at=timezone.now() - ago, **found)


def over(days_ago: int) -> None:
    """A stay that is over since then."""
    fields = {"state": State.SOURCED, "passport_expires_at": None, "cleared_at": None}
    with anywhere_in_life():
        [number] = PhoneNumber.objects.bulk_create([NumberFactory.build(**fields)])
    _stay(number, timezone.now().date() - timedelta(days=60 + days_ago), 60, retired=False).save()


def test_a_try_that_found_too_little_is_made_again_a_day_later_and_only_if_there_is_news() -> None:
    over(days_ago=3)
    assert fit_if_due() == (1, None, False, False)
    assert fit_if_due() is None, "each hour somebody asks"
    QuarantineFitting.objects.all().delete()
    fruitless = {"finished": 1, "ended_at": timezone.now()}
    tried(ago=timedelta(hours=30), **fruitless)
    assert fit_if_due() is None, "the same stays would tell the same"
    tried(ago=timedelta(days=9), **fruitless)
    assert fit_if_due() == (1, None, False, False)


def test_a_try_that_was_cut_short_is_made_again_a_day_later() -> None:
    tried(ago=timedelta(hours=23))
    assert fit_if_due() is None
    tried(ago=timedelta(hours=25))
    assert fit_if_due() == (0, None, False, False)


def test_a_fit_is_made_once_a_month_though_it_was_known_before() -> None:
    fit = QuarantineModel.objects.create(version="one", document={}, stays=1000, rows=9000)
    known = {"finished": 1000, "fit": fit, "ended_at": timezone.now()}
    tried(ago=timedelta(days=29), **known)
    assert fit_if_due() is None
    tried(ago=timedelta(days=31), **known)
    assert fit_if_due() is not None


def test_of_more_stays_than_are_looked_at_the_same_are_chosen_and_none_is_likelier(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    finished(400)
    demo = ProviderFactory.create(adapter="sandbox", demo_aging=timedelta(minutes=1))
    everyone = list(PhoneNumber.objects.order_by("pk").values_list("pk", flat=True))
    PhoneNumber.objects.filter(pk__in=everyone[:100]).update(provider=demo)
    whole = read_lessons(ON)
    assert len(whole.ids) == 300
    monkeypatch.setattr(lessons, "MOST_STAYS", 150)
    some, again = read_lessons(ON), read_lessons(ON)
    assert (some.ids == again.ids).all()
    assert len(some.ids) == some.finished == 150
    assert set(some.ids.tolist()) < set(whole.ids.tolist())
    odd, early = (some.ids % 2).mean(), np.isin(some.ids, whole.ids[:150]).mean()
    assert (odd, early) == pytest.approx((0.5, 0.5), abs=0.15), "nearly four standard errors"
    monkeypatch.setattr(lessons, "MOST_STAYS", 100)
    assert set(read_lessons(ON).ids.tolist()) < set(some.ids.tolist())


def test_the_database_and_the_records_teach_the_same() -> None:
    finished(150)
    known = read_lessons(ON)
    stays = Quarantine.objects.order_by("pk").select_related("number")
    records = [_record(stay) for stay in stays]
    days = DailyContact.objects.select_related("number")
    events = [{"day": row.day, "observed": row.healthy} for row in FeedDay.objects.all()]
    told = [{"number": row.number.e164, "day": row.day, "voice": row.voice} for row in days]
    expected = unroll(read_stays("stays", records), Feed().read("events", [*events, *told]))
    assert (known.known.until == expected.until).all()
    inside = np.arange(known.known.contacts.shape[1]) < expected.until[:, None]
    for ours, theirs in ((known.known.contacts, expected.contacts), (known.known.observed, expected.observed)):
        assert (ours == np.where(inside, theirs, 0)).all()
    for one, other in zip(known.known.rows, expected.rows, strict=True):
        same = ("source", "entered_on", "minimum", "maximum", "country", "number_type", "ended_on", "released")
        assert [getattr(one, name) for name in same] == [getattr(other, name) for name in same]
    assert learn(known.known, 150, ON, fewest=50).prior == learn(expected, 150, ON, fewest=50).prior


def _record(stay: Quarantine) -> dict[str, Any]:
    assert stay.ended_at and stay.latest_at
    return {
        "number": stay.number.e164,
        "entered_on": stay.entered_at.date(),
        "min_days": 45,
        "max_days": 365,
        "ended_on": stay.ended_at.date(),
        "action": "retire" if stay.verdict.startswith("retired") else "release",
    }


def test_a_fit_is_kept_once_and_is_in_force_if_it_foretells_no_worse() -> None:
    finished(1100)
    found = fit_now(ON)
    assert (found.finished, found.is_new) == (1100, True)
    fit = QuarantineModel.objects.get()
    assert fit.log_loss is not None and fit.compared_log_loss is not None
    assert found.took_over == (fit.log_loss <= fit.compared_log_loss) == fit.is_current
    assert fit.log_loss < fit.compared_log_loss, "the defaults were not made for these"
    assert in_force().version == fit.version
    again = fit_now(ON)
    assert (again.fit, again.is_new, again.took_over) == (fit, False, False)
    assert QuarantineModelChange.objects.get().reason.startswith("log loss")


def test_staff_go_back_to_an_older_fit_and_to_the_defaults() -> None:
    made = {"document": {}, "stays": 1000, "rows": 9000}
    old, new = (QuarantineModel.objects.create(version=name, **made) for name in ("old", "new"))
    for fit in (old, new, old, None):
        activate(fit=fit, actor="user:ann", reason="as it was")
        assert list(QuarantineModel.objects.filter(is_current=True)) == ([fit] if fit else [])
    assert in_force() == DEFAULT
    assert list(QuarantineModelChange.objects.order_by("pk").values_list("fit", flat=True)) == [
        old.pk,
        new.pk,
        old.pk,
        None,
    ]
