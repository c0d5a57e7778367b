"""A draft that somebody fills in page by page: begin it, say who, say where, give the paper for a requirement.

Each verb leaves rows as the API makes them, under the lock of the bundle: to do it twice at the same time leaves what
doing it once does. What another bundle holds too is never changed here: the draft gets a row of its own.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Q

from accounts.models import Account
from compliance.address_correction import corrected
from compliance.lifecycle import BundleState
from compliance.models import (
    Address,
    Bundle,
    DocumentStatus,
    EndUser,
    ItemAssignment,
    Regulation,
    SupportingDocument,
)
from compliance.refusals import AddressSuggested
from compliance.rulebook.catalogue import catalogue
from compliance.rulebook.rules import DocumentRequirement
from compliance.services import addresses, bundles, documents, duplicates, end_users, items, transition

LONGEST_NAME = 255


def begin(*, account: Account, regulation: Regulation, settings: Mapping[str, Any], actor: str) -> Bundle:
    """A draft; the account's own one for the same number, where nobody wrote anything in it yet."""
    with transaction.atomic():
        Account.objects.select_for_update(no_key=True).only("pk").get(pk=account.pk)
        empty = Bundle.objects.of(account).filter(regulation=regulation, state=BundleState.DRAFT, items=None)
        begun = empty.filter(for_number=settings.get("for_number")).order_by("-pk").first()
        return begun or bundles.create(account=account, regulation=regulation, settings=settings, actor=actor)


def set_end_user(*, bundle: Bundle, attributes: Mapping[str, Any]) -> EndUser:
    """Write down who will use the number. Blank attributes are left out; those that are not named stay.

    Raises ItemsFrozen, Bundle.DoesNotExist.
    """
    with transaction.atomic():
        now = transition.locked(bundle)
        item = now.items.filter(ended_at=None, end_user__isnull=False).select_related("end_user").first()
        old = item.end_user if item else None
        told = _merged(old.attributes if old else {}, attributes)
        if old and old.type == now.regulation.end_user_type and not _is_elsewhere(Q(end_user=old), now):
            return end_users.change(end_user=old, friendly_name=_called(told), attributes=told)
        if item:
            items.remove(item=item)
        kind = now.regulation.end_user_type
        new = end_users.create(account=now.account, type=kind, friendly_name=_called(told), attributes=told)
        items.assign(bundle=now, object_sid=new.sid)
        return new


def address_of(*, account: Account, given: Mapping[str, Any], correct: bool) -> Address:
    """The account's address with these parts; a new one where it has none. What changes no meaning is put right.

    Raises AddressNotValidated, BadAddress, and without `correct` AddressSuggested where it takes more than that.
    """
    if not correct and (suggestion := addresses.suggested(given)):
        raise AddressSuggested(suggestion)
    with transaction.atomic():
        Account.objects.select_for_update(no_key=True).only("pk").get(pk=account.pk)
        return _same_address(account, given) or addresses.create(account=account, given=given)


def place(*, bundle: Bundle, address: Address, papers: Mapping[str, SupportingDocument | None]) -> None:
    """Let the papers of these requirements show the address; where there is none yet, one without a file begins.

    `papers`: by requirement name, what serves it now. One that was judged well, or that another bundle holds, keeps
    the address it shows. Raises ItemsFrozen, NoSuchRequirement, Bundle.DoesNotExist.
    """
    with transaction.atomic():
        now = transition.locked(bundle)
        for requirement in _requirements(now, papers):
            paper = papers[requirement.requirement_name]
            if paper is None:
                kind = _first_with_address(requirement)
                new = _draft_of(now.account, kind, {"address_sids": [address.sid]})
                items.assign(bundle=now, object_sid=new.sid, requirement_name=requirement.requirement_name)
            elif is_changeable(paper, now):
                told = {**paper.attributes, "address_sids": [address.sid]}
                documents.change(document=paper, attributes=told)


def give(
    *,
    bundle: Bundle,
    requirement_name: str,
    type: str,
    attributes: Mapping[str, Any],
    content: bytes | None = None,
    served_by: str = "",
) -> SupportingDocument:
    """The paper for a requirement: change the one that is there, or put one of that type in its place.

    `served_by`: the SID of a paper of the bundle that serves it without naming it.

    Raises ItemsFrozen, NoSuchRequirement, UnacceptableFile, InfectedFile, ScannerUnavailable, VaultUnavailable,
    Bundle.DoesNotExist.
    """
    item = held_for(bundle, requirement_name, served_by)
    old = item.document if item else None
    if old and old.type == type and is_changeable(old, bundle):
        told = _merged(old.attributes, attributes)
        return documents.change(document=old, attributes=told, content=content)
    kept = {name: value for name, value in (old.attributes if old else {}).items() if name == "address_sids"}
    new = documents.create(
        account=bundle.account,
        type=type,
        friendly_name=catalogue().document_name(type),
        attributes=_merged(kept, attributes),
        content=content,
    )
    put(bundle=bundle, requirement_name=requirement_name, document=new, served_by=served_by)
    return new


def give_again(
    *,
    bundle: Bundle,
    requirement_name: str,
    document: SupportingDocument,
    attributes: Mapping[str, Any],
    served_by: str = "",
) -> SupportingDocument:
    """Let the file of one paper of the bundle serve another requirement too, as a paper of its own.

    Raises ItemsFrozen, NoSuchRequirement, DamagedFile, VaultUnavailable, Bundle.DoesNotExist.
    """
    with transaction.atomic():
        now = transition.locked(bundle)
        item = held_for(now, requirement_name, served_by)
        kept = item.document.attributes if item and item.document else {}
        told = _merged({**document.attributes, **kept}, attributes)
        twin = duplicates.same_file(document, attributes=told)
        put(bundle=now, requirement_name=requirement_name, document=twin, served_by=served_by)
    return twin


def put(*, bundle: Bundle, requirement_name: str, document: SupportingDocument, served_by: str = "") -> None:
    """Put a paper of the account in the place of the one that serves the requirement; a draft that nothing else holds
    is deleted. Raises ItemsFrozen, NoSuchItem, AlreadyAssigned, NoSuchRequirement, Bundle.DoesNotExist."""
    with transaction.atomic():
        now = transition.locked(bundle)
        if (item := held_for(now, requirement_name, served_by)) and item.document_id == document.pk:
            return
        take_out(bundle=now, requirement_name=requirement_name, served_by=served_by)
        items.assign(bundle=now, object_sid=document.sid, requirement_name=requirement_name)


def take_out(*, bundle: Bundle, requirement_name: str, served_by: str = "") -> None:
    """The requirement is open again. Raises ItemsFrozen, Bundle.DoesNotExist."""
    with transaction.atomic():
        now = transition.locked(bundle)
        item = held_for(now, requirement_name, served_by)
        if item is None or item.document is None:
            return
        items.remove(item=item)
        paper = item.document
        if paper.status == DocumentStatus.DRAFT and not _is_elsewhere(Q(document=paper), now):
            documents.delete(document=paper)


def held_for(bundle: Bundle, requirement_name: str, served_by: str = "") -> ItemAssignment | None:
    """The paper that was put into the bundle for that requirement, or the one of that SID that names none."""
    live = bundle.items.filter(ended_at=None, document__isnull=False).select_related("document__file", "bundle")
    named = live.filter(requirement_name=requirement_name).first() if requirement_name else None
    return named or live.filter(requirement_name="", document__sid=served_by).first()


def is_changeable(paper: SupportingDocument, bundle: Bundle) -> bool:
    """Whether writing into it changes nothing that was judged well, and no other bundle."""
    is_judged = paper.status in (DocumentStatus.APPROVED, DocumentStatus.PROVISIONALLY_APPROVED)
    return not is_judged and not _is_elsewhere(Q(document=paper), bundle)


def _same_address(account: Account, given: Mapping[str, Any]) -> Address | None:
    parts = {part: str(given.get(part, "")) for part in addresses.PARTS}
    wanted = (parts, corrected(parts, given["iso_country"]))
    rows = Address.objects.of(account).filter(iso_country=given["iso_country"], validated=True)
    named = rows.named("customer_name", wanted[1]["customer_name"])
    return next((row for row in named if {part: getattr(row, part) for part in parts} in wanted), None)


def _is_elsewhere(which: Q, bundle: Bundle) -> bool:
    live = ItemAssignment.objects.filter(which, ended_at=None, bundle__deleted_at=None)
    return live.exclude(bundle=bundle).exists()


def _merged(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**old, **new}.items() if value not in ("", None, [])}


def _called(attributes: Mapping[str, Any]) -> str:
    names = [str(attributes.get(name, "")) for name in ("business_name", "first_name", "last_name")]
    called = names[0] or " ".join(filter(None, names[1:]))
    return called[:LONGEST_NAME] or "End user"


def _draft_of(account: Account, kind: str, attributes: dict[str, Any]) -> SupportingDocument:
    name = catalogue().document_name(kind)
    return documents.create(account=account, type=kind, friendly_name=name, attributes=attributes)


def _requirements(bundle: Bundle, papers: Mapping[str, object]) -> Sequence[DocumentRequirement]:
    return [each for each in items.requirements(bundle) if each.requirement_name in papers]


def _first_with_address(requirement: DocumentRequirement) -> str:
    """An address record, where one is accepted, since it needs no file."""
    showing = [paper for paper in requirement.accepted if "address_sids" in paper.fields]
    return min(showing, key=lambda paper: paper.file_required).type
