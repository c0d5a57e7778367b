"""What needs the customer now: whatever runs out, was refused, or waits for a decision, the most pressing first."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Count, F, Min, Q
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Account
from compliance.lifecycle import BundleState
from compliance.models import Bundle, ExpiryWarning
from compliance.services.expiring_papers import WARN_BEFORE
from inventory.lifecycle import State
from inventory.models import Did, PhoneNumber, WaitlistEntry

MOST = 20
LATELY = timedelta(days=7)


class Need(NamedTuple):
    """`until`: when it is too late, None where nothing runs out; `url` is blank where there is no page for it yet."""

    what: str
    why: str
    url: str
    until: datetime | None = None
    is_pressing: bool = False


def needs(account: Account) -> list[Need]:
    """In at most five queries, whatever there is: what is pressing and what runs out first comes first."""
    found = [*_of_clocks(account), *_of_bundles(account), *_of_papers(account), *_of_the_waitlist(account)]
    far = timezone.now() + timedelta(days=999)
    return sorted(found, key=lambda need: (not need.is_pressing, need.until or far))


def link(name: str, *args: str) -> str:
    """The page of this name; "" where another part of the portal brings it."""
    try:
        return reverse(f"portal:{name}", args=args)
    except NoReverseMatch:
        return ""


def _of_clocks(account: Account) -> Iterator[Need]:
    rows = PhoneNumber.objects.filter(holder=account, state__in=(State.RESERVED, State.RELEASED)).order_by()
    first = dict(rows.values_list("state").annotate(first=Min("due_at")))
    if until := first.get(State.RESERVED):
        why = _("What you don't buy in time goes back on sale.")
        yield Need(_("Numbers are held for you in your cart"), why, link("cart"), until, is_pressing=True)
    if until := first.get(State.RELEASED):
        why = _("After that they rest, and go to others.")
        url = f"{link('numbers')}?state={State.RELEASED}"
        yield Need(_("Numbers that you gave back may still be taken back"), why, url, until)


def _of_bundles(account: Account) -> Iterator[Need]:
    unfinished = Q(state=BundleState.REJECTED) | Q(valid_until__isnull=False) | Q(state=BundleState.DRAFT)
    bundles = list(Bundle.objects.of(account).filter(unfinished, is_test=False).order_by("-pk")[:MOST])
    numbers = _numbers_on([bundle.sid for bundle in bundles if bundle.valid_until])
    for bundle in bundles:
        yield _of_bundle(bundle, numbers.get(bundle.sid, 0))


def _numbers_on(sids: list[str]) -> dict[str, int]:
    """How many numbers in service hang on each of these bundles; nothing is asked where there are none."""
    if not sids:
        return {}
    rows = Did.objects.filter(~Q(bundle_sid=""), bundle_sid__in=sids, ended_at=None).order_by()
    return dict(rows.values_list("bundle_sid").annotate(numbers=Count("pk")))


def _of_bundle(bundle: Bundle, numbers: int) -> Need:
    named, url = {"name": bundle.friendly_name}, link("papers-status", bundle.sid)
    if bundle.state == BundleState.REJECTED:
        why = _("See what has to change, mend it, and hand it in again.")
        return Need(_("Papers were rejected: %(name)s") % named, why, url, is_pressing=True)
    if bundle.state == BundleState.DRAFT:
        why = _("Go on where you stopped: nothing is lost.")
        return Need(_("Papers are not handed in yet: %(name)s") % named, why, url)
    why = ngettext(
        "The rules have changed. %(numbers)d number hangs on it and goes on working; no more can be bought on it then.",
        "The rules have changed. %(numbers)d numbers hang on it and go on working; no more can be bought on it then.",
        numbers,
    ) % {"numbers": numbers}
    return Need(_("An approval ends: %(name)s") % named, why, url, bundle.valid_until, is_pressing=True)


def _of_papers(account: Account) -> Iterator[Need]:
    """Of which the customer was warned; the very day is ciphertext, and stands with the papers."""
    warned = ExpiryWarning.objects.filter(
        bundle__account=account,
        bundle__state=BundleState.APPROVED,
        bundle__deleted_at=None,
        document__deleted_at=None,
        revision=F("document__revision"),
        created_at__gte=timezone.now() - WARN_BEFORE,
    )
    for row in warned.select_related("bundle").order_by("-pk")[:MOST]:
        what = _("A paper expires within a month: %(name)s") % {"name": row.bundle.friendly_name}
        yield Need(what, _("Replace it before it does."), link("papers-status", row.bundle.sid), is_pressing=True)


def _of_the_waitlist(account: Account) -> Iterator[Need]:
    served = WaitlistEntry.objects.filter(account=account, served__gt=0, servings__at__gte=timezone.now() - LATELY)
    for entry in served.distinct().order_by("-pk")[:MOST]:
        what = ngettext(
            "What you waited for is there: %(numbers)d number",
            "What you waited for is there: %(numbers)d numbers",
            entry.served,
        )
        why = _("Buy it before others do, or before its reservation runs out.")
        yield Need(what % {"numbers": entry.served}, why, link("cart") or link("search"), is_pressing=True)
