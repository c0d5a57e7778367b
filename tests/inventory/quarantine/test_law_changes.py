"""Open stays follow the law: the minimum may grow, the maximum is that of today, and each change is written down."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection, transaction
from django.utils import timezone

from compliance.models import AgingRule
from inventory.models import LimitChange, PhoneNumber, Quarantine
from inventory.models.quarantine import QuarantineSource
from inventory.quarantine.law_changes import apply, difference
from inventory.quarantine.stays import enter, leave
from tests.factories import NumberFactory, ProviderFactory

pytestmark = pytest.mark.django_db
WHO: dict[str, Any] = {"actor": "user:ann", "reason": "the new rule"}


def stay(days: int = 10, source: QuarantineSource = QuarantineSource.RELEASED, **fields: Any) -> Quarantine:
    number: PhoneNumber = NumberFactory.create(quarantined=True, **fields)
    return enter(number, source=source, since=timezone.now() - timedelta(days=days))


def rule(least: int | None, most: int | None, ago: int = 1) -> AgingRule:
    day = timezone.now().date() - timedelta(days=ago)
    return AgingRule.objects.create(
        country="US", minimum_days=least, maximum_days=most, confidence="documented", valid_from=day
    )


def ages(row: Quarantine) -> tuple[float, float | None]:
    row.refresh_from_db()
    latest = None if row.latest_at is None else (row.latest_at - row.entered_at) / timedelta(days=1)
    return (row.earliest_at - row.entered_at) / timedelta(days=1), latest


def test_without_a_change_of_the_law_nothing_differs() -> None:
    stay()
    assert difference("US") == []


def test_a_longer_minimum_is_shown_and_then_applied_and_written_down() -> None:
    row, other = stay(), stay(e164=35315550123, country="IE")
    was = row.rule
    made = rule(60, 400)
    (moved,) = difference("US")
    assert (moved.number_type, moved.source, moved.stays) == ("local", "released", 1)
    assert (moved.minimum_was, moved.minimum_is) == (timedelta(days=45), timedelta(days=60))
    assert (moved.maximum_was, moved.maximum_is) == (timedelta(days=365), timedelta(days=400))
    assert ages(row) == (45, 365), "to look changes nothing"
    assert apply("US", **WHO) == [moved]
    assert ages(row) == (60, 400)
    assert row.rule == f"aging:US:any:{made.valid_from}"
    change = LimitChange.objects.get()
    assert (change.stay, change.rule_was, change.rule_is) == (row, was, row.rule)
    assert (change.actor, change.reason, change.earliest_is) == ("user:ann", "the new rule", row.earliest_at)
    assert ages(other) == (45, 365)
    assert apply("US", **WHO) == []


def test_a_minimum_never_becomes_shorter_and_a_maximum_does() -> None:
    row = stay()
    rule(60, 400, ago=5)
    apply("US", **WHO)
    rule(50, 90)
    apply("US", **WHO)
    assert ages(row) == (60, 90)


def test_a_maximum_is_never_before_the_minimum() -> None:
    rule(100, 200, ago=30)
    row = stay()
    rule(45, 60)
    apply("US", **WHO)
    assert ages(row) == (100, 100)


def test_only_open_stays_of_numbers_that_somebody_had_are_touched() -> None:
    over, new = stay(), stay(source=QuarantineSource.ONBOARDED_NEW)
    demo = stay(provider=ProviderFactory.create(demo_aging=timedelta(minutes=1)))
    leave(over.number, verdict="clean", now=timezone.now())
    rule(60, 400)
    assert apply("US", **WHO) == []
    assert ages(new) == (7, None)
    assert ages(demo)[0] < 1
    enter(over.number, source=QuarantineSource.RELEASED, since=timezone.now())  # claims are checked at the end


@pytest.mark.parametrize(
    "change",
    [
        "earliest_at = earliest_at - interval '1 second'",
        "entered_at = entered_at - interval '1 day'",
        "source = 'onboarded_new'",
        "ended_at = now(), earliest_at = earliest_at - interval '1 day'",
    ],
)
def test_the_database_lets_no_minimum_become_shorter(change: str) -> None:
    row = stay()
    with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE inventory_quarantine SET {change} WHERE id = %s", [row.pk])  # noqa: S608 - our own words


def test_the_limits_of_a_stay_that_is_over_stay() -> None:
    row = stay()
    leave(row.number, verdict="clean", now=timezone.now())
    for change in ("earliest_at = earliest_at + interval '1 day'", "latest_at = NULL", "rule = 'none'"):
        with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE inventory_quarantine SET {change} WHERE id = %s", [row.pk])  # noqa: S608 - likewise
    enter(row.number, source=QuarantineSource.RELEASED, since=timezone.now())


def test_the_command_shows_the_difference_and_applies_it_for_a_reason(capsys: pytest.CaptureFixture[str]) -> None:
    row = stay()
    rule(60, 400)
    call_command("quarantine_limits", "US")
    told = capsys.readouterr().out
    assert "1 released local: minimum 45 days to 60 days, maximum 365 days to 400 days" in told
    assert told.endswith("1 stays would change\n")
    with pytest.raises(CommandError, match="--reason and --by"):
        call_command("quarantine_limits", "US", apply=True, by="ann")
    call_command("quarantine_limits", "US", apply=True, by="ann", reason="the new rule")
    assert ages(row) == (60, 400)
    assert LimitChange.objects.get().actor == "user:ann"
