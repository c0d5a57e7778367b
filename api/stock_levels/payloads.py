"""A stock level as /inventory/v1 shows it: everything to the operator, to customers how much is for sale at least."""

from typing import NotRequired, TypedDict

from api.available.payloads import KnownType
from api.bodies import CountryCode
from inventory.levels.reading import Level
from inventory.levels.shelves import Shelf
from inventory.lifecycle import State
from numbering.models import Place


class CountsBody(TypedDict):
    """Numbers of the shelf by where they are. `stopped`: on sale, but for a stop of their provider's."""

    available: int
    reserved: int
    coming: int
    on_order: int
    quarantined: int
    quarantined_until_soon: int
    failed: int
    in_service: int
    released: int
    blocked: int
    stopped: int


class ThresholdsBody(TypedDict):
    """What is to stand there: by the last night of the restock engine, and by a target of staff."""

    reorder_point: int | None
    floor: float | None
    up_to: float | None
    target: int | None


class StockLevelBody(TypedDict):
    """One shelf. `counts`, `thresholds` and `is_low` are the operator's."""

    iso_country: CountryCode
    type: KnownType
    area_code: str | None
    locality: str | None
    region: str | None
    available_at_least: int
    counts: NotRequired[CountsBody]
    thresholds: NotRequired[ThresholdsBody]
    is_low: NotRequired[bool]


def coarse(shelf: Shelf, place: Place | None, at_least: int) -> StockLevelBody:
    """What a customer is told. `place`: where the shelf lies, if it is of one."""
    return {
        "iso_country": shelf.country,
        "type": shelf.number_type,
        "area_code": shelf.area_code or None,
        "locality": place.name if place else None,
        "region": (place.region or None) if place else None,
        "available_at_least": at_least,
    }


def whole(level: Level, place: Place | None) -> StockLevelBody:
    """What the operator is told."""
    counts = _counts(level)
    stock = counts["available"] + counts["coming"] + counts["on_order"]
    return {
        **coarse(level.shelf, place, counts["available"]),
        "counts": counts,
        "thresholds": {
            "reorder_point": level.aim.reorder_point,
            "floor": level.aim.floor,
            "up_to": level.aim.up_to,
            "target": level.aim.target,
        },
        "is_low": level.aim.is_missed(stock),
    }


def _counts(level: Level) -> CountsBody:
    of = level.counts.get
    return {
        "available": of(State.AVAILABLE, 0),
        "reserved": of(State.RESERVED, 0),
        "coming": of(State.SOURCED, 0) + of(State.TESTING, 0),
        "on_order": level.on_order,
        "quarantined": of(State.QUARANTINED, 0),
        "quarantined_until_soon": level.soon,
        "failed": of(State.FAILED, 0),
        "in_service": of(State.IN_SERVICE, 0),
        "released": of(State.RELEASED, 0),
        "blocked": of("blocked", 0),
        "stopped": of("stopped", 0),
    }
