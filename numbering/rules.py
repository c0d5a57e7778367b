"""How many leading digits of a number the rules of its numbering plan look at.

libphonenumber states a plan as regular expressions ("2\\d{7}|30[1-9]\\d{5}"). Behind some leading digits nothing
but "any digit" is left of every expression; all numbers with that head and of one length are then alike: same
country, type, format. What is left of an expression behind a digit is its derivative (Brzozowski, "Derivatives of
regular expressions", JACM 11(4), 1964; as a set of alternatives: Antimirov 1996).
"""

import re
from collections.abc import Iterable, Iterator
from typing import TypeAlias

# An expression in normal form: a sequence of items, each the set of digits allowed there (bit n for digit n)
# or a choice between sequences.
Item: TypeAlias = "int | tuple[Rule, ...]"
Rule: TypeAlias = tuple[Item, ...]

ANY_DIGIT = 0b11_1111_1111

# All that the metadata use: digits, classes, \d, groups, choices, bounded repetition. Anything else is refused.
_SIGN = re.compile(r"\\d|\d|\[[\d-]+\]|\((?:\?:)?|\)|\||\?|\{\d+(?:,\d+)?\}")


def parse(expression: str) -> Rule:
    """Normal form of a regular expression over digits. Raises ValueError on syntax that the metadata never use."""
    signs = _SIGN.findall(expression)
    if "".join(signs) != expression:
        raise ValueError(f"not an expression over digits: {expression}")
    rest = iter([*signs, ")"])
    return (_choice(rest),)


def after(rules: Iterable[Rule], digit: int) -> frozenset[Rule]:
    """What is left of the rules behind one more digit."""
    return frozenset(left for rule in rules for left in _derivatives(rule, digit))


def settled(rules: Iterable[Rule]) -> bool:
    """Whether the rules look at no further digit, only at how many there are."""
    return all(item == ANY_DIGIT or (isinstance(item, tuple) and settled(item)) for rule in rules for item in rule)


def _derivatives(rule: Rule, digit: int) -> Iterator[Rule]:
    if not rule:
        return
    first, rest = rule[0], rule[1:]
    if isinstance(first, int):
        if first >> digit & 1:
            yield rest
        return
    for branch in first:
        yield from _derivatives(branch + rest, digit)


def _choice(signs: Iterator[str]) -> Item:
    """Read up to the closing parenthesis."""
    branches: list[Rule] = []
    branch: list[Item] = []
    for sign in signs:
        if sign == ")":
            break
        if sign == "|":
            branches.append(tuple(branch))
            branch = []
        elif sign[0] in "{?":
            branch[-1:] = _repeated(branch[-1], sign)
        else:
            branch.append(_choice(signs) if sign[0] == "(" else _digits(sign))
    return (*branches, tuple(branch))


def _repeated(item: Item, sign: str) -> Rule:
    """item{2,4} is item item (nothing or item (nothing or item))."""
    least, _, most = ("0,1" if sign == "?" else sign.strip("{}")).partition(",")
    optional: Rule = ()
    for _ in range(int(most or least) - int(least)):
        optional = (((), (item, *optional)),)
    return (item,) * int(least) + optional


def _digits(sign: str) -> int:
    if sign == r"\d":
        return ANY_DIGIT
    one = re.compile(sign)
    return sum(1 << digit for digit in range(10) if one.match(str(digit)))
