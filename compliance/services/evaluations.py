"""Evaluations: what a bundle holds, held against the rules that are in force today, and what was found, kept."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from django.db.models import Prefetch, QuerySet
from django.utils import timezone

from compliance.evaluation import evaluate
from compliance.evaluation.case import AddressRecord, Area, Case, Paper, Party
from compliance.evaluation.outcome import Code, Finding, Note, Outcome, Result
from compliance.models import (
    Address,
    Bundle,
    Evaluation,
    ItemAssignment,
    Regulation,
    RegulationVersion,
    SupportingDocument,
)
from compliance.refusals import NothingAsked, OtherCountry
from compliance.rulebook.rules import AddressScope, CountryRules
from compliance.services import rulebooks
from compliance.services.areas import area_of
from numbering.e164 import E164
from numbering.languages import in_english


class Look(NamedTuple):
    """What was found, by which version of which rules, of what."""

    version: RegulationVersion
    rules: CountryRules
    case: Case
    outcome: Outcome


@in_english()
def run(bundle: Bundle, *, number: E164 | None = None) -> Evaluation:
    """Evaluate a bundle as it now is and keep what was found.

    `number`: the one that it is for, so that its area counts; the bundle's own, where none is given. Who acts on the
    result has locked the bundle and its items. Raises NothingAsked where the regulation is no longer in force,
    OtherCountry.
    """
    found = look(bundle, number=number)
    return Evaluation.objects.create(
        bundle=bundle,
        version=found.version,
        compliant=found.outcome.compliant,
        hard_passed=found.outcome.hard_passed,
        results=[_result(result) for result in found.outcome.results],
        flags=_notes(found.outcome),
    )


def look(bundle: Bundle, *, number: E164 | None = None, instead: Party | Paper | None = None) -> Look:
    """What `run` would find now; nothing is kept.

    `instead`: an end user or a paper to be looked at in place of the one that the bundle has (of a paper: for the same
    requirement), as somebody writes it just now. Raises NothingAsked, OtherCountry.
    """
    about, version = bundle.regulation, rulebooks.in_force(bundle.regulation)
    if version is None:
        raise NothingAsked(about)
    rules = rulebooks.rules_of(version)
    case = _with(case_of(bundle, area=_area(bundle, number, rules)), instead)
    outcome = evaluate(rules, about.number_type, about.end_user_type, case, timezone.now().date())
    return Look(version, rules, case, outcome)


def would_serve(found: Look, about: Regulation, document: SupportingDocument, requirement_name: str) -> bool:
    """Whether a document, its addresses at hand, would meet a requirement in the place of what was found there."""
    paper = _paper(document, requirement_name)
    addresses = {row.sid: address_record(row) for row in document.addresses.all() if row.deleted_at is None}
    case = replace(_with(found.case, paper), addresses={**found.case.addresses, **addresses})
    outcome = evaluate(found.rules, about.number_type, about.end_user_type, case, timezone.now().date())
    return any(each.passed and each.object_sid == document.sid for each in outcome.results)


def _area(bundle: Bundle, number: E164 | None, rules: CountryRules) -> Area | None:
    """Of the number, where the rules ask for it."""
    number = number or (E164(bundle.for_number) if bundle.for_number else None)
    about = bundle.regulation
    if number and number.country != about.country:
        raise OtherCountry(f"PhoneNumber is a number of {number.country or 'no country'}, not of {about.country}")
    asks_for_area = rules.of(about.number_type).address_scope == AddressScope.AREA_CODE
    return area_of(number) if number and asks_for_area else None


def _with(case: Case, instead: Party | Paper | None) -> Case:
    if isinstance(instead, Party):
        return replace(case, end_user=instead)
    if instead is None:
        return case
    others = (each for each in case.papers if each.sid != instead.sid and each.requirement != instead.requirement)
    return replace(case, papers=(*others, instead))


def may_be_submitted(evaluation: Evaluation) -> bool:
    """Whether nothing is missing, or nobody knows whether: a rule that is not confirmed is never enforced as fact."""
    return evaluation.compliant or all(
        failure["reason"] == Code.REGULATION_NOT_CONFIRMED for failure in failures(evaluation)
    )


def failures(evaluation: Evaluation) -> list[dict[str, Any]]:
    """All that is wrong, in the order of the requirements: of each, the object as a whole and then its fields."""
    return [
        fault for result in evaluation.results for fault in (result, *result["invalid"]) if fault["reason"] is not None
    ]


def summary(evaluation: Evaluation) -> dict[str, Any]:
    """What the ledger keeps of an evaluation: its SID, its verdict, and which codes it raised."""
    flags = sorted({note["code"] for note in evaluation.flags if note["kind"] == "flag"})
    faults = sorted({fault["reason"] for fault in failures(evaluation)})
    return {"evaluation": evaluation.sid, "compliant": evaluation.compliant, "faults": faults, "flags": flags}


def case_of(bundle: Bundle, *, area: Area | None = None) -> Case:
    """Everything that the bundle holds, as values: its end user, its papers, the addresses that those refer to."""
    return replace(cases_of([bundle])[bundle.pk], area=area)


def cases_of(bundles: Sequence[Bundle]) -> dict[int, Case]:
    """The same of many, by their ids, with as few queries as of one."""
    held: dict[int, list[ItemAssignment]] = {bundle.pk: [] for bundle in bundles}
    for item in _items(bundles):
        held[item.bundle_id].append(item)
    return {bundle_id: _case(items) for bundle_id, items in held.items()}


def _items(bundles: Sequence[Bundle]) -> QuerySet[ItemAssignment]:
    addresses = Prefetch("document__addresses", Address.objects.filter(deleted_at=None))
    items = ItemAssignment.objects.filter(bundle__in=bundles, ended_at=None).select_related("end_user", "document")
    return items.prefetch_related(addresses).order_by("pk")


def _case(items: Sequence[ItemAssignment]) -> Case:
    party = next((item.end_user for item in items if item.end_user), None)
    papers = [(item.document, item.requirement_name) for item in items if item.document]
    return Case(
        end_user=Party(party.type, party.attributes, party.sid) if party else None,
        papers=tuple(_paper(document, name) for document, name in papers),
        addresses={row.sid: address_record(row) for document, _ in papers for row in document.addresses.all()},
    )


def _paper(document: SupportingDocument, requirement_name: str) -> Paper:
    return Paper(document.sid, document.type, document.attributes, document.file_id is not None, requirement_name)


def address_record(row: Address) -> AddressRecord:
    """An address as the evaluation reads it."""
    return AddressRecord(
        sid=row.sid,
        street=row.street,
        street_secondary=row.street_secondary,
        city=row.city,
        region=row.region,
        postal_code=row.postal_code,
        iso_country=row.iso_country,
        customer_name=row.customer_name,
    )


def _result(result: Result) -> dict[str, Any]:
    """One requirement as it is kept: fields, codes and sentences, nothing that the customer wrote."""
    return {
        "requirement_name": result.requirement_name,
        "requirement_friendly_name": result.requirement_friendly_name,
        "object_type": result.object_type,
        "object_friendly_name": result.object_friendly_name,
        "object_sid": result.object_sid,
        "passed": result.passed,
        **_fault(result),
        "valid": [_finding(each) for each in result.valid],
        "invalid": [_finding(each) for each in result.invalid],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "field": finding.field,
        "friendly_name": finding.friendly_name,
        "part": finding.part,
        "object_sid": finding.object_sid,
        **_fault(finding),
    }


def _fault(judged: Result | Finding) -> dict[str, Any]:
    return {
        "reason": judged.code,
        "twilio_code": judged.twilio_code,
        "sentence": judged.sentence,
        "hint": judged.hint,
    }


def _notes(outcome: Outcome) -> list[dict[str, Any]]:
    """Flags, at which a person must look, and warnings, which the customer should know."""
    kinds = (("flag", outcome.flags), ("warning", outcome.warnings))
    return [{"kind": kind, **_note(note)} for kind, notes in kinds for note in notes]


def _note(note: Note) -> dict[str, Any]:
    return {
        "code": note.code,
        "requirement_name": note.requirement_name,
        "object_sid": note.object_sid,
        "field": note.field,
        "sentence": note.sentence,
    }
