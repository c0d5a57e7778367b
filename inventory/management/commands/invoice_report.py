"""`manage.py invoice_report --provider SLUG --period YYYY-MM`: what is wrong with an invoice, row by row, as CSV."""

import csv
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from inventory.invoices import report
from inventory.invoices.months import month, provider_called
from inventory.models import Invoice, Misbilling, Provider

COLUMNS = ("kind", "number", "at_stake", "currency", "agreed", "agreed_currency", "line", "charge", "charged", "found")


class Command(BaseCommand):
    help = "Write what is wrong with a provider's invoice as CSV: each row with the line of the file that it is from."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--provider", required=True, type=provider_called, metavar="SLUG")
        parser.add_argument("--period", required=True, type=month, metavar="YYYY-MM")

    def handle(self, *_args: Any, provider: Provider, period: date, **_options: Any) -> None:
        invoice = Invoice.objects.filter(provider=provider, period=period, replaced_at=None).first()
        if invoice is None:
            raise CommandError(f"there is no invoice of {provider} for {period:%Y-%m}")
        rows = csv.writer(self.stdout, lineterminator="\n")
        rows.writerow(COLUMNS)
        rows.writerows(map(_row, report.lines(invoice)))


def _row(misbilling: Misbilling) -> tuple[Any, ...]:
    line = misbilling.line
    return (
        misbilling.kind,
        f"+{misbilling.e164}",
        misbilling.amount,
        misbilling.currency,
        misbilling.agreed,
        misbilling.agreed_currency,
        *((line.line, line.charge, line.amount) if line else ("", "", "")),
        misbilling.found_at.isoformat(),
    )
