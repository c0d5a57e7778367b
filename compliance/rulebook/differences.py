"""What changes from one version of a country's rules to the next, in sentences."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from compliance.rulebook.rules import Availability, CountryRules, DocumentRequirement, EndUserRules, NumberTypeRules

_AVAILABLE = {Availability.YES: "available", Availability.NO: "not available", Availability.UNKNOWN: "not confirmed"}


def differences(before: CountryRules, after: CountryRules, number_type: str, end_user_type: str) -> Sequence[str]:
    """What that kind of end user hears of the change; nothing: what is asked stays."""
    old, new = before.of(number_type), after.of(number_type)
    return [
        *_of_type(old, new),
        *_of_end_user(old.of(end_user_type), new.of(end_user_type)),
        *_of_country(before, after),
    ]


def _of_type(old: NumberTypeRules, new: NumberTypeRules) -> Iterator[str]:
    if old.enforced != new.enforced:
        yield "the rules are now enforced" if new.enforced else "the rules are no longer enforced: an operator decides"
    yield from _change("address requirement", old.address_requirement, new.address_requirement)
    yield from _change("address scope", old.address_scope.value, new.address_scope.value)
    yield from _change("post boxes allowed", old.po_box_allowed, new.po_box_allowed)
    yield from _change("postal code required", old.postal_code_required, new.postal_code_required)
    yield from _change("address must match the paper", old.address_must_match_document, new.address_must_match_document)
    yield from _change("review", old.review_mode, new.review_mode)


def _of_end_user(old: EndUserRules, new: EndUserRules) -> Iterator[str]:
    yield from _change("such customers", _AVAILABLE[old.available], _AVAILABLE[new.available])
    yield from _added_and_removed("field", old.fields, new.fields)
    yield from _added_and_removed("optional field", old.optional_fields, new.optional_fields)
    before = {paper.requirement_name: paper for paper in old.documents}
    after = {paper.requirement_name: paper for paper in new.documents}
    yield from _added_and_removed("requirement", before, after)
    for name, paper in after.items():
        if name in before:
            yield from (f"{name}: {line}" for line in _of_requirement(before[name], paper))


def _of_requirement(old: DocumentRequirement, new: DocumentRequirement) -> Iterator[str]:
    before, after = ({paper.type: paper for paper in each.accepted} for each in (old, new))
    yield from _added_and_removed("accepted paper", before, after)
    for kind in after:
        if kind in before:
            yield from _added_and_removed(f"{kind} field", before[kind].fields, after[kind].fields)
            yield from _change(f"{kind} file required", before[kind].file_required, after[kind].file_required)
    for kind in after:
        yield from _change(f"months that a {kind} may be old", old.max_age_of(kind), new.max_age_of(kind))
    yield from _change("issuing country", old.issuing_country or None, new.issuing_country or None)
    yield from _change("address must equal the paper's", old.must_match_document, new.must_match_document)
    yield from _change("sides to be shown", old.sides or None, new.sides or None)


def _of_country(before: CountryRules, after: CountryRules) -> Iterator[str]:
    yield from _change("form of postal codes", before.postal_code_pattern or None, after.postal_code_pattern or None)
    yield from _added_and_removed("part of an address", before.address_fields, after.address_fields)
    for field in sorted({*before.identifiers, *after.identifiers}):
        old, new = (_check(rules, field) for rules in (before, after))
        yield from _change(f"check of {field}", old, new)


def _check(rules: CountryRules, field: str) -> str | None:
    check = rules.identifiers.get(field)
    return f"{' or '.join(check.modules)}, {'fails' if check.hard else 'flags only'}" if check else None


def _added_and_removed(what: str, old: Iterable[str], new: Iterable[str]) -> Iterator[str]:
    before, after = list(old), list(new)
    yield from (f"{what} added: {name}" for name in after if name not in before)
    yield from (f"{what} removed: {name}" for name in before if name not in after)


def _change(what: str, old: Any, new: Any) -> Iterator[str]:
    if old != new:
        yield f"{what}: {_word(old)} becomes {_word(new)}"


def _word(value: Any) -> str:
    if value is None:
        return "nothing"
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)
