"""`requirements` of a regulation in Twilio's shape (contract 3.2), from the typed rules of the country.

`end_user` is a list of one; `supporting_document` holds one list of requirements, each met by any one accepted paper.
"""

from collections.abc import Iterator, Sequence
from typing import Literal, NotRequired, TypedDict

from api.regulatory.kinds.payloads import DOCUMENT_TYPES, END_USER_TYPES, Catalogue, Constraint, constraint, type_sid
from api.regulatory.words import address_of
from compliance.rulebook.catalogue import DocumentType, Field, catalogue
from compliance.rulebook.rules import AcceptedDocument, AddressScope, DocumentRequirement, EndUserRules, NumberTypeRules


class DetailedFieldBody(TypedDict):
    """A field that is asked for. `constraint` comes with IncludeConstraints."""

    machine_name: str
    friendly_name: str
    description: str
    constraint: NotRequired[Constraint]


class EndUserRequirementBody(TypedDict):
    """What is asked of the end user."""

    name: str
    type: str
    requirement_name: str
    url: str
    fields: list[str]
    detailed_fields: list[DetailedFieldBody]


class AcceptedDocumentBody(TypedDict):
    """One paper that will do, and what it must show."""

    name: str
    type: str
    url: str
    fields: list[str]
    detailed_fields: list[DetailedFieldBody]


class DocumentRequirementBody(TypedDict):
    """Something that must be proved."""

    name: str
    type: Literal["document"]
    requirement_name: str
    description: str
    accepted_documents: list[AcceptedDocumentBody]


class RequirementsBody(TypedDict):
    """Everything that a bundle must hold."""

    end_user: list[EndUserRequirementBody]
    supporting_document: list[list[DocumentRequirementBody]]


def requirements(rules: NumberTypeRules, end_user_type: str, *, constraints: bool) -> RequirementsBody:
    """What that kind of end user gives for a number of that type."""
    asked = rules.of(end_user_type)
    papers = [_paper_requirement(rules, each, constraints=constraints) for each in asked.documents]
    return {"end_user": [_end_user(asked, end_user_type, constraints=constraints)], "supporting_document": [papers]}


def _end_user(asked: EndUserRules, end_user_type: str, *, constraints: bool) -> EndUserRequirementBody:
    listed = asked.listed
    return {
        "name": catalogue().end_user_name(end_user_type),
        "type": end_user_type,
        "requirement_name": asked.requirement_name or f"{end_user_type}_info",
        "url": _url(END_USER_TYPES, end_user_type),
        "fields": list(listed),
        "detailed_fields": _detailed(listed, asked.optional_fields, constraints=constraints),
    }


def _paper_requirement(
    rules: NumberTypeRules, asked: DocumentRequirement, *, constraints: bool
) -> DocumentRequirementBody:
    return {
        "name": asked.name,
        "type": "document",
        "requirement_name": asked.requirement_name,
        "description": " ".join(_sentences(rules, asked)),
        "accepted_documents": [_accepted(paper, constraints=constraints) for paper in asked.accepted],
    }


def _accepted(paper: AcceptedDocument, *, constraints: bool) -> AcceptedDocumentBody:
    return {
        "name": catalogue().document_name(paper.type),
        "type": paper.type,
        "url": _url(DOCUMENT_TYPES, _kind(paper).machine_name),
        "fields": list(paper.fields),
        "detailed_fields": _detailed(paper.fields, (), constraints=constraints),
    }


def _kind(paper: AcceptedDocument) -> DocumentType:
    found = catalogue().document_type(paper.type)
    if found is None:  # the linter of country files saw to it
        raise LookupError(f"no document type {paper.type}")
    return found


def _url(of: Catalogue, machine_name: str) -> str:
    return address_of(f"{of.path}/{type_sid(of.path, machine_name)}")


def _detailed(names: Sequence[str], optional: Sequence[str], *, constraints: bool) -> list[DetailedFieldBody]:
    return [_field(catalogue().field(name), name in optional, constraints=constraints) for name in names]


def _field(field: Field, optional: bool, *, constraints: bool) -> DetailedFieldBody:
    shown: DetailedFieldBody = {
        "machine_name": field.machine_name,
        "friendly_name": field.friendly_name + (" (Optional)" if optional else ""),
        "description": " ".join(_about(field)),
    }
    return {**shown, "constraint": constraint(field)} if constraints else shown


def _about(field: Field) -> Iterator[str]:
    if field.description:
        yield field.description
    if field.choices:
        yield f"Choose any one of the following values: [{', '.join(field.choices)}]."


_SCOPES = {
    AddressScope.COUNTRY: "The address must lie in the country of the number.",
    AddressScope.AREA_CODE: "The address must lie in the area of the number.",
    AddressScope.NOT_IN_COUNTRY: "The address must lie outside the country of the number.",
}


def _sentences(rules: NumberTypeRules, asked: DocumentRequirement) -> Iterator[str]:
    """In words what a program finds under `numberyard`."""
    shows_an_address = any("address_sids" in paper.fields for paper in asked.accepted)
    if shows_an_address and rules.address_scope in _SCOPES:
        yield _SCOPES[rules.address_scope]
    if shows_an_address and rules.po_box_allowed is False:
        yield "A post office box is not accepted."
    if asked.max_age_months is not None:
        yield f"At most {_months(asked.max_age_months)} old, by its issue_date."
    for document_type, months in (asked.max_age_months_by_type or {}).items():
        yield f"{catalogue().document_name(document_type)}: at most {_months(months)} old, by its issue_date."
    if asked.issuing_country:
        yield f"Issued by {_issuer(asked.issuing_country)}: its issuing_country."
    if shows_an_address and (asked.must_match_document or rules.address_must_match_document):
        yield "The address record must equal the address on the paper."


def _months(count: int) -> str:
    return "1 month" if count == 1 else f"{count} months"


def _issuer(country: str) -> str:
    same = "the country of the number"
    return {"same": same, "same_or_eu": f"{same} or a member state of the European Union"}.get(country, country)
