"""What `compliance.holdings` asks us: which numbers in service hang on a bundle, which refer to an address."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from django.db import connection
from django.db.models import Q, QuerySet

from compliance.models import Address
from inventory.models import Did


class DidHoldings:
    """The answer from the DIDs that have not ended."""

    def numbers_on(self, bundle_sids: Collection[str]) -> Mapping[str, Sequence[str]]:
        """E.164 by SID of the bundle."""
        return _by("bundle_sid", bundle_sids)

    def numbers_at(self, address_sids: Collection[str]) -> Mapping[str, Sequence[str]]:
        """E.164 by SID of the address."""
        found = {sid: list(numbers) for sid, numbers in _by("address_sid", address_sids).items()}
        for sid, numbers in self.emergency_numbers_at(address_sids).items():
            found[sid] = sorted({*found.get(sid, ()), *numbers})
        return found

    def emergency_numbers_at(self, address_sids: Collection[str]) -> Mapping[str, Sequence[str]]:
        """E.164 by SID of the address for emergency calls."""
        return _by("emergency_address_sid", address_sids)


#: Counting ends here: of more it is enough to know that they are more.
MOST_COUNTED = 1_000


def how_many_on(bundle_sids: Collection[str]) -> Mapping[str, int]:
    """Numbers in service by the SID of their bundle, at most `MOST_COUNTED` + 1 of each; without numbers: absent."""
    return _how_many("bundle_sid", bundle_sids)


def how_many_at(address_sids: Collection[str]) -> Mapping[str, int]:
    """The same by the SID of their address."""
    return _how_many("address_sid", address_sids)


# The table's name and the column's are ours; one look into the index for each SID, that ends when it has seen enough.
_COUNT = """
SELECT wanted.sid, counted.numbers FROM unnest(%s::text[]) AS wanted (sid), LATERAL (
    SELECT count(*) AS numbers FROM (
        SELECT FROM {table} WHERE {column} = wanted.sid AND {column} <> '' AND ended_at IS NULL LIMIT %s
    ) AS seen
) AS counted WHERE counted.numbers > 0
"""


def _how_many(column: str, sids: Collection[str]) -> Mapping[str, int]:
    if not sids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_COUNT.format(table=Did._meta.db_table, column=column), [list(sids), MOST_COUNTED + 1])
        return dict(cursor.fetchall())


def dids_at(address: Address) -> "QuerySet[Did]":
    """The numbers in service that the address's own account has there, be it for emergency calls."""
    here = Q(address_sid=address.sid) | Q(emergency_address_sid=address.sid)
    return Did.objects.filter(here, account=address.account_id, ended_at=None)


def _by(column: str, sids: Collection[str]) -> Mapping[str, Sequence[str]]:
    wanted = {sid for sid in sids if sid}  # a blank one is on every number without
    if not wanted:
        return {}
    # Said of the blank one too: PostgreSQL sees of a hundred at most that the index without blank ones will do.
    rows = Did.objects.filter(~Q(**{column: ""}), **{f"{column}__in": wanted}, ended_at=None).order_by("number__e164")
    found: dict[str, list[str]] = defaultdict(list)
    for sid, e164 in rows.values_list(column, "number__e164"):
        found[sid].append(f"+{e164}")
    return dict(found)
