"""Comparing what a provider bills us for with what we hold from it. Says what differs, and changes nothing: whether to
give a number back, or to ask the provider where it is, is for staff.

What is on its way is no discrepancy: a number in an open order, one whose return is not confirmed yet, and whatever
came or went since shortly before the provider was asked. An order or a return that is stuck is therefore not found
here; the console shows both as such, and a return that the provider refused to the end is an orphan.
"""

from array import array
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import structlog
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import Q
from django.utils import timezone

from accounts.sweeping import take_each
from inventory.models import Discrepancy, DiscrepancyKind, Provider
from inventory.providers.base import ProviderError
from inventory.providers.registry import adapter_of

log = structlog.get_logger(__name__)

EVERY = timedelta(days=1)
LAG = timedelta(minutes=10)  # a list may be that much older than the provider's own answers
LISTED = 100  # of each kind are named; all are counted

# Ours from another provider is an orphan too: then two bill us for it.
_ORPHANS = """
SELECT e164, count(*) OVER () FROM (SELECT DISTINCT e164 FROM billed) AS billed
WHERE NOT EXISTS (
    SELECT FROM inventory_phonenumber AS number
    WHERE number.e164 = billed.e164 AND number.provider_id = %(provider)s AND number.state <> 'RETURNED'
) AND NOT EXISTS (
    SELECT FROM inventory_providerorderline AS line JOIN inventory_providerorder AS own ON own.id = line.order_id
    WHERE line.e164 = billed.e164 AND line.state = 'WANTED' AND own.provider_id = %(provider)s
) AND NOT EXISTS (
    SELECT FROM inventory_phonenumber AS number
    JOIN inventory_providerrelease AS release ON release.number_id = number.id
    WHERE number.e164 = billed.e164 AND number.provider_id = %(provider)s AND number.state = 'RETURNED'
    AND (release.state IN ('INTENDED', 'REQUESTED') OR release.state = 'CONFIRMED' AND release.updated_at > %(since)s)
) ORDER BY e164 LIMIT %(listed)s
"""
_GHOSTS = """
SELECT e164, count(*) OVER () FROM inventory_phonenumber AS number
WHERE provider_id = %(provider)s AND state <> 'RETURNED' AND created_at <= %(since)s
AND NOT EXISTS (SELECT FROM billed WHERE billed.e164 = number.e164)
ORDER BY e164 LIMIT %(listed)s
"""


class Found(NamedTuple):
    """How many discrepancies of one kind there are, and the first of them."""

    total: int
    first: list[int]


def audit_due() -> int:
    """Audit the providers that were not audited for a day; returns how many were tried.

    In any order, so that one who is slow does not always stand before the same others.
    """
    due = Provider.objects.exclude(adapter="").filter(Q(audited_at=None) | Q(audited_at__lte=timezone.now() - EVERY))
    return take_each("audit_holdings", list(due.order_by("?").values_list("pk", flat=True)), audit)


def audit(provider_id: int) -> None:
    """Compare, and keep what was found until the next audit.

    A provider that can't be asked, or not to the end of its list, keeps what the last audit found.
    """
    provider, began = Provider.objects.get(pk=provider_id), timezone.now()
    try:
        billed = array("q", (number.digits for number in adapter_of(provider).holdings()))
    except ProviderError as error:
        log.warning("audit_failed", provider=provider.slug, error=str(error))
        return
    with transaction.atomic():
        orphans, ghosts = _compare(provider, billed, since=began - LAG)
        _keep(provider, DiscrepancyKind.ORPHAN, orphans)
        _keep(provider, DiscrepancyKind.GHOST, ghosts)
        Provider.objects.filter(pk=provider.pk).update(orphans=orphans.total, ghosts=ghosts.total, audited_at=began)
    log.info("audited", provider=provider.slug, billed=len(billed), orphans=orphans.total, ghosts=ghosts.total)


def _compare(provider: Provider, billed: Iterable[int], *, since: datetime) -> tuple[Found, Found]:
    """Orphans and ghosts. The database does it: a provider may bill us for millions."""
    of_this = {"provider": provider.pk, "since": since, "listed": LISTED}
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE billed (e164 bigint NOT NULL)")
        with cursor.copy("COPY billed FROM STDIN") as rows:
            for digits in billed:
                rows.write_row((digits,))
        cursor.execute("ANALYZE billed")
        orphans, ghosts = _find(cursor, _ORPHANS, of_this), _find(cursor, _GHOSTS, of_this)
        cursor.execute("DROP TABLE billed")
    return orphans, ghosts


def _find(cursor: CursorWrapper, question: str, values: dict[str, Any]) -> Found:
    cursor.execute(question, values)
    rows = cursor.fetchall()
    return Found(rows[0][1] if rows else 0, [e164 for e164, _ in rows])


def _keep(provider: Provider, kind: DiscrepancyKind, found: Found) -> None:
    """What is no longer found goes; what was found before keeps its date."""
    provider.discrepancies.filter(kind=kind).exclude(e164__in=found.first).delete()
    rows = [Discrepancy(provider=provider, kind=kind, e164=e164) for e164 in found.first]
    Discrepancy.objects.bulk_create(rows, ignore_conflicts=True)
