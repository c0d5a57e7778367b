"""What a night writes: its columns of every stay by one UPDATE, and a row of the ledger where it says something new."""

from typing import Any

import numpy as np
from django.db.backends.utils import CursorWrapper

from inventory.quarantine.history import Bools
from inventory.quarantine.nights.copying import Columns, declared, write
from inventory.quarantine.nights.deciding import Findings
from inventory.quarantine.nights.reading import WORDS, Night

_NIGHTLY: Columns = {
    "stay": "int8",
    "verdict": "int4",
    "recent_contacts": "float8",
    "effective_days": "float8",
    "likelihood": "float8",
    "alpha": "float8",
    "predicted_on": "date",
    "predicted_lo": "date",
    "predicted_hi": "date",
    "sentinel": "date",
    "chance_never": "float8",
}
_TERMS: Columns = {
    **_NIGHTLY,
    "age": "int4",
    "min_days": "int4",
    "max_days": "int4",
    "mean": "float8",
    "background": "float8",
    "threshold": "int4",
    "raw": "float8",
    "observed_days": "int4",
    "voice_7_days": "int4",
    "sms_7_days": "int4",
    "otp_7_days": "int4",
    "voice_30_days": "int4",
    "sms_30_days": "int4",
    "otp_30_days": "int4",
    "distinct_callers": "int4",
    "last_contact_on": "date",
}
_PLAIN = [
    name
    for name, kind in _TERMS.items()
    if kind != "date" and name not in ("stay", "verdict", "max_days", "chance_never")
]
_DAYS = [name for name, kind in _TERMS.items() if kind == "date" and name != "sentinel"]
_ACTION, _RULE = ("(%(actions)s::text[])[tonight.verdict + 1]", "(%(rules)s::text[])[tonight.verdict + 1]")
_LEDGER_SQL = f"""
INSERT INTO inventory_quarantinedecision
    (stay_id, day, model_id, action, rule, max_days, {", ".join(_PLAIN)}, {", ".join(_DAYS)})
SELECT stay, %(day)s, %(model)s, {_ACTION}, {_RULE}, nullif(max_days, -1), {", ".join(_PLAIN)},
    {", ".join(f"nullif({name}, 'infinity')" for name in _DAYS)}
FROM tonight ORDER BY stay
"""  # noqa: S608 - our own words
_STAYS_SQL = f"""
UPDATE inventory_quarantine AS stay SET
    state_day = %(day)s::date - 1, model_id = %(model)s, action = {_ACTION}, action_rule = {_RULE},
    recent_contacts = tonight.recent_contacts, effective_days = tonight.effective_days,
    likelihood = tonight.likelihood, alpha = tonight.alpha,
    predicted_on = nullif(tonight.predicted_on, 'infinity'),
    predicted_lo = nullif(tonight.predicted_lo, 'infinity'),
    predicted_hi = nullif(tonight.predicted_hi, 'infinity'),
    sentinel_since = nullif(tonight.sentinel, 'infinity'), chance_never = nullif(tonight.chance_never, 'NaN')
FROM tonight WHERE stay.id = tonight.stay
"""  # noqa: S608 - likewise


def keep(cursor: CursorWrapper, night: Night, found: Findings, news: Bools) -> None:
    """Write the night's columns of all these stays, and those of them that are `news` into the ledger."""
    said = {"day": night.on, "model": night.model_id, **WORDS}
    if news.any():
        _with(cursor, _TERMS, {name: np.asarray(column)[news] for name, column in found.items()}, _LEDGER_SQL, said)
    _with(cursor, _NIGHTLY, found, _STAYS_SQL, said)


def _with(cursor: CursorWrapper, columns: Columns, rows: Findings, sql: str, said: dict[str, Any]) -> None:
    """Run the statement beside a table of these rows."""
    cursor.execute(f"CREATE TEMPORARY TABLE tonight ({declared(columns)}) ON COMMIT DROP")
    write(cursor, "tonight", columns, rows)
    cursor.execute(sql, said)
    cursor.execute("DROP TABLE tonight")
