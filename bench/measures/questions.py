"""The kinds of search that are measured, and random questions of each kind: what a customer writes in the URL."""

import random
from collections.abc import Callable, Iterator
from typing import NamedTuple

from django.db.models.functions import Length

from api.available.payloads import PATH_NAMES
from numbering.models import Place
from numbering.models.place import Granularity
from numbering.types import NumberType
from testing_lab.demo.blocks import SHARES, kept

PAGE_SIZE = 30

Parameters = dict[str, str]


class Question(NamedTuple):
    """One search: of a kind of number in a country, with Twilio's parameters."""

    country: str
    number_type: NumberType
    parameters: Parameters

    @property
    def path(self) -> str:
        """Below the account's URL."""
        return f"AvailablePhoneNumbers/{self.country}/{PATH_NAMES[self.number_type]}.json"


class Town(NamedTuple):
    """A US town in which numbers are in stock. Degrees WGS 84, None where not known."""

    name: str
    latitude: float | None
    longitude: float | None


class Asker:
    """Makes questions that a stock of these blocks can answer; the same ones for the same seed."""

    def __init__(self, seed: int = 7) -> None:
        self._dice = random.Random(seed)
        local = [block for block in kept() if (block.country, block.number_type) == ("US", "local")]
        self._area_codes = [block.area_code for block in local]
        found = Place.objects.filter(pk__in={block.place for block in local}, granularity=Granularity.LOCALITY)
        self._towns = [Town(*row) for row in found.order_by("id").values_list("name", "latitude", "longitude")]
        self._points = [town for town in self._towns if town.latitude is not None]
        regions = Place.objects.annotate(size=Length("region")).filter(country="US", size=2)
        self._regions = list(regions.order_by("region").values_list("region", flat=True).distinct())

    def ask(self, kind: str) -> Iterator[Question]:
        """Questions of a kind (a key of KINDS) without end."""
        make = KINDS[kind]
        while True:
            yield make(self)

    def anything(self) -> Question:
        country = self._dice.choices(list(SHARES), [sum(of.values()) for of in SHARES.values()])[0]
        number_type = self._dice.choice(list(SHARES[country]))
        return Question(country, NumberType(number_type), self._capabilities(self._dice.randrange(3)))

    def area_code(self) -> Question:
        return _local(AreaCode=self._dice.choice(self._area_codes), **self._capabilities(2))

    def locality(self) -> Question:
        return _local(InLocality=self._dice.choice(self._towns).name)

    def region(self) -> Question:
        return _local(InRegion=self._dice.choice(self._regions), **self._capabilities(1))

    def near(self) -> Question:
        town = self._dice.choice(self._points)
        return _local(NearLatLong=f"{town.latitude},{town.longitude}", Distance="25")

    def contains(self, digits: int) -> Question:
        return _local(Contains=self._digits(digits))

    def ends_with(self, digits: int) -> Question:
        return _local(Contains=f"{self._digits(digits)}$")

    def spaced(self, digits: int) -> Question:
        """Like 5*5*5: any one digit between each two."""
        return _local(Contains="*".join(self._digits(digits)))

    def wild(self) -> Question:
        """Three to five digits among many wildcards: 4*7**1*2, 55%3*8."""
        digits = list(self._digits(self._dice.randint(3, 5)))
        for _ in range(self._dice.randint(3, 6)):
            digits.insert(self._dice.randint(1, len(digits) - 1), "*")
        if self._dice.random() < 0.3:
            digits[self._dice.randint(1, len(digits) - 2)] = "%"
        return _local(Contains="".join(digits))

    def mixed(self) -> Question:
        """Any kind but the many wildcards, as often as the others."""
        return KINDS[self._dice.choice([kind for kind in KINDS if kind not in (MIXED, *MANY_WILDCARDS)])](self)

    def tested(self) -> Question:
        """Lately, and with up to three tests passed."""
        must = self._dice.sample(("V05", "V10", "V12", "V17", "S01", "S05", "M01"), self._dice.randrange(4))
        asked = {"TestedWithin": str(self._dice.randint(1, 60))} | ({"MustPass": ",".join(must)} if must else {})
        return _local(**asked)

    def _digits(self, count: int) -> str:
        return "".join(self._dice.choices("0123456789", k=count))

    def _capabilities(self, count: int) -> Parameters:
        return {f"{name}Enabled": "true" for name in self._dice.sample(("Voice", "Sms", "Mms", "Fax"), count)}

    def digits_of_long_run(self) -> Question:
        return self.contains(self._dice.randint(5, 7))


def _local(**parameters: str) -> Question:
    return Question("US", NumberType.LOCAL, parameters)


MIXED = "all of them mixed"
MANY_WILDCARDS = ("5*5*5*5", "many wildcards")
KINDS: dict[str, Callable[[Asker], Question]] = {
    "any": Asker.anything,
    "area code + capabilities": Asker.area_code,
    "locality": Asker.locality,
    "region": Asker.region,
    "contains 2 digits": lambda asker: asker.contains(2),
    "contains 3 digits": lambda asker: asker.contains(3),
    "contains 4 digits": lambda asker: asker.contains(4),
    "contains 5-7 digits": Asker.digits_of_long_run,
    "ends with 4 digits": lambda asker: asker.ends_with(4),
    "5*5*5": lambda asker: asker.spaced(3),
    "5*5*5*5": lambda asker: asker.spaced(4),
    "many wildcards": Asker.wild,
    "near 25 miles": Asker.near,
    "tested lately, and well": Asker.tested,
    MIXED: Asker.mixed,
}
