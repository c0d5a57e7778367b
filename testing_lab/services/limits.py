"""From the file of limits to dated rows, and from these to the line of a run."""

from datetime import datetime
from pathlib import Path

from django.db import transaction

from inventory.lifecycle import HELD, State
from numbering.e164 import E164
from numbering.types import Capability, NumberType
from testing_lab import limits
from testing_lab.limits import LimitRow
from testing_lab.line import Line
from testing_lab.models import Limit, SuiteRun


@transaction.atomic
def load_limits(path: Path = limits.FILE) -> int:
    """Bring the rows of the file into the database; returns how many. What staff added is left as it is.

    Harmless to repeat. Raises BadLimits, and then nothing is loaded.
    """
    by_staff = {limit.row.key for limit in Limit.objects.exclude(added_by="")}
    rows = [row for row in limits.read(path) if row.key not in by_staff]
    Limit.objects.bulk_create(
        map(Limit.of, rows),
        update_conflicts=True,
        unique_fields=["code", "quantity", "country", "number_type", "scope", "effective_from"],
        update_fields=["unit", "value", "source"],
    )
    return len(rows)


def rows_in_force(at: datetime) -> tuple[LimitRow, ...]:
    """All rows whose day has come: those of the database, and of the file what was not loaded into it yet."""
    known = {row.key: row for row in limits.stock()}
    known |= {limit.row.key: limit.row for limit in Limit.objects.all()}
    return limits.in_force(known.values(), at.date())


def line_of(run: SuiteRun, reference: E164, at: datetime) -> Line:
    """The line of this attempt: what the stock says of the number, and the limits as they are `at` that time (UTC)."""
    number = run.number
    return Line(
        number=E164.from_int(number.e164),
        reference=reference,
        capabilities=Capability(number.asked_capabilities),
        seed=f"{run.pk}.{run.attempt}",
        number_type=NumberType(number.number_type),
        country=number.country,
        is_held=State(number.state) in HELD,
        emergency_tests=number.provider is not None and number.provider.emergency_tests,
        limit_rows=rows_in_force(at),
    )
