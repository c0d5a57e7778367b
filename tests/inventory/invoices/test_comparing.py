"""What a provider charges against what we had in the month: each difference found once, in money, until it is over."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from inventory import tasks
from inventory.invoices import comparing, report
from inventory.invoices.importing import import_invoice
from inventory.invoices.report import Total
from inventory.lifecycle import State
from inventory.models import (
    Invoice,
    Misbilling,
    MisbillingKind,
    PhoneNumber,
    Provider,
    ProviderOrder,
    ProviderOrderLine,
    ProviderRelease,
    ReleaseState,
)
from tests.factories import NumberFactory, ProviderFactory

pytestmark = pytest.mark.django_db
OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)
SUMMER = datetime(2026, 7, 1, tzinfo=UTC)
MID_OCTOBER = datetime(2026, 10, 15, tzinfo=UTC)
STRANGER = 14155550199
ORPHAN, OVERDUE, TWICE, CURRENCY, PRICE, UNBILLED = MisbillingKind

Bill = Callable[..., Invoice]


@pytest.fixture
def provider() -> Provider:
    found: Provider = ProviderFactory.create(slug="tern")
    return found


@pytest.fixture
def bill(provider: Provider, tmp_path: Path) -> Bill:
    """An invoice of October of such lines: number, amount, and what differs from monthly, USD and no description."""

    def imported(*lines: tuple[Any, ...], period: date = OCTOBER) -> Invoice:
        file = tmp_path / "invoice.csv"
        rows = [",".join(map(str, (*line, "monthly", "USD", "")[: max(5, len(line))])) for line in map(_whole, lines)]
        file.write_text("\n".join(["number,amount,charge,currency,description", *rows, ""]))
        return import_invoice(file, provider=provider, period=period, actor="user:staff").invoice

    return imported


def _whole(line: tuple[Any, ...]) -> tuple[Any, ...]:
    return (*line, *("monthly", "USD", "")[len(line) - 2 :])


def ours(provider: Provider, *, since: datetime = SUMMER, cost: str = "1.00", **fields: Any) -> PhoneNumber:
    """A number bought from the provider."""
    priced = {"monthly_cost": Decimal(cost), "currency": "USD"}
    number: PhoneNumber = NumberFactory.create(provider=provider, created_at=since, **{**priced, **fields})
    order = ProviderOrder.objects.create(
        key=f"ny-{number.pk}",
        provider=provider,
        country="US",
        number_type="local",
        state="COMPLETE",
        next_attempt_at=None,
    )
    ProviderOrderLine.objects.create(
        order=order, e164=number.e164, state="RECEIVED", number=number, capabilities=1, monthly_cost=1, currency="USD"
    )
    return number


def given_back(number: PhoneNumber, at: datetime, *, confirmed: datetime | None = None) -> ProviderRelease:
    """It left our stock, and the provider was asked to take it back."""
    PhoneNumber.objects.filter(pk=number.pk).update(state=State.RETURNED, state_since=at)
    release = ProviderRelease.objects.create(key=f"back-{number.pk}", number=number, created_at=at)
    state = {"state": ReleaseState.CONFIRMED, "next_attempt_at": None, "updated_at": confirmed}
    if confirmed:
        ProviderRelease.objects.filter(pk=release.pk).update(**state)
    return release


def wrong(invoice: Invoice) -> list[tuple[str, int, Decimal, str, int | None]]:
    """Kind, number, money at stake, and the line of the file."""
    rows = invoice.misbillings.filter(resolved_at=None).order_by("e164", "line__line", "pk")
    return list(rows.values_list("kind", "e164", "amount", "currency", "line__line"))


def test_an_invoice_that_agrees_with_our_stock(provider: Provider, bill: Bill) -> None:
    number = ours(provider, cost="1.1549")
    invoice = bill((number, "1.15"), (number, "5", "one_off"), ("", "12.00"))
    assert wrong(invoice) == []
    invoice.refresh_from_db()
    assert invoice.compared_at is not None


def test_what_was_never_ours_is_an_orphan_with_its_money_once_or_each_month(provider: Provider, bill: Bill) -> None:
    elsewhere = NumberFactory.create(provider=ProviderFactory.create())
    invoice = bill((STRANGER, "1.15"), (STRANGER, "3", "one_off"), (elsewhere, "2"))
    assert wrong(invoice) == [
        (ORPHAN, elsewhere.e164, Decimal(2), "USD", 4),
        (ORPHAN, STRANGER, Decimal("1.15"), "USD", 2),
        (ORPHAN, STRANGER, Decimal(3), "USD", 3),
    ]


def test_a_number_bought_after_the_month_was_not_ours_in_it(provider: Provider, bill: Bill) -> None:
    later = ours(provider, since=datetime(2026, 11, 3, tzinfo=UTC))
    at_the_border = ours(provider, since=datetime(2026, 11, 1, 5, tzinfo=UTC))
    assert wrong(bill((later, "1"), (at_the_border, "1"))) == [(ORPHAN, later.e164, Decimal(1), "USD", 2)]


def test_an_imported_number_may_have_been_ours_for_ever(provider: Provider, bill: Bill) -> None:
    imported = NumberFactory.create(provider=provider, created_at=datetime(2026, 11, 20, tzinfo=UTC))
    assert wrong(bill((imported, "1"))) == []


def test_a_number_on_order_is_no_orphan(provider: Provider, bill: Bill) -> None:
    order = ProviderOrder.objects.create(key="ny-1", provider=provider, country="US", number_type="local")
    ProviderOrderLine.objects.create(order=order, e164=STRANGER, capabilities=1, monthly_cost=1, currency="USD")
    assert wrong(bill((STRANGER, "1"))) == []


@pytest.mark.parametrize(
    ("asked", "confirmed", "is_overdue"),
    [
        (datetime(2026, 9, 1, tzinfo=UTC), datetime(2026, 9, 2, tzinfo=UTC), True),
        (datetime(2026, 9, 1, tzinfo=UTC), None, True),
        (datetime(2026, 9, 1, tzinfo=UTC), MID_OCTOBER, True),
        (datetime(2026, 9, 29, tzinfo=UTC), MID_OCTOBER, False),
        (datetime(2026, 9, 29, tzinfo=UTC), None, False),
        (MID_OCTOBER, MID_OCTOBER, False),
        (datetime(2026, 11, 5, tzinfo=UTC), None, False),
    ],
)
def test_what_we_gave_back_before_the_month_is_overdue_whether_it_was_confirmed_or_not(
    provider: Provider, bill: Bill, asked: datetime, confirmed: datetime | None, is_overdue: bool
) -> None:
    number = ours(provider)
    given_back(number, asked, confirmed=confirmed)
    assert wrong(bill((number, "1"))) == ([(OVERDUE, number.e164, Decimal(1), "USD", 2)] if is_overdue else [])


def test_a_number_bought_again_is_ours_again(provider: Provider, bill: Bill) -> None:
    number = ours(provider)
    given_back(number, SUMMER, confirmed=SUMMER)
    ours(provider, since=MID_OCTOBER, e164=number.e164)
    assert wrong(bill((number, "1"))) == []


def test_the_same_charge_again_is_charged_twice_unless_a_credit_takes_it_back(provider: Provider, bill: Bill) -> None:
    one, other, third = (ours(provider) for _ in range(3))
    invoice = bill(
        (one, "1"), (one, "1"), (one, "1"),
        (other, "1"), (other, "-1"), (other, "1"),
        (third, "1"), (third, "2", "one_off", "USD", "setup"), (third, "2", "one_off", "USD", "port"),
        (third, "2", "one_off", "USD", "port"),
    )  # fmt: skip
    assert wrong(invoice) == [
        (TWICE, one.e164, Decimal(1), "USD", 3),
        (TWICE, one.e164, Decimal(1), "USD", 4),
        (TWICE, third.e164, Decimal(2), "USD", 11),
    ]


def bought_again(provider: Provider, *, cost: str = "1.00", currency: str = "USD") -> PhoneNumber:
    """A number that was given back on the 10th of October, and bought again on the 15th."""
    number = ours(provider)
    given_back(number, MID_OCTOBER - timedelta(days=5), confirmed=MID_OCTOBER - timedelta(days=5))
    return ours(provider, since=MID_OCTOBER, e164=number.e164, cost=cost, currency=currency)


def test_a_number_given_back_and_bought_again_in_a_month_is_charged_twice_by_right(
    provider: Provider, bill: Bill
) -> None:
    number = bought_again(provider)
    setup = ("one_off", "USD", "setup")
    invoice = bill((number, "1"), (number, "1"), (number, "1"), (number, "2", *setup), (number, "2", *setup))
    assert wrong(invoice) == [
        (TWICE, number.e164, Decimal(1), "USD", 4),
        (TWICE, number.e164, Decimal(2), "USD", 6),
    ], "two lives in the month, and one purchase"


def test_a_life_that_was_over_before_the_month_excuses_nothing(provider: Provider, bill: Bill) -> None:
    number = ours(provider)
    given_back(number, SUMMER, confirmed=SUMMER)
    again = ours(provider, since=datetime(2026, 8, 1, tzinfo=UTC), e164=number.e164)
    assert wrong(bill((again, "1"), (again, "1"))) == [(TWICE, number.e164, Decimal(1), "USD", 3)]


def test_each_life_of_the_month_has_its_own_price_and_currency(provider: Provider, bill: Bill) -> None:
    dearer, cheaper, abroad = (
        bought_again(provider, cost="1.50"),
        bought_again(provider, cost="0.50"),
        bought_again(provider, currency="EUR"),
    )
    invoice = bill(
        (dearer, "1.00"), (dearer, "1.50"), (cheaper, "1.00"), (cheaper, "1.25"),
        (abroad, "1"), (abroad, "1", "monthly", "EUR"), (abroad, "1", "one_off", "CAD"),
    )  # fmt: skip
    assert wrong(invoice) == [
        (PRICE, cheaper.e164, Decimal("0.25"), "USD", 5),
        (CURRENCY, abroad.e164, Decimal(1), "CAD", 8),
    ]


def test_what_a_credit_takes_back_was_not_charged(provider: Provider, bill: Bill) -> None:
    number = ours(provider)
    invoice = bill((STRANGER, "1"), (STRANGER, "-1"), (number, "1"), (number, "-1"))
    assert wrong(invoice) == [(UNBILLED, number.e164, Decimal(1), "USD", None)]


def test_a_price_that_was_not_agreed_is_the_difference(provider: Provider, bill: Bill) -> None:
    dear, cheap, free = ours(provider), ours(provider), ours(provider, monthly_cost=None, currency="")
    assert wrong(bill((dear, "1.50"), (cheap, "0.75"), (free, "7"))) == [
        (PRICE, dear.e164, Decimal("0.5"), "USD", 2),
        (PRICE, cheap.e164, Decimal("-0.25"), "USD", 3),
    ]
    assert Misbilling.objects.get(e164=dear.e164).agreed == 1


def test_a_part_of_a_month_may_cost_a_part(provider: Provider, bill: Bill) -> None:
    came, went, dear = ours(provider, since=MID_OCTOBER), ours(provider), ours(provider, since=MID_OCTOBER)
    given_back(went, MID_OCTOBER)
    invoice = bill((came, "0.50"), (went, "0.20"), (dear, "1.20"))
    assert wrong(invoice) == [(PRICE, dear.e164, Decimal("0.20"), "USD", 4)]


def test_another_currency_than_the_agreed_one(provider: Provider, bill: Bill) -> None:
    number = ours(provider)
    assert wrong(bill((number, "1", "monthly", "EUR"))) == [(CURRENCY, number.e164, Decimal(1), "EUR", 2)]
    row = Misbilling.objects.get()
    assert (row.agreed, row.agreed_currency) == (Decimal(1), "USD")


def test_ours_for_the_whole_month_and_not_charged(provider: Provider, bill: Bill) -> None:
    number = ours(provider)
    ours(provider, since=MID_OCTOBER)
    given_back(ours(provider), MID_OCTOBER)
    assert wrong(bill((number, "3", "one_off"))) == [(UNBILLED, number.e164, Decimal(1), "USD", None)]


def test_the_totals_by_kind_in_money(provider: Provider, bill: Bill) -> None:
    number = ours(provider)
    invoice = bill((STRANGER, "1"), (STRANGER - 1, "2"), (STRANGER, "3", "one_off", "EUR"), (number, "1"), ("", "9"))
    assert report.misbilled(invoice) == [Total("orphan", 1, Decimal(3), "EUR"), Total("orphan", 2, Decimal(3), "USD")]
    assert report.charges(invoice) == [
        Total("monthly", 3, Decimal(4), "USD"),
        Total("one-off", 1, Decimal(3), "EUR"),
        Total("for no number", 1, Decimal(9), "USD"),
    ]


def test_a_difference_keeps_its_date_while_it_lasts_and_is_resolved_with_its_cause(
    provider: Provider, bill: Bill
) -> None:
    number = ours(provider, cost="0.80")
    invoice = bill((number, "1"), (STRANGER, "1"))
    Misbilling.objects.update(found_at=SUMMER)
    PhoneNumber.objects.update(monthly_cost=Decimal("0.90"))
    comparing.compare(invoice.pk)
    assert wrong(invoice) == [
        (PRICE, number.e164, Decimal("0.1"), "USD", 2),
        (ORPHAN, STRANGER, Decimal(1), "USD", 3),
    ]
    assert set(Misbilling.objects.values_list("found_at", flat=True)) == {SUMMER}
    PhoneNumber.objects.update(monthly_cost=Decimal(1))
    NumberFactory.create(e164=STRANGER, provider=provider)
    comparing.compare(invoice.pk)
    assert wrong(invoice) == []
    assert Misbilling.objects.exclude(resolved_at=None).count() == 2


def test_comparing_again_finds_nothing_twice(provider: Provider, bill: Bill) -> None:
    ours(provider)
    invoice = bill((STRANGER, "1"), (STRANGER, "1"))
    before = list(Misbilling.objects.order_by("pk").values())
    comparing.compare(invoice.pk)
    assert list(Misbilling.objects.order_by("pk").values()) == before
    assert len(before) == 3


def test_the_newest_invoice_of_each_provider_is_compared_once_a_day(provider: Provider, bill: Bill) -> None:
    yesterday = timezone.now() - comparing.EVERY
    former, newest = bill(("", "1")), bill((STRANGER, "1"), period=NOVEMBER)
    Invoice.objects.update(compared_at=yesterday)
    tasks.compare_invoices()
    assert set(Invoice.objects.filter(compared_at__gt=yesterday)) == {newest}
    Invoice.objects.filter(pk=newest.pk).update(compared_at=yesterday + timedelta(minutes=1))
    tasks.compare_invoices()
    newest.refresh_from_db()
    assert newest.compared_at == yesterday + timedelta(minutes=1)
    assert former.replaced_at is None
