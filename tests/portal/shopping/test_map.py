"""The map: dots where numbers are, and a table that says the same."""

import re

from django.test import Client
from pytest_django import DjangoAssertNumQueries

from inventory.levels.places import most_stocked
from numbering.recent import forget_everything
from numbering.types import NumberType
from tests.factories import NumberFactory
from tests.portal.shopping.window import numbers_on, page, stocked


def test_the_world_has_a_dot_for_each_country_with_numbers(ada: Client) -> None:
    stocked()
    NumberFactory.create(e164=493012345678, country="DE")
    NumberFactory.create(e164=6561234567, country="SG", state="TESTING")
    shown = page(ada, "/find/map")
    assert shown.count("<circle") == 2
    assert re.findall(r'class="ny-line" href="([^"]*)">([^<]*)', shown) == [
        ("/find/map?country=DE", "Germany"),
        ("/find/map?country=US", "United States"),
    ]


def test_a_country_has_a_dot_for_each_place_and_each_leads_to_its_numbers(ada: Client) -> None:
    stocked()
    shown = page(ada, "/find/map", country="US", type="local")
    assert "Numbers on sale in United States" in shown
    assert shown.count("<circle") == 3
    link = re.search(r'class="ny-line" href="([^"]*)">Oakland, CA', shown)
    assert link
    assert numbers_on(ada.get(link[1]).content.decode()) == {15105550103}


def test_more_numbers_make_a_larger_dot(ada: Client) -> None:
    place = next(iter(stocked().values())).place
    NumberFactory.create_batch(9, place=place)
    forget_everything()
    shown = page(ada, "/find/map", country="US", type="local")
    assert "San Francisco, CA: 10 or more" in shown
    assert "Oakland, CA: 1 or more" in shown
    radii = {float(radius) for radius in re.findall(r' r="([\d.]+)"', shown)}
    assert len(radii) == 2


def test_what_belongs_to_no_place_is_explained(ada: Client) -> None:
    NumberFactory.create(number_type=NumberType.TOLL_FREE, e164=18005550100, area_code="800")
    assert "Some kinds belong to no place" in page(ada, "/find/map", country="US", type="toll_free")


def test_an_empty_shop_has_an_empty_map(ada: Client) -> None:
    assert "Nothing is on sale yet" in page(ada, "/find/map")


def test_nonsense_shows_the_world(ada: Client) -> None:
    stocked()
    assert "in the world" in page(ada, "/find/map", country="<script>", type="pigeon")


def test_the_places_are_remembered_for_a_minute(ada: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    stocked()
    ada.get("/find/map", {"country": "US"})
    with django_assert_num_queries(3):  # session, user, accounts
        ada.get("/find/map", {"country": "US"})
    assert len(most_stocked("US", "local")) == 3
