"""Changing an account's auth token without a moment in which its programs are refused.

Make a second one, give it to every program, promote it: from then on the old one signs nothing. Both count meanwhile.
(https://www.twilio.com/docs/iam/api/authtoken tells the same story.)
"""

import secrets

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Account, SecondaryToken
from accounts.refusals import NoSecondaryToken
from accounts.services.credentials import digest


@transaction.atomic
def make_secondary(*, account: Account) -> SecondaryToken:
    """A second token, beside the first; the one that is there already, if there is one."""
    Account.objects.select_for_update(no_key=True).only("pk").get(pk=account.pk)
    token = secrets.token_hex(16)
    made, _created = SecondaryToken.objects.get_or_create(
        account=account, defaults={"token": token, "digest": digest(token)}
    )
    return made


@transaction.atomic
def promote(*, account: Account) -> Account:
    """The second token becomes the first; the one that was first signs nothing any more. Raises NoSecondaryToken."""
    locked = Account.objects.select_for_update(no_key=True).get(pk=account.pk)
    second = SecondaryToken.objects.filter(account=locked).first()
    if second is None:
        raise NoSecondaryToken(_("There is no second token to promote: make one first."))
    locked.auth_token, locked.auth_token_digest = second.token, second.digest
    locked.save(update_fields=["auth_token", "auth_token_digest", "updated_at"])
    second.delete()
    return locked


def drop_secondary(*, account: Account) -> None:
    """The second token signs nothing any more; the first stays what it is."""
    SecondaryToken.objects.filter(account=account).delete()
