"""Bundles of the account as the tests here need them."""

from typing import Any

from accounts.models import User
from compliance.models import Bundle, ItemAssignment
from compliance.services import review


def rejected(bundle: Bundle, user: User, *types: str, **words: str) -> Bundle:
    """The submitted bundle after a review that rejected the papers of these types, and nothing else.

    The type "end_user" is the end user.
    """
    reason: dict[str, Any] = {"reason": "illegible"} | words
    review.claim(bundle, user)
    for each in review.standing(bundle):
        is_bad = (each.item.document.type if each.item.document else "end_user") in types
        review.judge(bundle, each.item, user=user, approved=not is_bad, **(reason if is_bad else {}))
    return review.decide(bundle, user)


def item_of(bundle: Bundle, type: str) -> ItemAssignment:
    """Its live item of that document type, or the end user."""
    wanted = {"end_user__isnull": False} if type == "end_user" else {"document__type": type}
    found: ItemAssignment = bundle.items.select_related("document", "end_user").get(ended_at=None, **wanted)
    return found
