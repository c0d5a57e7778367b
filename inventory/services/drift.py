"""Drift: what is declared, tested and observed disagree. A case is opened, and staff accept, repair or give back.

A number in TESTING or FAILED is off sale anyway; one on sale is blocked while its case is open; one that a customer
has keeps all it has, and staff know.
"""

from django.db import transaction
from django.utils import timezone

from inventory.lifecycle import State
from inventory.models import BlockReason, DriftCase, DriftFinder, NumberBlock, PhoneNumber, Resolution
from inventory.refusals import NothingToAccept
from inventory.services import blocks, provider_releases
from inventory.services.transition import move

ACTOR = "lab:drift"


def note_suite(number: PhoneNumber, tested: int, *, passed: bool) -> None:
    """A full suite has proved these capabilities. One that failed opens a case if one is missing that was asked for,
    one that was passed ends it.

    Call it in the transaction of the verdict, with the number locked.
    """
    if not passed:
        if number.asked_capabilities & ~tested:
            open_case(number, found_by=DriftFinder.SUITE, tested=tested)
        return
    case = DriftCase.objects.filter(number=number, resolution="", found_by=DriftFinder.SUITE).first()
    if case:
        _end(case, Resolution.PROVED, actor=ACTOR, reason="a suite proved all that is asked of it")


def open_case(number: PhoneNumber, *, found_by: DriftFinder, tested: int) -> DriftCase:
    """Open a case, unless one is open: that stays as it is and is returned. A number on sale is blocked with it."""
    case, is_new = DriftCase.objects.get_or_create(
        number=number,
        resolution="",
        defaults={
            "found_by": found_by,
            "declared": number.declared_capabilities,
            "tested": tested,
            "observed": number.observed_capabilities,
        },
    )
    if is_new and number.state == State.AVAILABLE:
        blocks.place(number=number, reason=BlockReason.DRIFT, actor=ACTOR, note=case.get_found_by_display())
    return case


def accept(case: DriftCase, *, actor: str, reason: str) -> None:
    """What was tested is enough: the next suite asks for no more, and the number may be sold with that.

    What came in and is not declared is accepted as it is: it is not sold, and nothing is tested for it.
    Raises NothingToAccept when nothing was proved.
    """
    if case.found_by == DriftFinder.TRAFFIC:
        _resolve(case, Resolution.ACCEPTED, actor=actor, reason=reason)
    elif case.declared & case.tested:
        waived = case.declared & ~case.tested
        _resolve(case, Resolution.ACCEPTED, actor=actor, reason=reason, waived=waived)
    else:
        raise NothingToAccept(f"{case.number}: no capability was proved; repair it or give it back")


def repaired(case: DriftCase, *, actor: str, reason: str) -> None:
    """The provider has repaired it: the next suite asks for all that is declared."""
    _resolve(case, Resolution.REPAIRED, actor=actor, reason=reason, waived=0)


def give_back(case: DriftCase, *, actor: str, reason: str) -> None:
    """The number leaves the stock for good. Raises IllegalMove for one that a customer has."""
    with transaction.atomic():
        if _still_open(case):
            provider_releases.retire(case.number_id, actor=actor, reason=reason)
            _end(case, Resolution.RETURNED, actor=actor, reason=reason)


def _resolve(case: DriftCase, how: Resolution, *, actor: str, reason: str, waived: int | None = None) -> None:
    """A case that was resolved meanwhile stays as it is. Where other capabilities are asked of the number from now on
    (`waived`), it goes to the lab, unless it is there or is sold."""
    with transaction.atomic():
        if not _still_open(case):
            return
        _end(case, how, actor=actor, reason=reason)
        if waived is None:
            return
        PhoneNumber.objects.filter(pk=case.number_id).update(waived_capabilities=waived)
        if PhoneNumber.objects.get(pk=case.number_id).state in (State.FAILED, State.AVAILABLE):
            move(case.number_id, "start_tests", actor=actor, reason=reason)


def _still_open(case: DriftCase) -> bool:
    """Looked at with its number locked, so that two who decide at once don't both do it."""
    PhoneNumber.objects.select_for_update(no_key=True, of=("self",)).only("pk").get(pk=case.number_id)
    return DriftCase.objects.filter(pk=case.pk, resolution="").exists()


def _end(case: DriftCase, how: Resolution, *, actor: str, reason: str) -> None:
    DriftCase.objects.filter(pk=case.pk).update(
        resolution=how, resolved_at=timezone.now(), resolved_by=actor, reason=reason
    )
    for block in NumberBlock.objects.filter(number_id=case.number_id, reason=BlockReason.DRIFT, cleared_at=None):
        blocks.clear(block=block, actor=actor, note=f"{how.label}: {reason}"[:300])
