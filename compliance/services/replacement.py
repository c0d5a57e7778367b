"""ReplaceItems: a bundle that numbers hang on gets the items of its approved copy, and its end, if any."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from compliance.lifecycle import BundleState
from compliance.models import Bundle, ItemAssignment
from compliance.refusals import ItsOwnSource, NotReplaceable, OtherAddress, OutdatedSource
from compliance.services import rollout, rulebooks, transition
from compliance.services.proofs import shown_addresses


def replace(*, target: Bundle, source: Bundle, actor: str) -> Bundle:
    """End the items of `target` and give it those of `source`, all at once; its numbers notice nothing.

    Rules that begin later and ask for more give the source an end, which goes with the items. Raises ItsOwnSource,
    NotReplaceable unless both are approved and the source is a copy of the target, OutdatedSource when the rules have
    changed again since, OtherAddress when the source does not prove an address that the target did.
    """
    if target.pk == source.pk:
        raise ItsOwnSource(_("%(sid)s can't take the items of itself") % {"sid": target.sid})
    with transaction.atomic():
        both = {row.pk: transition.locked(row) for row in sorted((target, source), key=lambda row: row.pk)}
        rollout.recheck_now(both[source.pk])
        old, new = both[target.pk], transition.locked(source)
        _check_pair(old, new)
        _check_rules(new)
        _check_addresses(old, new)
        _exchange_items(old, new)
        transition.note(old, "replace_items", actor=actor, data=_record(old, new))
        old.approved_under, old.valid_until, old.updated_at = new.approved_under, new.valid_until, timezone.now()
        old.save(update_fields=["approved_under", "valid_until", "updated_at"])
    return old


def _check_pair(target: Bundle, source: Bundle) -> None:
    if source.copied_from_id != target.pk:
        raise NotReplaceable(_("%(copy)s is not a copy of %(sid)s") % {"copy": source.sid, "sid": target.sid})
    for bundle in (target, source):
        if bundle.state != BundleState.APPROVED:
            raise NotReplaceable(_("%(sid)s is not {}") % {"sid": bundle.sid}, BundleState.APPROVED)


def _check_rules(source: Bundle) -> None:
    """A version that asks for the same as the one in force will do."""
    in_force = rulebooks.in_force(source.regulation)
    approved = source.approved_under
    if in_force and approved and in_force.fingerprint != approved.fingerprint:
        said = _("%(sid)s was approved under rules that have changed since: copy and submit again")
        raise OutdatedSource(said % {"sid": source.sid})


def _check_addresses(target: Bundle, source: Bundle) -> None:
    """Numbers on the target refer to addresses that its papers show. Where the source's show any, they must show those:
    the same words under another SID would not do, since the gate looks for the one that a number has.
    """
    before, after = shown_addresses(target), shown_addresses(source)
    if lost := set() if after is None else (before or set()) - after:
        said = _("%(copy)s does not show %(addresses)s: numbers that hang on %(sid)s refer to that")
        raise OtherAddress(said % {"copy": source.sid, "addresses": ", ".join(sorted(lost)), "sid": target.sid})


def _exchange_items(target: Bundle, source: Bundle) -> None:
    now = timezone.now()
    target.items.filter(ended_at=None).update(ended_at=now)
    for item in source.items.filter(ended_at=None).order_by("pk"):
        ItemAssignment.objects.create(
            bundle=target,
            end_user_id=item.end_user_id,
            document_id=item.document_id,
            requirement_name=item.requirement_name,
            brought_from=source,
        )


def _record(target: Bundle, source: Bundle) -> dict[str, Any]:
    before, after = target.approved_under, source.approved_under
    return {
        "from": source.sid,
        "version_before": before and before.rulebook.version,
        "version_after": after and after.rulebook.version,
        "valid_until_before": target.valid_until and target.valid_until.isoformat(),
    }
