"""A regulation as RegulatoryCompliance shows it, and what Twilio only tells in prose as values, under our own key."""

from typing import Any, NotRequired, TypedDict

from api.bodies import CountryCode, Sid
from api.regulatory.end_users.payloads import EndUserTypeText
from api.regulatory.regulations.requirements import RequirementsBody, requirements
from api.regulatory.words import address_of, hyphened
from compliance.models import Regulation, RegulationVersion
from compliance.rulebook.catalogue import Field, catalogue
from compliance.rulebook.rules import (
    AcceptedDocument,
    CountryRules,
    DocumentRequirement,
    EndUserRules,
    IdentifierCheck,
    NumberTypeRules,
)
from numbering.types import NumberType


class IdentifierBody(TypedDict):
    """python-stdnum modules, one of which must accept the value. `hard` fails; `soft` makes a reviewer look."""

    any_of: list[str]
    severity: str


class FieldConstraintBody(TypedDict):
    """A field of the end user, as a form would have it."""

    machine_name: str
    required: bool
    type: str
    max_length: int
    choices: list[str]
    pii: str
    identifier: NotRequired[IdentifierBody]


class PaperConstraintBody(TypedDict):
    """A paper that will do. `max_age_months`: calendar months; null: no limit."""

    type: str
    fields: list[str]
    file_required: bool
    max_age_months: int | None


class RequirementConstraintBody(TypedDict):
    """What a paper for a requirement must be. `issuing_country`: same, same_or_eu, an ISO code, or null for any."""

    requirement_name: str
    issuing_country: str | None
    address_must_match: bool
    list_documented: bool
    sides: str | None
    accepted: list[PaperConstraintBody]


class AddressConstraintBody(TypedDict):
    """Where the address must lie, and how it must be written."""

    requirement: str
    scope: str
    scope_meaning: str
    po_box_allowed: bool | None
    postal_code_required: bool


class ReviewBody(TypedDict):
    """Who decides, and how many business days it usually takes."""

    mode: str
    business_days: list[int] | None


class SourceBody(TypedDict):
    """What was read."""

    id: str
    title: str
    address: str | None
    page_date: str | None
    kind: str


class ConstraintsBody(TypedDict):
    """Everything that a form or a program needs to know before it asks."""

    address: AddressConstraintBody
    end_user: list[FieldConstraintBody]
    documents: list[RequirementConstraintBody]
    conditional_documents: list[dict[str, Any]]
    review: ReviewBody
    notes: list[str]
    usage_rules: list[str]
    sources: list[SourceBody]


class RegulationExtrasBody(TypedDict):
    """How sure we are of it, and which version it is. Not enforced: an operator decides, whatever is given."""

    version: int
    fingerprint: str
    effective_from: str | None
    in_force_since: str | None
    available: str
    confidence: str
    enforced: bool
    constraints: NotRequired[ConstraintsBody]


class RegulationBody(TypedDict):
    """What one kind of end user gives for one type of number of one country."""

    sid: Sid
    friendly_name: str
    iso_country: CountryCode
    number_type: str
    end_user_type: EndUserTypeText
    requirements: RequirementsBody
    url: str
    numberyard: RegulationExtrasBody


def regulation(
    row: Regulation, version: RegulationVersion, country: CountryRules, *, constraints: bool
) -> RegulationBody:
    """A regulation as the version in force says it. `constraints`: with everything that is structured."""
    rules = country.of(row.number_type)
    return {
        "sid": row.sid,
        "friendly_name": f"{country.name}: {NumberType(row.number_type).label} - {row.get_end_user_type_display()}",
        "iso_country": row.country,
        "number_type": hyphened(row.number_type),
        "end_user_type": row.end_user_type,
        "requirements": requirements(rules, row.end_user_type, constraints=constraints),
        "url": address_of(f"Regulations/{row.sid}"),
        "numberyard": _extras(row, version, country, constraints=constraints),
    }


def _extras(
    row: Regulation, version: RegulationVersion, country: CountryRules, *, constraints: bool
) -> RegulationExtrasBody:
    rules = country.of(row.number_type)
    asked, since = rules.of(row.end_user_type), version.rulebook.effective_from
    shown: RegulationExtrasBody = {
        "version": version.rulebook.version,
        "fingerprint": version.fingerprint,
        "effective_from": rules.effective_from or None,
        "in_force_since": since.isoformat() if since else None,
        "available": asked.available,
        "confidence": asked.confidence,
        "enforced": rules.enforced,
    }
    return {**shown, "constraints": _constraints(country, rules, asked)} if constraints else shown


def _constraints(country: CountryRules, rules: NumberTypeRules, asked: EndUserRules) -> ConstraintsBody:
    return {
        "address": {
            "requirement": rules.address_requirement,
            "scope": rules.address_scope,
            "scope_meaning": catalogue().address_scopes[rules.address_scope],
            "po_box_allowed": rules.po_box_allowed,
            "postal_code_required": rules.postal_code_required,
        },
        "end_user": [_field(country, name, required=True) for name in asked.fields]
        + [_field(country, name, required=False) for name in asked.optional_fields],
        "documents": [_requirement(rules, each) for each in asked.documents],
        "conditional_documents": [dict(each) for each in asked.conditional_documents],
        "review": {"mode": rules.review_mode, "business_days": list(rules.review_days) if rules.review_days else None},
        "notes": [*rules.notes, *asked.notes],
        "usage_rules": list(rules.usage_rules),
        "sources": [_source(country, name) for name in dict.fromkeys((*rules.sources, *asked.sources))],
    }


def _field(country: CountryRules, name: str, *, required: bool) -> FieldConstraintBody:
    about: Field = catalogue().field(name)
    check = country.identifiers.get(name)
    shown: FieldConstraintBody = {
        "machine_name": name,
        "required": required,
        "type": about.type,
        "max_length": about.max_length,
        "choices": list(about.choices),
        "pii": about.pii,
    }
    return {**shown, "identifier": _identifier(check)} if check else shown


def _identifier(check: IdentifierCheck) -> IdentifierBody:
    return {"any_of": list(check.modules), "severity": "hard" if check.hard else "soft"}


def _requirement(rules: NumberTypeRules, asked: DocumentRequirement) -> RequirementConstraintBody:
    return {
        "requirement_name": asked.requirement_name,
        "issuing_country": asked.issuing_country or None,
        "address_must_match": asked.must_match_document or rules.address_must_match_document,
        "list_documented": asked.documented,
        "sides": asked.sides or None,
        "accepted": [_paper(asked, paper) for paper in asked.accepted],
    }


def _paper(asked: DocumentRequirement, paper: AcceptedDocument) -> PaperConstraintBody:
    return {
        "type": paper.type,
        "fields": list(paper.fields),
        "file_required": paper.file_required,
        "max_age_months": asked.max_age_of(paper.type),
    }


def _source(country: CountryRules, name: str) -> SourceBody:
    source = country.sources[name]
    return {
        "id": source.id,
        "title": source.title,
        "address": source.address or None,
        "page_date": source.page_date or None,
        "kind": source.kind,
    }
