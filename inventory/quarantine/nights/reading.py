"""What a night reads: the open stays of a stretch of numbers, locked, and what was seen on their lines."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, NamedTuple

import numpy as np
from django.conf import settings
from django.db.backends.utils import CursorWrapper

from inventory.models import FeedDay, Provider, QuarantineModel
from inventory.quarantine import reliefs
from inventory.quarantine.actions import VERDICTS
from inventory.quarantine.history import Bools, Days, Watch
from inventory.quarantine.likelihood import Ints
from inventory.quarantine.model import DEFAULT, Model
from inventory.quarantine.nights.copying import read
from inventory.quarantine.reckoning import OVERRIDES
from inventory.quarantine.records import SOURCES
from inventory.quarantine.reliefs import Kind
from numbering.types import NumberType

OLDEST = timedelta(days=1_000)  # days of the feed that are looked at; contacts are kept for 400
WORDS: dict[str, Any] = {
    "actions": [verdict.action.value for verdict in VERDICTS],
    "rules": [verdict.rule for verdict in VERDICTS],
    "verdicts": [f"{verdict.action} {verdict.rule}" for verdict in VERDICTS],
    "overrides": [override.value for override in OVERRIDES],
    "sources": list(SOURCES),
    "type_width": max(map(len, NumberType.values)),
}
_STAYS = {
    "stay": "int8",
    "number": "int8",
    "kind": f"text{2 + WORDS['type_width']}",
    "provider": "int8",
    "source": "int4",
    "entered": "date",
    "earliest": "date",
    "latest": "date",
    "override": "int4",
    "verdict": "int4",
    "sentinel": "date",
    "carried_contacts": "float8",
    "carried_days": "float8",
}
_STRETCH = "stay.ended_at IS NULL AND stay.number_id BETWEEN %(first)s AND %(last)s"
_STAYS_SQL = f"""
SELECT stay.id, stay.number_id, rpad(number.country, 2) || rpad(number.number_type, %(type_width)s),
    coalesce(number.provider_id, 0), array_position(%(sources)s::text[], stay.source::text) - 1,
    (stay.entered_at AT TIME ZONE 'UTC')::date, (stay.earliest_at AT TIME ZONE 'UTC')::date,
    coalesce((stay.latest_at AT TIME ZONE 'UTC')::date, 'infinity'),
    coalesce(array_position(%(overrides)s::text[], override.action::text), 0) - 1,
    coalesce(array_position(%(verdicts)s::text[], stay.action || ' ' || stay.action_rule), 0) - 1,
    coalesce(stay.sentinel_since, 'infinity'), stay.carried_contacts, stay.carried_days
FROM inventory_quarantine AS stay JOIN inventory_phonenumber AS number ON number.id = stay.number_id
LEFT JOIN inventory_quarantineoverride AS override ON override.stay_id = stay.id AND override.withdrawn_at IS NULL
    AND override.expires_on > %(day)s AND (override.until IS NULL OR override.until > %(day)s)
WHERE {_STRETCH} AND number.id BETWEEN %(first)s AND %(last)s AND coalesce(number.provider_id, 0) <> ALL (%(demo)s)
ORDER BY stay.number_id
"""  # noqa: S608 - our own words
# So that what the last night said stays what it is until this one has said something else. Who locks a number and its
# stay takes the number first, and a night takes no numbers.
_LOCKED = "FOR NO KEY UPDATE OF stay"
_CONTACTS = {
    "number": "int8",
    "day": "date",
    "voice": "int4",
    "sms": "int4",
    "otp": "int4",
    "callers": "int4",
    "observed": "bool",
}
# In order: sums of floats depend on it, and the same night must give the same sums.
_CONTACTS_SQL = f"""
SELECT contact.number_id, contact.day, voice, sms, otp, distinct_callers, observed
FROM inventory_quarantine AS stay JOIN inventory_dailycontact AS contact USING (number_id)
WHERE {_STRETCH} AND contact.number_id BETWEEN %(first)s AND %(last)s
    AND contact.day < %(day)s AND contact.day >= (stay.entered_at AT TIME ZONE 'UTC')::date
ORDER BY contact.number_id, contact.day
"""  # noqa: S608 - likewise


@dataclass(frozen=True)
class Night:
    """What all stays of a night share: its morning, the fit in force, which days the feeds were healthy; the kinds with
    a relief, and the share of sentinels."""

    on: date
    model: Model
    model_id: int | None
    feeds: Mapping[int, Watch]  # by provider; 0 is for those that have no feed of their own
    demo: Sequence[int] = ()  # providers whose numbers no real person had: they have no nights
    reliefs: Mapping[Kind, float] = field(default_factory=dict)
    sentinels: float = 0.0

    @classmethod
    def of(cls, on: date) -> "Night":
        """As the database has it now."""
        fit = QuarantineModel.objects.filter(is_current=True).first()
        model = Model.from_json(json.dumps(fit.document)) if fit else DEFAULT
        demo = Provider.objects.exclude(demo_aging=None).values_list("pk", flat=True)
        share: float = settings.QUARANTINE_SENTINELS
        return cls(on, model, fit.pk if fit else None, _feeds(on), list(demo), reliefs.in_force(on), share)

    def watch(self, provider: int) -> Watch:
        """What a day without a contact means for numbers of this provider."""
        return self.feeds.get(provider, self.feeds[0])


class Stretch(NamedTuple):
    """Stays in the order of their numbers, by columns; and the rows of their days."""

    stays: dict[str, Any]
    days: Days

    def by_provider(self) -> Iterator[tuple[int, Bools, Days]]:
        """The providers, each with its stays and their days, which count from the first of these stays."""
        providers = self.stays["provider"]
        for provider in np.unique(providers).tolist():
            mine = providers == provider
            days = self.days.where(mine[self.days.stay])
            yield provider, mine, days._replace(stay=(np.cumsum(mine) - 1)[days.stay])


def stretch(cursor: CursorWrapper, night: Night, first: int, last: int, *, lock: bool = True) -> Stretch:
    """Read the stays of these numbers, and lock them until the transaction ends."""
    asked = {"first": first, "last": last, "day": night.on, "demo": list(night.demo), **WORDS}
    stays = read(cursor, f"{_STAYS_SQL} {_LOCKED if lock else ''}", asked, _STAYS)
    return Stretch(stays, _days(stays["number"], read(cursor, _CONTACTS_SQL, asked, _CONTACTS)))


def _days(numbers: Ints, rows: Mapping[str, Any]) -> Days:
    """A stay that was opened between the two queries is not known: it has a night of its own."""
    if not len(numbers):
        rows = {name: column[:0] for name, column in rows.items()}
    stay = np.searchsorted(numbers, rows["number"])
    days = Days(stay, *(rows[name] for name in ("day", "voice", "sms", "otp", "callers", "observed")))
    return days.where(numbers[np.minimum(stay, len(numbers) - 1)] == rows["number"]) if len(numbers) else days


def _feeds(on: date) -> dict[int, Watch]:
    """A provider's own days over those of all; a day that nobody told of was not observed."""
    told: dict[int, dict[int, bool]] = {0: {}}
    days = FeedDay.objects.filter(day__lt=on, day__gte=on - OLDEST)
    for provider, day, healthy in days.values_list("provider_id", "day", "healthy"):
        told.setdefault(provider or 0, {})[day.toordinal()] = healthy
    return {provider: Watch(otherwise=False, feed=told[0] | own) for provider, own in told.items()}
