"""libphonenumber's side: which prefixes it names, and how it names them."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE
from phonenumbers.geodata import GEOCODE_DATA

from numbering.e164 import country_of
from numbering.naming import normalise
from numbering.plan import calling_code

MAX_NAME = 120

# "Fort Lee, NJ", "Gudur/Kodumur, Andhra Pradesh", and in Brazil "Pirajuba - MG".
_NAME_AND_REGION = re.compile(r"(?P<name>.+?)(?:, ?(?P<region>[^,]+)| - (?P<state>[A-Z]{2}))?")


@dataclass
class Area:
    """One name of libphonenumber in one country, with all prefixes that bear it."""

    country: str
    name: str
    region_text: str
    other_names: set[str] = field(default_factory=set)
    prefixes: set[int] = field(default_factory=set)

    @property
    def parts(self) -> list[str]:
        """The towns of a joint name ("Cairo/Giza/Qalyubia"), normalised."""
        return [part for part in map(normalise, self.name.split("/")) if part]


def areas(geodata: Mapping[str, Mapping[str, str]] = GEOCODE_DATA) -> list[Area]:
    """All named areas, by country and name."""
    found: dict[tuple[str, str, str], Area] = {}
    for prefix, names in sorted(geodata.items()):
        main = names.get("en") or names[min(names)]
        name, region_text = split_name(main)
        country = country_of_prefix(prefix)
        area = found.setdefault((country, name, region_text), Area(country, name, region_text))
        area.prefixes.add(int(prefix))
        area.other_names.update(normalise(split_name(other)[0])[:MAX_NAME] for other in names.values())
    return [found[key] for key in sorted(found)]


def split_name(text: str) -> tuple[str, str]:
    """Name, and the region that follows it or ""."""
    parsed = _NAME_AND_REGION.fullmatch(text)
    if parsed is None:
        return text, ""
    return fitting(parsed["name"].strip()), (parsed["region"] or parsed["state"] or "").strip()


def fitting(name: str) -> str:
    """A joint name cut after as many of its towns as fit the column."""
    while len(name) > MAX_NAME and "/" in name:
        name = name.rpartition("/")[0]
    return name[:MAX_NAME]


def country_of_prefix(prefix: str) -> str:
    """ISO country of the numbers under the prefix; for a shared country code by trying numbers."""
    code = calling_code(int(prefix.ljust(3, "0")))
    if code is None:
        raise ValueError(f"no country code is assigned at the start of +{prefix}")
    regions = COUNTRY_CODE_TO_REGION_CODE[code]
    if len(regions) == 1:
        return regions[0]
    return next(filter(None, map(country_of, _candidates(prefix))), regions[0])


def compact(places_of: Mapping[int, int]) -> dict[int, list[int]]:
    """The fewest prefixes per place that say the same under longest-prefix match.

    Ten siblings in one place become their parent, and a prefix goes when the next shorter one has its place.
    """
    merged = dict(places_of)
    for length in range(max(map(_length, merged), default=0), 1, -1):
        _merge_siblings(merged, length)
    kept: dict[int, list[int]] = defaultdict(list)
    for prefix in sorted(merged):
        if merged[prefix] != _inherited(merged, prefix):
            kept[merged[prefix]].append(prefix)
    return dict(kept)


def _merge_siblings(places_of: dict[int, int], length: int) -> None:
    families: dict[int, list[int]] = defaultdict(list)
    for prefix in places_of:
        if _length(prefix) == length:
            families[prefix // 10].append(prefix)
    for parent, children in families.items():
        if len(children) == 10 and len({places_of[child] for child in children}) == 1:
            places_of[parent] = places_of[children[0]]


def _inherited(places_of: Mapping[int, int], prefix: int) -> int | None:
    while prefix := prefix // 10:
        if prefix in places_of:
            return places_of[prefix]
    return None


def _length(prefix: int) -> int:
    return len(str(prefix))


def _candidates(prefix: str) -> Iterator[int]:
    for length in range(max(len(prefix) + 1, 9), 14):
        for filler in "25034678":
            yield int(prefix.ljust(length, filler))
