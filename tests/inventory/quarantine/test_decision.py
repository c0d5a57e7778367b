"""The decision itself: pure, so every case is one line."""

from datetime import UTC, date, datetime, timedelta

import pytest

from inventory.models import DailyContact, Quarantine
from inventory.quarantine.decision import Decision, Ruling, decide

QUIET = timedelta(days=7)


def at(day: int, hour: int = 0) -> datetime:
    """An hour of October 2026."""
    return datetime(2026, 10, 1, hour, tzinfo=UTC) + timedelta(days=day - 1)


def seen(day: int, *, voice: int = 0, sms: int = 0, observed: bool = True) -> DailyContact:
    return DailyContact(day=date(2026, 10, day), voice=voice, sms=sms, observed=observed)


def verdict(now: datetime, *days: DailyContact, latest: datetime | None = None) -> Decision:
    """A stay from the 1st to at least the 10th."""
    stay = Quarantine(entered_at=at(1), earliest_at=at(10), latest_at=latest)
    return decide(stay, days, quiet=QUIET, now=now)


def test_nothing_shortens_the_minimum() -> None:
    assert verdict(at(9, 23)) == (Ruling.HOLD, "minimum", at(10))


def test_a_quiet_number_is_clean_at_the_minimum() -> None:
    assert verdict(at(10), seen(4), seen(5)) == (Ruling.CLEAR, "no contact", None)


def test_a_line_that_nobody_listened_to_is_not_said_to_be_quiet() -> None:
    assert verdict(at(10)) == (Ruling.CLEAR, "minimum passed; no feed of contacts", None)


@pytest.mark.parametrize("contact", [seen(9, voice=1), seen(9, sms=1)])
def test_a_contact_extends_the_wait_by_a_quiet_week(contact: DailyContact) -> None:
    assert verdict(at(10), contact) == (Ruling.HOLD, "contact on 2026-10-09", at(17))
    assert verdict(at(17), contact).ruling == Ruling.CLEAR


def test_a_contact_early_in_the_stay_costs_nothing_at_its_end() -> None:
    assert verdict(at(10), seen(2, voice=5)).ruling == Ruling.CLEAR


def test_a_day_on_which_nobody_watched_proves_nothing() -> None:
    assert verdict(at(10), seen(8, observed=False)) == (Ruling.HOLD, "feed gap on 2026-10-08", at(16))


def test_the_last_restless_day_counts() -> None:
    assert verdict(at(12), seen(5, voice=1), seen(11, sms=2), seen(12)).until == at(19)


def test_a_number_still_called_at_the_maximum_is_retired() -> None:
    assert verdict(at(20), seen(19, voice=1), latest=at(20)).ruling == Ruling.RETIRE


def test_a_quiet_number_is_clean_even_at_the_maximum() -> None:
    assert verdict(at(25), latest=at(20)).ruling == Ruling.CLEAR


def test_a_hold_ends_no_later_than_the_maximum() -> None:
    assert verdict(at(18), seen(17, voice=1), latest=at(20)).until == at(20)
