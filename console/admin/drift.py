"""Drift cases: what a number is declared to do, what was tested, what was seen, and what staff make of it."""

from django.contrib import admin
from django.db.models import Q

from console.admin.stock import OfNumber
from console.read_only import YesFilter
from console.verbs import Verb, VerbsAdmin
from inventory.lifecycle import MOVES
from inventory.models import DriftCase, DriftFinder
from inventory.services import drift
from numbering.types import capability_names


def _is_open(case: DriftCase) -> bool:
    return not case.resolution


def _may_be_accepted(case: DriftCase) -> bool:
    return _is_open(case) and (case.found_by == DriftFinder.TRAFFIC or bool(case.declared & case.tested))


VERBS = (
    Verb(
        "accept",
        "Accept what was tested",
        "The next suite asks for no more than was proved, and the number is sold with that. It goes to the lab, unless "
        "a customer has it. What came in without being declared stays as it is: seen, and not sold.",
        _may_be_accepted,
        lambda case, given, actor: drift.accept(case, actor=actor, reason=given["reason"]),
    ),
    Verb(
        "repaired",
        "Repaired",
        "The number goes to the lab, unless a customer has it, and the suite asks for all that is declared.",
        _is_open,
        lambda case, given, actor: drift.repaired(case, actor=actor, reason=given["reason"]),
    ),
    Verb(
        "give_back",
        "Give back",
        "The number leaves the stock for good and goes back to its provider.",
        lambda case: _is_open(case) and case.number.state in MOVES["retire"].sources,
        lambda case, given, actor: drift.give_back(case, actor=actor, reason=given["reason"]),
        is_grave=True,
    ),
)


class OpenFilter(YesFilter):
    """Cases that wait for staff."""

    title = "open"
    parameter_name = "open"

    @staticmethod
    def condition() -> Q:
        """As `drift_case_open` finds them."""
        return Q(resolution="")


@admin.register(DriftCase)
class DriftCaseAdmin(OfNumber, VerbsAdmin):
    """One line for each case; those without a resolution wait for staff."""

    verbs = VERBS
    list_display = ("number", "found_by", "says", "proved", "seen", "opened_at", "resolution", "resolved_by", "reason")
    list_filter = (OpenFilter, "resolution", "found_by")

    @admin.display(description="declared", ordering="declared")
    def says(self, case: DriftCase) -> str:
        """In words."""
        return _names(case.declared)

    @admin.display(description="tested", ordering="tested")
    def proved(self, case: DriftCase) -> str:
        """In words."""
        return _names(case.tested)

    @admin.display(description="observed", ordering="observed")
    def seen(self, case: DriftCase) -> str:
        """In words."""
        return _names(case.observed)


def _names(mask: int) -> str:
    return ", ".join(capability_names(mask)) or "-"
