"""Joins the two sides: which GeoNames town, and which region, an area of libphonenumber is."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from functools import cache

from numbering.building.geodata import Area
from numbering.building.towns import Gazetteer, Town, country_names, region_names
from numbering.naming import normalise

# Here libphonenumber names the region by the code that GeoNames uses; elsewhere by some name or abbreviation.
CODED_REGIONS = frozenset({"US", "CA"})

# A region's capital often bears its name (Murcia, Chihuahua). Below this the namesake is a village elsewhere.
CAPITAL_POPULATION = 20_000

_REGION_WORDS = frozenset(
    ("region", "oblast", "province", "district", "county", "state", "islands", "island", "republic", "department")
)

RegionCodes = dict[tuple[str, str], str]


def learn_regions(areas: Iterable[Area], gazetteer: Gazetteer) -> RegionCodes:
    """What libphonenumber's region texts mean: (country, text) -> GeoNames' admin1 code.

    By name where the text is one; else by the majority of those areas that only one town can be
    ("Abaeté - MG" is in Minas Gerais, so is "Araxá - MG": then MG is Minas Gerais).
    """
    votes: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for area in areas:
        for name in area.parts if area.region_text else ():
            found = gazetteer.candidates(area.country, name)
            if len(found) == 1:
                votes[area.country, area.region_text][found[0].admin1] += 1
    learned = {key: min(count, key=lambda code: (-count[code], code)) for key, count in votes.items()}
    named = {(country, normalise(name)): code for (country, code), name in region_names().items()}
    return {key: named.get((key[0], normalise(key[1])), code) for key, code in learned.items()}


def admin1_of(area: Area, codes: RegionCodes) -> str | None:
    """GeoNames' code of the region that libphonenumber states; None when it states none."""
    if area.country in CODED_REGIONS:
        return area.region_text or None
    return codes.get((area.country, area.region_text))


def town_of(area: Area, gazetteer: Gazetteer, codes: RegionCodes) -> Town | None:
    """The town that the area is, or the first of its towns that GeoNames knows."""
    if area.country in CODED_REGIONS and not area.region_text:
        return None  # a state's or a province's name
    town = gazetteer.find(area.country, [*area.parts, *sorted(area.other_names)], admin1_of(area, codes))
    if town and not area.region_text and _is_region_name(area) and town.population < CAPITAL_POPULATION:
        return None
    return town


def granularity(area: Area, town: Town | None) -> str:
    """How finely the area's name places a number: a Granularity value."""
    if town is not None:
        return "locality"
    if normalise(area.name) == country_names().get(area.country):
        return "country"
    if _is_region_name(area) or not _REGION_WORDS.isdisjoint(normalise(area.name).split()):
        return "region"
    return "locality"


def _is_region_name(area: Area) -> bool:
    return (area.country, normalise(area.name)) in _normalised_regions()


@cache
def _normalised_regions() -> frozenset[tuple[str, str]]:
    return frozenset((country, normalise(name)) for (country, _), name in region_names().items())
