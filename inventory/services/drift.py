"""Drift: what is declared, tested and observed disagree. A case is opened, and staff accept, repair or give back.

While a case that a suite opened is undecided its number is blocked, wherever it is; one that a customer has keeps all
it has, and staff know. What came in from outside is only told: anybody can send a message to any number.
"""

from django.db import transaction

from inventory.lifecycle import State
from inventory.models import DriftCase, DriftFinder, PhoneNumber, Resolution
from inventory.refusals import NothingToAccept
from inventory.services import drift_cases, provider_releases
from inventory.services.drift_cases import ACTOR
from inventory.services.transition import move


def note_suite(number: PhoneNumber, tested: int, *, passed: bool) -> None:
    """A full suite has proved these capabilities. One that failed opens a case if one is missing that was asked for,
    one that was passed ends it.

    Call it in the transaction of the verdict, with the number locked.
    """
    if passed:
        of_suites = drift_cases.still_open(number).filter(found_by=DriftFinder.SUITE)
        why = "a suite proved all that is asked of it"
        drift_cases.end(of_suites, Resolution.PROVED, actor=ACTOR, reason=why)
    elif number.asked_capabilities & ~tested:
        open_case(number, found_by=DriftFinder.SUITE, tested=tested)


def open_case(number: PhoneNumber, *, found_by: DriftFinder, tested: int) -> DriftCase:
    """Open a case, unless one of this finder is open: that stays as it is and is returned."""
    case, _ = DriftCase.objects.get_or_create(
        number=number,
        found_by=found_by,
        resolution="",
        defaults={
            "declared": number.declared_capabilities,
            "tested": tested,
            "observed": number.observed_capabilities,
        },
    )
    drift_cases.keep_off_sale([number])
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


def _resolve(case: DriftCase, how: Resolution, *, actor: str, reason: str, waived: int | None = None) -> None:
    """A case that was resolved meanwhile stays as it is. Where other capabilities are asked of the number from now on
    (`waived`), it goes to the lab: at once, or from its quarantine, unless it is there or is sold."""
    with transaction.atomic():
        if not _still_open(case):
            return
        drift_cases.end(DriftCase.objects.filter(pk=case.pk), how, actor=actor, reason=reason)
        if waived is None:
            return
        numbers = PhoneNumber.objects.filter(pk=case.number_id)
        numbers.update(waived_capabilities=waived)
        numbers.filter(state=State.QUARANTINED).update(passport_expires_at=None)
        if numbers.filter(state__in=(State.FAILED, State.AVAILABLE)).exists():
            move(case.number_id, "start_tests", actor=actor, reason=reason)


def _still_open(case: DriftCase) -> bool:
    """Looked at with its number locked, so that two who decide at once don't both do it."""
    PhoneNumber.objects.select_for_update(no_key=True, of=("self",)).only("pk").get(pk=case.number_id)
    return DriftCase.objects.filter(pk=case.pk, resolution="").exists()
