"""The verdict: each requirement of the regulation, met or not, and why not."""

from collections.abc import Iterator, Sequence
from datetime import date

from django.utils.translation import gettext

from compliance.evaluation.case import Case, Paper
from compliance.evaluation.matching import match
from compliance.evaluation.outcome import Code, Fault, Note, NoteCode, Outcome, Result
from compliance.evaluation.papers import (
    ALWAYS_READ,
    PaperCheck,
    Question,
    missing_field,
    names_of,
    type_of,
    wanted_fields,
)
from compliance.evaluation.party import attributes_of, check_party, requirement_name, unlisted
from compliance.rulebook.catalogue import catalogue
from compliance.rulebook.rules import (
    AddressScope,
    Availability,
    CountryRules,
    DocumentRequirement,
    EndUserRules,
    NumberTypeRules,
)


def evaluate(country: CountryRules, number_type: str, end_user_type: str, case: Case, on: date) -> Outcome:
    """Judge what a customer gave for a number of that country and type, on a day.

    Pure and deterministic; never raises for what a customer gave. Follows the section "Evaluation" of the README of the
    regulation data step by step.
    """
    rules = country.of(number_type)
    wanted = rules.of(end_user_type)
    if code := _stop(rules, wanted):
        return Outcome((_stopped(wanted, end_user_type, code),))
    if wanted.asks_nothing:
        return Outcome()
    question = Question(country, rules, wanted, case, on)
    party = check_party(country, rules, end_user_type, case.end_user, on)
    matching = match(question, wanted.documents)
    checks = [matching.served.get(index) for index in range(len(wanted.documents))]
    pairs = list(zip(wanted.documents, checks, strict=True))
    flags = [*party.flags, *(flag for check in checks if check for flag in check.flags)]
    return Outcome(
        results=(party.result, *(_result(each, check, checks) for each, check in pairs)),
        flags=(*flags, *_of_rules(rules, wanted, flags)),
        warnings=(
            *party.warnings,
            *(note for pair in pairs for note in _unlisted(*pair)),
            *_left(wanted, matching.left),
        ),
    )


def _stop(rules: NumberTypeRules, wanted: EndUserRules) -> Code | None:
    """Why nothing can be evaluated: such numbers are not sold to such customers, or nobody knows the rules."""
    if wanted.available == Availability.NO:
        return Code.END_USER_TYPE_NOT_AVAILABLE
    if not rules.enforced or wanted.available == Availability.UNKNOWN:
        return Code.REGULATION_NOT_CONFIRMED
    return None


def _stopped(wanted: EndUserRules, end_user_type: str, code: Code) -> Result:
    name = catalogue().end_user_name(end_user_type)
    return Result(requirement_name(wanted, end_user_type), name, end_user_type, name, fault=Fault(code))


def _result(requirement: DocumentRequirement, check: PaperCheck | None, checks: Sequence[PaperCheck | None]) -> Result:
    if check is None:
        return _missing(requirement, any(each and requirement.accepting(type_of(each.paper)) for each in checks))
    kind = type_of(check.paper)
    return Result(
        requirement_name=requirement.requirement_name,
        requirement_friendly_name=requirement.name,
        object_type=kind,
        object_friendly_name=catalogue().document_name(kind),
        object_sid=check.paper.sid,
        fault=check.fault,
        valid=tuple(finding for finding in check.findings if not finding.fault),
        invalid=tuple(finding for finding in check.findings if finding.fault),
    )


def _missing(requirement: DocumentRequirement, serves_another: bool) -> Result:
    """Nobody knows which paper it would be: the first that is accepted stands for all.

    `serves_another`: a paper of such a type is there, and serves another requirement (France: the Kbis is given twice).
    """
    first = requirement.accepted[0]
    wanted = names_of(requirement)
    if serves_another:
        said = gettext("%(papers)s; one paper serves one requirement, its file may be uploaded once more")
        wanted = said % {"papers": wanted}
    return Result(
        requirement_name=requirement.requirement_name,
        requirement_friendly_name=requirement.name,
        object_type=first.type,
        object_friendly_name=catalogue().document_name(first.type),
        fault=Fault(Code.DOCUMENT_MISSING, wanted),
        invalid=tuple(map(missing_field, wanted_fields(requirement, first))),
    )


def _of_rules(rules: NumberTypeRules, wanted: EndUserRules, flags: list[Note]) -> Iterator[Note]:
    """What a person must look at whatever was given: rules that nobody confirmed, and rules in words."""
    if rules.address_scope == AddressScope.UNKNOWN and all(flag.code != NoteCode.SCOPE_NOT_KNOWN for flag in flags):
        yield Note(NoteCode.SCOPE_NOT_KNOWN)
    for condition in wanted.conditional_documents:
        when = str(condition.get("when") or "")
        yield Note(NoteCode.CONDITIONAL_DOCUMENTS, detail=gettext(when) if when else "")


def _unlisted(requirement: DocumentRequirement, check: PaperCheck | None) -> Iterator[Note]:
    accepted = requirement.accepting(type_of(check.paper)) if check else None
    if check is None or accepted is None:
        return
    for field in unlisted(attributes_of(check.paper.attributes), (*accepted.fields, *ALWAYS_READ)):
        yield Note(NoteCode.FIELD_NOT_LISTED, requirement.requirement_name, check.paper.sid, field)


def _left(wanted: EndUserRules, papers: tuple[Paper, ...]) -> Iterator[Note]:
    names = {requirement.requirement_name for requirement in wanted.documents}
    for paper in papers:
        if paper.requirement and paper.requirement not in names:
            yield Note(NoteCode.REQUIREMENT_NOT_KNOWN, object_sid=paper.sid)
        else:
            yield Note(NoteCode.PAPER_SERVES_NOTHING, paper.requirement, paper.sid)
