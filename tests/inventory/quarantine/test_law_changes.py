"""Open stays follow the law: the minimum may grow, the maximum is that of today, and each change is written down."""

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event
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


@pytest.mark.parametrize("size", [1, 2, 3])
def test_stretch_by_stretch_it_says_and_does_the_same(size: int) -> None:
    rows = [stay(days) for days in (5, 10, 15, 20, 25)]
    stay(e164=35315550123, country="IE")
    rule(60, 400)
    (moved,) = difference("US", size=size)
    assert (moved.stays, moved.minimum_is) == (5, timedelta(days=60))
    assert apply("US", **WHO, size=size) == [moved]
    assert [ages(row) for row in rows] == [(60, 400)] * 5
    assert LimitChange.objects.count() == 5
    assert apply("US", **WHO, size=size) == difference("US", size=size) == []


@pytest.mark.parametrize(("use", "most"), [("residential", 90), ("business", 365), ("", 365)])
def test_what_the_former_user_was_counts_when_the_law_changes(use: str, most: int) -> None:
    number = NumberFactory.create(quarantined=True)
    since = timezone.now() - timedelta(days=10)
    row = enter(number, source=QuarantineSource.RELEASED, since=since, previous_use=use)
    assert ages(row) == (45, 365)
    for governed, maximum in (("residential", 90), ("business", 365)):
        said: dict[str, Any] = {"confidence": "documented", "valid_from": timezone.now().date() - timedelta(days=1)}
        AgingRule.objects.create(country="US", previous_use=governed, minimum_days=60, maximum_days=maximum, **said)
    apply("US", **WHO)
    assert ages(row) == (60, most)


@pytest.mark.django_db(transaction=True)
def test_to_look_waits_for_nobody_and_makes_nobody_wait() -> None:
    row = stay()
    rule(60, 400)
    mine, theirs = Event(), Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                Quarantine.objects.select_for_update(no_key=True).get(pk=row.pk)
                mine.set()
                theirs.wait(30)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        held = pool.submit(hold)
        assert mine.wait(30)
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '2s'")
        try:
            (moved,) = difference("US")
        finally:
            theirs.set()
            held.result(30)
            connection.close()
    assert moved.stays == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("step", "nth", "done"),
    [("inventory.quarantine.law_changes:_compare", 2, 2), ("inventory.quarantine.law_changes:apply", 1, 6)],
)
def test_killed_in_the_middle_it_leaves_whole_stretches_and_is_finished_by_the_next(
    step: str, nth: int, done: int
) -> None:
    rows = [stay(days) for days in range(5, 11)]
    rule(60, 400)
    url = "postgres://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**connection.settings_dict)
    command = [sys.executable, "-m", "tests.inventory.quarantine.dying_law", step, str(nth), "US", "2"]
    killed = subprocess.run(command, check=False, env=os.environ | {"DATABASE_URL": url}, timeout=120)
    assert killed.returncode == -signal.SIGKILL
    assert LimitChange.objects.count() == done
    assert sum(ages(row) == (60, 400) for row in rows) == done
    again = apply("US", **WHO, size=2)
    assert sum(each.stays for each in again) == 6 - done
    assert [ages(row) for row in rows] == [(60, 400)] * 6
    assert LimitChange.objects.values("stay").distinct().count() == LimitChange.objects.count() == 6


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
