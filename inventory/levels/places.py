"""Places with numbers for sale: those with the most of them, for a map, and those nearest to a point.

Neither counts the stock. Which places have the most is read from a sample, drawn as `inventory.search.kinds` draws its
own; how many each has is told as in all stock levels for customers, in steps.
"""

from typing import Any, NamedTuple

from django.db import connection

from inventory.levels.reading import coarse
from inventory.levels.shelves import Breadth, Shelf
from inventory.search.kinds import size_of
from inventory.search.stops import stopped
from numbering.models import Place
from numbering.recent import Recent
from numbering.types import NumberType, supersets

#: A map with more dots than that is a blot.
MOST_PLACES = 250
_SAMPLED = 20_000  # numbers, about
KM_PER_MILE = 1.609344
#: As far as "near" may mean; degrees of latitude.
_REACH = 5.0

# Of each shelf the first slice of the spread, which is random: the shelves' own index, and then the numbers' rows.
_SAMPLE = """
    SELECT sampled.place_id FROM unnest(%(masks)s::smallint[]) AS shelf(mask)
    CROSS JOIN unnest('{f,t}'::boolean[]) AS age(is_beta) CROSS JOIN LATERAL (
        SELECT place_id FROM inventory_phonenumber
        WHERE NOT blocked AND state = 'AVAILABLE' AND country = %(country)s AND number_type = %(number_type)s
            AND capabilities = mask AND beta = is_beta AND spread < %(slice)s::real
    ) AS sampled
    WHERE sampled.place_id IS NOT NULL
    GROUP BY sampled.place_id ORDER BY count(*) DESC, sampled.place_id LIMIT %(limit)s
"""
# Great-circle distance as in `inventory.search.sql`. The box is taller than wide towards the poles, and wide enough.
_NEAREST = """
    SELECT place.id, 2 * 6371.0 * asin(least(1, sqrt(
        sin(radians(place.latitude - %(latitude)s) / 2) ^ 2 + cos(radians(place.latitude))
        * cos(radians(%(latitude)s)) * sin(radians(place.longitude - %(longitude)s) / 2) ^ 2
    ))) AS distance
    FROM numbering_place AS place
    WHERE place.country = %(country)s
        AND place.latitude BETWEEN %(latitude)s - %(reach)s AND %(latitude)s + %(reach)s
        AND place.longitude BETWEEN %(longitude)s - 2 * %(reach)s AND %(longitude)s + 2 * %(reach)s
        AND EXISTS (
            SELECT FROM inventory_phonenumber AS number
            WHERE number.place_id = place.id AND number.number_type = %(number_type)s
                AND number.capabilities = ANY(%(masks)s::smallint[])
                AND number.state = 'AVAILABLE' AND NOT number.blocked AND number.country = %(country)s
                AND (number.provider_id = ANY(%(stopped)s::bigint[])) IS NOT TRUE
        )
    ORDER BY distance, place.id LIMIT %(limit)s
"""


class Stocked(NamedTuple):
    """A place with numbers for sale: `at_least` so many (1, 10, 100, 1000), or 0: the last was bought meanwhile."""

    place: Place
    at_least: int


class Nearby(NamedTuple):
    """A place with numbers for sale, and how far it is, in kilometres."""

    place: Place
    km: float


def _most_stocked(country: str, number_type: str) -> list[Stocked]:
    size = size_of(country, number_type)
    part = min(1.0, _SAMPLED / size) if size else 1.0
    asked: dict[str, Any] = {"country": country, "number_type": number_type, "masks": supersets(0)}
    with connection.cursor() as cursor:
        # A spread is below 1; "real" rounds 1.0 to itself.
        cursor.execute(_SAMPLE, {**asked, "slice": part if part < 1 else 2.0, "limit": MOST_PLACES})
        ids = [place for (place,) in cursor.fetchall()]
    told = coarse([Shelf(country, number_type, "", place) for place in ids], Breadth.LOCALITY)
    places = Place.objects.in_bulk(ids)
    found = [Stocked(places[shelf.place_id], at_least) for shelf, at_least in told.items()]
    return sorted((each for each in found if each.at_least), key=lambda each: (-each.at_least, each.place.name))


#: most_stocked(country, number_type): the places with the most numbers for sale, as it was at most a minute ago.
most_stocked = Recent(_most_stocked, seconds=60)


def nearest_stocked(
    country: str, number_type: NumberType, latitude: float, longitude: float, *, capabilities: int = 0, limit: int = 5
) -> list[Nearby]:
    """The nearest places that have a number for sale of the type that carries at least these, of the same country.
    What only providers have whose sale is stopped there is not for sale."""
    asked: dict[str, Any] = {
        **{"country": country, "number_type": number_type.value, "masks": supersets(capabilities)},
        **{"latitude": latitude, "longitude": longitude, "reach": _REACH, "limit": limit},
        "stopped": stopped().get(country, []),
    }
    with connection.cursor() as cursor:
        cursor.execute(_NEAREST, asked)
        found = dict(cursor.fetchall())
    places = Place.objects.in_bulk(found)
    return [Nearby(places[place], km) for place, km in found.items()]
