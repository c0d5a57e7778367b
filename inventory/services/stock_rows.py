"""Locking rows of the stock, so that many buyers of one number neither deadlock nor queue for long."""

from django.db import OperationalError, connection
from psycopg import errors

from inventory.models import PhoneNumber
from inventory.querysets import NumberQuerySet
from inventory.refusals import NotAvailable
from numbering.e164 import E164

LOCK_TIMEOUT_MS = 1_500


def locked_number(digits: int) -> PhoneNumber:
    """The live row of this number, locked until the transaction ends. Raises NotAvailable.

    The free row is the usual case and costs one statement. A row that somebody else has locked is waited for, but
    not for long: behind the winner of a race, the losers see within milliseconds that it is gone.
    """
    rows = PhoneNumber.objects.live().filter(e164=digits)
    free = rows.select_for_update(skip_locked=True, no_key=True, of=("self",)).first()
    return free or _waited_for(rows, digits)


def locked_in_order(numbers: NumberQuerySet) -> list[PhoneNumber]:
    """All these rows, locked in the order of their ids, so that two baskets can't wait for each other."""
    return list(numbers.order_by("pk").select_for_update(no_key=True, of=("self",)))


def _waited_for(rows: NumberQuerySet, digits: int) -> PhoneNumber:
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = {LOCK_TIMEOUT_MS}")
    try:
        found = rows.select_for_update(no_key=True, of=("self",)).first()
    except OperationalError as error:
        if isinstance(error.__cause__, errors.LockNotAvailable):
            raise NotAvailable(E164.from_int(digits)) from None
        raise
    if found is None:
        raise NotAvailable(E164.from_int(digits))
    return found
