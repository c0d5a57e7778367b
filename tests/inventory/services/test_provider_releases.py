"""Numbers going back to a real carrier: confirmed only when it no longer bills us."""

from typing import Any

import pytest
from django.test import override_settings
from django.utils import timezone

from inventory.lifecycle import IllegalMove, State
from inventory.models import PhoneNumber, ProviderRelease, ReleaseState
from inventory.models.quarantine import QuarantineSource
from inventory.providers.base import ProviderRefused
from inventory.quarantine.stays import enter
from inventory.services import provider_releases, sourcing
from numbering.types import NumberType
from tests.factories import DidFactory, NumberFactory
from tests.inventory.conftest import Seller, settle_all_orders, settle_all_releases, stock


def buy_one(seller: Seller) -> PhoneNumber:
    """A number of ours at the carrier."""
    sourcing.ask(country="US", number_type=NumberType.LOCAL, quantity=1, provider=seller.provider)
    settle_all_orders()
    return PhoneNumber.objects.get()


def settle_once(release: ProviderRelease) -> ProviderRelease:
    """One attempt, now; returns what has become of it."""
    ProviderRelease.objects.filter(pk=release.pk).update(next_attempt_at=timezone.now())
    provider_releases.settle(release.pk)
    release.refresh_from_db()
    return release


def test_a_retired_number_goes_back_and_is_billed_no_more(seller: Seller) -> None:
    number = buy_one(seller)
    assert provider_releases.retire(number.pk, actor="user:staff", reason="too many").state == State.RETURNED
    settle_all_releases()
    assert ProviderRelease.objects.get().state == ReleaseState.CONFIRMED
    assert seller.billed() == stock() == set()


def test_a_yes_alone_confirms_nothing(seller: Seller) -> None:
    provider_releases.retire(buy_one(seller).pk, actor="user:staff", reason="too many")
    assert settle_once(ProviderRelease.objects.get()).state == ReleaseState.REQUESTED


def test_a_silent_no_op_is_found_out_told_to_staff_and_asked_again(seller: Seller) -> None:
    number = buy_one(seller)
    seller.strike("silent_release", key=str(number))
    provider_releases.retire(number.pk, actor="user:staff", reason="too many")
    release = settle_once(ProviderRelease.objects.get())
    assert (release.state, seller.billed()) == (ReleaseState.REQUESTED, {number.e164})
    release = settle_once(release)
    assert (release.state, release.last_error) == (ReleaseState.REQUESTED, provider_releases.STILL_BILLED)
    settle_all_releases()
    assert seller.billed() == set()


def test_a_busy_provider_postpones_the_release(seller: Seller) -> None:
    number = buy_one(seller)
    provider_releases.retire(number.pk, actor="user:staff", reason="too many")
    seller.strike("unavailable_burst")
    assert "503" in settle_once(ProviderRelease.objects.get()).last_error
    settle_all_releases()
    assert seller.billed() == set()


def test_a_number_that_the_provider_never_sold_us_is_confirmed_by_its_bill(seller: Seller) -> None:
    number = NumberFactory.create(provider=seller.provider)
    provider_releases.retire(number.pk, actor="user:staff", reason="a ghost")
    release = settle_once(ProviderRelease.objects.get())
    assert (release.state, "unknown_number" in release.last_error) == (ReleaseState.INTENDED, True)
    assert settle_once(release).state == ReleaseState.CONFIRMED


def test_a_release_that_is_refused_again_and_again_is_left_to_staff(seller: Seller, settings: Any) -> None:
    number = buy_one(seller)
    provider_releases.retire(number.pk, actor="user:staff", reason="too many")
    release = ProviderRelease.objects.get()
    settings.PROVIDER_ADAPTERS = {"sandbox": "tests.inventory.services.test_provider_releases.Stubborn"}
    for _ in range(provider_releases.REFUSALS_BEFORE_STAFF):
        settle_once(release)
    assert (release.state, release.last_error) == (ReleaseState.FAILED, "under contract until 2030")


def test_only_refusals_in_a_row_are_left_to_staff(seller: Seller, settings: Any) -> None:
    provider_releases.retire(buy_one(seller).pk, actor="user:staff", reason="too many")
    release, real = ProviderRelease.objects.get(), settings.PROVIDER_ADAPTERS
    settings.PROVIDER_ADAPTERS = {"sandbox": "tests.inventory.services.test_provider_releases.Stubborn"}
    for _ in range(provider_releases.REFUSALS_BEFORE_STAFF - 1):
        settle_once(release)
    with override_settings(SANDBOX_URL="http://127.0.0.1:9", PROVIDER_ADAPTERS=real):
        for _ in range(provider_releases.REFUSALS_BEFORE_STAFF):
            settle_once(release)
    assert (release.state, release.refusals) == (ReleaseState.INTENDED, 0)
    assert settle_once(release).state == ReleaseState.INTENDED


class Stubborn:
    """A provider that keeps what it sold; the sandbox has none."""

    def __init__(self, provider: object) -> None: ...

    def holding(self, number: object) -> bool:
        """It bills us."""
        return True

    def release(self, number: object, *, key: str) -> None:
        """And will go on."""
        raise ProviderRefused("under contract until 2030")


def test_a_number_with_an_open_release_is_not_ordered_again(seller: Seller) -> None:
    number = buy_one(seller)
    provider_releases.retire(number.pk, actor="user:staff", reason="too many")
    sourcing.ask(country="US", number_type=NumberType.LOCAL, quantity=3, provider=seller.provider)
    settle_all_orders()
    assert number.e164 not in stock()


@pytest.mark.django_db
def test_a_number_that_we_own_goes_back_to_nobody() -> None:
    number = NumberFactory.create(provider=None)
    provider_releases.retire(number.pk, actor="user:staff", reason="too many")
    assert not ProviderRelease.objects.exists()


@pytest.mark.django_db
def test_retiring_ends_the_stay_in_quarantine() -> None:
    number = NumberFactory.create(quarantined=True, origin="onboarded_new")
    stay = enter(number, source=QuarantineSource.ONBOARDED_NEW, since=timezone.now())
    provider_releases.retire(number.pk, actor="user:staff", reason="too many")
    stay.refresh_from_db()
    assert (stay.verdict, stay.ended_at is not None) == ("retired: too many", True)


@pytest.mark.django_db
def test_a_number_with_a_holder_cannot_be_retired() -> None:
    with pytest.raises(IllegalMove):
        provider_releases.retire(DidFactory.create().number.pk, actor="user:staff", reason="no")
    assert not ProviderRelease.objects.exists()
