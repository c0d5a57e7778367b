"""What reviewers found of the items of a bundle, and which of it still holds."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Prefetch, Q
from django.utils.translation import gettext

from accounts.models import Account, User
from compliance.lifecycle import WAITING, BundleState
from compliance.models import Address, Bundle, BundleEntry, DocumentStatus, ItemAssignment, ItemVerdict
from compliance.refusals import NoSuchReason, NotOfThisBundle
from compliance.rulebook.catalogue import Reason, catalogue
from compliance.services.claims import in_hand

STAGES = ("review", "evaluation")
#: Their words are not the reviewer's: the customer is not told which check failed (rejection_reasons.yaml).
OUR_WORDS = ("suspected_fraud",)


@dataclass(frozen=True)
class Judged:
    """An item of a bundle, and the verdict on it as it now is; None: it needs one."""

    item: ItemAssignment
    verdict: ItemVerdict | None

    @property
    def is_rejected(self) -> bool:
        """Whether the verdict was no."""
        return self.verdict is not None and not self.verdict.approved


@dataclass(frozen=True)
class Told:
    """What the customer hears of an item. `status`: of a DocumentStatus, for an end user as well."""

    status: str
    reason: str = ""
    sentence: str = ""
    fix_hint: str = ""

    @property
    def why(self) -> str:
        """The sentence in the language that is spoken now, where it is the catalogue's."""
        return catalogue().retold(self.reason, self.sentence)

    @property
    def what_to_do(self) -> str:
        """The hint in the language that is spoken now, where it is the catalogue's."""
        return gettext(self.fix_hint) if self.fix_hint else ""


#: The moves that tell the customer what was found; before them a verdict is the reviewer's own.
DECISIONS = ("approve", "approve_provisionally", "reject")
_DECIDED = {
    BundleState.APPROVED: DocumentStatus.APPROVED,
    BundleState.PROVISIONALLY_APPROVED: DocumentStatus.PROVISIONALLY_APPROVED,
}


def reasons() -> Mapping[str, Reason]:
    """What an item may be rejected for, by code; a reviewer's own reasons first."""
    known = catalogue().reasons.values()
    return {reason.code: reason for stage in STAGES for reason in known if reason.stage == stage}


def judge(
    bundle: Bundle,
    item: ItemAssignment,
    *,
    user: User,
    approved: bool,
    reason: str = "",
    sentence: str = "",
    fix_hint: str = "",
) -> ItemVerdict:
    """Approve or reject one item; what was said of it before stays, and no longer counts.

    A rejection takes a code of `reasons()`. Where `sentence` and `fix_hint` are blank they are the catalogue's. The
    customer reads both, also by e-mail: they hold no personal data. Raises NotClaimed, OwnBundle, NotOfThisBundle,
    NoSuchReason.
    """
    words = {} if approved else _words(reason, sentence, fix_hint)
    with transaction.atomic():
        now = in_hand(bundle, user)
        found = next((live for live in live_items(now) if live.pk == item.pk), None)
        if found is None:
            raise NotOfThisBundle(f"{item.sid} is not in {now.sid}")
        return ItemVerdict.objects.create(item=found, seen=_seen(found), approved=approved, judged_by=user, **words)


def standing(bundle: Bundle) -> list[Judged]:
    """Every live item of the bundle with the verdict that counts: the newest, if the item is still what was seen."""
    items = live_items(bundle)
    newest = ItemVerdict.objects.filter(item__in=items).order_by("item", "-pk").distinct("item")
    found = {verdict.item_id: verdict for verdict in newest.select_related("judged_by")}
    return [Judged(item, _if_still_so(item, found.get(item.pk))) for item in items]


def told_of(item: ItemAssignment, bundle: Bundle, history: Sequence[BundleEntry]) -> Told:
    """What became of an item in review. `history`: the ledger, the oldest first.

    A paper knows it itself. Of an end user it follows from the bundle and from what the last decision said.
    """
    if paper := item.document:
        return Told(paper.status, paper.reason, paper.reason_sentence, paper.fix_hint)
    if decided := _DECIDED.get(BundleState(bundle.state)):
        return Told(decided)
    verdict = _last_told(item, history)
    if verdict and verdict.approved:
        return Told(DocumentStatus.APPROVED)
    if bundle.state in WAITING:
        return Told(DocumentStatus.PENDING_REVIEW)
    if verdict is None:
        return Told(DocumentStatus.DRAFT)
    return Told(DocumentStatus.REJECTED, verdict.reason, verdict.sentence, verdict.fix_hint)


def live_items(bundle: Bundle) -> list[ItemAssignment]:
    """What the bundle holds, the end user first, with the addresses on its papers."""
    addresses = Prefetch("document__addresses", Address.objects.filter(deleted_at=None).order_by("pk"))
    rows = bundle.items.filter(ended_at=None).select_related("end_user", "document__file")
    return sorted(rows.prefetch_related(addresses), key=lambda item: (item.end_user_id is None, item.pk))


def still_rejected(bundles: Sequence[Bundle]) -> set[str]:
    """SIDs of end users and papers in these bundles, which their customers have at hand, that a reviewer rejected and
    that nobody has changed since."""
    addresses = Prefetch("document__addresses", Address.objects.filter(deleted_at=None))
    items = ItemAssignment.objects.filter(bundle__in=bundles, ended_at=None)
    newest = ItemVerdict.objects.filter(item__in=items).order_by("item", "-pk").distinct("item")
    seen = {verdict.item_id: verdict.seen for verdict in newest if not verdict.approved}
    rows = items.filter(pk__in=seen).select_related("end_user", "document").prefetch_related(addresses)
    return {next(iter(_seen(item))) for item in rows if _seen(item) == seen[item.pk]}


def forget(account: Account, sids: Sequence[str]) -> None:
    """Let go of what reviewers wrote of these, or of what was in these bundles."""
    parts = Q(item__bundle__sid__in=sids) | Q(item__document__sid__in=sids) | Q(item__end_user__sid__in=sids)
    written = ItemVerdict.objects.filter(parts, item__bundle__account=account)
    ItemVerdict.objects.filter(pk__in=written.values("pk")).update(sentence="", fix_hint="")


def _seen(item: ItemAssignment) -> dict[str, int]:
    """The revision of all that a reviewer judges with an item, by SID. An address changes on its own."""
    parts: Iterable[Any] = [item.end_user]
    if item.document:
        parts = [item.document, *item.document.addresses.all()]
    return {part.sid: part.revision for part in parts}


def _if_still_so(item: ItemAssignment, verdict: ItemVerdict | None) -> ItemVerdict | None:
    return verdict if verdict and verdict.seen == _seen(item) else None


def _last_told(item: ItemAssignment, history: Sequence[BundleEntry]) -> ItemVerdict | None:
    """The verdict that the last decision rested on, if the item is still what was seen."""
    decision = next((entry for entry in reversed(history) if entry.verb in DECISIONS), None)
    found = decision and item.verdicts.filter(at__lte=decision.at).order_by("-pk").first()
    return _if_still_so(item, found or None)


def _words(code: str, sentence: str, fix_hint: str) -> dict[str, str]:
    reason = reasons().get(code)
    if reason is None:
        raise NoSuchReason(f"{code or 'nothing'} is no reason to reject an item for")
    if code in OUR_WORDS:
        sentence = fix_hint = ""
    return {
        "reason": code,
        "sentence": sentence.strip() or reason.explanation,
        "fix_hint": fix_hint.strip() or reason.how_to_fix,
    }
