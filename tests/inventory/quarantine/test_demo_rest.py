"""The minutes of the demonstration: pure, so every case is one line."""

from datetime import UTC, date, datetime, timedelta

import pytest

from inventory.models import DailyContact, Quarantine
from inventory.quarantine.demo_rest import over_at

AGING = timedelta(minutes=1)
DELIVERED = datetime(2026, 10, 1, 9, tzinfo=UTC)
STAY = Quarantine(entered_at=DELIVERED, earliest_at=DELIVERED + AGING)
MIDNIGHT = datetime(2026, 10, 2, tzinfo=UTC)


def seen(voice: int = 0, sms: int = 0, observed: bool = True) -> DailyContact:
    return DailyContact(day=date(2026, 10, 1), voice=voice, sms=sms, observed=observed)


def test_a_quiet_number_rests_for_its_minutes() -> None:
    assert over_at(STAY, [], AGING) == over_at(STAY, [seen()], AGING) == STAY.earliest_at


@pytest.mark.parametrize("day", [seen(voice=1), seen(sms=1), seen(observed=False)], ids=["call", "message", "gap"])
def test_a_day_that_was_not_quiet_is_over_first(day: DailyContact) -> None:
    assert over_at(STAY, [day], AGING) == MIDNIGHT + AGING
