"""Places with numbers for sale: the most stocked, from a sample, and the nearest to a point."""

import pytest

from inventory.levels import places
from inventory.levels.places import most_stocked, nearest_stocked
from inventory.models import PhoneNumber
from inventory.search.kinds import size_of
from inventory.services import sale_stops
from numbering.models import Place
from numbering.recent import forget_everything
from numbering.types import Capability, NumberType
from tests.api.available.window import NEW_YORK, OAKLAND, SAN_FRANCISCO
from tests.factories import NumberFactory, ProviderFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _towns() -> None:
    forget_everything()
    Place.objects.bulk_create([SAN_FRANCISCO, OAKLAND, NEW_YORK])


def found() -> list[tuple[str, int]]:
    return [(each.place.name, each.at_least) for each in most_stocked("US", "local")]


def test_places_are_told_with_the_most_first_and_in_steps() -> None:
    NumberFactory.create_batch(11, place=OAKLAND)
    NumberFactory.create_batch(2, place=SAN_FRANCISCO)
    NumberFactory.create(place=NEW_YORK, state="TESTING")
    NumberFactory.create(place=None)
    assert found() == [("Oakland", 10), ("San Francisco", 1)]


def test_what_is_blocked_is_not_for_sale() -> None:
    number = NumberFactory.create(place=OAKLAND)
    PhoneNumber.objects.filter(pk=number.pk).update(blocked=True)
    assert found() == []


def test_of_a_large_stock_a_sample_tells_where_the_most_is(monkeypatch: pytest.MonkeyPatch) -> None:
    NumberFactory.create_batch(2, place=OAKLAND, spread=0.001)
    NumberFactory.create(place=NEW_YORK, spread=0.9)
    assert size_of("US", "local") == 512, "two numbers in one slice of 256"
    monkeypatch.setattr(places, "_SAMPLED", 128)
    assert found() == [("Oakland", 1)]


def test_no_more_places_than_a_map_can_show(monkeypatch: pytest.MonkeyPatch) -> None:
    for place, count in ((OAKLAND, 3), (NEW_YORK, 2), (SAN_FRANCISCO, 1)):
        NumberFactory.create_batch(count, place=place)
    monkeypatch.setattr(places, "MOST_PLACES", 2)
    assert {name for name, _ in found()} == {"Oakland", "New York"}


def near_oakland(**more: int) -> list[tuple[str, int]]:
    nearest = nearest_stocked("US", NumberType.LOCAL, 37.80, -122.27, **more)
    return [(each.place.name, round(each.km)) for each in nearest]


def test_the_nearest_come_first_with_their_distance() -> None:
    for place in (SAN_FRANCISCO, OAKLAND, NEW_YORK):
        NumberFactory.create(place=place)
    assert near_oakland() == [("Oakland", 0), ("San Francisco", 14)]
    assert near_oakland(limit=1) == [("Oakland", 0)]


def test_the_nearest_carry_what_is_asked() -> None:
    NumberFactory.create(place=OAKLAND, capabilities=int(Capability.VOICE))
    NumberFactory.create(place=SAN_FRANCISCO)
    assert near_oakland(capabilities=int(Capability.SMS)) == [("San Francisco", 14)]


def test_other_types_and_other_countries_are_not_near() -> None:
    NumberFactory.create(place=OAKLAND, number_type=NumberType.MOBILE)
    assert near_oakland() == []
    assert nearest_stocked("CA", NumberType.LOCAL, 37.80, -122.27) == []


def test_where_the_sale_is_stopped_nothing_is_near() -> None:
    provider = ProviderFactory.create()
    NumberFactory.create(place=OAKLAND, provider=provider)
    NumberFactory.create(place=SAN_FRANCISCO)
    sale_stops.place(provider=provider, country="US", actor="lab", reason="an outage")
    assert near_oakland() == [("San Francisco", 14)]
