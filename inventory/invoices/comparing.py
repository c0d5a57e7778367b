"""Comparing an invoice with our stock: what is charged and should not be, is not and should be, or at another price.

Says what differs, and changes nothing else. What was ours in the month is told by our rows as they are now, so an
invoice is compared again each day: what is no longer so is resolved, and what lasts keeps the date of its finding.

Whatever is doubtful speaks for the provider: its month may begin up to a day before or after ours (its time zone), a
number that came or went within the month may cost any part of the monthly price, and what we have by an import we may
have had for ever. A credit cancels a charge of the same number, kind and amount.
"""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import structlog
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import Q
from django.utils import timezone

from accounts.sweeping import take_each
from inventory.invoices import report
from inventory.models import Invoice
from inventory.services.provider_releases import OVERDUE_AFTER

log = structlog.get_logger(__name__)

EVERY = timedelta(days=1)
ZONES = timedelta(days=1)  # the first place on earth begins a month 26 hours before the last one
CENT = Decimal("0.005")  # agreed prices may have four decimals, where invoices are rounded

# Each step is a table of its own, whose size the planner knows: of a CTE it only guesses, and then meets each line of
# the invoice with every number one by one (200,000 of each: more than ten minutes; so, a second).
_SAID = """
CREATE TEMPORARY TABLE said ON COMMIT DROP AS
SELECT *, row_number() OVER same AS nth,
    count(*) FILTER (WHERE amount < 0) OVER alike AS credits,
    count(*) FILTER (WHERE amount > 0) OVER alike AS debits
FROM inventory_invoiceline WHERE invoice_id = %(invoice)s AND e164 IS NOT NULL
WINDOW alike AS (PARTITION BY e164, charge, currency, abs(amount)),
    same AS (PARTITION BY e164, charge, currency, amount ORDER BY line)
"""
# Without the charges and the credits that cancel each other; a one-off charge is the same if it says the same.
_CHARGED = """
CREATE TEMPORARY TABLE charged ON COMMIT DROP AS
SELECT *, row_number() OVER (
    PARTITION BY e164, charge, amount > 0, CASE charge WHEN 'one_off' THEN (description, amount) END ORDER BY line
) AS turn FROM said
WHERE nth > CASE WHEN amount > 0 THEN credits WHEN amount < 0 THEN debits ELSE 0 END
"""
# The last life of each number that began before the month was over, and what the others of the month make right: who
# gave a number back and bought it again is charged for each time, at the price of each, and for what each purchase
# costs.
_OURS = """
CREATE TEMPORARY TABLE ours ON COMMIT DROP AS
WITH lives AS (
    SELECT number.id, number.e164, number.monthly_cost, number.currency, number.created_at,
        CASE WHEN number.state = 'RETURNED' THEN least(
            CASE WHEN release.state = 'CONFIRMED' THEN release.updated_at END,
            coalesce(release.created_at, number.state_since) + %(overdue_after)s
        ) END AS gone_at,
        CASE WHEN number.state = 'RETURNED' THEN coalesce(release.created_at, number.state_since) END AS left_at
    FROM inventory_phonenumber AS number
    LEFT JOIN inventory_providerrelease AS release ON release.number_id = number.id
    LEFT JOIN inventory_providerorderline AS bought ON bought.number_id = number.id
    WHERE number.provider_id = %(provider)s AND (number.created_at < %(ends)s + %(zones)s OR bought.id IS NULL)
), placed AS (
    SELECT *, coalesce(gone_at >= %(starts)s - %(zones)s, true) AS lasted,
        created_at >= %(starts)s - %(zones)s AS begun FROM lives
)
SELECT DISTINCT ON (e164) e164, monthly_cost, currency, gone_at, left_at,
    created_at <= %(starts)s - %(zones)s AND coalesce(left_at >= %(ends)s + %(zones)s, true) AS whole_month,
    count(*) FILTER (WHERE lasted) OVER own AS lives,
    count(*) FILTER (WHERE lasted AND begun) OVER own AS purchases,
    max(monthly_cost) FILTER (WHERE lasted) OVER own AS dearest,
    min(monthly_cost) FILTER (WHERE lasted) OVER own AS cheapest,
    min(currency) FILTER (WHERE lasted) OVER own AS first_currency,
    max(currency) FILTER (WHERE lasted) OVER own AS last_currency
FROM placed WINDOW own AS (PARTITION BY e164) ORDER BY e164, id DESC
"""
_JUDGED = """
CREATE TEMPORARY TABLE judged ON COMMIT DROP AS
WITH found AS (
    SELECT charged.id AS line_id, charged.e164, charged.amount, charged.currency,
        CASE WHEN amount > dearest THEN dearest ELSE monthly_cost END AS agreed,
        ours.currency AS agreed_currency, CASE
            WHEN ours.e164 IS NULL THEN CASE WHEN NOT EXISTS (
                SELECT FROM inventory_providerorderline AS awaited
                JOIN inventory_providerorder AS own ON own.id = awaited.order_id
                WHERE awaited.e164 = charged.e164 AND awaited.state = 'WANTED' AND own.provider_id = %(provider)s
            ) THEN 'orphan' END
            WHEN gone_at < %(starts)s - %(zones)s THEN 'overdue'
            WHEN amount < 0 THEN NULL
            WHEN turn > greatest(CASE charge WHEN 'monthly' THEN lives ELSE purchases END, 1) THEN 'twice'
            WHEN monthly_cost IS NULL THEN NULL
            WHEN charged.currency NOT IN (ours.currency, first_currency, last_currency) THEN 'currency'
            WHEN charge = 'monthly' AND first_currency = last_currency AND (
                amount > dearest + %(cent)s OR whole_month AND amount < cheapest - %(cent)s
            ) THEN 'price'
        END AS kind
    FROM charged LEFT JOIN ours USING (e164)
)
SELECT line_id, e164, kind, CASE kind WHEN 'price' THEN amount - agreed ELSE amount END AS amount, currency,
    agreed, coalesce(agreed_currency, '') AS agreed_currency
FROM found WHERE kind IS NOT NULL
UNION ALL
SELECT NULL, e164, 'unbilled', coalesce(monthly_cost, 0), currency, monthly_cost, currency FROM ours
WHERE whole_month AND left_at IS NULL AND NOT EXISTS (
    SELECT FROM charged WHERE charged.e164 = ours.e164 AND charge = 'monthly' AND amount >= 0
)
"""
_STEPS = {"said": _SAID, "charged": _CHARGED, "ours": _OURS, "judged": _JUDGED}
_SAME = """
judged.e164 = known.e164 AND judged.kind = known.kind AND coalesce(judged.line_id, 0) = coalesce(known.line_id, 0)
"""
_RESOLVED = f"""
UPDATE inventory_misbilling AS known SET resolved_at = now()
WHERE invoice_id = %(invoice)s AND resolved_at IS NULL AND NOT EXISTS (SELECT FROM judged WHERE {_SAME})
"""  # noqa: S608 - our own words
_CHANGED = f"""
UPDATE inventory_misbilling AS known
SET amount = judged.amount, agreed = judged.agreed, agreed_currency = judged.agreed_currency
FROM judged WHERE invoice_id = %(invoice)s AND resolved_at IS NULL AND {_SAME}
AND (known.amount, known.agreed, known.agreed_currency)
    IS DISTINCT FROM (judged.amount, judged.agreed, judged.agreed_currency)
"""  # noqa: S608 - likewise
_NEW = """
INSERT INTO inventory_misbilling (invoice_id, kind, e164, line_id, amount, currency, agreed, agreed_currency)
SELECT %(invoice)s, kind, e164, line_id, amount, currency, agreed, agreed_currency FROM judged
ON CONFLICT DO NOTHING
"""


def compare_due() -> int:
    """Compare the newest invoice of each provider that was not compared for a day; returns how many were tried."""
    due = report.newest().filter(Q(compared_at=None) | Q(compared_at__lte=timezone.now() - EVERY))
    return take_each("compare_invoices", list(due.order_by("?").values_list("pk", flat=True)), compare)


@transaction.atomic
def compare(invoice_id: int) -> None:
    """Compare one invoice with our stock. Harmless at any time, as often as one likes; not of one that was replaced."""
    invoice = Invoice.objects.select_for_update(no_key=True).filter(pk=invoice_id, replaced_at=None).first()
    if invoice is None:
        return
    with connection.cursor() as cursor:
        told = _compare(cursor, invoice)
    misbilled = invoice.misbillings.filter(resolved_at=None).count()
    Invoice.objects.filter(pk=invoice.pk).update(compared_at=timezone.now(), misbilled=misbilled)
    log.info(
        "invoice_compared",
        provider=invoice.provider.slug,
        period=f"{invoice.period:%Y-%m}",
        misbilled=misbilled,
        **told,
    )


def _compare(cursor: CursorWrapper, invoice: Invoice) -> dict[str, int]:
    """How many were resolved and found anew. The database does it: a provider may charge us for millions."""
    values: dict[str, Any] = {
        "invoice": invoice.pk,
        "provider": invoice.provider_id,
        "starts": _midnight(invoice.period),
        "ends": _midnight(following(invoice.period)),
        "zones": ZONES,
        "overdue_after": OVERDUE_AFTER,
        "cent": CENT,
    }
    for name, step in _STEPS.items():
        cursor.execute(step, values)
        cursor.execute(f"ANALYZE {name}")
    counts = {}
    for name, statement in (("resolved", _RESOLVED), ("changed", _CHANGED), ("new", _NEW)):
        cursor.execute(statement, values)
        counts[name] = cursor.rowcount
    cursor.execute(f"DROP TABLE {', '.join(_STEPS)}")
    return counts


def following(month: date) -> date:
    """The first day of the month after."""
    return (month + timedelta(days=31)).replace(day=1)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
