"""A night that is killed in the middle and done again, or by two at once, says what an undisturbed one says."""

import os
import signal
import subprocess
import sys
from typing import Any

import pgtrigger
import pytest
from django.db import connection

from inventory.models import Quarantine, QuarantineDecision, QuarantineNight
from inventory.quarantine.nights.stretches import run
from tests.inventory.quarantine.populations import ON, populate

pytestmark = pytest.mark.django_db(transaction=True)
SIZE = 8
AT_ENTRY = ("number", "source", "previous_use", "entered_at", "carried_contacts", "carried_days", "rule")
NIGHTLY = [
    field.attname
    for field in Quarantine._meta.concrete_fields
    if field.name not in (*AT_ENTRY, "earliest_at", "latest_at", "ended_at", "verdict")
]
WRITTEN = [
    field.attname for field in QuarantineDecision._meta.concrete_fields if field.name not in ("id", "decided_at")
]


@pytest.fixture
def undisturbed() -> dict[str, list[Any]]:
    """Sixty stays, and what a night that nobody disturbs makes of them; they are as before it again."""
    populate(60)
    run(ON, size=SIZE)
    found = books()
    with pgtrigger.ignore("inventory.QuarantineDecision:append_only"):
        QuarantineDecision.objects.all().delete()
    QuarantineNight.objects.all().delete()
    blank = {name: None for name in NIGHTLY if name != "id"} | {"action": "", "action_rule": ""}
    Quarantine.objects.update(**blank)
    assert books() != found
    return found


def books() -> dict[str, list[Any]]:
    """All that nights write, every column."""
    return {
        "stays": list(Quarantine.objects.order_by("pk").values_list(*NIGHTLY)),
        "decisions": list(QuarantineDecision.objects.order_by("stay_id", "day").values_list(*WRITTEN)),
        "nights": list(QuarantineNight.objects.order_by("first").values_list("day", "first", "last", "stays")),
    }


def start(step: str, nth: int) -> subprocess.Popen[bytes]:
    settings = connection.settings_dict
    url = "postgres://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**settings)
    command = [sys.executable, "-m", "tests.inventory.quarantine.dying_night", step, str(nth), str(ON), str(SIZE)]
    return subprocess.Popen(command, env=os.environ | {"DATABASE_URL": url})


@pytest.mark.parametrize(
    ("step", "nth"),
    [
        ("inventory.quarantine.nights.stretches:_plan", 1),
        ("inventory.quarantine.nights.stretches:stretch", 3),
        ("inventory.quarantine.nights.writing:write", 5),  # the ledger of the third stretch is written, its stays not
        ("inventory.quarantine.nights.stretches:keep", 3),
        ("inventory.quarantine.nights.stretches:_take", 3),
    ],
)
def test_a_killed_night_is_finished_by_the_next(undisturbed: dict[str, list[Any]], step: str, nth: int) -> None:
    assert start(step, nth).wait(120) == -signal.SIGKILL
    done = QuarantineNight.objects.exclude(done_at=None).count()
    assert done < 8
    assert Quarantine.objects.exclude(state_day=None).count() == done * SIZE, "whole stretches, and nothing else"
    assert QuarantineDecision.objects.count() == done * SIZE
    run(ON, size=SIZE)
    assert books() == undisturbed


def test_two_at_once_share_a_night(undisturbed: dict[str, list[Any]]) -> None:
    both = [start("inventory.quarantine.nights.stretches:_take", 0) for _ in range(2)]
    assert [each.wait(120) for each in both] == [0, 0]
    assert books() == undisturbed
