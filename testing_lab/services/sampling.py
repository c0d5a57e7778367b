"""Samples: numbers of each provider in each country, drawn at random among those that were good and are nobody's.

A sample is suite runs of purpose SAMPLE, due over some hours. It moves no number; one that fails while on sale goes to
the lab to be tested for good, and every result is heard by the outage canary (`outages`).
"""

import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import chain, zip_longest
from typing import NamedTuple

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from inventory.models import PhoneNumber
from inventory.querysets import NumberQuerySet
from inventory.services import testing
from testing_lab.models import Purpose, RunState, Sample, SuiteRun, Why
from testing_lab.models.suite_run import FOR_THE_LAB, OPEN_RUN
from testing_lab.outage_policy import OutagePolicy, governing
from testing_lab.services import claims

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

# From each kind straight to the next in `number_canary`: one probe for each, however large the stock.
_KINDS = """
WITH RECURSIVE kind AS (
    (SELECT provider_id, country, number_type FROM inventory_phonenumber
     WHERE state IN ('AVAILABLE', 'QUARANTINED') AND NOT blocked AND passport_expires_at IS NOT NULL
         AND provider_id IS NOT NULL
     ORDER BY provider_id, country, number_type LIMIT 1)
    UNION ALL
    SELECT following.* FROM kind CROSS JOIN LATERAL (
        SELECT provider_id, country, number_type FROM inventory_phonenumber AS n
        WHERE (n.provider_id, n.country, n.number_type) > (kind.provider_id, kind.country, kind.number_type)
            AND state IN ('AVAILABLE', 'QUARANTINED') AND NOT blocked AND passport_expires_at IS NOT NULL
            AND provider_id IS NOT NULL
        ORDER BY provider_id, country, number_type LIMIT 1
    ) AS following
)
SELECT provider_id, country, number_type FROM kind
"""


class Place(NamedTuple):
    """What goes out together: the numbers of one provider in one country."""

    provider: int
    country: str


def draw_nightly() -> int:
    """Draw tonight's sample of every place that has none yet; returns of how many. Spread over the first quarter of the
    night, or over what is left of it."""
    now, interval = timezone.now(), settings.LAB_SAMPLE_INTERVAL
    slot, size = _slot(now, interval), governing(now.date()).sample
    until = max(slot + interval / 4, now + interval / 40)
    drawn = set(Sample.objects.filter(slot=slot, why=Why.NIGHTLY).values_list("provider_id", "country"))
    missing = {place: types for place, types in _places().items() if place not in drawn}
    for place, types in missing.items():
        _draw(place, types, Why.NIGHTLY, slot, size, until=until)
    return len(missing)


def draw_more(place: Place, why: Why, policy: OutagePolicy) -> None:
    """Call some more numbers at once: in doubt as soon as those before are done, in an outage every few minutes."""
    size, pause = round_of(why, policy)
    now = timezone.now()
    if not _called_now(place, now).exists():
        _draw(place, types_at(place), why, _slot(now, pause), size, until=now)


def round_of(why: Why, policy: OutagePolicy) -> tuple[int, timedelta]:
    """How many numbers are called at once, and how long it is to the next ones at least."""
    return (policy.round, policy.pause) if why == Why.OUTAGE else (policy.follow_up, MINUTE)


def drop_stale() -> int:
    """Drop samples, and checks of routes, that wait for numbers which were sold, or taken to the lab, since they were
    drawn: who has a number is not called, and the lab tests what it has at once."""
    now = timezone.now()
    waiting = SuiteRun.objects.filter(state=RunState.DUE, purpose__in=FOR_THE_LAB)
    gone = waiting.exclude(pk__in=waiting.filter(claims.still_good(now)).values("pk"))
    return gone.update(state=RunState.DROPPED, finished_at=now, note="the number is no canary any more")


def confirm(run: SuiteRun, failing: Sequence[str]) -> None:
    """A sample has failed: its number, if still on sale, is tested for good, at once."""
    evidence = {"suite_run": run.pk}
    if testing.doubt(run.number_id, failing=failing, actor=f"lab:{run.claimed_by}"[:80], evidence=evidence):
        SuiteRun.objects.create(number_id=run.number_id, purpose=Purpose.RETEST)


def types_at(place: Place) -> Sequence[str]:
    """The types of number of which it has good ones."""
    return _places().get(place, ())


def choose(numbers: NumberQuerySet, types: Sequence[str], size: int) -> list[int]:
    """Of the numbers of a place at random, of each type as many as of the others where there are so many."""
    by_type = [list(_at_random(numbers.filter(number_type=number_type), size)) for number_type in types]
    in_turn = chain.from_iterable(zip_longest(*random.sample(by_type, len(by_type))))
    return [pk for pk in in_turn if pk is not None][:size]


def _slot(now: datetime, interval: timedelta) -> datetime:
    return now - (now - EPOCH) % interval


def _places() -> Mapping[Place, Sequence[str]]:
    """Every place that has canaries, with the types of number there."""
    found: dict[Place, list[str]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_KINDS)
        for provider, country, number_type in cursor.fetchall():
            found[Place(provider, country)].append(number_type)
    return found


def _called_now(place: Place, now: datetime) -> "NumberQuerySet":
    """Its numbers whose sample is due or under way."""
    runs = SuiteRun.objects.filter(purpose=Purpose.SAMPLE, state__in=OPEN_RUN, due_at__lte=now)
    return PhoneNumber.objects.filter(pk__in=runs.values("number"), provider=place.provider, country=place.country)


@transaction.atomic
def _draw(place: Place, types: Sequence[str], why: Why, slot: datetime, size: int, *, until: datetime) -> None:
    """Once for each slot: of two tasks that come by at the same moment the second finds it done."""
    there = PhoneNumber.objects.canaries().filter(provider=place.provider, country=place.country)
    now, chosen = timezone.now(), choose(there, types, size)
    sample = Sample(provider_id=place.provider, country=place.country, why=why, slot=slot, size=len(chosen))
    if not chosen or not _is_first(sample):
        return
    spread = max(until - now, timedelta(0))
    runs = [
        SuiteRun(number_id=pk, purpose=Purpose.SAMPLE, due_at=now + spread * random.random())  # noqa: S311 - no secret
        for pk in chosen
    ]
    SuiteRun.objects.bulk_create(runs, ignore_conflicts=True)


def _is_first(sample: Sample) -> bool:
    _, created = Sample.objects.get_or_create(
        provider_id=sample.provider_id,
        country=sample.country,
        why=sample.why,
        slot=sample.slot,
        defaults={"size": sample.size},
    )
    return created


def _at_random(numbers: NumberQuerySet, size: int) -> Iterator[int]:
    """Those without an open run, from a random point of the spread, which is random itself, and on from its start."""
    free = numbers.exclude(Exists(SuiteRun.objects.filter(number=OuterRef("pk"), state__in=OPEN_RUN)))
    point = random.random()  # noqa: S311 - no secret
    ahead = list(free.filter(spread__gte=point).order_by("spread").values_list("pk", flat=True)[:size])
    yield from ahead
    if len(ahead) < size:
        around = free.filter(spread__lt=point).order_by("spread").values_list("pk", flat=True)
        yield from around[: size - len(ahead)]
