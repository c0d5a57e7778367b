"""Changing what a bundle may hold: an end user, a paper, an address.

1. The row is locked, so that nobody submits a bundle with it meanwhile (who submits locks its items first).
2. The change raises `revision`, or sets `deleted_at`: then the trigger `frozen_in_bundles` looks at the bundles.
3. What the trigger refuses, however close the race was, is one refusal: there is no second check that could differ.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from psycopg import Error

from compliance.models import Address, EndUser, SupportingDocument
from compliance.refusals import Deleted

Item = TypeVar("Item", Address, EndUser, SupportingDocument)


def locked(row: Item) -> Item:
    """The row as it now is, locked until the transaction ends. Raises Deleted."""
    rows = type(row)._default_manager.select_for_update(no_key=True)
    found = rows.filter(pk=row.pk, deleted_at=None).first()
    if found is None:
        raise Deleted(_("%(sid)s was deleted") % {"sid": row.sid})
    return found


@contextmanager
def refused_as(refusal: Exception) -> Iterator[None]:
    """One transaction, in which `refusal` is raised for what the trigger refuses."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if not _is_of_the_trigger(error):
            raise
        raise refusal from None


def _is_of_the_trigger(error: IntegrityError) -> bool:
    cause = error.__cause__
    return isinstance(cause, Error) and cause.diag.constraint_name == "frozen_in_bundles"
