"""What a new account does first; the card goes away when all of it is done."""

from typing import NamedTuple

from django.db.models import Count, Exists, OuterRef
from django.utils.translation import gettext as _

from accounts.models import Account, ApiKey, Membership
from compliance.lifecycle import BundleState
from compliance.models import Bundle
from inventory.models import Assignment
from portal.home.needs import link


class Step(NamedTuple):
    """`url` is blank where another part of the portal brings the page."""

    what: str
    why: str
    url: str
    is_done: bool


def first_steps(account: Account) -> list[Step]:
    """All of them, or none when all are done. One query."""
    of = OuterRef("pk")
    members = Membership.objects.filter(account=of).order_by().values("account")
    done = (
        Account.objects.filter(pk=account.pk)
        .annotate(
            number=Exists(Assignment.objects.filter(account=of)),
            papers=Exists(Bundle.objects.filter(account=of, state=BundleState.APPROVED)),
            key=Exists(ApiKey.objects.filter(account=of)),
            people=members.annotate(people=Count("pk")).values("people")[:1],
        )
        .values("number", "papers", "key", "people")
        .get()
    )
    steps = [
        Step(
            _("Find a number"),
            _("By place, by digits or by a word; each was tested with real calls."),
            link("search"),
            done["number"],
        ),
        Step(
            _("Bring the papers that the law asks for"),
            _("Many countries want to know who uses a number. Once approved, papers count for all such numbers."),
            link("papers-new") or link("papers"),
            done["papers"],
        ),
        Step(
            _("Make an API key"),
            _("For your programs. It can be revoked by itself, without changing the account's token."),
            link("keys"),
            done["key"],
        ),
        Step(
            _("Invite your team"),
            _("Each with an own sign-in, and only as many rights as they need."),
            link("team"),
            (done["people"] or 0) > 1,
        ),
    ]
    return [] if all(step.is_done for step in steps) else steps
