"""`manage.py import_invoice FILE --provider SLUG --period YYYY-MM`: a provider's invoice; the whole file or nothing."""

from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from inventory.invoices import report
from inventory.invoices.importing import import_invoice
from inventory.invoices.months import month, provider_called
from inventory.invoices.reading import BadInvoice
from inventory.models import Invoice, MisbillingKind, Provider


class Command(BaseCommand):
    help = (
        "Take in what a provider charges for a month, and compare it with what we had: CSV with the columns number, "
        "amount, currency, charge (monthly or one-off) and description, or what the provider's options call them. A "
        "bad line is named, and nothing is taken while there is one; the same file again changes nothing, and another "
        "one for the same month takes the place of the first."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the CSV file, UTF-8")
        parser.add_argument("--provider", required=True, type=provider_called, metavar="SLUG")
        parser.add_argument("--period", required=True, type=month, metavar="YYYY-MM")

    def handle(self, *_args: Any, file: Path, provider: Provider, period: date, **_options: Any) -> None:
        try:
            imported = import_invoice(file, provider=provider, period=period, actor="import:command")
        except BadInvoice as error:
            for refusal in error.refusals:
                self.stderr.write(str(refusal))
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}") from error
        known = "" if imported.is_new else ", which were here already"
        self.stdout.write(f"{imported.invoice}: {imported.invoice.line_count} lines{known}")
        self._tell(imported.invoice)

    def _tell(self, invoice: Invoice) -> None:
        for total in report.charges(invoice):
            self.stdout.write(f"  {total.amount:f} {total.currency} {total.what}, {total.rows} lines")
        for total in report.misbilled(invoice):
            self.stdout.write(f"  {total.amount:f} {total.currency} {MisbillingKind(total.what).label} ({total.rows})")
