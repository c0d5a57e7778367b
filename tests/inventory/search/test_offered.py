"""Which kinds of number we sell at all."""

import pytest

from inventory.lifecycle import State
from inventory.models import StockTarget
from inventory.search.offered import offered
from inventory.services import provider_releases
from numbering.types import NumberType
from tests.factories import NumberFactory

pytestmark = pytest.mark.django_db


def test_a_kind_is_sold_while_we_have_one_of_it_wherever_in_its_life() -> None:
    NumberFactory.create(country="US", state=State.FAILED)
    NumberFactory.create(country="US", number_type=NumberType.TOLL_FREE)
    NumberFactory.create(country="DE", sourced=True)
    assert offered() == {"DE": (NumberType.LOCAL,), "US": (NumberType.LOCAL, NumberType.TOLL_FREE)}


def test_a_kind_whose_last_number_went_back_is_no_longer_sold() -> None:
    last, _, gone = (NumberFactory.create(country=country) for country in ("US", "DE", "FR"))
    for number in (last, gone):
        provider_releases.retire(number.pk, actor="user:staff", reason="")
    NumberFactory.create(country="US")
    assert offered() == {"DE": (NumberType.LOCAL,), "US": (NumberType.LOCAL,)}


def test_a_kind_that_we_mean_to_have_is_sold() -> None:
    StockTarget.objects.create(country="DE", number_type=NumberType.MOBILE, quantity=1)
    StockTarget.objects.create(country="FR", number_type=NumberType.MOBILE, quantity=1, is_active=False)
    assert offered() == {"DE": (NumberType.MOBILE,)}
