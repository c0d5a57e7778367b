"""What a customer gave, as values: the end user, the papers, the addresses, and where the number belongs.

Attributes are whatever JSON the customer sent. Nothing in this room may raise on them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Party:
    """The end user. `type`: individual or business."""

    type: str
    attributes: Mapping[str, Any]
    sid: str = ""


@dataclass(frozen=True, slots=True)
class AddressRecord:
    """One postal address. `iso_country`: ISO 3166-1 alpha-2."""

    sid: str
    street: str
    street_secondary: str
    city: str
    region: str
    postal_code: str
    iso_country: str
    customer_name: str = ""


@dataclass(frozen=True, slots=True)
class Paper:
    """A supporting document. `requirement`: the name of the one that it is for; blank: whichever it serves best."""

    sid: str
    type: str
    attributes: Mapping[str, Any]
    has_file: bool
    requirement: str = ""


@dataclass(frozen=True, slots=True)
class Area:
    """What the prefix of the number serves. No localities: it is not known."""

    localities: tuple[str, ...]
    name: str = ""

    @property
    def towns(self) -> tuple[str, ...]:
        """The localities as people write them: what is in lower case (`Place.other_names`) is for comparing only."""
        return tuple(name for name in self.localities if not name.islower()) or self.localities


@dataclass(frozen=True, slots=True)
class Case:
    """Everything in a bundle. `addresses` by their SID: all that its papers may refer to."""

    end_user: Party | None = None
    papers: tuple[Paper, ...] = ()
    addresses: Mapping[str, AddressRecord] = field(default_factory=dict)
    area: Area | None = None
