"""What the rules in force would say of bundles as they are now: for lists and pages, kept nowhere."""

from collections.abc import Sequence
from dataclasses import replace

from django.utils import timezone

from compliance.evaluation import evaluate
from compliance.evaluation.case import Area
from compliance.evaluation.outcome import Outcome
from compliance.models import Bundle
from compliance.rulebook.rules import AddressScope, NumberTypeRules
from compliance.services import rulebooks
from compliance.services.areas import area_of
from compliance.services.evaluations import cases_of
from numbering.e164 import E164


def of(bundles: Sequence[Bundle]) -> dict[int, Outcome]:
    """By their ids, with as few queries for many as for one. Absent: those whose regulation is no longer in force."""
    cases, today = cases_of(bundles), timezone.now().date()
    found: dict[int, Outcome] = {}
    for bundle in bundles:
        about, version = bundle.regulation, rulebooks.in_force(bundle.regulation)
        if version is not None:
            rules = rulebooks.rules_of(version)
            case = replace(cases[bundle.pk], area=_area(bundle, rules.of(about.number_type)))
            found[bundle.pk] = evaluate(rules, about.number_type, about.end_user_type, case, today)
    return found


def _area(bundle: Bundle, rules: NumberTypeRules) -> Area | None:
    """Of the number that it is written for, where the rules ask for it."""
    asks = bundle.for_number and rules.address_scope == AddressScope.AREA_CODE
    return area_of(E164(bundle.for_number)) if asks and bundle.for_number else None
