"""Taking an invoice in: the whole file or nothing of it, and once."""

import threading
from datetime import date
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from inventory.invoices import importing
from inventory.invoices.importing import import_invoice
from inventory.invoices.reading import BadInvoice
from inventory.models import Invoice, InvoiceLine, Misbilling, Provider
from tests.factories import NumberFactory, ProviderFactory

OCTOBER = date(2026, 10, 1)
HEADER = "number,charge,amount,currency,description"
ONE, OTHER = "+14155550101,monthly,1.00,USD,Local DID", "+14155550102,monthly,1.00,USD,Local DID"
pytestmark = pytest.mark.django_db


@pytest.fixture
def provider() -> Provider:
    found: Provider = ProviderFactory.create(slug="tern", name="Tern")
    return found


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "october.csv"


def write(file: Path, *lines: str) -> Path:
    file.write_text("\n".join([HEADER, *lines, ""]), encoding="utf-8")
    return file


def take(file: Path, provider: Provider) -> Invoice:
    return import_invoice(file, provider=provider, period=OCTOBER, actor="user:staff").invoice


def test_every_line_is_kept_as_it_was_said(file: Path, provider: Provider) -> None:
    invoice = take(write(file, ONE, ",one-off,-2.5,EUR,a\\b\tgoodwill"), provider)
    assert (invoice.file_name, invoice.line_count, invoice.imported_by) == ("october.csv", 2, "user:staff")
    columns = ("line", "e164", "charge", "amount", "currency", "description")
    assert list(invoice.lines.order_by("line").values_list(*columns)) == [
        (2, 14155550101, "monthly", Decimal(1), "USD", "Local DID"),
        (3, None, "one_off", Decimal("-2.5"), "EUR", "a\\b\tgoodwill"),
    ]


def test_the_same_file_again_changes_nothing(file: Path, provider: Provider) -> None:
    invoice = take(write(file, ONE), provider)
    again = import_invoice(file, provider=provider, period=OCTOBER, actor="user:other")
    assert (again.invoice, again.is_new) == (invoice, False)
    assert (Invoice.objects.count(), InvoiceLine.objects.count(), Misbilling.objects.count()) == (1, 1, 1)
    assert Invoice.objects.get().imported_by == "user:staff"


def test_another_file_of_the_month_takes_the_place_of_the_first(file: Path, provider: Provider) -> None:
    former = take(write(file, ONE), provider)
    latter = take(write(file, OTHER), provider)
    former.refresh_from_db()
    assert (former.replaced_at is not None, latter.replaced_at, former.lines.count()) == (True, None, 1)
    assert list(Misbilling.objects.filter(resolved_at=None).values_list("e164", flat=True)) == [14155550102]
    with pytest.raises(BadInvoice, match="another took its place"):
        take(write(file, ONE), provider)


def test_months_and_providers_do_not_mix(file: Path, provider: Provider) -> None:
    write(file, ONE)
    other = ProviderFactory.create()
    for seller, period in ((provider, OCTOBER), (provider, date(2026, 11, 1)), (other, OCTOBER)):
        assert import_invoice(file, provider=seller, period=period, actor="user:staff").is_new
    assert Invoice.objects.filter(replaced_at=None).count() == 3


def test_bad_lines_are_all_counted_the_first_named_and_nothing_is_taken(
    file: Path, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "NAMED", 2)
    before = take(write(file, ONE), provider)
    write(file, ONE, "+1415,monthly,x,USD,", OTHER, *["nobody,monthly,1,USD,"] * 3)
    with pytest.raises(BadInvoice, match="4 of 6 lines can't be read") as refused:
        take(file, provider)
    assert [refusal.line for refusal in refused.value.refusals] == [3, 5]
    assert list(Invoice.objects.values_list("pk", "replaced_at")) == [(before.pk, None)]
    assert InvoiceLine.objects.count() == 1
    assert Misbilling.objects.filter(resolved_at=None).count() == 1


def test_an_empty_file_is_no_invoice(file: Path, provider: Provider) -> None:
    with pytest.raises(BadInvoice, match="no charges"):
        take(write(file), provider)
    assert not Invoice.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_who_import_the_same_file_at_once_one_does(file: Path, provider: Provider) -> None:
    write(file, *[ONE] * 200)
    new: list[bool] = []

    def work() -> None:
        new.append(import_invoice(file, provider=provider, period=OCTOBER, actor="user:staff").is_new)
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(new) == [False, True]
    assert InvoiceLine.objects.count() == 200


def command(file: Path, *arguments: str) -> str:
    told = StringIO()
    call_command("import_invoice", str(file), *arguments, stdout=told, stderr=told)
    return told.getvalue()


def test_the_command_tells_what_is_charged_and_what_is_wrong(file: Path, provider: Provider) -> None:
    write(file, ONE, OTHER)
    NumberFactory.create(e164=14155550102, provider=provider, monthly_cost=Decimal("0.8"), currency="USD")
    assert command(file, "--provider=tern", "--period=2026-10").splitlines() == [
        "Tern, 2026-10: 2 lines",
        "  2.000000 USD monthly, 2 lines",
        "  1.000000 USD orphan: it is charged, and was not ours (1)",
        "  0.200000 USD price: not what was agreed (1)",
    ]
    assert "which were here already" in command(file, "--provider=tern", "--period=2026-10")


def test_the_report_names_each_line(file: Path, provider: Provider) -> None:
    write(file, ONE, OTHER)
    take(file, provider)
    told = StringIO()
    call_command("invoice_report", "--provider=tern", "--period=2026-10", stdout=told)
    header, *rows = told.getvalue().splitlines()
    assert header.startswith("kind,number,at_stake,currency,agreed,agreed_currency,line,charge,charged,found")
    assert [row.rsplit(",", 1)[0] for row in rows] == [
        "orphan,+14155550101,1.000000,USD,,,2,monthly,1.000000",
        "orphan,+14155550102,1.000000,USD,,,3,monthly,1.000000",
    ]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--provider=nobody", "--period=2026-10"), "there is no provider 'nobody'"),
        (("--provider=tern", "--period=2026-13"), "no month such as 2026-10"),
        (("--provider=tern", "--period=2026-10"), "No such file"),
    ],
)
def test_the_command_refuses_what_it_can_not_do(
    file: Path, provider: Provider, arguments: tuple[str, ...], words: str
) -> None:
    with pytest.raises(CommandError, match=words):
        command(file, *arguments)


def test_the_command_names_bad_lines(file: Path, provider: Provider) -> None:
    write(file, ONE, "nobody,monthly,1,USD,")
    told = StringIO()
    with pytest.raises(CommandError, match="nothing was imported: 1 of 2 lines"):
        call_command("import_invoice", str(file), "--provider=tern", "--period=2026-10", stderr=told)
    assert told.getvalue().startswith("line 3: number 'nobody'")


def test_there_is_no_report_of_what_was_never_imported(provider: Provider) -> None:
    with pytest.raises(CommandError, match="no invoice of Tern for 2026-10"):
        call_command("invoice_report", "--provider=tern", "--period=2026-10")
