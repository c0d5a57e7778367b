"""Which shelf a number lies on, and which one a wish is about."""

import pytest

from inventory.models import Sku
from inventory.shelves.kinds import Kind, Shelves
from numbering.types import Capability

VOICE, SMS, FAX = Capability.VOICE, Capability.SMS, Capability.FAX


def sku(pk: int, **fields: object) -> Sku:
    return Sku(pk=pk, country="US", number_type="local", **fields)


SHELVES = Shelves(
    [
        sku(1),
        sku(2, area_code="415"),
        sku(3, area_code="415", capabilities=VOICE),
        sku(4, area_code="415", capabilities=VOICE | SMS),
        sku(5, place_id=77),
        sku(6, area_code="212", capabilities=VOICE | SMS | FAX),
        sku(7, area_code="212", capabilities=VOICE | SMS),
    ]
)


@pytest.mark.parametrize(
    ("kind", "number", "wish"),
    [
        (Kind("", None, VOICE), 1, 1),
        (Kind("303", None, VOICE), 1, 1),
        (Kind("415", None, 0), 2, 2),
        (Kind("415", None, FAX), 2, 2),
        (Kind("415", None, VOICE), 3, 3),
        (Kind("415", None, VOICE | SMS | FAX), 4, 4),
        (Kind("415", 77, VOICE | SMS), 5, 5),
        (Kind("415", 78, VOICE | SMS), 4, 4),
    ],
)
def test_the_narrowest_that_fits(kind: Kind, number: int, wish: int) -> None:
    assert (SHELVES.of_number(kind), SHELVES.of_wish(kind)) == (number, wish)


def test_a_wish_may_be_met_by_more_than_it_asks_for() -> None:
    shelves = Shelves([sku(6, area_code="212", capabilities=15), sku(7, area_code="212", capabilities=VOICE | SMS)])
    assert (shelves.of_number(Kind("212", None, VOICE)), shelves.of_wish(Kind("212", None, VOICE))) == (None, 7)
    assert (shelves.of_number(Kind("303", None, 15)), shelves.of_wish(Kind("303", None, 15))) == (None, None)
