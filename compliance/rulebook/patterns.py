"""Regular expressions of country files: written by people, run on what customers send, so they must be harmless.

How many ways there are to read a text by a pattern is counted from its parse tree. A backtracking search tries each of
them at worst, so a pattern with few is quick on every text, whoever wrote it (CWE-1333).
"""

import re
from collections.abc import Iterable
from importlib import import_module
from typing import Any

_engine: Any = import_module("re._parser")  # no other reads a pattern just as the engine does
MOST_WAYS = 10_000
LONGEST_PATTERN = 2_000


def trouble_with(pattern: str) -> str:
    """What is wrong with a pattern; blank: nothing."""
    if len(pattern) > LONGEST_PATTERN:
        return f"the pattern has {len(pattern)} characters; {LONGEST_PATTERN} are enough"
    try:
        tree = _engine.parse(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        return f"the pattern can't be read as a regular expression: {error}"
    if _ways(tree) > MOST_WAYS:
        return (
            "the pattern can take very long on some texts: repeat with limits, like {1,4}, and repeat nothing that"
            " has choices inside"
        )
    return ""


def _ways(parts: Iterable[tuple[Any, Any]]) -> int:
    """How many ways there are to go through these parts, one after the other; counted to just above the limit."""
    ways = 1
    for operation, argument in parts:
        ways = min(ways * _ways_of(str(operation), argument), MOST_WAYS + 1)
    return ways


def _ways_of(operation: str, argument: Any) -> int:
    match operation:
        case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
            return _repeated(*argument)
        case "BRANCH":
            return sum(map(_ways, argument[1]))
        case "SUBPATTERN" | "ASSERT" | "ASSERT_NOT":
            return _ways(argument[-1])
        case "ATOMIC_GROUP":
            return _ways(argument)
        case "GROUPREF_EXISTS":
            return sum(_ways(side) for side in argument[1:] if side is not None)
    return 1


def _repeated(least: int, most: int, part: Any) -> int:
    once = _ways(part)
    if once == 1:
        return min(most - least, MOST_WAYS) + 1
    total = 0
    for times in range(least, most + 1):
        total += once ** min(times, MOST_WAYS.bit_length())
        if total > MOST_WAYS:
            break
    return total
