"""What a customer may ask of the stock, in our words. Pure values: nothing here knows the database."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import timedelta

from numbering.patterns import Pattern
from numbering.types import NumberType

DEFAULT_RADIUS = 25
MAX_RADIUS = 500


@dataclass(frozen=True)
class Near:
    """A circle: degrees north and east (WGS 84), and a radius in miles."""

    latitude: float
    longitude: float
    miles: int = DEFAULT_RADIUS


@dataclass(frozen=True)
class Whereabouts:
    """Names of where a number shall lie; None: anywhere. All that are given must hold."""

    locality: str | None = None
    postal_code: str | None = None
    lata: str | None = None
    rate_centre: str | None = None

    def __bool__(self) -> bool:
        return self != Whereabouts()


@dataclass(frozen=True)
class Criteria:
    """One kind of number in one country, and what is asked of it.

    `capabilities` is a mask: numbers have at least these. `places` are place ids that a caller knows already (the
    place of another number); the empty set matches nothing. `excluded_requirements` are values of AddressRequirement
    that the kind of number must not have. The passport: its suite ended at most `tested_within` ago, and passed all
    tests of the mask `must_pass` (bits as in PhoneNumber.passed_tests).
    """

    country: str
    number_type: NumberType
    capabilities: int = 0
    pattern: Pattern | None = None
    area_code: str | None = None
    region: str | None = None
    whereabouts: Whereabouts = field(default_factory=Whereabouts)
    places: frozenset[int] | None = None
    near: Near | None = None
    with_beta: bool = True
    excluded_requirements: Collection[str] = frozenset()
    tested_within: timedelta | None = None
    must_pass: int = 0

    @property
    def asks_for_papers(self) -> bool:
        """Whether it matters when a number was tested, or for what."""
        return self.tested_within is not None or self.must_pass != 0
