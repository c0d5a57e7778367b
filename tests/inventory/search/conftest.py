"""A stock of a few thousand numbers in three countries, and a naive reading of every filter to compare with."""

import datetime as dt
import random
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import Account
from inventory.lifecycle import State
from inventory.models import PhoneNumber
from numbering.areas import area_code
from numbering.e164 import E164
from numbering.models import Place
from numbering.recent import forget_everything
from numbering.types import NumberType
from tests.factories import AccountFactory, anywhere_in_life

SEED = 20_261_121
#: country: (what its numbers start with, how many digits follow)
PLANS = {"US": (["1415", "1212", "1310"], [7]), "DE": (["4930", "4989"], [6, 7, 8]), "FI": (["3589"], [7])}
PASSED = (0, 0b1, 0b1011, 0b1111, 1 << 62 | 0b1011)
CAPABILITIES = (1, 3, 3, 7, 7, 15)


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    """What a process remembers of another test's stock."""
    forget_everything()
    yield
    forget_everything()


@pytest.fixture
def account(db: None) -> Account:
    return AccountFactory.create()


def _place(id_: int, name: str, country: str, region: str, **fields: object) -> Place:
    defaults: dict[str, object] = {
        "region_name": "California" if region == "CA" else region,
        "granularity": "locality",
        "source": "libphonenumber",
    }
    if "lata" in fields:
        defaults |= {"synthetic": True}
    return Place(id=id_, name=name, normalised_name=name.lower(), country=country, region=region, **(defaults | fields))


PLACES = [
    _place(1, "San Francisco", "US", "CA", latitude=37.77, longitude=-122.42, postal_code="94103", lata="722",
           rate_centre="SNFC"),
    _place(2, "Oakland", "US", "CA", latitude=37.80, longitude=-122.27, postal_code="94607", lata="722",
           rate_centre="OKLD"),
    _place(3, "San Jose", "US", "CA", latitude=37.33, longitude=-121.89, postal_code="95113", lata="722",
           rate_centre="SNJS"),
    _place(4, "New York", "US", "NY", latitude=40.71, longitude=-74.01, postal_code="10007", lata="132",
           rate_centre="NWYK"),
    _place(5, "Springfield", "US", "IL"),
    _place(6, "Springfield", "US", "MO"),
    _place(7, "Berlin", "DE", "Berlin", latitude=52.52, longitude=13.41),
    _place(8, "Munich", "DE", "Bavaria", other_names=["munchen"], latitude=48.14, longitude=11.58),
    _place(9, "Helsinki", "FI", "Uusimaa", latitude=60.17, longitude=24.94),
]  # fmt: skip
#: A town that only GeoNames knows: the prefixes of Oakland serve it.
ALAMEDA = _place(10, "Alameda", "US", "CA", latitude=37.77, longitude=-122.24, source="inferred_nearest",
                 nearest_id=2, distance_km=4.0)  # fmt: skip


class Stock(list[PhoneNumber]):
    """Short in the reports of Hypothesis."""

    def __repr__(self) -> str:
        return f"{len(self)} numbers"


@pytest.fixture(scope="module")
def stock(django_db_setup: None, django_db_blocker: Any) -> Iterator[list[PhoneNumber]]:
    """Every number, also those that are not for sale. Made once for a module, whose tests only change it in the
    transaction that each is rolled back in."""
    with django_db_blocker.unblock():
        Place.objects.bulk_create([*PLACES, ALAMEDA])
        rng = random.Random(SEED)
        digits = {_digits(rng, country): country for country in ("US", "US", "US", "DE", "FI") for _ in range(500)}
        with anywhere_in_life():
            PhoneNumber.objects.bulk_create([_row(rng, e164, country) for e164, country in digits.items()])
        _run("VACUUM ANALYZE inventory_phonenumber")  # index-only scans trust the visibility map
        made = Stock(PhoneNumber.objects.select_related("place"))  # the database's spread is a 4-byte float
    yield made
    with django_db_blocker.unblock():
        _run("TRUNCATE inventory_phonenumber, numbering_place CASCADE")


def _run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def _digits(rng: random.Random, country: str) -> int:
    starts, lengths = PLANS[country]
    length = rng.choice(lengths)
    return int(rng.choice(starts) + f"{rng.randrange(10**length):0{length}}")


def _row(rng: random.Random, e164: int, country: str) -> PhoneNumber:
    place = rng.choice([None, *(place for place in PLACES if place.country == country)])
    mask = rng.choice(CAPABILITIES)
    now = timezone.now()
    return PhoneNumber(
        e164=e164,
        country=country,
        number_type=rng.choice([NumberType.LOCAL] * 9 + [NumberType.MOBILE]),
        area_code=area_code(E164(e164)),
        region=place.region if place else "",
        place=place,
        declared_capabilities=mask,
        capabilities=mask,
        beta=rng.random() < 0.2,
        state=rng.choice([State.AVAILABLE] * 8 + [State.QUARANTINED]),
        blocked=rng.random() < 0.05,
        passport_expires_at=now + dt.timedelta(days=rng.choice([-1] + [30] * 30)),
        tested_at=rng.choice([None, *(now - dt.timedelta(days=days, minutes=5) for days in (0, 3, 10, 20))]),
        passed_tests=rng.choice(PASSED),
        cleared_at=now,
        due_at=now + dt.timedelta(days=27),
        spread=rng.choice([rng.random(), 0.25]),  # many ties
    )
