"""The number under test, as the lab sees it."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from numbering.e164 import E164
from numbering.types import Capability, NumberType
from testing_lab import limits
from testing_lab.limits import LimitRow, Limits, Scope


def rows_of_the_file() -> tuple[LimitRow, ...]:
    """What our own file asks for today."""
    return limits.in_force(limits.stock(), datetime.now(UTC).date())


@dataclass(frozen=True, slots=True)
class Line:
    """`number` is X of the procedures; `reference` is the lab's own number at the other end of its calls and messages.

    `seed` is unique to this run and attempt: probes and message tokens are made from it. Type and country are those of
    the stock, since digits tell little of either; an empty country is that of the digits. `is_held`: a customer has it,
    so nothing about it may be changed for a test. `emergency_tests`: its provider has a service for emergency test
    calls. `limit_rows` are all that were in force when the run began.
    """

    number: E164
    reference: E164
    capabilities: Capability
    seed: str
    number_type: NumberType = NumberType.LOCAL
    country: str = ""
    is_held: bool = False
    emergency_tests: bool = True
    limit_rows: tuple[LimitRow, ...] = field(default_factory=rows_of_the_file, repr=False)

    @property
    def home(self) -> str:
        """The number's country, ISO 3166-1 alpha-2; "" when it belongs to none."""
        return self.country or self.number.country

    @property
    def is_national(self) -> bool:
        """Whether a call between the two stays in one country."""
        return self.home == self.reference.country

    @property
    def limits(self) -> Limits:
        """What this number must keep to pass."""
        scope = Scope.NATIONAL if self.is_national else Scope.INTERNATIONAL
        return limits.governing(self.limit_rows, self.home, self.number_type, scope)
