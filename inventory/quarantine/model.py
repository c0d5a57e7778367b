"""The numbers that a fit finds, as one versioned value that goes to JSON and back. Pure."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple, Self

import numpy as np

from inventory.quarantine.likelihood import Floats, Ints

AGE_BANDS = (0, 15, 30, 60, 120, 240)  # each from this age on
P_BANDS = (0.0, 0.02, 0.05, 0.1, 0.15, 0.25, 0.4, 0.6, 0.8, 0.95)


class Remaining(NamedTuple):
    """What became of numbers like this one: days until their release, and the share that was never released."""

    median: float
    low: float
    high: float
    never: float


#: By source, age band and band of p; None where too few were like that.
Table = tuple[tuple[tuple[Remaining | None, ...], ...], ...]


@dataclass(frozen=True)
class Model:
    """Without a fit the defaults of A3. The tuples follow `records.SOURCES`, and within them AGE_BANDS."""

    prior: tuple[float, ...] = (2.0, 2.0, 1.0)
    rho: tuple[tuple[float, ...], ...] = ((0.9,) * len(AGE_BANDS),) * 3
    c0: float = -0.6
    c1: float = 0.8
    bg: Mapping[str, float] = field(default_factory=dict)  # measured, by "US local"
    table: Table = ()
    stays: int = 0  # finished ones that it was fitted on
    rows: int = 0  # their days that were looked at
    fitted_to: str = ""  # the last day that was looked at

    @property
    def version(self) -> str:
        """A name that no other fit has."""
        if not self.stays:
            return "default"
        return f"{self.fitted_to}-{hashlib.sha256(self.as_json().encode()).hexdigest()[:12]}"

    def rho_of(self, source: Ints, age: Ints) -> Floats:
        """The expected fading of each row."""
        found: Floats = np.array(self.rho)[source, age_band(age)]
        return found

    def as_json(self) -> str:
        """The same text for the same model."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The model of `as_json`."""
        read: dict[str, Any] = json.loads(text)
        read["prior"], read["rho"] = tuple(read["prior"]), tuple(map(tuple, read["rho"]))
        read["table"] = tuple(
            tuple(tuple(cell and Remaining(*cell) for cell in ages) for ages in source) for source in read["table"]
        )
        return cls(**read)


DEFAULT = Model()


def age_band(age: Ints) -> Ints:
    """The index in AGE_BANDS of each age in days."""
    found: Ints = np.maximum(np.searchsorted(AGE_BANDS, age, side="right") - 1, 0)
    return found


def p_band(p: Floats) -> Ints:
    """The index in P_BANDS of each likelihood."""
    found: Ints = np.searchsorted(P_BANDS, p, side="right") - 1
    return found
