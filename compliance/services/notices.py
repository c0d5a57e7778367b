"""Telling customers: notices are written in the transaction of the change, so none is lost and none is untrue."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from functools import partial
from itertools import chain
from typing import Any, NamedTuple

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts import languages
from accounts.models import Account
from accounts.nudges import nudge
from compliance.lifecycle import BundleState
from compliance.models import Bundle, BundleEntry, ItemAssignment, ItemVerdict, Notice, NoticeKind
from compliance.rulebook.catalogue import catalogue
from compliance.services import letters
from compliance.services.letters import Blamed, News
from numbering.languages import in_english

#: What a move is called in a notice. A claim is nobody's business.
_EVENTS = {
    "submit": "submitted",
    "recall": "recalled",
    "reopen": "reopened",
    "approve": "approved",
    "approve_provisionally": "provisionally_approved",
    "reject": "rejected",
    "expire": "expired",
}
TEST_BUNDLE = "test_bundle"


def tell_of_move(bundle: Bundle, entry: BundleEntry) -> None:
    """Tell of a move of the bundle, which is as it is now; in the transaction of the move."""
    event = _EVENTS.get(entry.verb)
    if event is None:
        return
    spoken = languages.of_letters_to(bundle.email)[bundle.email]
    if Notice.objects.bulk_create(_written(bundle, lambda: _news(bundle, entry, event), spoken)):
        nudge("compliance.tasks.deliver_notices", bundle.pk)


class Coming(NamedTuple):
    """What is to come for a bundle: the day that counts and, in sentences, what more there is to say.

    `more` is called in the language of whoever hears of it.
    """

    bundle: Bundle
    day: date
    more: Callable[[], str] = str


def tell(coming: Iterable[Coming], event: str) -> None:
    """Tell of what is no move: `regulation_changed`, `document_expires_soon`.

    Call it in the transaction of the change, with the bundles locked, so that notices keep their order.
    """
    told = list(coming)
    spoken = languages.of_letters_to(*(each.bundle.email for each in told))
    written = (_written(each.bundle, partial(_coming, each, event), spoken[each.bundle.email]) for each in told)
    if Notice.objects.bulk_create(chain.from_iterable(written)):
        nudge("compliance.tasks.sweep_notices")


def rejection(judged: Iterable[tuple[ItemAssignment, ItemVerdict | None]]) -> News:
    """What the customer reads of a rejection: these items with the verdicts on them; without one, an item is kept."""
    blamed, kept = [], []
    for item, verdict in sorted(judged, key=lambda each: each[0].pk):
        if verdict is None or verdict.approved:
            kept.append(_name(item))
        else:
            hint = _(verdict.fix_hint) if verdict.fix_hint else ""
            blamed.append(Blamed(_name(item), catalogue().retold(verdict.reason, verdict.sentence), hint))
    return News("rejected", blamed=blamed, kept=kept)


def forget(account: Account, sids: Sequence[str]) -> None:
    """Give up what is still to be told of these bundles, or of bundles that held these: it may say who they were of."""
    parts = (
        Q(bundle__sid__in=sids) | Q(bundle__items__document__sid__in=sids) | Q(bundle__items__end_user__sid__in=sids)
    )
    waiting = Notice.objects.filter(parts, bundle__account=account, next_at__isnull=False)
    Notice.objects.filter(pk__in=waiting.values("pk"), next_at__isnull=False).update(
        next_at=None, payload=None, given_up_at=timezone.now(), last_error="erased"
    )


def _written(bundle: Bundle, news: Callable[[], News], language: str) -> Iterator[Notice]:
    """A program hears of it in English, a person in the language of their pages."""
    with in_english():
        told = news()
    if bundle.status_callback and told.event != "document_expires_soon":
        yield Notice(bundle=bundle, kind=NoticeKind.CALLBACK, event=told.event, payload=_callback(bundle, told))
    if bundle.email and told.event in letters.TOLD_BY_EMAIL:
        with override(language):
            letter = _letter(bundle, news())
        yield Notice(bundle=bundle, kind=NoticeKind.EMAIL, event=told.event, payload=letter)


def _coming(coming: Coming, event: str) -> News:
    known = catalogue().reasons.get(event)
    reason = _(known.explanation) if known else ""
    return News(event, f"{reason} {coming.more()}".strip(), coming.day.isoformat())


def _callback(bundle: Bundle, news: News) -> dict[str, Any]:
    told = {
        "account_sid": bundle.account.sid,
        "bundle_sid": bundle.sid,
        "state": bundle.state,
        "reason": letters.failure_reason(news),
        "valid_until": news.day,
    }
    return {"url": bundle.status_callback, "told": told}


def _letter(bundle: Bundle, news: News) -> dict[str, Any]:
    return {"to": bundle.email, "subject": letters.subject(bundle, news), "body": letters.body(bundle, news)}


def _news(bundle: Bundle, entry: BundleEntry, event: str) -> News:
    if bundle.state != BundleState.REJECTED:
        return News(event)
    if entry.reason == TEST_BUNDLE:
        return News(event, _("It is a test bundle: those are rejected by themselves, nobody has looked at it."))
    if event == "expired":
        return News(event, _(catalogue().reasons["regulation_changed"].explanation))
    return _rejection(bundle, entry)


def _rejection(bundle: Bundle, entry: BundleEntry) -> News:
    """What the verdicts said that led to it."""
    rejected = entry.data.get("items", ())
    items = bundle.items.filter(ended_at=None).select_related("document")
    return rejection((item, item.verdicts.latest("pk") if item.sid in rejected else None) for item in items)


def _name(item: ItemAssignment) -> str:
    """Of several papers of one kind, the SID tells which is meant."""
    paper = item.document
    return f"{letters.name_of(paper.type)} ({paper.sid})" if paper else letters.name_of(None)
