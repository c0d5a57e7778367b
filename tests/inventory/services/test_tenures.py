"""Which papers a number hung on, and when: of each account in its own time, former papers too."""

from typing import Any

import pytest

from accounts.models import Account
from compliance import tenures
from compliance.models import EndUserType
from inventory.models import Did, PastPapers, PhoneNumber
from inventory.services import assignments
from tests.factories import AccountFactory, BundleFactory, NumberFactory, RegulationFactory, loaded

pytestmark = pytest.mark.django_db


@pytest.fixture
def number() -> PhoneNumber:
    loaded("DE")
    row: PhoneNumber = NumberFactory.create(e164=493212345678, country="DE", number_type="voip")
    return row


def papers(account: Account) -> dict[str, Any]:
    regulation = RegulationFactory.create(country="DE", number_type="voip", end_user_type=EndUserType.BUSINESS)
    return {"bundle_sid": BundleFactory.create(account=account, regulation=regulation, approved=True).sid}


def told(bundle: dict[str, Any]) -> list[tuple[str, Any, Any]]:
    return [(each.account_sid, each.since, each.until) for each in tenures.of([bundle["bundle_sid"]], [])]


def test_a_number_that_was_moved_twice_tells_of_each_bundle_in_its_own_time(number: PhoneNumber) -> None:
    """On other papers of the same account, to a subaccount, back, and released."""
    parent = AccountFactory.create()
    child = AccountFactory.create(parent=parent)
    given = [papers(parent), papers(parent), papers(child), papers(parent)]
    did = assignments.buy(account=parent, e164=number.e164, settings=given[0])
    for bundle, to in ((given[1], None), (given[2], child), (given[3], parent)):
        did = assignments.change(did=did, settings=bundle, to=to, by=parent)
    [(_, since, put_on_others)], [(_, then, handed_over)], [(whose, _, given_back)], [last] = map(told, given)
    assert (since, put_on_others) == (_lower(did, 0), PastPapers.objects.earliest("pk").until)
    assert (then, handed_over) == (put_on_others, _upper(did, 0))
    assert (whose, given_back) == (child.sid, _upper(did, 1))
    assert last == (parent.sid, given_back, None)
    assignments.release(did=did, actor="test")
    [tenure] = tenures.of([given[3]["bundle_sid"]], [])
    assert tenure.until and tenure.reclaimable_until, "on its last papers it may be had back"
    assert all(each.is_over(each.until) for bundle in given[:3] for each in tenures.of([bundle["bundle_sid"]], []))  # type: ignore[arg-type]  # all ended


def test_papers_that_were_taken_off_are_told_of_too(number: PhoneNumber) -> None:
    account = AccountFactory.create()
    bundle = papers(account)
    did = assignments.buy(account=account, e164=number.e164, settings=bundle)
    Did.objects.filter(pk=did.pk).update(bundle_sid=papers(account)["bundle_sid"])
    [(_, since, until)] = told(bundle)
    assert since < until
    assert tenures.of([], []) == []


def _lower(did: Did, nth: int) -> Any:
    return did.assignments.order_by("pk")[nth].valid.lower


def _upper(did: Did, nth: int) -> Any:
    return did.assignments.order_by("pk")[nth].valid.upper
