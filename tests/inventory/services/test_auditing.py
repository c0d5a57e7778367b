"""What a real carrier bills us for against what we hold from it."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone

from inventory import tasks
from inventory.lifecycle import State
from inventory.models import Discrepancy, DiscrepancyKind, PhoneNumber, Provider, ProviderRelease, ReleaseState
from inventory.providers.base import Wanted
from inventory.providers.sandbox.adapter import SandboxProvider
from inventory.services import auditing, provider_releases, settling, sourcing
from numbering.e164 import E164
from numbering.types import NumberType
from tests.factories import NumberFactory, ProviderFactory
from tests.inventory.conftest import Seller, settle_all_orders, settle_all_releases, until

LONG_AGO = timezone.now() - timedelta(days=2)


def audited(seller: Seller) -> tuple[int, int]:
    """How many orphans and ghosts an audit finds now."""
    auditing.audit(seller.provider.pk)
    seller.provider.refresh_from_db()
    return seller.provider.orphans, seller.provider.ghosts


def overdue(seller: Seller) -> int:
    """How many returns an audit finds overdue now."""
    auditing.audit(seller.provider.pk)
    seller.provider.refresh_from_db()
    return seller.provider.overdue


def named(kind: DiscrepancyKind) -> set[int]:
    return set(Discrepancy.objects.filter(kind=kind).values_list("e164", flat=True))


def bought(seller: Seller, quantity: int = 1) -> list[PhoneNumber]:
    """Numbers of ours at the carrier, since long ago."""
    sourcing.ask(country="US", number_type=NumberType.LOCAL, quantity=quantity, provider=seller.provider)
    settle_all_orders()
    PhoneNumber.objects.update(created_at=LONG_AGO)
    return list(PhoneNumber.objects.filter(provider=seller.provider))


def sold_behind_our_back(seller: Seller) -> int:
    """The digits of a number that the carrier bills us for and that no order of ours names."""
    offer = next(seller.adapter.offers(Wanted("US", NumberType.LOCAL)))
    seller.adapter.order([offer.number], key="forgotten")
    until(lambda: offer.number.digits in seller.billed())
    return offer.number.digits


def test_a_bill_that_agrees_with_our_stock(seller: Seller) -> None:
    bought(seller, 3)
    before = timezone.now()
    assert audited(seller) == (0, 0)
    assert seller.provider.audited_at is not None
    assert seller.provider.audited_at >= before
    assert not Discrepancy.objects.exists()


def test_orphans_and_ghosts_are_counted_and_named_and_nothing_is_done_about_them(seller: Seller) -> None:
    bought(seller, 2)
    orphan = sold_behind_our_back(seller)
    ghost = NumberFactory.create(provider=seller.provider, created_at=LONG_AGO)
    billed, stock = seller.billed(), list(PhoneNumber.objects.order_by("pk").values())
    assert audited(seller) == (1, 1)
    assert (named(DiscrepancyKind.ORPHAN), named(DiscrepancyKind.GHOST)) == ({orphan}, {ghost.e164})
    assert (seller.billed(), list(PhoneNumber.objects.order_by("pk").values())) == (billed, stock)


def test_all_are_counted_where_only_the_first_are_named(seller: Seller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auditing, "LISTED", 2)
    ghosts = NumberFactory.create_batch(5, provider=seller.provider, created_at=LONG_AGO)
    assert audited(seller) == (0, 5)
    assert named(DiscrepancyKind.GHOST) == {number.e164 for number in ghosts[:2]}


def test_a_number_that_we_have_from_elsewhere_is_billed_twice_and_an_orphan(seller: Seller) -> None:
    (number,) = bought(seller)
    PhoneNumber.objects.update(provider=ProviderFactory.create())
    assert audited(seller) == (1, 0)
    assert named(DiscrepancyKind.ORPHAN) == {number.e164}


def test_an_order_on_its_way_is_no_orphan(seller: Seller) -> None:
    sourcing.ask(country="US", number_type=NumberType.LOCAL, quantity=2, provider=seller.provider)
    settling.settle_due(10)  # placed; what the carrier fills now, we have not asked for yet
    until(lambda: len(seller.billed()) == 2)
    assert not PhoneNumber.objects.exists()
    assert audited(seller) == (0, 0)


def test_a_number_received_while_the_list_was_read_is_no_ghost(seller: Seller) -> None:
    NumberFactory.create(provider=seller.provider)
    assert audited(seller) == (0, 0)


def passing_over(monkeypatch: pytest.MonkeyPatch, *passed_over: int) -> None:
    """From now on the carrier's list lacks these numbers, as one does that shifted while it was read."""
    whole = SandboxProvider.holdings
    monkeypatch.setattr(
        SandboxProvider, "holdings", lambda self: (n for n in whole(self) if n.digits not in passed_over)
    )


def test_a_number_that_the_list_passed_over_is_no_ghost(seller: Seller, monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = bought(seller, 4)
    ghost = NumberFactory.create(provider=seller.provider, created_at=LONG_AGO)
    passing_over(monkeypatch, *(number.e164 for number in numbers[:3]))
    monkeypatch.setattr(auditing, "LISTED", 2)  # those behind the first ones are asked for too
    assert audited(seller) == (0, 1)
    assert named(DiscrepancyKind.GHOST) == {ghost.e164}


def test_a_provider_is_not_asked_about_ghosts_without_end(seller: Seller, monkeypatch: pytest.MonkeyPatch) -> None:
    passing_over(monkeypatch, *(number.e164 for number in bought(seller, 4)))
    monkeypatch.setattr(auditing, "LISTED", 2)
    monkeypatch.setattr(auditing, "MOST_ASKED", 3)
    assert audited(seller) == (0, 1)


@pytest.fixture
def returning(seller: Seller) -> ProviderRelease:
    """A number of ours on its way back: the carrier has said yes, and bills it all the same."""
    (number,) = bought(seller)
    seller.strike("silent_release", key=str(number))
    provider_releases.retire(number.pk, actor="user:staff", reason="too many")
    release = ProviderRelease.objects.get()
    provider_releases.settle(release.pk)
    release.refresh_from_db()
    assert (release.state, seller.billed()) == (ReleaseState.REQUESTED, {number.e164})
    return release


@pytest.mark.parametrize("state", [ReleaseState.INTENDED, ReleaseState.REQUESTED])
def test_a_return_on_its_way_is_overdue_when_the_provider_has_not_carried_it_out_for_days(
    seller: Seller, returning: ProviderRelease, state: ReleaseState
) -> None:
    long_ago = timezone.now() - provider_releases.OVERDUE_AFTER
    ProviderRelease.objects.update(state=state, created_at=long_ago + timedelta(minutes=1))
    assert (overdue(seller), seller.provider.orphans) == (0, 0)
    ProviderRelease.objects.update(created_at=long_ago)
    assert (overdue(seller), seller.provider.orphans) == (1, 0)
    found = Discrepancy.objects.get(kind=DiscrepancyKind.OVERDUE)
    assert (found.e164, str(found.monthly_cost), found.currency) == (returning.number.e164, "0.8000", "USD")


def test_a_return_that_the_provider_refused_to_the_end_is_overdue_at_once(
    seller: Seller, returning: ProviderRelease
) -> None:
    ProviderRelease.objects.update(state=ReleaseState.FAILED, next_attempt_at=None)
    assert (overdue(seller), seller.provider.orphans) == (1, 0)
    settle = {"state": ReleaseState.REQUESTED, "next_attempt_at": timezone.now()}
    ProviderRelease.objects.update(**settle)
    settle_all_releases()
    assert overdue(seller) == 0
    assert not Discrepancy.objects.exists()


def test_a_return_that_was_confirmed_and_is_billed_again_is_overdue_unless_it_was_a_moment_ago(
    seller: Seller, returning: ProviderRelease
) -> None:
    confirmed = {"state": ReleaseState.CONFIRMED, "next_attempt_at": None, "updated_at": timezone.now()}
    ProviderRelease.objects.update(**confirmed)
    assert (overdue(seller), seller.provider.orphans) == (0, 0)
    ProviderRelease.objects.update(updated_at=LONG_AGO)
    assert (overdue(seller), seller.provider.orphans) == (1, 0)


def test_a_number_that_was_bought_again_is_not_overdue_for_its_former_life(
    seller: Seller, returning: ProviderRelease
) -> None:
    ProviderRelease.objects.update(state=ReleaseState.FAILED, next_attempt_at=None)
    NumberFactory.create(e164=returning.number.e164, provider=seller.provider)
    assert (overdue(seller), seller.provider.orphans, seller.provider.ghosts) == (0, 0, 0)


def test_a_number_that_went_back_is_no_ghost(seller: Seller) -> None:
    (number,) = bought(seller)
    provider_releases.retire(number.pk, actor="user:staff", reason="too many")
    settle_all_releases()
    assert audited(seller) == (0, 0)


def test_a_discrepancy_keeps_its_date_while_it_lasts_and_goes_with_its_cause(seller: Seller) -> None:
    ghost = NumberFactory.create(provider=seller.provider, created_at=LONG_AGO)
    audited(seller)
    Discrepancy.objects.update(found_at=LONG_AGO)
    orphan = sold_behind_our_back(seller)
    assert audited(seller) == (1, 1)
    assert Discrepancy.objects.get(e164=ghost.e164).found_at == LONG_AGO
    assert Discrepancy.objects.get(e164=orphan).found_at > LONG_AGO
    PhoneNumber.objects.filter(pk=ghost.pk).update(state=State.RETURNED)
    assert audited(seller) == (1, 0)
    assert named(DiscrepancyKind.GHOST) == set()


@pytest.fixture(params=["is busy", "says where it goes on, and does not"])
def failing(request: pytest.FixtureRequest, seller: Seller, monkeypatch: pytest.MonkeyPatch) -> Seller:
    """A carrier whose list can't be had, or not to its end."""
    if request.param == "is busy":
        seller.strike("unavailable_burst", times=50)
    else:
        standing_still: Callable[..., dict[str, Any]] = lambda *_, **__: {"numbers": [], "next_cursor": "7"}  # noqa: E731
        monkeypatch.setattr("inventory.providers.sandbox.wire.Wire.ask", standing_still)
    return seller


def test_a_provider_that_fails_keeps_what_the_last_audit_found(failing: Seller) -> None:
    NumberFactory.create(provider=failing.provider, created_at=LONG_AGO)
    Provider.objects.update(orphans=4, ghosts=2, audited_at=LONG_AGO)
    Discrepancy.objects.create(provider=failing.provider, kind=DiscrepancyKind.ORPHAN, e164=14155550123)
    assert audited(failing) == (4, 2)
    assert failing.provider.audited_at == LONG_AGO
    assert Discrepancy.objects.count() == 1


def test_a_list_that_another_worker_reads_is_left_to_it(seller: Seller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auditing, "RENEWED", 1)
    bought(seller, 2)
    whole, begun = SandboxProvider.holdings, list[int]()

    def interrupted(self: SandboxProvider) -> Iterator[E164]:
        begun.append(1)
        for number in whole(self):
            cache.delete(f"auditing:{seller.provider.pk}")  # as if it had been read for long
            yield number
            auditing.audit(seller.provider.pk)

    monkeypatch.setattr(SandboxProvider, "holdings", interrupted)
    assert audited(seller) == (0, 0)
    assert len(begun) == 1
    audited(seller)
    assert len(begun) == 2, "the lease ends with the audit"


def test_each_provider_is_audited_once_a_day_and_what_we_own_never(seller: Seller) -> None:
    yesterday = timezone.now() - auditing.EVERY
    recent = ProviderFactory.create(audited_at=yesterday + timedelta(minutes=1))
    owned = ProviderFactory.create(adapter="")
    Provider.objects.filter(pk=seller.provider.pk).update(audited_at=yesterday, is_active=False)
    tasks.audit_holdings()
    now_audited = set(Provider.objects.filter(audited_at__gt=yesterday).values_list("slug", flat=True))
    assert now_audited == {seller.provider.slug, recent.slug}
    assert Provider.objects.get(pk=owned.pk).audited_at is None
