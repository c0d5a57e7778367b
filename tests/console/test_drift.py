"""Staff and drift cases."""

import pytest
from django.test import Client
from django.utils import timezone

from inventory.lifecycle import State
from inventory.models import BlockReason, DriftCase, DriftFinder, NumberBlock, PhoneNumber, Resolution
from inventory.services import blocks, drift
from numbering.e164 import E164
from tests.factories import DidFactory, NumberFactory

pytestmark = pytest.mark.django_db

CASES = "/console/inventory/driftcase/"
NUMBERS = "/console/inventory/phonenumber/"
REASON = {"reason": "the provider says that it never could"}


def case_of(number: PhoneNumber, tested: int) -> DriftCase:
    return drift.open_case(number, found_by=DriftFinder.SUITE, tested=tested)


def test_the_list_says_what_disagrees(staff: Client) -> None:
    number = NumberFactory.create(failed=True, declared_capabilities=3)
    case_of(number, tested=1)
    page = staff.get(CASES).content.decode()
    assert "voice, sms" in page
    assert E164(number.e164).international_format in page


def test_staff_accept_what_was_tested(staff: Client) -> None:
    case = case_of(NumberFactory.create(failed=True, declared_capabilities=3), tested=1)
    assert "Accept what was tested" in staff.get(f"{CASES}{case.pk}/change/").content.decode()
    staff.post(f"{CASES}{case.pk}/do/accept/", REASON)
    case.refresh_from_db()
    assert (case.resolution, case.reason) == (Resolution.ACCEPTED, REASON["reason"])
    number = PhoneNumber.objects.get()
    assert (number.state, number.asked_capabilities) == (State.TESTING, 1)


def test_what_cannot_be_done_is_not_offered(staff: Client) -> None:
    nothing = case_of(NumberFactory.create(failed=True), tested=0)
    sold = case_of(DidFactory.create().number, tested=1)
    for case, verb in ((nothing, "accept"), (sold, "give_back")):
        assert staff.post(f"{CASES}{case.pk}/do/{verb}/", REASON).status_code == 404
    staff.post(f"{CASES}{nothing.pk}/do/give_back/", REASON)
    assert PhoneNumber.objects.get(pk=nothing.number_id).state == State.RETURNED
    assert staff.post(f"{CASES}{nothing.pk}/do/repaired/", REASON).status_code == 404


def test_the_block_of_an_open_case_is_not_cleared_by_hand(staff: Client) -> None:
    number = NumberFactory.create(declared_capabilities=3)
    case_of(number, tested=1)
    assert staff.post(f"{NUMBERS}{number.pk}/do/clear_blocks/", REASON).status_code == 404
    blocks.place(number=number, reason=BlockReason.FRAUD, actor="user:somebody")
    staff.post(f"{NUMBERS}{number.pk}/do/clear_blocks/", REASON)
    assert NumberBlock.objects.get(cleared_at=None).reason == BlockReason.DRIFT
    assert PhoneNumber.objects.get().blocked


def test_a_numbers_page_shows_its_cases_and_what_was_seen_and_waived(staff: Client) -> None:
    number = NumberFactory.create(
        declared_capabilities=3, waived_capabilities=2, observed_capabilities=8, observed_at=timezone.now()
    )
    case_of(number, tested=0)
    page = staff.get(f"{NUMBERS}{number.pk}/change/").content.decode()
    assert DriftFinder.SUITE.label.capitalize() in page
    assert "Not asked of it" in page
    assert "Seen on its line" in page
