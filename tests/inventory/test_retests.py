"""The retest intervals: which row fits a number, and that one always does."""

from datetime import date, timedelta

import pytest

from inventory import retests
from inventory.retests import RetestRule
from numbering.types import NumberType

TODAY = date(2026, 11, 21)
EVER = date(1970, 1, 1)


def test_every_kind_of_number_has_an_interval_of_its_own_and_a_reason() -> None:
    named = {rule.number_type for rule in retests.rules()}
    assert named == {*NumberType.values, retests.ANY}
    assert all(rule.why and 7 <= rule.days <= 90 for rule in retests.rules())


def test_mobile_numbers_are_retested_twice_as_often_as_local_ones() -> None:
    assert retests.interval("US", NumberType.MOBILE, TODAY) == timedelta(days=14)
    assert retests.interval("US", NumberType.LOCAL, TODAY) == timedelta(days=30)


def test_the_row_that_fits_best_and_came_last_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [
        RetestRule("any", "any", 30, EVER, ""),
        RetestRule("any", "FR", 29, EVER, ""),
        RetestRule("mobile", "any", 14, EVER, ""),
        RetestRule("mobile", "FR", 10, EVER, ""),
        RetestRule("mobile", "FR", 7, TODAY, ""),
    ]
    monkeypatch.setattr(retests, "rules", lambda: tuple(sorted(rows, key=retests.best_first)))
    days = {
        (country, kind, on): retests.interval(country, kind, on).days
        for country in ("FR", "US")
        for kind in ("mobile", "local")
        for on in (TODAY - timedelta(days=1), TODAY)
    }
    yesterday = TODAY - timedelta(days=1)
    assert days == {
        ("FR", "mobile", yesterday): 10,
        ("FR", "mobile", TODAY): 7,
        ("FR", "local", yesterday): 29,
        ("FR", "local", TODAY): 29,
        ("US", "mobile", yesterday): 14,
        ("US", "mobile", TODAY): 14,
        ("US", "local", yesterday): 30,
        ("US", "local", TODAY): 30,
    }
