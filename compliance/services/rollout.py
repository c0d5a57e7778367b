"""After rules were activated: who complies goes on under them, who does not has an end to the approval, and is told.

Bundles are done in batches, each in a transaction that leaves a `Recheck` of every one: whoever begins anew after a
crash finds what is left, and two workers have different ones at hand. A number in service is never cut; what a policy
row decides is whether more may be bought on its bundle.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, partial

import structlog
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.utils import timezone

from accounts.sweeping import LONG, batches, take_batches, take_each
from compliance import holdings
from compliance.lifecycle import BundleState
from compliance.models import Bundle, NumbersAtEnd, Recheck, RegulationVersion, RolloutPolicy, Rulebook
from compliance.rulebook.catalogue import catalogue
from compliance.services import impact, notices
from compliance.services.impact import Lack
from compliance.services.transition import at_hand, locked, move
from numbering.languages import in_english

log = structlog.get_logger(__name__)
REASON = "regulation_changed"


def recheck_due() -> int:
    """Hold approved bundles against the last activated rules of their countries; returns how many were looked at."""
    until, done = timezone.now() + LONG, 0
    for book in _last_activated():
        rows = batches(_waiting(book).only("pk"))
        done += take_batches("recheck", rows, partial(recheck, book), until - timezone.now())
        adopt(book, until - timezone.now())
    return done


@in_english()
def recheck(book: Rulebook, bundle_ids: Sequence[int]) -> None:
    """Hold bundles against a version, once. One that lacks something now ends, and its customer is told when."""
    with transaction.atomic():
        waiting = _waiting(book).filter(pk__in=at_hand(bundle_ids))
        bundles = list(waiting.select_related("account", "regulation", "approved_under").order_by("pk"))
        today = timezone.now().date()
        lacks = impact.lacking(bundles, book, max(_first_day(book), today))
        end = _end(book, today)
        ends = {bundle: end if bundle in lacks else None for bundle in bundles}
        Recheck.objects.bulk_create(
            Recheck(bundle=bundle, rulebook=book, lacks=list(map(asdict, lacks.get(bundle, ()))), valid_until=end)
            for bundle, end in ends.items()
        )
        _let_end(ends, {bundle: partial(_in_words, lacks[bundle]) for bundle in lacks})


def _in_words(lacks: Iterable[Lack]) -> str:
    return " ".join(dict.fromkeys(catalogue().retold(lack.code, lack.sentence) for lack in lacks))


def recheck_now(bundle: Bundle) -> None:
    """Hold a bundle that the caller has locked against the last activated rules, if no sweep has done so yet."""
    for book in _last_activated().filter(country=bundle.regulation.country):
        recheck(book, [bundle.pk])


def adopt(book: Rulebook, longest: timedelta = LONG) -> int:
    """Bundles that comply, and so have no end, go on under the version once it is in force; returns how many did."""
    if _first_day(book) > timezone.now().date():
        return 0
    own = RegulationVersion.objects.filter(rulebook=book, regulation=OuterRef("regulation"))
    waiting = impact.approved_before(book).filter(Exists(own), Exists(_done(book)), valid_until=None)

    def move_on(bundle_ids: Sequence[int]) -> None:
        waiting.filter(pk__in=bundle_ids).update(approved_under=Subquery(own.values("pk")[:1]))

    return take_batches("adopt", batches(waiting.only("pk")), move_on, longest)


def expire_due() -> int:
    """Approvals whose end has come and that are not left to staff; returns how many ended."""
    return take_each("expire", _to_expire(), expire, LONG)


def expire(bundle_id: int) -> None:
    """End one approval that was not replaced in time, unless numbers hang on it and the policy leaves it to staff."""
    with transaction.atomic():
        bundle = locked(Bundle(pk=bundle_id))
        if not _ended().filter(pk=bundle_id).exists():
            return
        numbers = len(holdings.numbers_on([bundle.sid]).get(bundle.sid, ()))
        if numbers and _policy(bundle.regulation.country).numbers_at_end == NumbersAtEnd.KEEP:
            return
        move(bundle, "expire", actor="sweep:rules", reason=REASON, data={"numbers": numbers})
    if numbers:
        log.warning("approval_ended_with_numbers_in_service", bundle=bundle.sid, numbers=numbers)


def _to_expire() -> Iterator[int]:
    """However many are left to staff, they cost the sweep a few queries for each batch."""
    policy = cache(_policy)
    for batch in batches(_ended().select_related("regulation")):
        numbers = holdings.numbers_on([bundle.sid for bundle in batch])
        for bundle in batch:
            is_kept = policy(bundle.regulation.country).numbers_at_end == NumbersAtEnd.KEEP
            if not (is_kept and bundle.sid in numbers):
                yield bundle.pk


def numbers_at_end(country: str) -> NumbersAtEnd:
    """What today's policy makes of an approval that ends while numbers hang on it; none of them is ever cut."""
    return NumbersAtEnd(_policy(country).numbers_at_end)


def left_to_staff() -> "QuerySet[Bundle]":
    """Bundles whose end has come and that go on, because numbers hang on them and the policy says so."""
    return _ended().select_related("account", "regulation").order_by("valid_until", "pk")


def _last_activated() -> "QuerySet[Rulebook]":
    """Of each country that had others before."""
    books = Rulebook.objects.filter(effective_from__isnull=False, version__gt=1).defer("document")
    return books.order_by("country", "-version").distinct("country")


def _done(book: Rulebook) -> "QuerySet[Recheck]":
    return Recheck.objects.filter(bundle=OuterRef("pk"), rulebook=book)


def _waiting(book: Rulebook) -> "QuerySet[Bundle]":
    return impact.approved_before(book).filter(~Exists(_done(book)))


def _ended() -> "QuerySet[Bundle]":
    return Bundle.objects.filter(state=BundleState.APPROVED, deleted_at=None, valid_until__lte=timezone.now())


def _let_end(ends: Mapping[Bundle, datetime | None], lacking: Mapping[Bundle, Callable[[], str]]) -> None:
    """An end that is set already is not put off; rules that ask for less again take it away.

    `lacking`: what the customer hears of it, in sentences of the language that is spoken then.
    """
    told, changed = [], []
    for bundle, end in ends.items():
        now = min(end, bundle.valid_until) if end and bundle.valid_until else end
        if now != bundle.valid_until:
            bundle.valid_until, bundle.updated_at = now, timezone.now()
            changed.append(bundle)
        if now is not None:
            told.append(notices.Coming(bundle, now.date(), lacking.get(bundle, str)))
    Bundle.objects.bulk_update(changed, ["valid_until", "updated_at"])
    notices.tell(told, REASON)


def _end(book: Rulebook, today: date) -> datetime:
    """The grace begins when the rules take effect, but never before the customer hears of it."""
    last = max(_first_day(book), today) + _policy(book.country).grace
    return datetime.combine(last, time.min, UTC)


def end_if_activated(country: str, effective_from: date) -> datetime:
    """When approvals that lack something would end if rules of the country took effect on that day."""
    today = timezone.now().date()
    return datetime.combine(max(effective_from, today) + _policy(country).grace, time.min, UTC)


def _policy(country: str) -> RolloutPolicy:
    return RolloutPolicy.objects.all().governing(country, timezone.now().date())


def _first_day(book: Rulebook) -> date:
    if book.effective_from is None:
        raise ValueError(f"{book} was not activated")
    return book.effective_from
