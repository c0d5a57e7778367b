"""Comparing what a provider bills us for with what we hold from it. Says what differs, and changes nothing: whether to
give a number back, or to ask the provider where it is, is for staff.

What is on its way is no discrepancy: a number in an open order, one whose return was asked for lately, and whatever
came or went since shortly before the provider was asked. An order that is stuck is therefore not found here; the
console shows it as such. A return is overdue when the provider has refused it to the end, has confirmed it and bills
the number again, or has not carried it out for days.
"""

from array import array
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

import structlog
from django.core.cache import cache
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import Q
from django.utils import timezone

from accounts.sweeping import take_each
from inventory.models import Discrepancy, DiscrepancyKind, Provider
from inventory.providers.base import ProviderError
from inventory.providers.registry import adapter_of
from inventory.services.provider_releases import OVERDUE_AFTER
from numbering.e164 import E164

log = structlog.get_logger(__name__)

EVERY = timedelta(days=1)
LEASE = timedelta(minutes=15)  # after a kill another worker waits so long
RENEWED = 1_000  # numbers read between two renewals of a lease: some pages
LAG = timedelta(minutes=10)  # a list may be that much older than the provider's own answers
LISTED = 100  # of each kind are named; all are counted
MOST_ASKED = 300  # ghosts of one audit that the provider is asked about one by one

# Ours from another provider is an orphan too: then two bill us for it.
_ORPHANS = """
SELECT e164, NULL, '', count(*) OVER () FROM (SELECT DISTINCT e164 FROM billed) AS billed
WHERE NOT EXISTS (
    SELECT FROM inventory_phonenumber AS number
    WHERE number.e164 = billed.e164 AND number.provider_id = %(provider)s AND number.state <> 'RETURNED'
) AND NOT EXISTS (
    SELECT FROM inventory_providerorderline AS line JOIN inventory_providerorder AS own ON own.id = line.order_id
    WHERE line.e164 = billed.e164 AND line.state = 'WANTED' AND own.provider_id = %(provider)s
) AND NOT EXISTS (
    SELECT FROM inventory_phonenumber AS number
    JOIN inventory_providerrelease AS release ON release.number_id = number.id
    WHERE number.e164 = billed.e164 AND number.provider_id = %(provider)s
) ORDER BY e164 LIMIT %(listed)s
"""
# Of the last life that the number had with this provider: it may have been bought again.
_OVERDUE = """
SELECT number.e164, monthly_cost, currency, count(*) OVER () FROM inventory_phonenumber AS number
JOIN inventory_providerrelease AS release ON release.number_id = number.id
WHERE provider_id = %(provider)s AND number.state = 'RETURNED' AND (
    release.state = 'FAILED'
    OR release.state IN ('INTENDED', 'REQUESTED') AND release.created_at <= %(overdue)s
    OR release.state = 'CONFIRMED' AND release.updated_at <= %(since)s
) AND EXISTS (SELECT FROM billed WHERE billed.e164 = number.e164) AND NOT EXISTS (
    SELECT FROM inventory_phonenumber AS later
    LEFT JOIN inventory_providerrelease AS again ON again.number_id = later.id
    WHERE later.e164 = number.e164 AND later.provider_id = %(provider)s AND later.id > number.id
    AND (later.state <> 'RETURNED' OR again.id IS NOT NULL)
) AND NOT EXISTS (
    SELECT FROM inventory_providerorderline AS line JOIN inventory_providerorder AS own ON own.id = line.order_id
    WHERE line.e164 = number.e164 AND line.state = 'WANTED' AND own.provider_id = %(provider)s
) ORDER BY e164 LIMIT %(listed)s
"""
_GHOSTS = """
SELECT e164, monthly_cost, currency, count(*) OVER () FROM inventory_phonenumber AS number
WHERE provider_id = %(provider)s AND state <> 'RETURNED' AND created_at <= %(since)s
AND NOT EXISTS (SELECT FROM billed WHERE billed.e164 = number.e164)
ORDER BY e164 LIMIT %(listed)s
"""


_QUESTIONS = {
    DiscrepancyKind.ORPHAN: _ORPHANS,
    DiscrepancyKind.GHOST: _GHOSTS,
    DiscrepancyKind.OVERDUE: _OVERDUE,
}


class Found(NamedTuple):
    """How many discrepancies of one kind there are, and the first of them: number, monthly cost, currency."""

    total: int
    first: list[tuple[int, Decimal | None, str]]


def audit_due() -> int:
    """Audit the providers that were not audited for a day; returns how many were tried.

    In any order, so that one who is slow does not always stand before the same others.
    """
    due = Provider.objects.exclude(adapter="").filter(Q(audited_at=None) | Q(audited_at__lte=timezone.now() - EVERY))
    return take_each("audit_holdings", list(due.order_by("?").values_list("pk", flat=True)), audit)


def audit(provider_id: int) -> None:
    """Compare, and keep what was found until the next audit.

    A provider that can't be asked, or not to the end of its list, keeps what the last audit found. One whose list
    another worker reads just now is left to it.
    """
    lease = f"auditing:{provider_id}"
    if not cache.add(lease, 1, LEASE.total_seconds()):
        return
    try:
        _audit(provider_id, lease)
    finally:
        cache.delete(lease)


def _audit(provider_id: int, lease: str) -> None:
    provider, began = Provider.objects.get(pk=provider_id), timezone.now()
    try:
        billed = _billed(provider, lease)
        found = _certain(provider, billed, began)
    except ProviderError as error:
        log.warning("audit_failed", provider=provider.slug, error=str(error))
        return
    counts = _counts(found)
    with transaction.atomic():
        for kind, of_kind in found.items():
            _keep(provider, kind, of_kind)
        Provider.objects.filter(pk=provider.pk).update(**counts, audited_at=began)
    log.info("audited", provider=provider.slug, billed=len(billed), **counts)


def _billed(provider: Provider, lease: str) -> "array[int]":
    """What the provider bills us for, as digits; holds the lease meanwhile. Raises ProviderError."""
    billed = array("q")
    for number in adapter_of(provider).holdings():
        billed.append(number.digits)
        if len(billed) % RENEWED == 0:
            cache.set(lease, 1, LEASE.total_seconds())
    return billed


def _certain(provider: Provider, billed: "array[int]", began: datetime) -> dict[DiscrepancyKind, Found]:
    """What differs, when the provider was asked about the first of the ghosts one by one. Raises ProviderError.

    Where one number goes and another comes while a list is read page by page, its length stays, and a row that moved
    from a page to come to one that was read is on none. Such numbers are added to `billed`.
    """
    adapter, asked = adapter_of(provider), set[int]()
    while True:
        found = _compare(provider, billed, began)
        ghosts = [e164 for e164, *_ in found[DiscrepancyKind.GHOST].first if e164 not in asked]
        questions = ghosts[: max(0, MOST_ASKED - len(asked))]
        asked.update(questions)
        held = [e164 for e164 in questions if adapter.holding(E164(e164))]
        if not held:
            return found
        billed.extend(held)


def _counts(found: Mapping[DiscrepancyKind, Found]) -> dict[str, int]:
    """In columns of the provider."""
    return {
        "orphans": found[DiscrepancyKind.ORPHAN].total,
        "ghosts": found[DiscrepancyKind.GHOST].total,
        "overdue": found[DiscrepancyKind.OVERDUE].total,
    }


def _compare(provider: Provider, billed: Iterable[int], began: datetime) -> dict[DiscrepancyKind, Found]:
    """By kind. The database does it: a provider may bill us for millions."""
    values = {"provider": provider.pk, "since": began - LAG, "overdue": began - OVERDUE_AFTER, "listed": LISTED}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE billed (e164 bigint NOT NULL)")
        with cursor.copy("COPY billed FROM STDIN") as rows:
            for digits in billed:
                rows.write_row((digits,))
        cursor.execute("ANALYZE billed")
        found = {kind: _find(cursor, question, values) for kind, question in _QUESTIONS.items()}
        cursor.execute("DROP TABLE billed")
    return found


def _find(cursor: CursorWrapper, question: str, values: dict[str, Any]) -> Found:
    cursor.execute(question, values)
    rows = cursor.fetchall()
    return Found(rows[0][3] if rows else 0, [(e164, cost, currency) for e164, cost, currency, _ in rows])


def _keep(provider: Provider, kind: DiscrepancyKind, found: Found) -> None:
    """What is no longer found goes; what was found before keeps its date."""
    known = provider.discrepancies.filter(kind=kind)
    known.exclude(e164__in=[e164 for e164, _, _ in found.first]).delete()
    rows = [
        Discrepancy(provider=provider, kind=kind, e164=e164, monthly_cost=cost, currency=currency)
        for e164, cost, currency in found.first
    ]
    Discrepancy.objects.bulk_create(rows, ignore_conflicts=True)
