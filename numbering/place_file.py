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
        line = cls(*text.rstrip("\n").split("\t"))  # type: ignore[arg-type]  # still text: converted just below
        cells: dict[str, str] = line._asdict()
        return line._replace(
            id=int(cells["id"]),
            other_names=cells["other_names"].split("|") if cells["other_names"] else [],
            postal_code=cells["postal_code"] or None,
            latitude=_number(cells["latitude"]),
            longitude=_number(cells["longitude"]),
            nearest_id=int(cells["nearest_id"]) if cells["nearest_id"] else None,
            distance_km=_number(cells["distance_km"]),
            population=int(cells["population"]) if cells["population"] else None,
            rate_centre=cells["rate_centre"] or None,
            lata=cells["lata"] or None,
            synthetic=cells["synthetic"] == "1",
            prefixes=[int(prefix) for prefix in cells["prefixes"].split("|") if prefix],
        )


COLUMNS = PlaceLine._fields[:-1]  # those of the table; prefixes have their own


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


def _number(text: str) -> float | None:
    return float(text) if text else None
