"""One ZIP code for each US town (package `zipcodes`, MIT; needed only to build)."""

from collections import defaultdict
from typing import NamedTuple

import zipcodes

from numbering.naming import normalise


class Zip(NamedTuple):
    """A standard (delivery) ZIP code; post office boxes and single companies have others."""

    code: str
    latitude: float
    longitude: float


ZipsByTown = dict[tuple[str, str], list[Zip]]


def zips_by_town() -> ZipsByTown:
    """(state, normalised town) -> its ZIP codes in order."""
    found: ZipsByTown = defaultdict(list)
    for row in zipcodes.list_all():  # type: ignore[no-untyped-call]  # ships no types
        if row["zip_code_type"] == "STANDARD" and row["active"] and row["lat"] and row["long"]:
            found[row["state"], normalise(row["city"])].append(
                Zip(row["zip_code"], float(row["lat"]), float(row["long"]))
            )
    return {town: sorted(zips) for town, zips in found.items()}


def postal_code(zips: ZipsByTown, state: str, names: list[str], point: tuple[float, float] | None) -> str | None:
    """The town's ZIP code that is nearest to the point; the lowest when there is no point."""
    found = next((zips[state, name] for name in names if (state, name) in zips), None)
    if not found:
        return None
    if point is None:
        return found[0].code
    return min(found, key=lambda z: ((z.latitude - point[0]) ** 2 + (z.longitude - point[1]) ** 2, z.code)).code
