"""The shipped reference data: one gzip-compressed, tab-separated line per place."""

import gzip
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple, Self

SHIPPED = Path(__file__).parent / "data" / "places.tsv.gz"


class PlaceLine(NamedTuple):
    """One line: the columns of `Place` in their order, then the E.164 prefixes that lie in it."""

    id: int
    country: str
    name: str
    normalised_name: str
    other_names: list[str]
    region: str
    region_name: str
    postal_code: str | None
    latitude: float | None
    longitude: float | None
    granularity: str
    source: str
    nearest_id: int | None
    distance_km: float | None
    population: int | None
    timezone: str
    rate_centre: str | None
    lata: str | None
    synthetic: bool
    prefixes: list[int]

    def to_text(self) -> str:
        """Tab-separated; absent values empty, lists joined by "|"."""
        return "\t".join(map(_cell, self))

    @classmethod
    def from_text(cls, text: str) -> Self:
        """The inverse of `to_text`. Raises ValueError on a line of another shape."""
        cells = text.rstrip("\n").split("\t")
        if len(cells) != len(cls._fields):
            raise ValueError(f"a place has {len(cls._fields)} columns, not {len(cells)}")
        number, country, name, normalised_name, other_names, region, region_name, postal_code = cells[:8]
        latitude, longitude, granularity, source, nearest_id, distance_km, population = cells[8:15]
        timezone, rate_centre, lata, synthetic, prefixes = cells[15:]
        return cls(
            id=int(number),
            country=country,
            name=name,
            normalised_name=normalised_name,
            other_names=other_names.split("|") if other_names else [],
            region=region,
            region_name=region_name,
            postal_code=postal_code or None,
            latitude=float(latitude) if latitude else None,
            longitude=float(longitude) if longitude else None,
            granularity=granularity,
            source=source,
            nearest_id=int(nearest_id) if nearest_id else None,
            distance_km=float(distance_km) if distance_km else None,
            population=int(population) if population else None,
            timezone=timezone,
            rate_centre=rate_centre or None,
            lata=lata or None,
            synthetic=synthetic == "1",
            prefixes=list(map(int, prefixes.split("|"))) if prefixes else [],
        )


def write(path: Path, lines: Iterable[PlaceLine]) -> None:
    """Write the file. The same lines give the same bytes: no file name and no time in the gzip header."""
    with path.open("wb") as file, gzip.GzipFile("", "wb", compresslevel=9, fileobj=file, mtime=0) as packed:
        for line in lines:
            packed.write(f"{line.to_text()}\n".encode())


def read(path: Path = SHIPPED) -> Iterator[PlaceLine]:
    """The lines of the file, one at a time."""
    with gzip.open(path, "rt", encoding="utf-8", newline="\n") as file:
        yield from map(PlaceLine.from_text, file)


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "1" if value else ""
        case list():
            return "|".join(map(str, value))
        case _:
            return str(value)
