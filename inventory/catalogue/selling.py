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

    never: Collection[Shelf]
    listed: Collection[Shelf]
    read: Collection[Shelf]

    def says(self, provider: int, area_code: str) -> bool | None:
        """Whether it sells there; None where its list was never read, or shows a part only."""
        if (provider, area_code) in self.never:
            return False
        if (provider, area_code) in self.listed:
            return True
        return False if (provider, area_code) in self.read or (provider, "") in self.read else None


def selling(providers: Iterable[Provider], kind: Wanted, areas: Iterable[str]) -> Selling:
    """Read it, for these area codes: two queries, and one for each provider that knows of itself what it can't have."""
    country = Wanted(kind.country, kind.number_type)
    places = {*areas}
    able = {provider.pk: may_have(provider, country) for provider in providers}
    others = [pk for pk, is_able in able.items() if is_able]
    whole, empty = _read(others, country)
    never = {(pk, area) for pk, is_able in able.items() if not is_able for area in places}
    return Selling(never | empty, _listed(others, country, places), whole | empty)


def _listed(providers: list[int], kind: Wanted, areas: Collection[str]) -> set[Shelf]:
    with connection.cursor() as cursor:
        cursor.execute(_LISTED, [providers, sorted(areas), kind.country, kind.number_type])
        return {(provider, area) for provider, area in cursor}


def _read(providers: list[int], kind: Wanted) -> tuple[set[Shelf], set[Shelf]]:
    """Which lists were last read to their end, so that what they don't list is not sold; and those that showed nothing
    though they show a part only. Of such a one nothing is withdrawn: what was listed before is not sold either."""
    of_kind = CatalogueRun.objects.filter(provider__in=providers, country=kind.country, number_type=kind.number_type)
    ended = of_kind.filter(state__in=(*WHOLE, RunEnd.SAMPLED)).order_by("provider", "area_code", "-pk")
    runs = list(ended.distinct("provider", "area_code"))
    whole = {(run.provider_id, run.area_code) for run in runs if run.state != RunEnd.SAMPLED}
    return whole, {(run.provider_id, run.area_code) for run in runs if run.state == RunEnd.SAMPLED and not run.seen}
