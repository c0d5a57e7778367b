"""What pages show of the whole stock, and of all that the lab found: too much to read while somebody waits."""

from typing import Any

from inventory.levels.countries import countries_stock
from inventory.quarantine.forecast import forecast
from inventory.yard import flow
from inventory.yard.reading import yard
from numbering.pictures import Picture
from testing_lab.services import scorecard

#: Those of which a page must not wait for the first look, the most visited first.
ALL: tuple[Picture[Any], ...] = (yard, countries_stock, forecast, *flow.PICTURES, *scorecard.PICTURES)


def renew() -> int:
    """Read those anew that are due; returns how many."""
    return sum(picture.renew() for picture in ALL)
