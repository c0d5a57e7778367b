"""Taking an invoice in: the whole file or nothing of it, in one transaction, however long it is."""

import hashlib
from collections.abc import Iterator
from datetime import date
from io import BufferedRandom, BufferedReader, TextIOWrapper
from pathlib import Path
from typing import NamedTuple

from django.db import connection, transaction
from django.utils import timezone

from inventory.importing.geography import NULL, escaped
from inventory.invoices.comparing import compare
from inventory.invoices.reading import BadInvoice, BadLine, Charged, Dialect, Refusal, read
from inventory.models import Invoice, Misbilling, Provider

NAMED = 50  # bad lines
_COPY = "COPY inventory_invoiceline (invoice_id, line, e164, charge, amount, currency, description) FROM STDIN"
_PIECE = 1_000  # rows sent at a time
Source = BufferedReader | BufferedRandom


class Imported(NamedTuple):
    """The invoice, and whether it was not here before."""

    invoice: Invoice
    is_new: bool


def import_invoice(file: Path, *, provider: Provider, period: date, actor: str) -> Imported:
    """Keep a provider's invoice of a month, in the place of any other of that month, and compare it with our stock.

    The same file again changes nothing. `period` is the first day of the month. Raises BadInvoice, with the bad lines,
    and OSError.
    """
    with file.open("rb") as source:
        return take_in(source, name=file.name, provider=provider, period=period, actor=actor)


def take_in(source: Source, *, name: str, provider: Provider, period: date, actor: str) -> Imported:
    """The same of an open file, which is at its beginning, and is closed afterwards; `name`: as its sender calls it."""
    imported = _keep(source, name, provider, period, actor)
    compare(imported.invoice.pk)
    return imported


@transaction.atomic
def _keep(source: Source, name: str, provider: Provider, period: date, actor: str) -> Imported:
    Provider.objects.select_for_update(no_key=True).get(pk=provider.pk)  # one file of a provider at a time
    digest = hashlib.file_digest(source, "sha256").hexdigest()
    if known := Invoice.objects.filter(provider=provider, period=period, digest=digest).first():
        return _known(known)
    _replace(provider, period)
    invoice = Invoice.objects.create(
        provider=provider, period=period, file_name=name[:200], digest=digest, imported_by=actor
    )
    source.seek(0)
    with TextIOWrapper(source, encoding="utf-8-sig", newline="") as text:
        invoice.line_count = _copy(invoice, read(text, Dialect.of(provider.options)))
    invoice.save(update_fields=["line_count"])
    return Imported(invoice, is_new=True)


def _known(invoice: Invoice) -> Imported:
    if invoice.replaced_at:
        raise BadInvoice(
            f"this file was imported at {invoice.imported_at:%Y-%m-%d %H:%M} UTC, and another took its place"
        )
    return Imported(invoice, is_new=False)


def _replace(provider: Provider, period: date) -> None:
    """What the former file of the month said is over, and so is what was wrong with it."""
    former = Invoice.objects.filter(provider=provider, period=period, replaced_at=None)
    Misbilling.objects.filter(invoice__in=former, resolved_at=None).update(resolved_at=timezone.now())
    former.update(replaced_at=timezone.now(), misbilled=0)


def _copy(invoice: Invoice, lines: Iterator[tuple[int, Charged | BadLine]]) -> int:
    """Write the lines; returns how many there are. Raises BadInvoice with the bad ones, after all were read."""
    count, bad, named = 0, 0, list[Refusal]()
    rows: list[str] = []
    with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        for line, told in lines:
            count += 1
            if isinstance(told, BadLine):
                bad += 1
                named += [Refusal(line, str(told))][: NAMED - len(named)]
                continue
            rows.append(_row(invoice, line, told))
            if len(rows) == _PIECE:
                copy.write("".join(rows))
                rows.clear()
        copy.write("".join(rows))
    if bad:
        raise BadInvoice(f"nothing was imported: {bad} of {count} lines can't be read", tuple(named))
    if not count:
        raise BadInvoice("the file has no charges")
    return count


def _row(invoice: Invoice, line: int, told: Charged) -> str:
    number = NULL if told.digits is None else told.digits
    description = escaped(told.description.replace("\0", ""))
    return f"{invoice.pk}\t{line}\t{number}\t{told.charge}\t{told.amount}\t{told.currency}\t{description}\n"
