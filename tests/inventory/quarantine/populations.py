"""Stays in quarantine with their traffic, in the database, and the same as records for the pure engine."""

import random
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from inventory.models import DailyContact, FeedDay, PhoneNumber, Quarantine, QuarantineOverride
from inventory.models.quarantine import QuarantineSource
from inventory.quarantine.actions import Override
from inventory.quarantine.engine import Decided, decide
from inventory.quarantine.model import DEFAULT, Model
from inventory.quarantine.stays import enter
from tests.factories import NumberFactory, ProviderFactory

ON = date(2026, 1, 15)
KINDS = [(14155000000, "local"), (18005000000, "toll_free"), (447400000000, "mobile"), (33186000000, "local")]


def populate(count: int, seed: int = 7) -> None:
    """So many stays of several kinds and ages, some of a provider with a feed of its own, some with a person's word."""
    chance = random.Random(seed)
    providers = [None, *ProviderFactory.create_batch(3, adapter="")]
    _feed(None, chance, gaps=0.05)
    _feed(providers[1], chance, gaps=0.8)
    _feed(providers[2], chance, gaps=1)
    for index in range(count):
        first, number_type = chance.choice(KINDS)
        of: dict[str, Any] = {"e164": first + index, "number_type": number_type, "provider": chance.choice(providers)}
        number = NumberFactory.create(quarantined=True, **of)
        age = timedelta(days=chance.choice([0, 3, 20, 44, 45, 60, 90, 130, 200, 300, 400]))
        since = datetime.combine(ON - age, time(chance.randrange(24)), UTC)
        stay = enter(number, source=chance.choice(list(QuarantineSource)), since=since)
        _contacts(number, age.days, chance)
        if chance.random() < 0.1:
            _say(stay, chance)


def _feed(provider: Any, chance: random.Random, *, gaps: float) -> None:
    days = [ON - timedelta(days=ago) for ago in range(1, 450)]
    FeedDay.objects.bulk_create(FeedDay(provider=provider, day=day, healthy=chance.random() > gaps) for day in days)


def _contacts(number: PhoneNumber, age: int, chance: random.Random) -> None:
    rate = chance.choice([0, 0.02, 0.1, 0.3, 1])
    days = [ago for ago in range(-1, age + 5) if chance.random() < rate]
    rows = []
    for ago in days:
        sms = chance.randrange(3)
        counts = {"voice": chance.randrange(4), "sms": sms, "otp": chance.randrange(sms + 1), "distinct_callers": 2}
        day = ON - timedelta(days=ago)
        rows.append(DailyContact(number=number, day=day, observed=chance.random() > 0.1, **counts))
    DailyContact.objects.bulk_create(rows)


def _say(stay: Quarantine, chance: random.Random) -> None:
    """Some words are out of force that morning."""
    action, expires = chance.choice(list(Override)), ON + timedelta(days=chance.choice([0, 1, 30]))
    until = ON + timedelta(days=chance.choice([0, 2])) if action == Override.HOLD else None
    said = {"actor": "user:a", "reason": "test"}
    QuarantineOverride.objects.create(stay=stay, action=action, until=until, expires_on=expires, **said)


def by_the_pure_engine(model: Model = DEFAULT) -> dict[int, Decided]:
    """What the engine says of the same stays, told to it as records; by the stay's id."""
    own = set(FeedDay.objects.exclude(provider=None).values_list("provider_id", flat=True))
    found: dict[int, Decided] = {}
    for provider in (None, *sorted(own)):
        stays = [
            stay
            for stay in Quarantine.objects.filter(ended_at=None).select_related("number")
            if (stay.number.provider_id if stay.number.provider_id in own else None) == provider
        ]
        told = decide(ON, map(_record, stays), [*_feed_days(provider), *_days()], model=model)
        found |= {stay.pk: each for stay, each in zip(stays, told, strict=True)}
    return found


def _record(stay: Quarantine) -> dict[str, Any]:
    entered = stay.entered_at.date()
    word = stay.overrides.filter(withdrawn_at=None).first()
    return {
        "number": stay.number.e164,
        "entered_on": entered,
        "source": stay.source,
        "country": stay.number.country,
        "number_type": stay.number.number_type,
        "min_days": (stay.earliest_at.date() - entered).days,
        "max_days": (stay.latest_at.date() - entered).days if stay.latest_at else None,
        "override": word and {"action": word.action, "until": word.until, "expires_on": word.expires_on},
    }


def _feed_days(provider: int | None) -> list[dict[str, Any]]:
    rows = {row.day: row.healthy for row in FeedDay.objects.filter(provider=None)}
    rows |= {row.day: row.healthy for row in FeedDay.objects.filter(provider=provider)}
    return [{"day": day, "observed": healthy} for day, healthy in rows.items()]


def _days() -> list[dict[str, Any]]:
    columns = ("day", "voice", "sms", "otp", "distinct_callers", "observed")
    return [
        {"number": row.number.e164, **{name: getattr(row, name) for name in columns}}
        for row in DailyContact.objects.select_related("number")
    ]
