"""The protection lock of a number in service, so that nobody loses it by a slip, or by a program gone wrong.

`inventory.models.did` keeps it in the database. Where an account is closed, protected numbers keep it open.
"""

from django.db import transaction
from django.utils import timezone

from accounts.models import Account
from inventory.models import Did, ProtectionEntry
from inventory.refusals import AccountNotActive, Protected
from inventory.services import account_rows
from inventory.services.stock_rows import locked_in_service

NAMED = 100


def protect(*, did: Did, actor: str) -> Did:
    """From now on it is neither released nor moved, nor its account closed. Raises NotInService, AccountNotActive."""
    return _set(did, actor, is_on=True)


def unprotect(*, did: Did, actor: str) -> Did:
    """It may be released and moved again. Raises NotInService, AccountNotActive."""
    return _set(did, actor, is_on=False)


def put(locked: Did, actor: str, *, is_on: bool) -> None:
    """The same for a DID whose number the caller's transaction has locked; what is so already is not written down."""
    if (locked.protected_since is not None) == is_on:
        return
    locked.protected_since, locked.updated_at = (timezone.now() if is_on else None), timezone.now()
    locked.save(update_fields=["protected_since", "updated_at"])
    ProtectionEntry.objects.create(did=locked, is_on=is_on, actor=actor)


def require_off(did: Did) -> None:
    """Raises Protected where the lock is on."""
    if did.protected_since is not None:
        raise Protected(did.number)


def require_none_in(account: Account) -> None:
    """Raises Protected where the account has a protected number.

    Its row stays locked until the transaction ends, so that nobody protects one meanwhile (`account_rows`).
    """
    Account.objects.select_for_update(of=("self",)).only("pk").get(pk=account.pk)
    protected = Did.objects.filter(account=account, protected_since__isnull=False, ended_at=None)
    if found := list(protected.select_related("number").order_by("pk")[:NAMED]):
        raise Protected(*[did.number for did in found])


def _set(did: Did, actor: str, *, is_on: bool) -> Did:
    with transaction.atomic():
        locked = locked_in_service(did)
        if not account_rows.still_active(locked.account):
            raise AccountNotActive(locked.account.sid)
        put(locked, actor, is_on=is_on)
    return locked
