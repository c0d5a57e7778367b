"""Compliance hears which numbers in service hang on a paper, through its port."""

import pytest

from compliance import holdings
from inventory.models import Did
from inventory.services import assignments
from tests.factories import DidFactory

pytestmark = pytest.mark.django_db

BUNDLE, OTHER_BUNDLE = "BU" + "1" * 32, "BU" + "2" * 32
ADDRESS, OTHER_ADDRESS = "AD" + "1" * 32, "AD" + "2" * 32


def number(**papers: str) -> str:
    did: Did = DidFactory.create(**papers)
    return f"+{did.number.e164}"


def test_the_numbers_on_a_bundle_are_those_in_service() -> None:
    first, second = number(bundle_sid=BUNDLE), number(bundle_sid=BUNDLE)
    number(bundle_sid=OTHER_BUNDLE)
    number()
    assignments.release(did=DidFactory.create(bundle_sid=BUNDLE), actor="user:staff")
    assert holdings.numbers_on([BUNDLE]) == {BUNDLE: sorted([first, second])}


def test_a_bundle_without_numbers_is_absent_and_a_blank_sid_finds_nothing() -> None:
    number()
    assert holdings.numbers_on([BUNDLE, ""]) == {}


def test_numbers_at_an_address_count_once_also_those_for_emergencies() -> None:
    both = number(address_sid=ADDRESS, emergency_address_sid=ADDRESS)
    emergency = number(address_sid=OTHER_ADDRESS, emergency_address_sid=ADDRESS)
    found = holdings.numbers_at([ADDRESS, OTHER_ADDRESS])
    assert found == {ADDRESS: sorted([both, emergency]), OTHER_ADDRESS: [emergency]}
    assert holdings.emergency_numbers_at([ADDRESS, OTHER_ADDRESS]) == {ADDRESS: sorted([both, emergency])}


def test_nobody_to_ask_is_not_the_same_as_no_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holdings, "_held", [])
    with pytest.raises(RuntimeError, match="Nobody answers"):
        holdings.numbers_on([BUNDLE])
