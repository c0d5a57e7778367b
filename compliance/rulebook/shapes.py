"""Shapes of values, of which the grammar of country files is put together. Each says what it finds to a report."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from typing import Any

from compliance.rulebook.findings import Report, instead, told
from compliance.rulebook.reading import Path

#: Looks at a value, and reports what is wrong with it.
Shape = Callable[[Any, Path, Report], None]
#: Looks at a group of keys or a list whose parts are all sound.
Rule = Callable[[Any, Path, Report], None]

LONGEST_TEXT = 2_000
_NOT_BOOLEANS = {"yes": "true", "on": "true", "no": "false", "off": "false"}


def text(longest: int = LONGEST_TEXT) -> Shape:
    """Some words."""

    def look(value: Any, path: Path, report: Report) -> None:
        if not isinstance(value, str):
            hint = f"; put it in quotes: '{value}'" if isinstance(value, int) else ""
            report.add(path, f"text is wanted here, not {told(value)}{hint}")
        elif not value.strip():
            report.add(path, "the text is blank")
        elif len(value) > longest:
            report.add(path, f"the text has {len(value)} characters; at most {longest} are kept")

    return look


def word(known: Collection[str], what: str) -> Shape:
    """One of some words; `what` they are, as in "is no {what}"."""

    def look(value: Any, path: Path, report: Report) -> None:
        if not isinstance(value, str) or value not in known:
            report.add(path, f"{told(value)} is no {what}; {instead(value, known)}")

    return look


def matching(pattern: str, wanted: str) -> Shape:
    """A text of a certain form; `wanted` describes it."""

    def look(value: Any, path: Path, report: Report) -> None:
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            report.add(path, f"{told(value)} is not {wanted}")

    return look


def flag(value: Any, path: Path, report: Report) -> None:
    """True or false."""
    if not isinstance(value, bool):
        meant = _NOT_BOOLEANS.get(str(value).lower())
        report.add(path, f"true or false is wanted here, not {told(value)}{f'; write {meant}' if meant else ''}")


def number(least: int, most: int, of: str) -> Shape:
    """A whole number `of` something, between two limits."""

    def look(value: Any, path: Path, report: Report) -> None:
        if isinstance(value, bool) or not isinstance(value, int):
            report.add(path, f"a whole number of {of} is wanted here, not {told(value)}")
        elif not least <= value <= most:
            report.add(path, f"{value} {of} can't be meant; from {least} to {most} is possible")

    return look


def day(value: Any, path: Path, report: Report) -> None:
    """A day, ISO 8601."""
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value) or not _is_day(value):
        report.add(path, f"{told(value)} is no day; write it like '2026-11-20'")


def day_or_year(value: Any, path: Path, report: Report) -> None:
    """A day, a month or a year."""
    given = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    whole = f"{given}{'-01-01'[len(given) - 10 :]}" if isinstance(given, str) and len(given) in {4, 7} else given
    if not isinstance(whole, str) or not re.fullmatch(r"[12]\d{3}-\d{2}-\d{2}", whole) or not _is_day(whole):
        report.add(path, f"{told(value)} is no day, month or year; write it like '2026-11-20', '2026-11' or '2026'")


def _is_day(value: str) -> bool:
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def or_null(shape: Shape) -> Shape:
    """The shape, or null."""

    def look(value: Any, path: Path, report: Report) -> None:
        if value is not None:
            shape(value, path, report)

    return look


def any_of(words: Mapping[Any, str], shape: Shape) -> Shape:
    """One of some values, or else the shape."""

    def look(value: Any, path: Path, report: Report) -> None:
        if not any(value is known or (isinstance(known, str) and value == known) for known in words):
            shape(value, path, report)

    return look


def items(shape: Shape, *, least: int = 0, distinct: str = "", also: Sequence[Rule] = ()) -> Shape:
    """A list; `distinct`: what an entry is called, if none may stand there twice."""

    def look(value: Any, path: Path, report: Report) -> None:
        if not isinstance(value, list):
            report.add(path, f"a list is wanted here, not {told(value)}; write [] for an empty one")
            return
        if len(value) < least:
            report.add(path, "the list is empty")
        for place, entry in enumerate(value):
            shape(entry, (*path, place), report)
            if distinct and entry in value[:place]:
                report.add((*path, place), f"the {distinct} {told(entry)} stands in the list twice")
        _apply(also, value, path, report)

    return look


def group(
    required: Mapping[str, Shape], optional: Mapping[str, Shape] | None = None, *, also: Sequence[Rule] = ()
) -> Shape:
    """Known keys, of which some must be there and no other may."""
    known = {**required, **(optional or {})}

    def look(value: Any, path: Path, report: Report) -> None:
        if not isinstance(value, dict):
            report.add(path, f"a group of keys is wanted here ({', '.join(required)} …), not {told(value)}")
            return
        for key, part in value.items():
            if key in known:
                known[key](part, (*path, key), report)
            else:
                report.add((*path, key), f"the key “{key}” is not known here; {instead(key, known)}")
        for key in required.keys() - value.keys():
            report.add(path, f"the key “{key}” is missing")
        _apply(also, value, path, report)

    return look


def by_name(name: Shape, shape: Shape, *, also: Sequence[Rule] = ()) -> Shape:
    """Keys that are names of something, each with the same shape behind it."""

    def look(value: Any, path: Path, report: Report) -> None:
        if not isinstance(value, dict):
            report.add(path, f"a group of keys is wanted here, not {told(value)}; write {{}} for an empty one")
            return
        for key, part in value.items():
            name(key, (*path, key), report)
            shape(part, (*path, key), report)
        _apply(also, value, path, report)

    return look


def _apply(rules: Sequence[Rule], value: Any, path: Path, report: Report) -> None:
    """What parts say together is looked at only where each of them says something."""
    if report.is_sound(path):
        for rule in rules:
            rule(value, path, report)
