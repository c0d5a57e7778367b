"""A night over a full quarantine: `hold` starts a PostgreSQL for it; `python -m bench.quarantine.nights` is the child.

BENCH_STAYS is how many stays there are. The ordinary night, after one that found everything new, is shared by two
processes; beside it stands a plain UPDATE of the same rows, in one statement, in the same run.
"""

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path

from config.stack import credentials, environment, place, progress, servers

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / ".data" / "bench-quarantine"
STAYS = 1_000_000
PROCESSES = 2
GOAL = 10_000_000 / 600  # stays a second

# Neighbours in the table of stays are no neighbours by number. A quarter of the lines are silent, a quarter is called
# every fifth day. One stay in ten is past its minimum: elsewhere the sweeps take away who is clean.
_FILL = """
ALTER TABLE inventory_phonenumber DISABLE TRIGGER USER;
ALTER TABLE inventory_quarantine DISABLE TRIGGER USER;
INSERT INTO inventory_phonenumber (e164, country, number_type, area_code, region, declared_capabilities, capabilities,
    beta, origin, currency, state, due_at, blocked)
SELECT 14150000000 + nth, 'US', 'local', '415', '', 3, 3, false, 'onboarded_used', '', 'QUARANTINED', now(), false
FROM generate_series(1, {stays}) AS nth;
INSERT INTO inventory_quarantine (number_id, source, entered_at, earliest_at, latest_at, rule, verdict)
SELECT id, 'released', entered, entered + interval '45 days', entered + interval '365 days', 'bench', ''
FROM (
    SELECT id, now() - interval '1 day' - interval '1 day' * floor(random() * 50) AS entered
    FROM inventory_phonenumber ORDER BY random()
) AS made;
INSERT INTO inventory_dailycontact (number_id, day, voice, sms, otp, distinct_callers, observed)
SELECT number_id, (now() AT TIME ZONE 'UTC')::date - ago, 1 + floor(random() * 2)::int, 0, 0, 1, true
FROM inventory_quarantine CROSS JOIN generate_series(0, 100) AS ago
WHERE random() < (ARRAY[0, 0.01, 0.05, 0.2])[1 + number_id % 4] AND ago <= extract(day FROM now() - entered_at);
INSERT INTO inventory_feedday (day, healthy)
SELECT (now() AT TIME ZONE 'UTC')::date - ago, random() > 0.02 FROM generate_series(0, 400) AS ago;
ALTER TABLE inventory_phonenumber ENABLE TRIGGER USER;
ALTER TABLE inventory_quarantine ENABLE TRIGGER USER"""
_PLAIN = "UPDATE inventory_quarantine SET effective_days = effective_days WHERE ended_at IS NULL"


@dataclass
class Measured:
    """Seconds, those of the processor (ours and of our backends), and the share of updates that touched no index."""

    stays: int
    contacts: int
    first: float
    ordinary: float
    plain: float
    ordinary_processor: float
    plain_processor: float
    hot: float
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
        return Measured(**json.loads(child(surroundings, "-m", "bench.quarantine.nights")))


def child(surroundings: Mapping[str, str], *arguments: str) -> bytes:
    """What a Python with these arguments and servers prints."""
    command, env = [sys.executable, *arguments], {**surroundings, "DATABASE_POOL_SIZE": "0"}
    return subprocess.run(command, cwd=ROOT, env=env, check=True, stdout=subprocess.PIPE).stdout


def _measure() -> Measured:
    from django.core.management import call_command  # noqa: PLC0415 - after django.setup()
    from django.db import connection  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    from inventory.quarantine.nights.stretches import morning  # noqa: PLC0415

    stays, on = int(os.environ.get("BENCH_STAYS", STAYS)), morning(timezone.now())
    call_command("migrate", verbosity=0)
    with connection.cursor() as cursor:
        for statement in _FILL.format(stays=stays).split(";\n"):  # each in a transaction of its own
            cursor.execute(statement)
        cursor.execute("SELECT count(*) FROM inventory_dailycontact")
        (contacts,) = cursor.fetchone()
        cursor.execute("VACUUM ANALYZE")
        first, _ = _night(on - timedelta(days=1))
        cursor.execute("VACUUM ANALYZE inventory_quarantine")
        load = os.getloadavg()[0]
        before = _updates()
        ordinary, ordinary_processor = _night(on)
        updates, hot = (after - was for after, was in zip(_updates(), before, strict=True))
        cursor.execute("VACUUM ANALYZE inventory_quarantine")
        began, spent = time.time(), worked()
        cursor.execute(_PLAIN)
        plain, plain_processor = time.time() - began, worked() - spent
    share = hot / max(updates, 1)
    return Measured(stays, contacts, first, ordinary, plain, ordinary_processor, plain_processor, share, load)


def _night(on: date) -> tuple[float, float]:
    """By so many processes at once: seconds from when the first of them begins until the last one has done, and those
    that their processors worked."""
    command = [sys.executable, "-m", "bench.quarantine.nights", str(on)]
    started = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) for _ in range(PROCESSES)]
    begin, end, spent = zip(*(json.loads(each.communicate()[0]) for each in started), strict=True)
    return max(end) - min(begin), sum(spent)


def _share(on: date) -> tuple[float, float, float]:
    """One process's share of a night: when it began, when nothing was left, and what its processors worked."""
    from inventory.quarantine.nights.stretches import run  # noqa: PLC0415 - after django.setup()

    began, spent = time.time(), worked()
    run(on)
    return began, time.time(), worked() - spent


def worked() -> float:
    """Seconds that the processor has worked for this process and for its backend in PostgreSQL, which is on this
    machine."""
    from django.db import connection  # noqa: PLC0415 - likewise

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (backend,) = cursor.fetchone()
    ticks = Path(f"/proc/{backend}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[11:13]
    return time.process_time() + sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")


def _updates() -> tuple[int, int]:
    """Rows of stays updated so far, and those of them whose update touched no index."""
    from django.db import connection  # noqa: PLC0415

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables WHERE relname = 'inventory_quarantine'"
        )
        updated, hot = cursor.fetchone()
    return updated, hot


if __name__ == "__main__":
    import django

    django.setup()
    print(json.dumps(_share(date.fromisoformat(sys.argv[1])) if sys.argv[1:] else asdict(_measure())))
