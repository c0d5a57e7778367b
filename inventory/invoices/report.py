"""What an invoice charges in all, and what of it is wrong: in money, by kind, each row from its lines."""

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum

from inventory.models import Charge, Invoice, Misbilling, MisbillingKind


class Total(NamedTuple):
    """Some rows of one currency, and their sum."""

    what: str
    rows: int
    amount: Decimal
    currency: str


def newest() -> QuerySet[Invoice]:
    """The invoice of the latest month of each provider, with the provider."""
    current = Invoice.objects.filter(replaced_at=None)
    latest = current.filter(provider=OuterRef("provider")).order_by("-period").values("pk")[:1]
    return current.filter(pk=Subquery(latest)).select_related("provider").order_by("provider__slug")


def charges(invoice: Invoice) -> list[Total]:
    """What is charged: monthly and one-off for numbers, and what is for no number."""
    rows = invoice.lines.annotate(for_none=Q(e164=None)).values("for_none", "charge", "currency")
    counted = rows.annotate(count=Count("pk"), total=Sum("amount")).order_by("for_none", "charge", "currency")
    return [
        Total("for no number" if for_none else Charge(charge).label, count, amount, currency)
        for for_none, charge, currency, count, amount in counted.values_list(
            "for_none", "charge", "currency", "count", "total"
        )
    ]


def misbilled(invoice: Invoice) -> list[Total]:
    """What is at stake now, by kind in the order of the kinds; `what` is the kind's value."""
    rows = invoice.misbillings.filter(resolved_at=None).values("kind", "currency")
    counted = rows.annotate(count=Count("pk"), total=Sum("amount")).order_by("kind", "currency")
    totals = [Total(*row) for row in counted.values_list("kind", "count", "total", "currency")]
    return sorted(totals, key=lambda total: MisbillingKind.values.index(total.what))


def lines(invoice: Invoice) -> Iterator[Misbilling]:
    """Each row that is wrong now, kind by kind, with its line of the invoice."""
    rows = invoice.misbillings.filter(resolved_at=None).select_related("line").order_by("kind", "currency", "e164")
    return rows.iterator(chunk_size=2_000)
