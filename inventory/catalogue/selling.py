"""Which providers sell in a market, as far as their catalogues tell: whom restock may choose to order from."""

from collections.abc import Collection, Iterable
from typing import NamedTuple

from django.db import connection

from inventory.models import CatalogueRun, Provider, RunEnd
from inventory.models.catalogue_run import WHOLE
from inventory.providers.base import Wanted
from inventory.providers.registry import may_have

# Each pair is one look into the index listed_offer_of_kind. A blank area is the whole country: the nines are the last
# of all area codes.
_LISTED = """
    SELECT provider, area
    FROM unnest(%s::bigint[]) AS provider CROSS JOIN unnest(%s::text[]) AS area CROSS JOIN LATERAL (
        SELECT 1 FROM inventory_listedoffer AS listed
        WHERE listed.provider_id = provider AND listed.country = %s AND listed.number_type = %s
        AND listed.area_code BETWEEN area AND coalesce(nullif(area, ''), '99999999') AND listed.withdrawn_at IS NULL
        LIMIT 1
    ) AS one
"""
Shelf = tuple[int, str]  # provider id and area code; a blank one is the whole country


class Selling(NamedTuple):
    """What the catalogues of some providers say of one country and type."""

    listed: Collection[Shelf]
    empty: Collection[Shelf]

    def says(self, provider: int, area_code: str) -> bool | None:
        """Whether it sells there; None where its list was never read, or shows a part only."""
        if (provider, area_code) in self.listed:
            return True
        return False if {(provider, area_code), (provider, "")} & set(self.empty) else None


def selling(providers: Iterable[Provider], kind: Wanted, areas: Iterable[str]) -> Selling:
    """Read it, for these area codes: two queries, and one for each provider that knows of itself what it can't have."""
    country = Wanted(kind.country, kind.number_type)
    never, others = set[Shelf](), list[int]()
    for provider in providers:
        if may_have(provider, country):
            others.append(provider.pk)
        else:
            never.add((provider.pk, ""))
    return Selling(_listed(others, country, {*areas}), never | _read_and_not_found(others, country))


def _listed(providers: list[int], kind: Wanted, areas: Collection[str]) -> set[Shelf]:
    with connection.cursor() as cursor:
        cursor.execute(_LISTED, [providers, sorted(areas), kind.country, kind.number_type])
        return {(provider, area) for provider, area in cursor}


def _read_and_not_found(providers: list[int], kind: Wanted) -> set[Shelf]:
    """Where a list was read, so that what it does not list it does not sell. The part that a sample shows says that
    only if there is nothing in it."""
    of_kind = CatalogueRun.objects.filter(provider__in=providers, country=kind.country, number_type=kind.number_type)
    ended = of_kind.filter(state__in=(*WHOLE, RunEnd.SAMPLED)).order_by("provider", "area_code", "-pk")
    rows = ended.distinct("provider", "area_code").values_list("provider", "area_code", "state", "seen")
    return {(provider, area) for provider, area, state, seen in rows if state != RunEnd.SAMPLED or not seen}
