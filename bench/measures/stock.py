"""The stock: made inside PostgreSQL, kept for the next run until the number wanted or the schema changes."""

import hashlib
from pathlib import Path

from django.apps import apps
from django.core.management import call_command
from django.db import connection

from accounts.services.credentials import open_account
from bench.options import ROOT, Options
from compliance.services import rulebooks
from config.stack.progress import step
from inventory.models import PhoneNumber, Provider, Tariff
from numbering.services.load_places import load_places
from testing_lab.demo import blocks, numbers
from testing_lab.demo.bare import bared

HOLDERS = 200

#: 35 % are on sale with both papers; the rest is where a grown stock has it.
STATES = ["AVAILABLE"] * 7 + ["IN_SERVICE"] * 9 + ["QUARANTINED"] * 2 + ["SOURCED", "RETURNED"]


class NotOurs(RuntimeError):
    """The database holds somebody's numbers; the benchmark would destroy them."""


def prepare(options: Options) -> None:
    """Make the stock unless it is there already. Raises NotOurs."""
    wanted = fingerprint(options.numbers)
    if wanted in _made():
        return
    _check_ours()
    with step(f"Making {options.numbers:,} numbers"):
        _start_anew()
        _fill(options.numbers)
        _run("INSERT INTO bench_stock VALUES (%s)", [wanted])


def fingerprint(count: int) -> str:
    """What the stock depends on: how many, our way of making it, and every migration."""
    rooms = [Path(app.path) for app in apps.get_app_configs() if ROOT in Path(app.path).parents]
    ours_alone = [Path(__file__), Path(blocks.__file__), numbers.SQL / "numbers.sql"]
    files = [*ours_alone, *(path for room in rooms for path in room.glob("migrations/*.py"))]
    ours = sorted(path for path in files if ".venv" not in path.parts)
    digest = hashlib.sha256(str(count).encode())
    for path in ours:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _made() -> list[str]:
    """The fingerprint of the stock that is there; none for one that was cut short."""
    if "bench_stock" not in connection.introspection.table_names():
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT fingerprint FROM bench_stock")
        return [row[0] for row in cursor.fetchall()]


def _check_ours() -> None:
    tables = connection.introspection.table_names()
    if tables and "bench_stock" not in tables:
        raise NotOurs("the database has tables that the benchmark did not make: give it an empty one")


def _start_anew() -> None:
    """An empty schema of today's migrations, with the reference data."""
    _run("DROP SCHEMA public CASCADE")
    _run("CREATE SCHEMA public")
    _run("CREATE TABLE bench_stock (fingerprint text)")
    call_command("migrate", verbosity=0)
    load_places()
    rulebooks.load()  # of a kind whose rules are not known nobody can buy


def _fill(count: int) -> None:
    providers = [Provider.objects.create(slug=f"bench-{name}", name=name).pk for name in ("one", "two", "three")]
    kinds = [(country, name) for country, of in blocks.SHARES.items() for name in of]
    Tariff.objects.bulk_create(
        Tariff(country=country, number_type=name, setup_price=0, monthly_price=1, currency="USD")
        for country, name in kinds
    )
    holders = [open_account(f"holder {number}").pk for number in range(HOLDERS)]
    with step("Choosing blocks of numbers"):
        numbers.store_blocks(for_good=True)
    with (
        step("Building indexes and constraints again"),
        bared([PhoneNumber]),
        step("Inserting"),
    ):
        numbers.insert(
            count, states=STATES, holders=holders, shoppers=[], providers=providers, lasts="5 years", blocked=0
        )
    with step("Vacuuming"):
        _run("VACUUM (ANALYZE)")


def _run(statement: str, values: list[str] | None = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


if __name__ == "__main__":
    prepare(Options.read())
