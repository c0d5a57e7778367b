"""Taking a batch of offers into the catalogue: staged by COPY, then one statement for all of them.

A batch is a transaction of its own. Taken again, whole or in part, it changes nothing but when it was seen.
"""

from collections.abc import Sequence
from typing import NamedTuple

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import F

from inventory.catalogue import runs
from inventory.models import CatalogueRun
from inventory.providers.base import Offer
from numbering.areas import area_code

_KIND = ("country", "number_type", "area_code")
_SAID = ("locality", "region", "capabilities", "monthly_cost", "currency")
_COLUMNS = ("e164", *_KIND, *_SAID)
_STAGE = """
CREATE TEMPORARY TABLE told (
    e164 bigint, country text, number_type text, area_code text, locality text, region text, capabilities smallint,
    monthly_cost numeric(10, 4), currency text
) ON COMMIT DROP
"""
# `once`: of a number that is there twice, either. In the order of the index, which is also that of the locks.
# A row that the run has seen before, in an earlier batch, counts no more.
_TAKE = f"""
WITH once AS MATERIALIZED (
    SELECT DISTINCT ON (e164) * FROM told ORDER BY e164
), known AS MATERIALIZED (
    SELECT once.*, old.monthly_cost AS cost_before, old.currency AS currency_before,
        old.withdrawn_at IS NULL AS is_listed,
        old.seen_at >= %(began)s AND old.country = once.country AND old.number_type = once.number_type AS is_again,
        (old.country, old.number_type, old.capabilities, old.monthly_cost, old.currency) IS DISTINCT FROM
        (once.country, once.number_type, once.capabilities, once.monthly_cost, once.currency) AS differs
    FROM once JOIN inventory_listedoffer AS old ON old.provider_id = %(provider)s AND old.e164 = once.e164
), put AS (
    INSERT INTO inventory_listedoffer AS old (provider_id, {", ".join(_COLUMNS)})
    SELECT %(provider)s, {", ".join(_COLUMNS)} FROM once ORDER BY e164
    ON CONFLICT (provider_id, e164) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in (*_KIND, *_SAID))},
        seen_at = statement_timestamp(), withdrawn_at = NULL,
        refused_at = CASE WHEN old.withdrawn_at IS NULL THEN old.refused_at END
    RETURNING 1
), prices AS (
    INSERT INTO inventory_pricechange AS change
        (run_id, cost_before, currency_before, monthly_cost, currency, numbers)
    SELECT %(run)s, cost_before, currency_before, monthly_cost, currency, count(*) FROM known
    WHERE is_listed AND (cost_before, currency_before) <> (monthly_cost, currency) GROUP BY 2, 3, 4, 5
    ON CONFLICT (run_id, cost_before, currency_before, monthly_cost, currency)
    DO UPDATE SET numbers = change.numbers + excluded.numbers
    RETURNING 1
)
SELECT (SELECT count(*) FROM once) - count(*) FILTER (WHERE is_again),
    (SELECT count(*) FROM once) - count(*) FILTER (WHERE is_listed OR is_again),
    count(*) FILTER (WHERE is_listed AND differs AND NOT is_again)
FROM known
"""  # noqa: S608 - our own words


class Taken(NamedTuple):
    """Of a batch: numbers seen for the first time in this run; of those, not listed before; listed otherwise before."""

    seen: int
    new: int
    changed: int


@transaction.atomic
def take(run: CatalogueRun, offers: Sequence[Offer]) -> Taken:
    """List these offers, and count them for the run. Raises runs.Overtaken, and has then written nothing."""
    runs.renew(run)  # locks it: whoever closes it waits, and then finds all of this batch or nothing
    with connection.cursor() as cursor:
        _stage(cursor, offers)
        cursor.execute(_TAKE, {"run": run.pk, "provider": run.provider_id, "began": run.began_at})
        taken = Taken(*cursor.fetchone())
        cursor.execute("DROP TABLE told")
    runs.renew(run, **{name: F(name) + count for name, count in taken._asdict().items()})
    return taken


def _stage(cursor: CursorWrapper, offers: Sequence[Offer]) -> None:
    cursor.execute(_STAGE)
    with cursor.copy(f"COPY told ({', '.join(_COLUMNS)}) FROM STDIN") as rows:
        for offer in offers:
            rows.write_row(_row(offer))


def _row(offer: Offer) -> tuple[object, ...]:
    kind = (offer.country, offer.number_type.value, area_code(offer.number))
    said = (offer.locality[:120], offer.region[:64], int(offer.capabilities), offer.monthly_cost, offer.currency)
    return (offer.number.digits, *kind, *said)
