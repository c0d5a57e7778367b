"""Locking rows of the stock, so that many buyers of one number neither deadlock nor queue for long."""

from django.db import OperationalError, connection
from django.utils.translation import gettext as _
from psycopg import errors

from inventory.models import Did, PhoneNumber
from inventory.querysets import NumberQuerySet
from inventory.refusals import NotAvailable, NotInService
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


def locked_in_service(did: Did) -> Did:
    """The DID as it now is, its number locked. Raises NotInService when it was released or moved meanwhile."""
    number = PhoneNumber.objects.select_for_update(no_key=True, of=("self",)).get(pk=did.number_id)
    locked = Did.objects.select_related("account").filter(pk=did.pk, account=did.account_id, ended_at=None).first()
    if locked is None:
        raise NotInService(_("%(sid)s is not in service in this account") % {"sid": did.sid})
    locked.number = number
    return locked


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
