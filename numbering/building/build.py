"""The build: areas of libphonenumber, joined with towns of GeoNames, to the lines of the shipped file."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from numbering.building import synthetic
from numbering.building.geodata import MAX_NAME, Area, compact
from numbering.building.geodata import areas as all_areas
from numbering.building.matching import CODED_REGIONS, RegionCodes, admin1_of, granularity, learn_regions, town_of
from numbering.building.nearest import MAX_DISTANCE_KM, KnownPlaces
from numbering.building.postal_codes import ZipsByTown, postal_code, zips_by_town
from numbering.building.towns import Gazetteer, Town, region_names, towns
from numbering.naming import normalise, place_id
from numbering.place_file import PlaceLine

Named = set[tuple[str, str, str]]


def build_shipped() -> list[PlaceLine]:
    """The lines of the shipped file, from the installed packages. About a minute and 1.5 GB."""
    return build(all_areas(), towns(500), towns(5000), zips_by_town())


def build(
    areas: Sequence[Area], matched_towns: Sequence[Town], inferred_towns: Sequence[Town], zips: ZipsByTown
) -> list[PlaceLine]:
    """All lines, sorted by country, region and name.

    `matched_towns` are matched with the areas by name; `inferred_towns` become places of their own where libphonenumber
    names none, served by the prefixes of the nearest place within 50 km.
    """
    known = known_places(areas, Gazetteer(matched_towns))
    inferred = inferred_places(known, areas, inferred_towns)
    lines = [_with_american_data(line, zips) for line in [*known, *inferred]]
    return sorted(lines, key=lambda line: (line.country, line.region, line.normalised_name, line.granularity))


def known_places(areas: Sequence[Area], gazetteer: Gazetteer) -> list[PlaceLine]:
    """One line per place that libphonenumber names, with its prefixes."""
    codes = learn_regions(areas, gazetteer)
    lines: dict[int, PlaceLine] = {}
    place_of_prefix: dict[int, int] = {}
    for area in areas:
        line = _known_place(area, town_of(area, gazetteer, codes), codes)
        lines[line.id] = _merged(lines[line.id], line) if line.id in lines else line
        place_of_prefix.update(dict.fromkeys(area.prefixes, line.id))
    prefixes = compact(place_of_prefix)
    return [line._replace(prefixes=prefixes.get(line.id, [])) for line in lines.values()]


def inferred_places(known: Iterable[PlaceLine], areas: Iterable[Area], candidates: Iterable[Town]) -> list[PlaceLine]:
    """One line per town that no known place is or names, within reach of one."""
    places = KnownPlaces(known)
    lines: dict[int, PlaceLine] = {}
    for country, unnamed in _unnamed(_names(known, areas), candidates).items():
        if country not in places:
            continue
        points = [(town.latitude, town.longitude) for town in unnamed]
        for town, (nearest, distance) in zip(unnamed, places.nearest(country, points), strict=True):
            if distance <= MAX_DISTANCE_KM:
                line = _inferred_place(town, nearest, distance)
                lines.setdefault(line.id, line)
    return list(lines.values())


def _known_place(area: Area, town: Town | None, codes: RegionCodes) -> PlaceLine:
    normalised = normalise(area.name)[:MAX_NAME]
    region, region_name = _region(area, town, codes)
    kind = granularity(area, town)
    return PlaceLine(
        id=place_id(country=area.country, region=region, normalised_name=normalised, granularity=kind),
        country=area.country,
        name=area.name,
        normalised_name=normalised,
        other_names=sorted({*area.parts, *area.other_names} - {normalised, ""}),
        region=region,
        region_name=region_name,
        postal_code=None,
        latitude=round(town.latitude, 4) if town else None,
        longitude=round(town.longitude, 4) if town else None,
        granularity=kind,
        source="libphonenumber",
        nearest_id=None,
        distance_km=None,
        population=town.population if town else None,
        timezone=town.timezone if town else "",
        rate_centre=None,
        lata=None,
        synthetic=False,
        prefixes=[],
    )


def _inferred_place(town: Town, nearest: PlaceLine, distance: float) -> PlaceLine:
    normalised = normalise(town.name)
    region_name = region_names().get((town.country, town.admin1), "")
    region = town.admin1 if town.country in CODED_REGIONS else region_name
    return nearest._replace(
        id=place_id(country=town.country, region=region, normalised_name=normalised, granularity="locality"),
        name=town.name,
        normalised_name=normalised,
        other_names=[],
        region=region,
        region_name=region_name,
        latitude=round(town.latitude, 4),
        longitude=round(town.longitude, 4),
        source="inferred_nearest",
        nearest_id=nearest.id,
        distance_km=round(distance, 1),
        population=town.population,
        timezone=town.timezone,
        prefixes=[],
    )


def _region(area: Area, town: Town | None, codes: RegionCodes) -> tuple[str, str]:
    """(region, region name): the postal code in the US and Canada, elsewhere twice the name."""
    if area.country in CODED_REGIONS:
        code = area.region_text or _state_named(area.country, area.name)
        return code, region_names().get((area.country, code), code)
    admin1 = town.admin1 if town else admin1_of(area, codes)
    name = region_names().get((area.country, admin1 or ""), area.region_text)
    return name, name


def _state_named(country: str, name: str) -> str:
    wanted = (country, normalise(name))
    return next((code for (of, code), known in region_names().items() if (of, normalise(known)) == wanted), "")


def _merged(first: PlaceLine, second: PlaceLine) -> PlaceLine:
    """Two spellings of one place ("Maoming, Guangdong" and "Maoming")."""
    names = {*first.other_names, *second.other_names} - {first.normalised_name}
    return first._replace(other_names=sorted(names))


def _names(known: Iterable[PlaceLine], areas: Iterable[Area]) -> Named:
    """What is named already. Regions tell namesakes apart only where libphonenumber states them all (US, CA)."""
    named = {
        _name_key(line.country, line.region, name)
        for line in known
        for name in (line.normalised_name, *line.other_names)
    }
    return named | {_name_key(area.country, area.region_text, part) for area in areas for part in area.parts}


def _name_key(country: str, region: str, name: str) -> tuple[str, str, str]:
    return country, region if country in CODED_REGIONS else "", name


def _unnamed(named: Named, candidates: Iterable[Town]) -> Mapping[str, list[Town]]:
    found: dict[str, list[Town]] = defaultdict(list)
    for town in sorted(candidates, key=lambda town: (-town.population, town.geoname_id)):
        if _name_key(town.country, town.admin1, normalise(town.name)) not in named:
            found[town.country].append(town)
    return found


def _with_american_data(line: PlaceLine, zips: ZipsByTown) -> PlaceLine:
    """ZIP code (US), and the synthetic rate centre and LATA (US and Canada), of a town."""
    if line.country not in CODED_REGIONS or line.granularity != "locality" or line.region not in synthetic.SAMPLE_LATAS:
        return line
    point = None if line.latitude is None or line.longitude is None else (line.latitude, line.longitude)
    names = [line.normalised_name, *line.other_names]
    return line._replace(
        postal_code=postal_code(zips, line.region, names, point) if line.country == "US" else None,
        rate_centre=synthetic.rate_centre(line.name),
        lata=synthetic.lata(line.region),
        synthetic=True,
    )
