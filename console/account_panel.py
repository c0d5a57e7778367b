"""An account's page: who its people are and how they sign in, what it holds, its papers and its keys."""

from typing import Any, NamedTuple

from allauth.mfa.models import Authenticator
from django.db.models import QuerySet

from accounts.models import Account, ApiKey, Membership
from compliance.models import Bundle
from inventory.models import PhoneNumber

LATEST = 20
_FACTORS = {Authenticator.Type.TOTP: "an app", Authenticator.Type.WEBAUTHN: "a passkey"}


class Person(NamedTuple):
    """A member; `factors`: what they sign in with beside, or instead of, their password. Blank: nothing."""

    membership: Membership
    factors: str


def context(account: Account) -> dict[str, Any]:
    """For `console/account.html`: five queries, each by an index of the account, and no further than `LATEST` rows."""
    return {
        "people": _people(account),
        "numbers": PhoneNumber.objects.filter(holder=account).order_by("state", "e164")[:LATEST],
        "bundles": _bundles(account),
        "keys": ApiKey.objects.filter(account=account)
        .only("sid", "friendly_name", "created_at")
        .order_by("-pk")[:LATEST],
        "most": LATEST,
    }


def _people(account: Account) -> list[Person]:
    members = list(account.memberships.select_related("user").order_by("pk")[:LATEST])
    kinds: dict[int, set[str]] = {}
    for user, kind in Authenticator.objects.filter(user__in=[each.user_id for each in members]).values_list(
        "user", "type"
    ):
        kinds.setdefault(user, set()).add(kind)
    return [
        Person(member, " and ".join(word for kind, word in _FACTORS.items() if kind in kinds.get(member.user_id, ())))
        for member in members
    ]


def _bundles(account: Account) -> "QuerySet[Bundle]":
    rows = Bundle.objects.filter(account=account, deleted_at=None).select_related("regulation")
    return rows.order_by("-pk")[:LATEST]
