"""What is left out of a search although its filters fit."""

from dataclasses import replace

import pytest

from accounts.models import Account
from compliance.models import NumberTypeRule
from inventory.lifecycle import State
from inventory.search.criteria import Criteria
from inventory.search.stock import Page, search
from numbering.types import NumberType
from tests.factories import NumberFactory
from tests.inventory.search.pages import all_pages

US = Criteria("US", NumberType.LOCAL)


def test_a_full_page_of_expired_passports_does_not_end_the_search(account: Account) -> None:
    good = [n.e164 for n in NumberFactory.create_batch(3, spread=1.0)]
    NumberFactory.create_batch(10, spread=0.5, passport_expires_at="2020-01-01T00:00:00Z")
    assert sorted(all_pages(US, account, 2)) == sorted(good)


@pytest.mark.parametrize(
    ("requirement", "excluded", "shown"),
    [
        ("none", {"any", "local", "foreign"}, True),
        ("local", {"local"}, False),
        ("local", {"foreign"}, True),
        ("any", {"any"}, False),
        ("unknown", {"any"}, False),
    ],
)
def test_address_requirements_of_the_kind_can_be_excluded(
    requirement: str, excluded: set[str], shown: bool, account: Account
) -> None:
    NumberFactory.create()
    NumberTypeRule.objects.create(
        country="US", number_type="local", address_requirement=requirement, confidence="low", enforced=False,
        valid_from="2020-01-01",
    )  # fmt: skip
    page = search(replace(US, excluded_requirements=frozenset(excluded)), account=account, size=1)
    assert bool(page.rows) is shown


def test_numbers_in_another_state_are_not_shown(account: Account) -> None:
    NumberFactory.create(state=State.QUARANTINED)
    NumberFactory.create(blocked=True)
    assert search(US, account=account, size=10) == Page([])
