"""A restock night over many SKUs in a PostgreSQL of its own: `hold` starts it, and measures in a child process.

BENCH_SKUS is how many SKUs there are: half of them in one market, the others in 29. Beside the night stand its own
reading statements, run again by themselves, in the same run.
"""

import contextlib
import json
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from bench.quarantine.nights import child, worked
from config.stack import credentials, environment, place, progress, servers

DATA = Path(__file__).resolve().parents[2] / ".data" / "bench-restock"
SKUS = 10_000
COUNTRIES = (
    *("US", "GB", "FR", "DE", "NL", "BE", "IE", "ES", "IT", "PT", "AT", "CH", "SE", "NO", "DK", "FI", "PL", "CZ", "HU"),
    *("RO", "GR", "AU", "NZ", "JP", "BR", "MX", "ZA", "IN", "NG", "CA"),
)

# Of each SKU 30 numbers: 24 on sale, 6 given back and resting. 30 orders of demand in a year, of one to five units. A
# fifth of the numbers came by orders of the last half year, 50 in each, and was on sale days later.
_FILL = """
ALTER TABLE inventory_phonenumber DISABLE TRIGGER USER;
ALTER TABLE inventory_quarantine DISABLE TRIGGER USER;
ALTER TABLE inventory_lifecycleentry DISABLE TRIGGER USER;
INSERT INTO inventory_provider (slug, name, adapter, options, is_active, emergency_tests, heard_by_lab, orphans, ghosts,
    overdue) SELECT 'seller' || nth, 'Seller', 'sandbox', '{{}}', true, false, false, 0, 0, 0
FROM generate_series(1, 3) AS nth;
INSERT INTO inventory_supplyterms (provider_id, country, number_type, lot, order_cost, setup_cost, monthly_cost,
    currency, lead_days) SELECT provider.id, country, 'local', 10, 1, 0.5, 0.8, 'USD', 5 + provider.id
FROM inventory_provider AS provider CROSS JOIN unnest('{{{countries}}}'::text[]) AS country;
INSERT INTO inventory_sku (country, number_type, area_code, capabilities, service_class, is_listed, cost_limit,
    currency, is_active, created_at)
SELECT ('{{{countries}}}'::text[])[CASE WHEN nth <= {skus} / 2 THEN 1 ELSE 2 + nth % 29 END], 'local',
    (10000 + nth)::text, 0, 'default', true, 100, 'USD', true, now() - interval '400 days'
FROM generate_series(1, {skus}) AS nth;
INSERT INTO inventory_phonenumber (e164, country, number_type, area_code, region, declared_capabilities, capabilities,
    beta, origin, currency, monthly_cost, provider_id, state, due_at, blocked, passport_expires_at, cleared_at)
SELECT 14150000000 + 30 * sku.id + nth, country, number_type, area_code, '', 3, 3, false, 'onboarded_used', 'USD', 0.8,
    1 + nth % 3, CASE WHEN nth <= 24 THEN 'AVAILABLE' ELSE 'QUARANTINED' END, now(), false, now(), now()
FROM inventory_sku AS sku CROSS JOIN generate_series(1, 30) AS nth;
INSERT INTO inventory_quarantine (number_id, source, entered_at, earliest_at, rule, verdict, state_day, recent_contacts,
    effective_days, likelihood, alpha, action, action_rule, predicted_on, predicted_lo, predicted_hi, chance_never)
SELECT id, 'released', now() - interval '40 days', now(), 'bench', '', current_date - 1, 1, 20, 0.2, 0.15, 'hold',
    'likelihood', due, due, due, 0.1
FROM (SELECT id, current_date + 1 + (id % 40)::int AS due FROM inventory_phonenumber WHERE state = 'QUARANTINED') AS it;
INSERT INTO inventory_demandevent (key, country, number_type, area_code, capabilities, kind, units_requested,
    units_filled, at)
SELECT sku.id || '-' || nth, country, number_type, area_code, 3, 'purchase', units, units,
    now() - random() * interval '365 days'
FROM inventory_sku AS sku CROSS JOIN generate_series(1, 30) AS nth
CROSS JOIN LATERAL (SELECT 1 + (sku.id + nth) % 5 AS units) AS bought;
INSERT INTO inventory_providerorder (key, provider_id, country, number_type, area_code, state, provider_reference,
    attempts, next_attempt_at, last_error, created_at, updated_at)
SELECT concat_ws('-', country, provider_id, batch), provider_id, country, 'local', '', 'COMPLETE', '', 0, NULL, '',
    now() - random() * interval '170 days' - interval '9 days', now()
FROM (SELECT DISTINCT country, provider_id, id / 250 AS batch FROM inventory_phonenumber WHERE id % 5 = 0) AS made;
INSERT INTO inventory_providerorderline (order_id, e164, state, reason, capabilities, locality, region, monthly_cost,
    currency, number_id)
SELECT bought.id, e164, 'RECEIVED', '', 3, '', '', 0.8, 'USD', number.id
FROM inventory_phonenumber AS number JOIN inventory_providerorder AS bought
    ON bought.key = concat_ws('-', number.country, number.provider_id, number.id / 250)
WHERE number.id % 5 = 0;
INSERT INTO inventory_lifecycleentry (number_id, verb, source, target, actor, reason, rule, data, at)
SELECT number_id, 'clear', 'QUARANTINED', 'AVAILABLE', 'bench', '', '', '{{}}',
    bought.created_at + (3 + number_id % 9) * interval '1 day'
FROM inventory_providerorderline AS line JOIN inventory_providerorder AS bought ON bought.id = line.order_id;
ALTER TABLE inventory_phonenumber ENABLE TRIGGER USER;
ALTER TABLE inventory_quarantine ENABLE TRIGGER USER;
ALTER TABLE inventory_lifecycleentry ENABLE TRIGGER USER"""


@dataclass
class Night:
    """Seconds by the clock, of the processors (ours and of our backend), and of the largest market by the clock."""

    seconds: float
    processor: float
    largest: float


@dataclass
class Measured:
    """`first` decides for all SKUs over the whole log; `reads` are the reading statements of `ordinary` alone."""

    skus: int
    largest: int
    markets: int
    numbers: int
    events: int
    proposals: int
    first: Night
    ordinary: Night
    reads: Night
    fewest_queries: int
    most_queries: int
    load: float


def hold() -> Measured:
    """Start the servers, measure in a process that has Django, stop them and throw the data away."""
    place.remove(DATA)
    secrets = credentials.load_or_make(DATA)
    surroundings = {**environment.compose(DATA, secrets, {**os.environ, "LOG_LEVEL": "WARNING"})}
    with contextlib.ExitStack() as stack:
        stack.callback(place.remove, DATA)
        for server in servers.needed(DATA, secrets, {}):
            with progress.step(f"Starting {server.program().name}"):
                stack.enter_context(servers.running(server))
            surroundings[server.variable] = server.url
        told = json.loads(child(surroundings, "-m", "bench.restock.nights"))
    return Measured(**told | {name: Night(**told[name]) for name in ("first", "ordinary", "reads")})


def _measure() -> Measured:
    from django.core.management import call_command  # noqa: PLC0415 - after django.setup()
    from django.utils import timezone  # noqa: PLC0415

    from inventory.models import DemandEvent, PhoneNumber, RestockProposal, Sku  # noqa: PLC0415
    from inventory.shelves.nights import closed_day  # noqa: PLC0415

    skus, day = int(os.environ.get("BENCH_SKUS", SKUS)), closed_day(timezone.now())
    call_command("migrate", verbosity=0)
    _run(_FILL.format(skus=skus, countries=",".join(COUNTRIES)).split(";\n"))
    _run(["VACUUM ANALYZE"])
    first, _ = _night(day - timedelta(days=1))
    _run(["VACUUM ANALYZE inventory_skustate", "VACUUM ANALYZE inventory_restockproposal"])
    load = os.getloadavg()[0]
    ordinary, statements = _night(day)
    return Measured(
        skus=skus,
        largest=Sku.objects.filter(country=COUNTRIES[0]).count(),
        markets=len(statements),
        numbers=PhoneNumber.objects.count(),
        events=DemandEvent.objects.count(),
        proposals=RestockProposal.objects.filter(day=day).count(),
        first=first,
        ordinary=ordinary,
        reads=_reads(statements),
        fewest_queries=min(map(len, statements.values())),
        most_queries=max(map(len, statements.values())),
        load=load,
    )


def _run(statements: list[str]) -> None:
    from django.db import connection  # noqa: PLC0415 - after django.setup()

    with connection.cursor() as cursor:
        for statement in statements:  # each in a transaction of its own
            cursor.execute(statement)


Statements = dict[str, list[tuple[str, Any]]]


def _night(day: date) -> tuple[Night, Statements]:
    """Close each market as the night does; also what was asked of PostgreSQL for it."""
    from inventory.shelves import nights  # noqa: PLC0415 - likewise
    from inventory.shelves.stock import Market  # noqa: PLC0415

    asked: Statements = {}

    def close(country: str) -> None:
        with _written_down() as asked[country]:
            nights.close(Market(country, "local"), day)

    return _timed(close), asked


def _reads(statements: Statements) -> Night:
    """The same questions, without the engine and without an answer kept."""
    from django.db import connection, transaction  # noqa: PLC0415 - likewise

    def read(country: str) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            for statement, parameters in statements[country]:
                if statement.lstrip().startswith(("SELECT", "WITH")):
                    cursor.execute(statement, parameters)
                    cursor.fetchall()

    return _timed(read)


def _timed(work: Callable[[str], None]) -> Night:
    """The work for each market, one after the other; the largest comes first."""
    began, processor = time.time(), worked()
    work(COUNTRIES[0])
    largest = time.time() - began
    for country in COUNTRIES[1:]:
        work(country)
    return Night(time.time() - began, worked() - processor, largest)


@contextlib.contextmanager
def _written_down() -> Iterator[list[tuple[str, Any]]]:
    """The statements that the block sends."""
    from django.db import connection  # noqa: PLC0415 - likewise

    sent: list[tuple[str, Any]] = []

    def keep(execute: Callable[..., Any], sql: str, params: Any, *rest: Any) -> Any:
        sent.append((sql, params))
        return execute(sql, params, *rest)

    with connection.execute_wrapper(keep):
        yield sent


if __name__ == "__main__":
    import django

    django.setup()
    print(json.dumps(asdict(_measure())))
