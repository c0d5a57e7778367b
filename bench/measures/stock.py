"""The stock: made inside PostgreSQL, kept for the next run until the number wanted or the schema changes."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from django.apps import apps
from django.core.management import call_command
from django.db import connection, migrations, models, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from pgtrigger.migrations import RemoveTrigger

from accounts.services.credentials import open_account
from bench.measures import blocks
from bench.options import ROOT, Options
from compliance.services import rulebooks
from config.stack.progress import step
from inventory.models import PhoneNumber, Provider, Tariff
from numbering.services.load_places import load_places
from numbering.types import Capability
from testing_lab.applicability import PLAN
from testing_lab.proofs import passed_mask

HOLDERS = 200

_BLOCKS = """
CREATE TABLE bench_block (
    first bigint, country text, number_type text, area_code text, place_id bigint, stride integer
)
"""

# Number by number round the blocks, so that neighbours in the table have nothing in common: the worst case for a
# page of a search. 35 % are on sale with both papers; the rest is where a grown stock has it.
_FILL = """
INSERT INTO inventory_phonenumber (
    e164, country, number_type, area_code, region, place_id, declared_capabilities, capabilities,
    beta, origin, provider_id, currency, state, due_at, holder_id, blocked, passport_expires_at, cleared_at,
    tested_at, passed_tests, mos, post_dial_delay
)
SELECT e164, country, number_type, area_code, coalesce(region, ''), place_id, mask, mask,
    luck > 0.98, 'onboarded_used', provider_id, '', state,
    CASE WHEN state IN ('AVAILABLE', 'QUARANTINED') THEN now() + luck * interval '5 years' END,
    CASE WHEN state = 'IN_SERVICE' THEN holder_id END, false,
    CASE WHEN state IN ('AVAILABLE', 'IN_SERVICE') THEN now() + interval '5 years' END,
    CASE WHEN state IN ('AVAILABLE', 'IN_SERVICE') THEN now() END,
    now() - luck * interval '60 days', (%(passed)s::bigint[])[mask], 4.2 + luck * 0.2, 0.5 + luck
FROM (
    SELECT block.first + (taken * block.stride) %% %(width)s AS e164, block.country, block.number_type, block.area_code,
        place.region, block.place_id,
        ('{7,7,7,7,15,3,3,1,1,9}'::smallint[])[1 + floor(random() * 10)::int] AS mask,
        ((%(states)s)::text[])[1 + floor(random() * 20)::int] AS state,
        ((%(holders)s)::bigint[])[1 + floor(random() * cardinality(%(holders)s))::int] AS holder_id,
        ((%(providers)s)::bigint[])[1 + floor(random() * cardinality(%(providers)s))::int] AS provider_id,
        random() AS luck
    FROM generate_series(0, (%(count)s - 1) / %(blocks)s) AS taken
    CROSS JOIN LATERAL (SELECT * FROM bench_block WHERE taken >= 0 OFFSET 0) AS block
    LEFT JOIN numbering_place AS place ON place.id = block.place_id
    LIMIT %(count)s
) AS made
"""
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
    files = [Path(__file__), Path(blocks.__file__), *(path for room in rooms for path in room.glob("migrations/*.py"))]
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
    with transaction.atomic(), step("Taking the table's indexes and constraints away"):
        _bare(apply=True)
    _insert(count, holders, providers)
    _run("SET maintenance_work_mem = '512MB'")
    with step("Building indexes and constraints again, as the migrations define them"):
        _bare(apply=False)
    with step("Vacuuming"):
        _run("VACUUM (ANALYZE)")


def _insert(count: int, holders: list[int], providers: list[int]) -> None:
    with step("Choosing blocks of numbers"):
        chosen = blocks.blocks()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_BLOCKS)
        with cursor.copy("COPY bench_block FROM STDIN") as copy:
            for block in chosen:
                copy.write_row(block)
        cursor.execute("SELECT setseed(0.5)")
        with step("Inserting"):
            cursor.execute(
                _FILL,
                {
                    "count": count,
                    "blocks": blocks.COUNT,
                    "width": blocks.WIDTH,
                    "states": STATES,
                    "holders": holders,
                    "providers": providers,
                    "passed": [_passed(Capability(mask)) for mask in range(1, 16)],
                },
            )


def _passed(capabilities: Capability) -> int:
    """The tests that apply to what a number is sold for: those that are on sale have passed them all."""
    return passed_mask(code for code, demand in PLAN.items() if demand.carries & capabilities)


def _drops() -> Iterator[Operation]:
    """Of everything that makes inserting slow: triggers, constraints, indexes, foreign keys."""
    model = str(PhoneNumber._meta.model_name)
    for trigger in PhoneNumber._meta.triggers:  # type: ignore[attr-defined]  # pgtrigger's own option
        yield RemoveTrigger(model, trigger.name)
    for constraint in PhoneNumber._meta.constraints:
        yield migrations.RemoveConstraint(model, constraint.name)
    for index in PhoneNumber._meta.indexes:
        yield migrations.RemoveIndex(model, str(index.name))
    for field in PhoneNumber._meta.local_fields:
        if isinstance(field, models.ForeignKey):
            name, _, arguments, options = field.deconstruct()
            yield migrations.AlterField(
                model, str(name), models.ForeignKey(*arguments, **{**options, "db_constraint": False})
            )


class Bare(migrations.Migration):
    """Drops all of that; unapplied, it comes back just as the project's own migrations define it."""

    operations = list(_drops())


def _bare(*, apply: bool) -> None:
    migration = Bare("bare", PhoneNumber._meta.app_label)
    with connection.schema_editor() as editor:
        (migration.apply if apply else migration.unapply)(MigrationLoader(connection).project_state(), editor)


def _run(statement: str, values: list[str] | None = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


if __name__ == "__main__":
    prepare(Options.read())
