"""The gate: every unmet requirement at once, in order, for each mixture of number, address and bundle."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, NamedTuple

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Account
from compliance import gate
from compliance.lifecycle import BundleState
from compliance.models import Address, Bundle, EndUserType
from compliance.rulebook.rules import AddressScope
from compliance.unmet import (
    AddressMissing,
    AddressNotOnPapers,
    AddressUnfit,
    BundleMissing,
    BundleNotApproved,
    NoEmergencyAddress,
    Unmet,
)
from numbering import places
from numbering.models import Place, PlacePrefix
from numbering.recent import forget_everything
from tests.factories import (
    AccountFactory,
    AddressFactory,
    BundleFactory,
    DocumentFactory,
    RegulationFactory,
    freely_assigned,
    loaded,
)

pytestmark = pytest.mark.django_db


class Number(NamedTuple):
    e164: int
    country: str
    number_type: str


US = Number(14155550123, "US", "local")
BERLIN = Number(493012345678, "DE", "local")
GB_MOBILE = Number(447400123456, "GB", "mobile")
VOIP = Number(4932123456789, "DE", "voip")  # of which nothing is confirmed
CORK = Number(353214567890, "IE", "local")
EXTRACT, PROOF = "commercial_registrar_excerpt", {"IE": "business_address", "GB": "business_address"}
BERLIN_ADDRESS = {"street": "Unter den Linden 77", "city": "Berlin", "postal_code": "10117", "iso_country": "DE"}
CORK_ADDRESS = {"street": "12 Patrick Street", "city": "Cork", "postal_code": "T12 X8N6", "iso_country": "IE"}
LONDON = {"street": "10 Downing Street", "city": "London", "postal_code": "SW1A 2AA", "iso_country": "GB"}


@pytest.fixture(autouse=True)
def _the_law() -> None:
    forget_everything()
    places.forget_prefixes()
    loaded("DE", "GB", "IE", "US")
    for number, town in ((353, "Dublin"), (35321, "Cork"), (49, "Hamburg"), (4930, "Berlin")):
        _serves(number, town, "IE" if str(number).startswith("353") else "DE")


def _serves(prefix: int, town: str, country: str) -> None:
    place = Place.objects.create(
        id=prefix,
        country=country,
        name=town,
        normalised_name=town.lower(),
        granularity="locality",
        source="libphonenumber",
    )
    PlacePrefix.objects.create(prefix=prefix, country=country, place=place)


@pytest.fixture
def account() -> Account:
    row: Account = AccountFactory.create()
    return row


def address(account: Account, **parts: Any) -> Address:
    row: Address = AddressFactory.create(account=account, **parts)
    return row


def bundle(account: Account, number: Number, **fields: Any) -> Bundle:
    """Approved for such numbers unless told otherwise, with a paper that shows the `address`."""
    shown = fields.pop("address", None) or address(account)
    paper = DocumentFactory.create(account=account, type=PROOF.get(number.country, EXTRACT), addresses=[shown])
    regulation = RegulationFactory.create(
        country=number.country, number_type=number.number_type, end_user_type=EndUserType.BUSINESS
    )
    row: Bundle = BundleFactory.create(
        **{"account": account, "regulation": regulation, "items": [paper], "state": "approved", **fields}
    )
    return row


def kinds(unmet: list[Unmet]) -> list[type[Unmet]]:
    return [type(each) for each in unmet]


def test_us_numbers_are_anybodys(account: Account) -> None:
    assert gate.check(account, US, "", "") == []


Given = Callable[[Account], tuple[str, str]]


def nothing(_: Account) -> tuple[str, str]:
    return "", ""


def good(number: Number, parts: dict[str, str]) -> Given:
    def papers(account: Account) -> tuple[str, str]:
        at = address(account, **parts)
        return at.sid, bundle(account, number, address=at).sid

    return papers


def address_only(**parts: str) -> Given:
    return lambda account: (address(account, **parts).sid, "")


def bundle_only(number: Number, **fields: Any) -> Given:
    return lambda account: ("", bundle(account, number, **fields).sid)


def elsewhere(number: Number, lives: dict[str, str]) -> Given:
    """A bundle for the number, and an address that its papers don't show."""
    return lambda account: (address(account, **lives).sid, bundle(account, number).sid)


def strangers(number: Number, parts: dict[str, str]) -> Given:
    return lambda _: good(number, parts)(AccountFactory.create())


def unheard_of(_: Account) -> tuple[str, str]:
    return "AD" + "0" * 32, "BU" + "0" * 32


def deleted(number: Number, parts: dict[str, str]) -> Given:
    def papers(account: Account) -> tuple[str, str]:
        sids = good(number, parts)(account)
        Bundle.objects.filter(sid=sids[1]).update(deleted_at=timezone.now())
        Address.objects.filter(sid=sids[0]).update(deleted_at=timezone.now())
        return sids

    return papers


HAMBURG = BERLIN_ADDRESS | {"city": "Hamburg", "postal_code": "20095"}
YESTERDAY, TOMORROW = timedelta(days=-1), timedelta(days=1)
CASES: dict[str, tuple[Number, Given, list[type[Unmet]]]] = {
    "DE: nothing given": (BERLIN, nothing, [AddressMissing, BundleMissing]),
    "DE: as it should be": (BERLIN, good(BERLIN, BERLIN_ADDRESS), []),
    "DE: the address alone": (BERLIN, address_only(**BERLIN_ADDRESS), [BundleMissing]),
    "DE: an address in another town": (BERLIN, address_only(**HAMBURG), [AddressUnfit, BundleMissing]),
    "DE: an address abroad": (BERLIN, address_only(**LONDON), [AddressUnfit, BundleMissing]),
    "DE: the bundle alone": (BERLIN, bundle_only(BERLIN), [AddressMissing]),
    "DE: an address that the papers don't show": (BERLIN, elsewhere(BERLIN, BERLIN_ADDRESS), [AddressNotOnPapers]),
    "DE: out of town and not on the papers": (BERLIN, elsewhere(BERLIN, HAMBURG), [AddressUnfit, AddressNotOnPapers]),
    "DE: another account's papers": (BERLIN, strangers(BERLIN, BERLIN_ADDRESS), [AddressMissing, BundleMissing]),
    "DE: papers that never were": (BERLIN, unheard_of, [AddressMissing, BundleMissing]),
    "DE: papers that were deleted": (BERLIN, deleted(BERLIN, BERLIN_ADDRESS), [AddressMissing, BundleMissing]),
    "DE: a bundle for British mobiles": (
        BERLIN,
        lambda account: (address(account).sid, bundle(account, GB_MOBILE).sid),
        [BundleNotApproved],
    ),
    "GB mobile: nothing given": (GB_MOBILE, nothing, [AddressMissing, BundleMissing]),
    "GB mobile: an address anywhere": (GB_MOBILE, good(GB_MOBILE, BERLIN_ADDRESS), []),
    "not confirmed: nothing given": (VOIP, nothing, [BundleMissing]),
    "not confirmed: an approved bundle": (VOIP, bundle_only(VOIP), []),
    "not confirmed: another address than the papers show": (
        VOIP,
        elsewhere(VOIP, BERLIN_ADDRESS),
        [AddressNotOnPapers],
    ),
    "IE: as it should be": (CORK, good(CORK, CORK_ADDRESS), []),
    "IE: without an Eircode": (CORK, address_only(**CORK_ADDRESS | {"postal_code": ""}), [AddressUnfit, BundleMissing]),
    "IE: Dublin for a Cork number": (
        CORK,
        address_only(**CORK_ADDRESS | {"city": "Dublin"}),
        [AddressUnfit, BundleMissing],
    ),
    "US: an address and a bundle that never were": (US, unheard_of, [AddressMissing, BundleMissing]),
    "US: an address of its own": (US, address_only(**LONDON), []),
    "US: a bundle for other numbers": (US, bundle_only(BERLIN), [BundleNotApproved]),
}


@pytest.mark.parametrize("case", CASES)
def test_everything_that_is_unmet_is_told_at_once_and_in_order(account: Account, case: str) -> None:
    number, given, expected = CASES[case]
    assert kinds(gate.check(account, number, *given(account))) == expected


@pytest.mark.parametrize("state", BundleState)
def test_numbers_hang_on_approved_bundles_only(account: Account, state: BundleState) -> None:
    unmet = gate.check(account, VOIP, "", bundle(account, VOIP, state=state).sid)
    assert kinds(unmet) == ([] if state == BundleState.APPROVED else [BundleNotApproved])


@pytest.mark.parametrize(("ends", "expected"), [(TOMORROW, []), (YESTERDAY, [BundleNotApproved])])
def test_an_approval_counts_until_it_runs_out(account: Account, ends: timedelta, expected: list[Any]) -> None:
    row = bundle(account, VOIP, valid_until=timezone.now() + ends)
    assert kinds(gate.check(account, VOIP, "", row.sid)) == expected


def test_no_number_hangs_on_a_test_bundle(account: Account) -> None:
    row = bundle(account, VOIP, state=BundleState.DRAFT, is_test=True)
    assert kinds(gate.check(account, VOIP, "", row.sid)) == [BundleNotApproved]


def test_only_a_paper_that_is_for_the_address_proves_it(account: Account) -> None:
    """A register extract does in Germany, a passport that happens to name an address does not."""
    at = address(account)
    passport = DocumentFactory.create(account=account, type="passport", addresses=[at])
    row = bundle(account, BERLIN, items=[passport])
    assert kinds(gate.check(account, BERLIN, at.sid, row.sid)) == [AddressNotOnPapers]


def test_a_country_without_rules_is_closed(account: Account) -> None:
    nowhere = Number(85212345678, "HK", "voip")
    (unmet,) = gate.check(account, nowhere, "", "")
    assert isinstance(unmet, BundleMissing)
    assert "not known" in str(unmet)
    assert "operator" in unmet.hint


def test_where_the_area_is_not_known_nobody_is_refused_for_it(account: Account) -> None:
    PlacePrefix.objects.all().delete()
    assert kinds(gate.check(account, BERLIN, address(account, **HAMBURG).sid, "")) == [BundleMissing]


def test_a_refusal_says_what_to_do(account: Account) -> None:
    unfit, missing = gate.check(account, CORK, address(account, **CORK_ADDRESS | {"city": "Dublin"}).sid, "")
    assert str(unfit) == "No valid address created for: Cork"
    assert unfit.lies_in is not None
    assert (unfit.lies_in.scope, list(unfit.lies_in.towns)) == (AddressScope.AREA_CODE, ["Cork"])
    assert str(missing) == "Bundle required and not provided for country: [IE] and numberType: [LOCAL]"
    assert {(each.end_user_type, each.available) for each in missing.asked.regulations} == {
        ("business", "yes"),
        ("individual", "yes"),
    }


def test_papers_that_an_account_does_not_have_are_refused_in_its_name(account: Account) -> None:
    """Who moves a number to a subaccount reads whose papers are wanted."""
    theirs = AccountFactory.create()
    at = address(theirs, **CORK_ADDRESS).sid
    unmet = gate.check(account, CORK, at, bundle(theirs, CORK).sid)
    assert [str(each).rpartition(" in ")[2] for each in unmet] == [f"account {account.sid}"] * 2


def test_no_word_of_an_address_is_in_a_refusal(account: Account) -> None:
    at = address(account, customer_name="Erika Mustermann", **HAMBURG)
    for unmet in gate.check(account, BERLIN, at.sid, bundle(account, BERLIN).sid):
        text = f"{unmet} {unmet.hint}"
        assert not [part for part in ("Erika", "Linden", "20095") if part in text]


def test_the_first_that_is_raised_knows_all(account: Account) -> None:
    with pytest.raises(AddressMissing) as refused:
        gate.require(account, BERLIN, "", "")
    assert kinds(list(refused.value.all)) == [AddressMissing, BundleMissing]


def test_emergency_calls_need_an_address_that_is_meant_for_them(account: Account) -> None:
    gate.require_emergency_address(account, address(account, emergency_enabled=True).sid)
    for other in (address(account), address(AccountFactory.create(), emergency_enabled=True)):
        with pytest.raises(NoEmergencyAddress):
            gate.require_emergency_address(account, other.sid)


def test_a_foreign_paper_and_an_unknown_one_take_the_same_queries(
    account: Account, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    gate.check(account, GB_MOBILE, *unheard_of(account))
    foreign = strangers(GB_MOBILE, LONDON)(account)
    for papers in (foreign, unheard_of(account)):
        with django_assert_num_queries(4):
            gate.check(account, GB_MOBILE, *papers)


def test_one_query_for_a_number_that_asks_for_nothing(
    account: Account, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    freely_assigned("US", "local")
    gate.check(account, US, "", "")
    with django_assert_num_queries(1):
        gate.check(account, US, "", "")
