"""Whether a town is one of those that a prefix serves, however the customer spells it."""

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path

import yaml
from django.utils.translation import gettext as _

from compliance.evaluation.case import Area
from numbering.naming import normalise

OTHER_NAMES = Path(__file__).resolve().parents[1] / "data" / "town_names.yaml"

#: How the marked letters are written where they are not on the keyboard: Muenchen, Koeln, Aarhus.
_DIGRAPHS = (("ae", "a"), ("oe", "o"), ("ue", "u"), ("aa", "a"))
#: A postal code, or the number of a district: 10115 Berlin, Praha 5, Dublin 6W.
_BESIDE_THE_NAME = re.compile(r"^\d+ | \d+[a-z]?$")
_PART = re.compile(r"[-,/()]")

#: Where the numbering plan adds to a town what sets it apart (Hof Saale, Achim bei Bremen) or a part of it that has a
#: prefix of its own (Warendorf-Milte). No address is written so: there the beginning is the town.
_ADDING_COUNTRIES = frozenset({"AT", "DE"})
_FIRST_WORDS = frozenset({"alt", "bad", "gross", "klein", "neu", "saint", "sankt"})  # alone no town


def lies_in(town: str, area: Area, country: str) -> bool:
    """Whether the town is a locality of the area, without regard to case, accents and punctuation, by any of its names
    that town_names.yaml has for the country of the number."""
    names, key = _names(country, tuple(area.localities)), _key(town)
    return (
        key in names
        or _BESIDE_THE_NAME.sub("", key) in names
        or all(_key(part) in names for part in _PART.split(town))  # Berlin-Kreuzberg: a town and its district
        or (country in _ADDING_COUNTRIES and key not in _FIRST_WORDS and _begins_one_of(names, f"{key} "))
    )


def some_of(towns: Sequence[str], most: int) -> str:
    """ "Cork, Youghal and 3 more": the first of them, at most so many."""
    named, left = ", ".join(towns[:most]), len(towns) - most
    return _("%(towns)s and %(left)s more") % {"towns": named, "left": left} if left > 0 else named


def _begins_one_of(names: frozenset[str], beginning: str) -> bool:
    return any(name.startswith(beginning) for name in names)


@lru_cache(maxsize=2_048)
def _names(country: str, localities: tuple[str, ...]) -> frozenset[str]:
    keys = frozenset(filter(None, map(_key, localities)))
    return keys.union(*(names for names in _other_names().get(country, ()) if names & keys))


@cache
def _other_names() -> dict[str, list[frozenset[str]]]:
    """By country: the names of each town that has several."""
    countries = yaml.load(OTHER_NAMES.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return {
        country: [frozenset(map(_key, (name, *others))) for name, others in towns.items()]
        for country, towns in countries.items()
    }


@lru_cache(maxsize=16_384)
def _key(name: str) -> str:
    key = normalise(name)
    for digraph, letter in _DIGRAPHS:
        key = key.replace(digraph, letter)
    return key
