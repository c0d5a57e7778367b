"""Which regulations a country file describes: their SIDs, and what each asks for as a fingerprint."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from compliance.rulebook.rules import country_rules

END_USER_TYPES = ("individual", "business")


class Described(NamedTuple):
    """A regulation of a file. Equal fingerprints ask for the same, whatever the notes beside them say."""

    number_type: str
    end_user_type: str
    fingerprint: str


def sid_of(country: str, number_type: str, end_user_type: str) -> str:
    """The SID of a regulation, the same in every installation."""
    name = f"regulation:{country}:{number_type}:{end_user_type}"
    return "RN" + hashlib.sha256(name.encode()).hexdigest()[:32]


def digest_of(document: Mapping[str, Any]) -> str:
    """SHA-256 (hex) of the document as canonical JSON: neither order of keys, layout nor comments count."""
    canonical = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def described(document: Mapping[str, Any]) -> Iterator[Described]:
    """The regulations of a file that the linter accepts.

    There is one for each number type and kind of end user, also where such a customer is refused (the evaluation says
    so) or nothing is confirmed; none for a type of which it is confirmed that nobody has to give anything.
    """
    rules = country_rules(document)
    for number_type in [*document["number_types"], *(document.get("not_described") or ())]:
        if not rules.of(number_type).asks_nothing:
            for end_user_type in END_USER_TYPES:
                asked = what_is_asked(document, number_type, end_user_type)
                yield Described(number_type, end_user_type, digest_of(asked))


def what_is_asked(document: Mapping[str, Any], number_type: str, end_user_type: str) -> dict[str, Any]:
    """What the evaluation of such a bundle depends on; texts for people are left out."""
    rules = document["number_types"].get(number_type) or {}
    given = rules.get("end_user_types", {}).get(end_user_type) or {}
    return {
        "enforced": rules.get("enforced", False),
        "constraints": rules.get("constraints") or {},
        "review_mode": (rules.get("review") or {}).get("mode", "manual"),
        "available": given.get("available", "unknown"),
        "end_user": given.get("end_user") or {},
        "supporting_documents": [_without(paper, "name") for paper in given.get("supporting_documents") or ()],
        "identifier_validators": document.get("identifier_validators") or {},
        "address_format": _without(document["address_format"], "postal_code_example"),
    }


def _without(part: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in part.items() if key not in keys}
