"""By when a review should be over."""

from datetime import UTC, date, datetime, timedelta

import pytest

from compliance.models import Bundle, ReviewPolicy
from compliance.services.deadlines import UNSET, business_days_later, due_at, policy_for
from tests.compliance.review import waiting

pytestmark = pytest.mark.django_db

FRIDAY = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)


def policy(country: str, hours: int | None, since: date = date(2026, 1, 1)) -> ReviewPolicy:
    return ReviewPolicy.objects.create(country=country, target_hours=hours, valid_from=since, set_by="user:ops")


def bundle(days: list[int] | None) -> Bundle:
    return waiting.draft(of=waiting.regulation(mode="manual", typical_business_days=days))


def test_the_country_s_policy_comes_first() -> None:
    policy("DE", 5)
    policy("", 90)
    assert due_at(bundle([1, 3]), FRIDAY) == FRIDAY + timedelta(hours=5)


def test_then_the_longest_usual_time_of_the_country_s_file_in_business_days() -> None:
    policy("", 90)
    policy("DE", None)
    assert due_at(bundle([1, 3]), FRIDAY) == datetime(2026, 11, 25, 15, 30, tzinfo=UTC)


def test_then_the_policy_for_all() -> None:
    policy("", 90)
    assert due_at(bundle(None), FRIDAY) == FRIDAY + timedelta(hours=90)


def test_and_three_days_where_nobody_has_set_anything() -> None:
    assert due_at(bundle(None), FRIDAY) == FRIDAY + timedelta(hours=72)


def test_a_same_day_review_still_has_a_business_day() -> None:
    assert due_at(bundle([0, 0]), FRIDAY) == datetime(2026, 11, 23, 15, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        (datetime(2026, 11, 16, 9, tzinfo=UTC), 1, datetime(2026, 11, 17, 9, tzinfo=UTC)),
        (datetime(2026, 11, 20, 9, tzinfo=UTC), 1, datetime(2026, 11, 23, 9, tzinfo=UTC)),
        (datetime(2026, 11, 21, 9, tzinfo=UTC), 1, datetime(2026, 11, 24, tzinfo=UTC)),
        (datetime(2026, 11, 22, 23, tzinfo=UTC), 1, datetime(2026, 11, 24, tzinfo=UTC)),
        (datetime(2026, 11, 20, 9, tzinfo=UTC), 7, datetime(2026, 12, 1, 9, tzinfo=UTC)),
    ],
)
def test_business_days_are_monday_to_friday(start: datetime, days: int, end: datetime) -> None:
    assert business_days_later(start, days) == end


def test_a_policy_governs_from_its_day_and_the_last_word_of_a_day_counts() -> None:
    early, old, new = policy("DE", 1), policy("DE", 2, date(2026, 11, 20)), policy("DE", 3, date(2026, 11, 20))
    policy("DE", 4, date(2026, 11, 21))
    assert policy_for("DE", FRIDAY - timedelta(days=1)) == early
    assert policy_for("DE", FRIDAY) == new != old


def test_without_a_policy_of_its_own_a_country_has_that_for_all() -> None:
    assert policy_for("IE", FRIDAY) is UNSET
    general = policy("", 8)
    assert policy_for("IE", FRIDAY) == general
