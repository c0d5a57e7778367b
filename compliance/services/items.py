"""What goes into a bundle and comes out of it, while it is a draft or was rejected."""

import re
from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Account
from compliance.lifecycle import EDITABLE, BundleState
from compliance.models import Bundle, EndUser, ItemAssignment, SupportingDocument
from compliance.refusals import (
    AlreadyAssigned,
    ItemsFrozen,
    NoSuchItem,
    NoSuchRequirement,
    NotAnItem,
    TooManyItems,
)
from compliance.rulebook.rules import DocumentRequirement
from compliance.services import rulebooks, transition
from numbering.sids import is_sid

#: The longest regulation asks for six papers.
MOST_ITEMS = 50
_ANY_SID = re.compile(r"[A-Za-z]{2}[0-9A-Fa-f]{32}")

Item = EndUser | SupportingDocument


def assign(*, bundle: Bundle, object_sid: str, requirement_name: str = "") -> ItemAssignment:
    """Put an end user (IT…) or a supporting document (RD…) of the bundle's account into it.

    `requirement_name`: which requirement of the regulation the paper is for; blank: whichever it serves best.
    Raises ItemsFrozen, NoSuchItem, NotAnItem, AlreadyAssigned, TooManyItems, NoSuchRequirement, Bundle.DoesNotExist.
    """
    with transaction.atomic():
        now = _editable(bundle)
        _check_requirement(now, object_sid, requirement_name)
        item = _locked_item(now.account, object_sid)
        _check_room(now, item)
        _touch(now)
        return ItemAssignment.objects.create(
            bundle=now,
            end_user=item if isinstance(item, EndUser) else None,
            document=item if isinstance(item, SupportingDocument) else None,
            requirement_name=requirement_name,
        )


def remove(*, item: ItemAssignment) -> None:
    """Take it out again; the row stays. Raises ItemsFrozen, ItemAssignment.DoesNotExist, Bundle.DoesNotExist."""
    with transaction.atomic():
        now = _editable(item.bundle)
        live = now.items.get(pk=item.pk, ended_at=None)
        live.ended_at = timezone.now()
        live.save(update_fields=["ended_at"])
        _touch(now)


def requirements(bundle: Bundle) -> Sequence[DocumentRequirement]:
    """What the rules in force want proved by papers; none where they ask nothing any more."""
    version, about = rulebooks.in_force(bundle.regulation), bundle.regulation
    if version is None:
        return ()
    return rulebooks.rules_of(version).of(about.number_type).of(about.end_user_type).documents


def _editable(bundle: Bundle) -> Bundle:
    now = transition.locked(bundle)
    if now.state not in EDITABLE:
        raise ItemsFrozen(_("%(sid)s is {}: its items stay") % {"sid": now.sid}, BundleState(now.state))
    return now


def _locked_item(account: Account, sid: str) -> Item:
    """Locked, so that nobody deletes it meanwhile."""
    item: Item | None
    if is_sid(sid, "IT"):
        item = EndUser.objects.of(account).select_for_update(no_key=True).filter(sid=sid).first()
    elif is_sid(sid, "RD"):
        item = SupportingDocument.objects.of(account).select_for_update(no_key=True).filter(sid=sid).first()
    elif sid[:2] not in ("IT", "RD") and _ANY_SID.fullmatch(sid):
        raise NotAnItem(f"{sid} is neither an end user (IT…) nor a supporting document (RD…)")
    else:
        raise NoSuchItem("ObjectSid: expected IT or RD and 32 lower-case hex digits")
    if item is None:
        raise NoSuchItem(f"{sid} was not found")
    return item


def _check_room(bundle: Bundle, item: Item) -> None:
    live = bundle.items.filter(ended_at=None)
    if isinstance(item, EndUser) and live.filter(end_user__isnull=False).exists():
        raise AlreadyAssigned(_("%(sid)s has its end user: take that one out first") % {"sid": bundle.sid})
    if isinstance(item, SupportingDocument) and live.filter(document=item).exists():
        raise AlreadyAssigned(_("%(item)s is in %(bundle)s already") % {"item": item.sid, "bundle": bundle.sid})
    if live.count() >= MOST_ITEMS:
        raise TooManyItems(_("A bundle holds at most %(most)s items") % {"most": MOST_ITEMS})


def _check_requirement(bundle: Bundle, object_sid: str, name: str) -> None:
    if not name:
        return
    names = [requirement.requirement_name for requirement in requirements(bundle)]
    if name not in names or object_sid[:2] != "RD":
        known = ", ".join(names) or "none"
        raise NoSuchRequirement(f"RequirementName: the requirements for documents are {known}")


def _touch(bundle: Bundle) -> None:
    bundle.updated_at = timezone.now()
    bundle.save(update_fields=["updated_at"])
