"""Drift cases of numbers that the caller's transaction has locked: how they end, and what an open one holds back."""

from collections.abc import Sequence

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from inventory.lifecycle import HELD
from inventory.models import BlockReason, DriftCase, DriftFinder, NumberBlock, PhoneNumber, Resolution
from inventory.services import blocks

ACTOR = "lab:drift"


def still_open(number: PhoneNumber) -> QuerySet[DriftCase]:
    """Its cases that nobody has decided: one of each finder at most."""
    return DriftCase.objects.filter(number=number, resolution="")


def end(cases: QuerySet[DriftCase], how: Resolution, *, actor: str, reason: str) -> None:
    """End these cases, and with one that a suite opened the block that it placed."""
    suites = list(cases.filter(found_by=DriftFinder.SUITE).values_list("number", flat=True))
    cases.update(resolution=how, resolved_at=timezone.now(), resolved_by=actor[:80], reason=reason[:300])
    for block in NumberBlock.objects.filter(number__in=suites, reason=BlockReason.DRIFT, cleared_at=None):
        blocks.clear(block=block, actor=actor, note=f"{how.label}: {reason}"[:300])


def keep_off_sale(numbers: Sequence[PhoneNumber]) -> None:
    """Block those that a suite has found wanting, wherever they are: a test that proves less may pass before the case
    is decided. Those that a customer has are left alone until he gives them up."""
    free = [number for number in numbers if number.state not in HELD]
    cases = DriftCase.objects.filter(number__in=free, found_by=DriftFinder.SUITE, resolution="")
    wanting = set(cases.values_list("number", flat=True))
    for number in free:
        if number.pk in wanting:
            note = DriftFinder.SUITE.label
            blocks.place(number=number, reason=BlockReason.DRIFT, actor=ACTOR, note=note)


def given_up(numbers: Sequence[PhoneNumber]) -> None:
    """Numbers that come back from a hold: its account was promised what they had; nobody else is."""
    keep_off_sale(numbers)
    for number in numbers:
        if number.capabilities & number.waived_capabilities:
            number.capabilities &= ~number.waived_capabilities
            PhoneNumber.objects.filter(pk=number.pk).update(capabilities=number.capabilities)


def clearable_blocks(number: PhoneNumber) -> QuerySet[NumberBlock]:
    """The open blocks that may be cleared by hand: all but that of a case, which goes with its case."""
    suites = DriftCase.objects.filter(number=OuterRef("number"), found_by=DriftFinder.SUITE, resolution="")
    return NumberBlock.objects.filter(number=number, cleared_at=None).exclude(Exists(suites), reason=BlockReason.DRIFT)
