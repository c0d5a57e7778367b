"""What a test says of one exchange: an outcome, the measured quantity, and a sentence."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from testing_lab.models.result import Outcome

_UNWRITABLE = re.compile("[\0\ud800-\udfff]")  # lone surrogates stand for undecodable octets (PEP 383)


class OurTrouble(Exception):
    """Our own machine, trunk or link failed; nothing was learned about the number."""


class OutsideTrouble(OurTrouble):
    """Something outside of the lab failed, or disturbed. No fault of the number, and no reason to test fewer of the
    others."""


class ProviderTrouble(OutsideTrouble):
    """A provider's API failed."""


class BrokenOff(Exception):
    """An exchange failed for the reason that is its cause. `seen`, what it observed until then, is evidence still."""

    def __init__(self, seen: Any) -> None:
        super().__init__("the exchange broke off")
        self.seen = seen


def readable(text: str) -> str:
    """What a far end wrote, as PostgreSQL's text can hold it: without NUL, and without octets that are no UTF-8."""
    return _UNWRITABLE.sub("\N{REPLACEMENT CHARACTER}", text)


@dataclass(frozen=True, slots=True)
class Finding:
    """`value` is in the unit of the test; None where there was nothing to measure."""

    outcome: Outcome
    value: float | None = None
    detail: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "detail", readable(self.detail))


def passed(value: float | None = None, detail: str = "") -> Finding:
    """The number does what we sell."""
    return Finding(Outcome.PASS, value, detail)


def failed(value: float | None = None, detail: str = "") -> Finding:
    """It does not, and the measurement stands."""
    return Finding(Outcome.FAIL, value, detail)


def inconclusive(detail: str) -> Finding:
    """We could not measure: our trouble, or a quantity that did not come about. Never counted against the number."""
    return Finding(Outcome.INCONCLUSIVE, None, detail)


def not_applicable() -> Finding:
    """The test has nothing to ask of this number: it is not sold for it, or nobody could be asked. Never a pass."""
    return Finding(Outcome.NOT_APPLICABLE)


def not_performed(failing: Sequence[str]) -> Finding:
    """It was not looked at, since what was had failed already."""
    return Finding(Outcome.NOT_PERFORMED, detail=f"not performed, since {', '.join(failing)} failed first")


def at_most(limit: float, value: float | None, missing: str) -> Finding:
    """Pass when `value` is within `limit`; inconclusive, for the reason `missing`, when there is none."""
    if value is None:
        return inconclusive(missing)
    return passed(value) if value <= limit else failed(value)


def at_least(limit: float, value: float | None, missing: str) -> Finding:
    """The mirror of `at_most`."""
    if value is None:
        return inconclusive(missing)
    return passed(value) if value >= limit else failed(value)
