"""The dated rows that an activated version leaves for other rooms: address requirements and aging rules.

A row that was once in force is history and stays; a rule that changes gets a row of its own with a later day.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from compliance.models import AgingRule, NumberTypeRule, PreviousUse, Rulebook
from compliance.rulebook.rules import country_rules

ALWAYS = date(1970, 1, 1)


def write_dated_rules(books: Sequence[Rulebook]) -> None:
    """For versions that were just activated; call it in the activating transaction."""
    known: dict[str, list[str]] = defaultdict(list)
    for country, number_type in NumberTypeRule.objects.values_list("country", "number_type").distinct():
        known[country].append(number_type)
    NumberTypeRule.objects.bulk_create(
        [rule for book in books for rule in _type_rules(book, known[book.country])],
        update_conflicts=True,
        unique_fields=["country", "number_type", "valid_from"],
        update_fields=["address_requirement", "confidence", "enforced", "needs_bundle"],
    )
    AgingRule.objects.bulk_create(
        _aging_rules(books),
        update_conflicts=True,
        unique_fields=["country", "previous_use", "valid_from"],
        update_fields=["minimum_days", "maximum_days", "clock_start", "source", "confidence"],
    )


def _type_rules(book: Rulebook, known: Iterable[str]) -> Iterator[NumberTypeRule]:
    """Also of the types of which the file says only that they are there, and of those that it dropped: nothing is
    confirmed of these, and what was known before holds no more."""
    rules, named = country_rules(book.document), book.document["number_types"]
    for number_type in dict.fromkeys([*named, *(book.document.get("not_described") or ()), *known]):
        rule = rules.of(number_type)
        yield NumberTypeRule(
            country=book.country,
            number_type=number_type,
            address_requirement=rule.address_requirement,
            confidence=rule.confidence,
            enforced=rule.enforced,
            needs_bundle=not rule.asks_nothing,
            valid_from=_day(book),
        )


class _Aging(NamedTuple):
    """What a file says of the hold time after one previous use."""

    minimum_days: int | None = None
    maximum_days: int | None = None
    clock_start: str = ""
    source: str = ""
    confidence: str = "unknown"


def _aging_rules(books: Sequence[Rulebook]) -> list[AgingRule]:
    known: dict[tuple[str, str], list[AgingRule]] = {}
    for row in AgingRule.objects.filter(country__in={book.country for book in books}).order_by("valid_from"):
        known.setdefault((row.country, row.previous_use), []).append(row)
    return [rule for book in books for rule in _aging_of(book, known)]


def _aging_of(book: Rulebook, known: Mapping[tuple[str, str], Sequence[AgingRule]]) -> Iterator[AgingRule]:
    """Only what is new: with the law's own day if nothing was known before, else not before the version's first day."""
    aging = book.document.get("aging") or {}
    law_day, wanted = _effective(aging.get("effective_from")), dict(_limits(aging))
    for use in PreviousUse.values:
        before = [row for row in known.get((book.country, use), ()) if row.valid_from <= max(law_day, _day(book))]
        rule = wanted.get(use, _Aging())
        if (before and _same(before[-1], rule)) or (not before and use not in wanted):
            continue
        begins = max(law_day, _day(book)) if before else law_day
        yield AgingRule(country=book.country, previous_use=use, valid_from=begins, **rule._asdict())


def _limits(aging: Mapping[str, Any]) -> Iterable[tuple[str, _Aging]]:
    about: dict[str, Any] = {
        "clock_start": aging.get("clock_start") or "",
        "source": (aging.get("legal_source") or "")[:300],
        "confidence": aging.get("confidence") or "unknown",
    }
    for use, limit in ({PreviousUse.ANY.value: aging} | dict(aging.get("by_previous_use") or {})).items():
        days = (limit.get("minimum_days"), limit.get("maximum_days"))
        if days != (None, None):
            yield use, _Aging(*days, **about)


def _same(row: AgingRule, rule: _Aging) -> bool:
    return all(getattr(row, column) == value for column, value in rule._asdict().items())


def _day(book: Rulebook) -> date:
    if book.effective_from is None:
        raise ValueError(f"{book} was not activated")
    return book.effective_from


def _effective(text: object) -> date:
    """The day a rule took effect; a bare year is its first day, and no date at all is "always"."""
    if not text:
        return ALWAYS
    parts = [int(part) for part in str(text).split("-")]
    return date(*[*parts, 1, 1][:3])
