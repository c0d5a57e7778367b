"""What a suite's findings prove of a number: which capabilities, and which tests it passed, as bits.

Beside the registry, and of nothing but codes: a new test proves what its letter stands for.
"""

from collections.abc import Iterable, Mapping

from numbering.types import Capability
from testing_lab.findings import Finding
from testing_lab.models.result import Outcome

#: Which capability a test proves, by the letter of its code. All of them that apply must pass.
PROVES = {
    "V": Capability.VOICE,
    "E": Capability.VOICE,
    "S": Capability.SMS,
    "M": Capability.MMS,
    "F": Capability.FAX,
}
#: The bit of a letter's test number 1. Stored in passports, so never to be changed; below a letter there is room for
#: more of its tests, and 63 bits are what a bigint has without its sign.
_FIRST_BIT = {"V": 0, "S": 32, "M": 44, "F": 50, "E": 56}
_LAST_BIT = 62


def proven(findings: Mapping[str, Finding], asked: int) -> Capability:
    """The capabilities of `asked` that are proved: of their tests at least one passed, and the others did not apply."""
    seen: dict[Capability, set[Outcome]] = {}
    for code, finding in findings.items():
        seen.setdefault(PROVES.get(code[:1], Capability(0)), set()).add(finding.outcome)
    proved = [each for each, outcomes in seen.items() if outcomes - {Outcome.NOT_APPLICABLE} == {Outcome.PASS}]
    return Capability(sum(proved)) & Capability(asked)


def bit_of(code: str) -> int:
    """The test's bit in the mask of passed tests; 0 for a code that has none."""
    first, number = _FIRST_BIT.get(code[:1]), code[1:]
    if first is None or not number.isdecimal():
        return 0
    bit = first + int(number) - 1
    ceiling = min(each for each in [*_FIRST_BIT.values(), _LAST_BIT + 1] if each > first)
    return 1 << bit if first <= bit < ceiling else 0


def passed_mask(codes: Iterable[str]) -> int:
    """The bits of these tests, together."""
    mask = 0
    for code in codes:
        mask |= bit_of(code)
    return mask
