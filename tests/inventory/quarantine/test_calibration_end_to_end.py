"""From nights to sentinels, to finished stays, to a fit, to nights that use it; and the engine learns the same."""

import random
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import numpy as np
import pytest
from django.conf import LazySettings

from inventory.lifecycle import State
from inventory.models import DailyContact, FeedDay, PhoneNumber, Quarantine, QuarantineDecision, QuarantineModel
from inventory.models.quarantine import QuarantineSource
from inventory.quarantine.actions import Action
from inventory.quarantine.calibration import fit
from inventory.quarantine.fitting import HELD_OUT, fit_now
from inventory.quarantine.lessons import KEPT
from inventory.quarantine.nights.alone import decide_alone
from inventory.quarantine.nights.stretches import run
from inventory.quarantine.sentinel import DAYS, spread
from inventory.quarantine.stays import enter
from tests.factories import NumberFactory, anywhere_in_life

pytestmark = pytest.mark.django_db
ON = date(2026, 1, 15)
ENTERED, STAYS = 220, 1_330  # days ago, at the earliest; of which four fifths teach
RATES = (0.01, 0.02, 0.05, 0.1, 0.25, 0.5)


def ago(days: int) -> date:
    return ON - timedelta(days=days)


def begin(chance: random.Random) -> None:
    """Stays with all the traffic that they will have seen."""
    FeedDay.objects.bulk_create(FeedDay(day=ago(days), healthy=chance.random() > 0.003) for days in range(1, 410))
    fields = {"state": State.SOURCED, "passport_expires_at": None, "cleared_at": None}
    with anywhere_in_life():
        numbers = PhoneNumber.objects.bulk_create(NumberFactory.build_batch(STAYS, **fields))
    contacts = []
    for number in numbers:
        days = ENTERED - chance.randrange(20)
        since = datetime.combine(ago(days), time(9), UTC)
        enter(number, source=chance.choice(list(QuarantineSource)), since=since)
        rate, fades = chance.choice(RATES), chance.random() < 0.5
        came = [age for age in range(days) if chance.random() < rate * (0.5 ** (age / 40) if fades else 1)]
        contacts += [
            DailyContact(
                number=number, day=ago(days - age), voice=chance.randrange(1, 3), observed=chance.random() > 0.01
            )
            for age in came
        ]
    DailyContact.objects.bulk_create(contacts)


def night(on: date) -> None:
    """A night, and what the sweep would do that morning; the sweep itself has no clock but that of today."""
    run(on)
    over = Quarantine.objects.filter(ended_at=None, action__in=(Action.RELEASE, Action.RETIRE), earliest_at__lt=on)
    for action, verdict in ((Action.RELEASE, "clean"), (Action.RETIRE, "retired: as the night said")):
        over.filter(action=action).update(ended_at=datetime.combine(on, time(2), UTC), verdict=verdict)


def records(stays: "list[Quarantine]") -> list[dict[str, Any]]:
    return [_record(stay) for stay in stays]


def _record(stay: Quarantine) -> dict[str, Any]:
    assert stay.ended_at
    entered, ended, since = stay.entered_at.date(), stay.ended_at.date(), stay.sentinel_since
    was_watched = since is not None and ended >= since + timedelta(days=DAYS)
    return {
        "number": str(stay.number_id),
        "country": stay.number.country,
        "number_type": stay.number.number_type,
        "source": stay.source,
        "entered_on": entered,
        "min_days": (stay.earliest_at.date() - entered).days,
        "max_days": (stay.latest_at.date() - entered).days if stay.latest_at else None,
        "ended_on": since + timedelta(days=DAYS) if since and was_watched else ended,
        "sentinel": was_watched,
        "action": "retire" if stay.verdict.startswith("retired") else "release",
    }


def events() -> list[dict[str, Any]]:
    feed = [{"day": row.day, "observed": row.healthy} for row in FeedDay.objects.filter(day__gte=ON - KEPT)]
    contacts = DailyContact.objects.order_by("pk")
    return [
        *feed,
        *(
            {"number": str(row.number_id), "day": row.day, "voice": row.voice, "observed": row.observed}
            for row in contacts
        ),
    ]


def test_what_the_nights_leave_is_learnt_and_used(settings: LazySettings) -> None:
    settings.QUARANTINE_SENTINELS = 0.3  # of so few stays a hundredth would be a handful
    begin(random.Random(3))
    for days in range(ENTERED - 50, -1, -15):
        night(ago(days))
    Quarantine.objects.filter(ended_at=None).update(
        ended_at=datetime.combine(ON, time(2), UTC), verdict="retired: the test is over"
    )
    assert Quarantine.objects.filter(ended_at=None).count() == 0
    assert Quarantine.objects.exclude(sentinel_since=None).count() >= 150
    assert QuarantineDecision.objects.filter(rule="sentinel").exists()

    found = fit_now(ON)
    assert found.fit is not None and found.took_over
    _equals_what_the_engine_learns(found.fit)
    _is_used(found.fit)


def _equals_what_the_engine_learns(known: QuarantineModel) -> None:
    """From the same lives, told as records; of the stays that the fit was not tested on."""
    stays = list(Quarantine.objects.order_by("pk").select_related("number"))
    teaches = spread(np.array([stay.pk for stay in stays])) % HELD_OUT != 0
    learnt = fit(records([stay for stay, does in zip(stays, teaches, strict=True) if does]), events())
    for name in ("prior", "c0", "c1", "bg", "rows"):
        assert known.document[name] == (list(value) if isinstance(value := getattr(learnt, name), tuple) else value)
    assert known.document["rho"] == [list(bands) for bands in learnt.rho]
    assert known.document["table"] == [
        [[cell and list(cell) for cell in ages] for ages in source] for source in learnt.table
    ]


def _is_used(known: QuarantineModel) -> None:
    number = NumberFactory.create(quarantined=True)
    stay = enter(number, source=QuarantineSource.RELEASED, since=datetime.combine(ago(60), time(9), UTC))
    decide_alone(stay, ON)
    assert stay.model == known
    assert stay.decisions.get().model == known
