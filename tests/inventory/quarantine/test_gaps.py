"""A day that the feed calls a gap was not observed, whatever came on it: for all who ask, by one rule."""

import json
from datetime import UTC, datetime, time, timedelta
from typing import Any

import numpy as np
import pytest
from django.utils import timezone

from inventory.models import FeedDay, PhoneNumber, Quarantine
from inventory.models.quarantine import QuarantineSource
from inventory.quarantine.engine import Decided, decide
from inventory.quarantine.feed import Feed
from inventory.quarantine.finished import unroll
from inventory.quarantine.lessons import read_lessons
from inventory.quarantine.nights.alone import decide_alone, look
from inventory.quarantine.records import read_stays
from inventory.quarantine.stays import enter
from inventory.traffic.feeding import feed_in, ndjson
from tests.factories import NumberFactory

DAYS = 70
TODAY = timezone.now().date()  # asked once: a test may run past midnight
Records = list[dict[str, Any]]


def called(number: str, *, every: int = 4) -> Records:
    """One call on each of these days."""
    noon = datetime.combine(TODAY, time(12), UTC)
    return [
        {
            "id": f"{number} {ago}",
            "at": (noon - timedelta(days=ago)).isoformat(),
            "to": number,
            "from": "+12125550199",
            "channel": "voice",
        }
        for ago in range(1, DAYS, every)
    ]


def feed_of(*, gaps: range, untold: range = range(0)) -> Records:
    return [
        {"feed": "gap" if ago in gaps else "healthy", "day": str(TODAY - timedelta(days=ago))}
        for ago in range(1, DAYS + 1)
        if ago not in untold
    ]


def as_told_to_the_engine(feed: Records) -> Records:
    return [{"day": each["day"], "observed": each["feed"] == "healthy"} for each in feed]


def stay() -> Quarantine:
    number = NumberFactory.create(quarantined=True, e164=14155550123, provider=None)
    since = datetime.combine(TODAY - timedelta(days=DAYS), time(3), UTC)
    PhoneNumber.objects.filter(pk=number.pk).update(state_since=since)
    return enter(number, source=QuarantineSource.RELEASED, since=since)


def heard(feed: Records) -> tuple[Quarantine, Records]:
    """A stay with its traffic in the database, by the way that a feed takes; and the same as records."""
    row, events = stay(), called("+14155550123")
    report = feed_in(ndjson(json.dumps(each).encode() for each in [*feed, *events]), feed="switch")
    assert (report.refused, report.ours) == (0, len(events))
    return row, [*as_told_to_the_engine(feed), *events]


def said_of(row: Quarantine, records: Records) -> Decided:
    number = {"number": "+14155550123", "country": "US", "number_type": "local"}
    entered = {"entered_on": row.entered_at.date(), "min_days": (row.earliest_at - row.entered_at).days}
    return decide(TODAY, [number | entered], records)[0]


ALL, SOME = range(1, DAYS + 1), range(50, 55)  # days ago
FEEDS = pytest.mark.parametrize(
    ("gaps", "untold"),
    [(range(0), SOME), (range(20, 34), SOME), (range(1, 9), SOME), (ALL, range(0))],
    ids=["none", "past", "lately", "always"],
)


@FEEDS
@pytest.mark.django_db
def test_a_night_a_look_and_the_engine_read_the_same_events_alike(gaps: range, untold: range) -> None:
    row, records = heard(feed_of(gaps=gaps, untold=untold))
    expected = said_of(row, records)
    seen = look(row, TODAY)
    assert seen is not None
    decide_alone(row, TODAY)
    for found in (seen, row):
        assert (found.recent_contacts, found.effective_days) == pytest.approx((expected["S"], expected["E"]))
        assert found.likelihood == pytest.approx(expected["p"])
    assert (row.action, row.action_rule) == (expected["action"], expected["rule"])
    assert seen.observed_days == expected["observed_days"]


@FEEDS
@pytest.mark.django_db
def test_a_fit_reads_them_alike_too(gaps: range, untold: range) -> None:
    row, records = heard(feed_of(gaps=gaps, untold=untold))
    stays = read_stays("stays", [{"number": "+14155550123", "entered_on": row.entered_at.date()}])
    expected, found = unroll(stays, Feed().read("events", records)), read_lessons(TODAY).known
    inside = np.arange(found.contacts.shape[1]) < DAYS
    assert (found.contacts[0, inside] == expected.contacts[0, inside]).all()
    assert (found.observed[0, inside] == expected.observed[0, inside]).all()


def test_what_came_on_a_day_of_a_gap_counts_for_nothing_and_is_shown() -> None:
    entered = TODAY - timedelta(days=60)
    number = {"number": "+14155550123", "entered_on": entered, "min_days": 45}
    days = [{"day": entered + timedelta(days=at), "observed": at != 58} for at in range(60)]
    call = {"to": "+14155550123", "at": f"{entered + timedelta(days=58)}T09:00:00Z", "channel": "voice", "from": "+12"}
    [silent], [found] = decide(TODAY, [number], days), decide(TODAY, [number], [*days, call])
    assert (found["S"], found["E"], found["p"]) == (0, silent["E"], silent["p"])
    assert found["contacts_7_days"]["voice"] == 1


def test_a_gap_of_the_feed_wins_over_a_number_s_own_record() -> None:
    entered = TODAY - timedelta(days=60)
    number = {"number": "+14155550123", "entered_on": entered, "min_days": 45}
    days = [{"day": entered + timedelta(days=at), "observed": at != 58} for at in range(60)]
    own = {"number": "+14155550123", "day": entered + timedelta(days=58), "voice": 2, "observed": True}
    assert decide(TODAY, [number], [*days, own])[0]["observed_days"] == 59


def test_where_only_the_gaps_of_the_feed_are_told_the_other_days_were_observed() -> None:
    entered = TODAY - timedelta(days=60)
    number = {"number": "+14155550123", "entered_on": entered, "min_days": 45}
    gaps = [{"day": entered + timedelta(days=at), "observed": False} for at in (20, 21)]
    call = {"to": "+14155550123", "at": f"{entered + timedelta(days=10)}T09:00:00Z", "channel": "voice", "from": "+12"}
    assert decide(TODAY, [number], [*gaps, call])[0]["observed_days"] == 58


def test_a_number_that_is_called_is_never_let_go_as_one_that_nobody_heard() -> None:
    entered = TODAY - timedelta(days=150)
    number = {"number": "+14155550123", "entered_on": entered, "min_days": 45}
    days = [{"day": entered + timedelta(days=at), "observed": False} for at in range(150)]
    call = {"to": "+14155550123", "at": f"{entered + timedelta(days=100)}T09:00:00Z", "channel": "voice", "from": "+12"}
    assert decide(TODAY, [number], days)[0]["rule"] == "unmonitored"
    assert decide(TODAY, [number], [*days, call])[0]["rule"] == "feed_gap"


@pytest.mark.django_db
def test_the_day_of_a_gap_may_be_told_long_after_its_events() -> None:
    row, _ = heard(feed_of(gaps=range(0)))
    before = look(row, TODAY)
    gap = {"feed": "gap", "day": str(TODAY - timedelta(days=5))}  # on which there was a call
    feed_in(ndjson([json.dumps(gap).encode()]), feed="messages")
    after = look(row, TODAY)
    assert before is not None and after is not None
    assert after.observed_days == before.observed_days - 1
    assert after.recent_contacts < before.recent_contacts
    assert FeedDay.objects.get(day=gap["day"]).healthy is False
