"""No number without the papers that its kind asks for: at purchase, reclaim, change and transfer, and in raw SQL."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts.models import Account
from compliance.lifecycle import BundleState
from compliance.models import Address, Bundle, EndUserType, NumberTypeRule, Regulation
from compliance.refusals import AddressInUse
from compliance.services import addresses, transition
from compliance.unmet import AddressMissing, AddressNotOnPapers, BundleMissing, BundleNotApproved, NoEmergencyAddress
from inventory.models import Did, PhoneNumber
from inventory.services import assignments
from numbering.recent import forget_everything
from tests.factories import (
    AccountFactory,
    AddressFactory,
    BundleFactory,
    DidFactory,
    NumberFactory,
    RegulationFactory,
    loaded,
)

pytestmark = pytest.mark.django_db
BUYERS = 64


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    forget_everything()


@pytest.fixture
def account(db: None) -> Account:
    row: Account = AccountFactory.create()
    return row


def kept_number(**fields: Any) -> PhoneNumber:
    """A number that goes to nobody without a bundle; whether with an address, nobody has confirmed."""
    number: PhoneNumber = NumberFactory.create(country="DE", number_type="voip", **fields)
    loaded("DE")
    return number


def bundle(account: Account, **fields: Any) -> Bundle:
    regulation = RegulationFactory.create(country="DE", number_type="voip", end_user_type=EndUserType.BUSINESS)
    row: Bundle = BundleFactory.create(**{"account": account, "regulation": regulation, "approved": True, **fields})
    return row


def expire(row: Bundle) -> None:
    transition.move(row, "expire", actor="sweep:expired_bundles")


def bought(account: Account, **papers: str) -> Did:
    return assignments.buy(account=account, e164=kept_number().e164, settings=papers)


def test_a_number_is_bought_with_an_approved_bundle_and_not_without(account: Account) -> None:
    number, papers = kept_number(), bundle(account)
    with pytest.raises(BundleMissing):
        assignments.buy(account=account, e164=number.e164, settings={})
    did = assignments.buy(account=account, e164=number.e164, settings={"bundle_sid": papers.sid})
    assert (did.bundle_sid, did.number_id) == (papers.sid, number.pk)


def test_a_refused_purchase_leaves_the_number_on_sale(account: Account) -> None:
    number = kept_number()
    with pytest.raises(BundleMissing):
        assignments.buy(account=account, e164=number.e164, settings={})
    assert PhoneNumber.objects.sellable(timezone.now()).filter(pk=number.pk).exists()


def test_neither_the_bundle_nor_the_address_of_another_account_is_stored(account: Account) -> None:
    stranger = AccountFactory.create()
    with pytest.raises(BundleMissing):
        bought(account, bundle_sid=bundle(stranger).sid)
    with pytest.raises(AddressMissing):
        bought(account, bundle_sid=bundle(account).sid, address_sid=AddressFactory.create(account=stranger).sid)


def test_papers_that_are_needed_are_not_cleared_and_others_may_be(account: Account) -> None:
    did = bought(account, bundle_sid=bundle(account).sid)
    with pytest.raises(BundleMissing):
        assignments.change(did=did, settings={"bundle_sid": ""}, to=None, by=account)
    free = assignments.buy(
        account=account,
        e164=NumberFactory.create().e164,
        settings={"address_sid": AddressFactory.create(account=account).sid},
    )
    assert assignments.change(did=free, settings={"address_sid": ""}, to=None, by=account).address_sid == ""


def test_what_a_number_has_it_keeps_when_its_approval_has_run_out(account: Account) -> None:
    papers = bundle(account)
    did = bought(account, bundle_sid=papers.sid)
    expire(papers)
    settings = {"voice_url": "https://a.example/v", "bundle_sid": papers.sid}
    assert assignments.change(did=did, settings=settings, to=None, by=account).voice_url
    with pytest.raises(AddressMissing):
        assignments.change(did=did, settings={"address_sid": "AD" + "0" * 32}, to=None, by=account)


def test_a_number_is_not_taken_back_on_an_approval_that_has_run_out(account: Account) -> None:
    papers = bundle(account)
    did = bought(account, bundle_sid=papers.sid)
    assignments.release(did=did, actor=f"account:{account.sid}")
    expire(papers)
    with pytest.raises(BundleNotApproved):
        assignments.buy(account=account, e164=did.number.e164, settings={})
    renewed = {"bundle_sid": bundle(account).sid}
    assert assignments.buy(account=account, e164=did.number.e164, settings=renewed).sid == did.sid


def test_the_address_must_be_on_the_papers(account: Account) -> None:
    own = AddressFactory.create(account=account)
    with pytest.raises(AddressNotOnPapers):
        bought(account, bundle_sid=bundle(account).sid, address_sid=own.sid)
    papers = bundle(account, address=own)
    assert bought(account, bundle_sid=papers.sid, address_sid=own.sid).address_sid == own.sid


def test_a_number_moves_with_the_papers_of_who_receives_it(account: Account) -> None:
    child = AccountFactory.create(parent=account)
    did = bought(account, bundle_sid=bundle(account).sid)
    for settings in ({}, {"bundle_sid": did.bundle_sid}):  # the giver's are nobody else's
        with pytest.raises(BundleMissing):
            assignments.change(did=did, settings=settings, to=child, by=account)
    assert Did.objects.get(pk=did.pk).account == account
    own = bundle(child)
    moved = assignments.change(did=did, settings={"bundle_sid": own.sid}, to=child, by=account)
    assert (moved.account, moved.bundle_sid) == (child, own.sid)


def test_papers_of_a_number_that_moves_are_left_behind(account: Account) -> None:
    at = AddressFactory.create(account=account, emergency_enabled=True)
    papers = {"address_sid": at.sid, "emergency_address_sid": at.sid}
    did = assignments.buy(account=account, e164=NumberFactory.create().e164, settings=papers)
    moved = assignments.transfer(did=did, to=AccountFactory.create(parent=account), by=account)
    kept = Did.objects.get(pk=moved.pk)
    assert (kept.address_sid, kept.emergency_address_sid) == ("", "")


def test_an_address_stays_one_for_emergency_calls_while_those_of_a_number_go_by_it(account: Account) -> None:
    at: Address = AddressFactory.create(account=account, emergency_enabled=True)
    did = assignments.buy(account=account, e164=NumberFactory.create().e164, settings={"emergency_address_sid": at.sid})
    with pytest.raises(AddressInUse, match="1 of DependentPhoneNumbers"):
        addresses.change(address=at, given={"emergency_enabled": False})
    assignments.change(did=did, settings={"address_sid": at.sid, "emergency_address_sid": ""}, to=None, by=account)
    assert not addresses.change(address=at, given={"emergency_enabled": False}).emergency_enabled
    assert addresses.change(address=at, given={"emergency_enabled": True}).emergency_enabled


def test_emergency_calls_need_an_address_that_is_meant_for_them(account: Account) -> None:
    number = NumberFactory.create()
    for other in (AddressFactory.create(account=account), AddressFactory.create(emergency_enabled=True)):
        with pytest.raises(NoEmergencyAddress):
            assignments.buy(account=account, e164=number.e164, settings={"emergency_address_sid": other.sid})


def update(row: Did, to: str, *parameters: str | int) -> Callable[[], None]:
    def run() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE inventory_did SET {to} WHERE id = %s", [*parameters, row.pk])  # noqa: S608 - our own words

    return run


def refused_by(name: str, change: Callable[[], None]) -> None:
    with pytest.raises(IntegrityError) as refusal:
        change()
    assert refusal.value.__cause__.diag.constraint_name == name  # type: ignore[union-attr]  # psycopg's own error


def foreign_address(_: Account) -> Address:
    row: Address = AddressFactory.create(emergency_enabled=True)
    return row


def deleted_address(account: Account) -> Address:
    row: Address = AddressFactory.create(account=account, emergency_enabled=True, deleted_at=timezone.now())
    return row


@pytest.mark.parametrize("make", [foreign_address, deleted_address])
def test_the_database_refuses_addresses_that_are_not_the_accounts(
    account: Account, make: Callable[[Account], Address]
) -> None:
    did = DidFactory.create(account=account)
    refused_by("did_address_of_its_account", update(did, "address_sid = %s", make(account).sid))
    change = update(did, "emergency_address_sid = %s", make(account).sid)
    refused_by("did_emergency_address_of_its_account", change)


def test_the_database_refuses_emergency_calls_from_an_address_that_is_not_meant_for_them(account: Account) -> None:
    own = AddressFactory.create(account=account)
    change = update(DidFactory.create(account=account), "emergency_address_sid = %s", own.sid)
    refused_by("did_emergency_address_of_its_account", change)


BAD_BUNDLES: dict[str, Callable[[Account], Bundle]] = {
    **{
        str(state): partial(bundle, state=state, approved=False)
        for state in BundleState
        if state != BundleState.APPROVED
    },
    "another account's": lambda _: bundle(AccountFactory.create()),
    "for another country": lambda account: BundleFactory.create(account=account, approved=True, regulation=_of("GB")),
    "for another type": lambda account: BundleFactory.create(account=account, approved=True, regulation=_of("DE")),
    "run out": lambda account: bundle(account, valid_until=timezone.now() - timedelta(seconds=1)),
}


def _of(country: str) -> Regulation:
    row: Regulation = RegulationFactory.create(country=country, number_type="mobile")
    return row


@pytest.mark.parametrize("bad", BAD_BUNDLES)
def test_the_database_refuses_bundles_that_are_not_good_enough(account: Account, bad: str) -> None:
    did = bought(account, bundle_sid=bundle(account).sid)
    refused_by("did_bundle_approved", update(did, "bundle_sid = %s", BAD_BUNDLES[bad](account).sid))


def test_the_database_refuses_a_number_without_its_bundle(account: Account) -> None:
    did = bought(account, bundle_sid=bundle(account).sid)
    refused_by("did_bundle_needed", update(did, "bundle_sid = ''"))
    free = DidFactory.create(account=account)
    refused_by("did_bundle_needed", update(free, "number_id = %s", kept_number().pk))


def test_the_database_refuses_a_kind_of_number_of_which_nothing_is_known(account: Account) -> None:
    number = NumberFactory.create()
    NumberTypeRule.objects.all().delete()
    with pytest.raises(IntegrityError):
        Did.objects.create(account=account, number=number, friendly_name="")


def test_the_database_refuses_to_hand_over_a_number_with_papers_of_the_other_account(account: Account) -> None:
    did = bought(account, bundle_sid=bundle(account).sid)
    refused_by("did_bundle_approved", update(did, "account_id = %s", AccountFactory.create().pk))


def test_the_database_refuses_to_open_a_number_again_whose_approval_has_run_out(account: Account) -> None:
    papers = bundle(account)
    did = bought(account, bundle_sid=papers.sid)
    assignments.release(did=did, actor="user:staff")
    expire(papers)
    refused_by("did_bundle_approved", update(did, "ended_at = NULL"))


def test_a_rule_that_comes_later_takes_no_number_out_of_service(account: Account) -> None:
    number = NumberFactory.create(country="DE", number_type="voip")
    did = assignments.buy(account=account, e164=number.e164, settings={})
    loaded("DE")
    update(did, "voice_url = 'https://a.example/v'")()
    did.refresh_from_db()
    did.save()
    assignments.change(did=did, settings={"friendly_name": "as ever"}, to=None, by=account)


@pytest.mark.django_db(transaction=True)
def test_no_number_is_bought_on_a_bundle_once_it_is_not_approved_any_more() -> None:
    """64 buyers while the approval ends: who was before it has the number, who comes after it gets a refusal."""
    account = AccountFactory.create()
    numbers = [kept_number() for _ in range(BUYERS)]
    papers = bundle(account)
    together = threading.Barrier(BUYERS + 1)

    def buy(e164: int) -> str:
        together.wait()
        try:
            assignments.buy(account=account, e164=e164, settings={"bundle_sid": papers.sid})
        except BundleNotApproved:
            return "refused"
        return "bought"

    def end_approval() -> str:
        """How many numbers hung on it in that moment: those who bought before have committed, as it had to wait."""
        together.wait()
        with transaction.atomic():
            expire(papers)
            return str(Did.objects.filter(bundle_sid=papers.sid).count())

    def closing(job: Callable[[], str]) -> str:
        try:
            return job()
        finally:
            connection.close()

    jobs = [*(partial(buy, number.e164) for number in numbers), end_approval]
    with ThreadPoolExecutor(len(jobs)) as threads:
        *outcomes, then = threads.map(closing, jobs)
    assert Did.objects.filter(bundle_sid=papers.sid).count() == int(then) == Counter(outcomes)["bought"]
    assert Counter(outcomes).total() == BUYERS
