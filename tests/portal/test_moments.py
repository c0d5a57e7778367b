"""Days, moments and how long something lasts, on the customer's pages."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone, translation

from portal.templatetags.moments import day, lasting, moment

NOON = datetime(2026, 12, 2, 12, 5, 59, tzinfo=UTC)


@pytest.mark.parametrize(("language", "shown"), [("en-gb", "2 December 2026"), ("de", "2. Dezember 2026")])
def test_a_day_is_written_as_its_reader_does(language: str, shown: str) -> None:
    """ISO 8601 is the console's."""
    with translation.override(language):
        assert day(date(2026, 12, 2)) == day("2026-12-02") == day(NOON) == shown
        assert moment(NOON) == f"{shown}, 12:05 UTC"


def test_what_is_no_whole_day_stays_as_it_is() -> None:
    """Of many rules no more than the year is known."""
    texts = ["2018", "before 2018-05-25", "2018-02-30", ""]
    assert [day(text) for text in texts] == texts


def test_nothing_is_written_of_no_day() -> None:
    """A template may ask for what is not there."""
    assert (day(None), moment(None), lasting(None)) == ("", "", "")


@pytest.mark.parametrize(
    ("until", "shown"),
    [(timedelta(days=10, seconds=-30), "10 days"), (timedelta(days=1, hours=3, seconds=30), "1\xa0day, 3\xa0hours")],
    ids=["days", "hours"],
)
def test_ten_days_are_ten_days(until: timedelta, shown: str) -> None:
    """Not a week and two days, because half a minute went by."""
    assert lasting(timezone.now() + until) == shown
