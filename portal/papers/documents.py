"""Step 4: a card for each thing that must be proved, each kept by itself."""

from typing import Any

from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from compliance.evaluation.case import Paper
from compliance.models import DocumentStatus, SupportingDocument
from compliance.refusals import DamagedFile, InfectedFile, ScannerUnavailable, UnacceptableFile, VaultUnavailable
from compliance.rulebook.catalogue import catalogue
from compliance.services import drafting, evaluations
from portal.acting import CustomerRequest
from portal.papers import cards, said
from portal.papers.addresses import chosen
from portal.papers.cards import Card
from portal.papers.draft import Draft, for_draft, opened, requirement_of
from portal.papers.uploads import content_of, taking_a_file
from portal.refusing import in_words

OFFERED = 20
REFUSED = (UnacceptableFile, InfectedFile, ScannerUnavailable, VaultUnavailable, DamagedFile)


@require_safe
def documents(request: CustomerRequest, draft: Draft) -> HttpResponseBase:
    """Every card; `?for=…&type=…` shows the form of that kind of paper on one of them."""
    return _page(request, draft, request.GET.get("for", ""), request.GET.get("type", ""))


@taking_a_file
@require_POST
@for_draft
def give(request: CustomerRequest, draft: Draft, name: str) -> HttpResponseBase:
    """Keep what was given for a requirement, and its file where that is sound; what is refused is said on the card."""
    card = cards.card(draft, requirement_of(draft, name), request.POST.get("type", ""), request.POST)
    if not card.form.is_valid():
        return _page(request, draft, name, card.kind.type, card)
    given: dict[str, Any] = {"attributes": card.form.cleaned_data, "served_by": _served_by(card)}
    given |= {"bundle": draft.bundle, "requirement_name": name, "type": card.kind.type}
    try:
        drafting.give(**given, content=content_of(request))
    except REFUSED as refusal:
        drafting.give(**given)  # what was written by hand is not lost with the file
        return _refused(request, draft, card, in_words(refusal))
    return _back(draft, name)


@taking_a_file
@require_POST
@for_draft
def look(request: CustomerRequest, draft: Draft, name: str) -> HttpResponseBase:
    """What the evaluation says of one detail of a paper, as it is written just now; nothing is kept."""
    card = cards.card(draft, requirement_of(draft, name), request.POST.get("type", ""), request.POST)
    field = request.POST.get("field", "")
    details = card.form.cleaned_data if card.form.is_valid() else {}
    held = card.document
    attributes = {**(held.attributes if held else {}), **details}
    paper = Paper(held.sid if held else "new", card.kind.type, attributes, has_file=True, requirement=name)
    outcome = evaluations.look(draft.bundle, instead=paper).outcome
    result = next((each for each in outcome.results if each.requirement_name == name), None)
    told = said.of_field(result, outcome.flags, field) if field in card.form.fields and draft.results else None
    return render(request, "portal/papers/said.html", {"said": told})


@require_POST
@for_draft
def reuse(request: CustomerRequest, draft: Draft, name: str) -> HttpResponseBase:
    """Let an approved paper of the account serve; or the file of one that serves another requirement of the draft."""
    requirement = requirement_of(draft, name)
    sid, card = request.POST.get("document", ""), cards.card(draft, requirement)
    held = {item.document.sid: item.document for item in draft.items if item.document}
    if sid not in held:
        document = get_object_or_404(_approved(request), sid=sid)
        drafting.put(bundle=draft.bundle, requirement_name=name, document=document, served_by=_served_by(card))
        return _back(draft, name)
    if requirement.accepting(held[sid].type) is None:
        raise Http404("not accepted here")
    details = {field: value for field, value in card.form.initial.items() if field in card.form.fields}
    drafting.give_again(
        bundle=draft.bundle,
        requirement_name=name,
        document=held[sid],
        attributes=details,
        served_by=_served_by(card),
    )
    return _back(draft, name)


@require_POST
@for_draft
def take_out(request: CustomerRequest, draft: Draft, name: str) -> HttpResponseBase:
    """Another paper shall serve: the card is open again."""
    card = cards.card(draft, requirement_of(draft, name))
    drafting.take_out(bundle=draft.bundle, requirement_name=name, served_by=_served_by(card))
    return _back(draft, name)


def _page(
    request: CustomerRequest, draft: Draft, name: str = "", kind: str = "", written: Card | None = None
) -> HttpResponseBase:
    ready_made = list(_approved(request).filter(type__in=_accepted(draft))[:OFFERED])
    shown = [
        written
        if written and written.name == each.requirement_name
        else cards.card(draft, each, kind if each.requirement_name == name else "")
        for each in draft.wanted.documents
    ]
    context = {
        "draft": draft,
        "cards": [
            {
                "card": card,
                "approved": cards.approved(draft, ready_made, card.requirement) if card.state != cards.APPROVED else [],
                "elsewhere": cards.given_elsewhere(draft, card.requirement) if card.state == cards.OPEN else [],
            }
            for card in shown
        ],
        "address": chosen(draft),
        "steps": draft.steps("documents"),
        "files": catalogue().files,
        "names": [card.name for card in shown],
        "ready": sum(card.state in (cards.READY, cards.APPROVED) for card in shown),
    }
    return render(request, "portal/papers/documents.html", context)


def _refused(request: CustomerRequest, draft: Draft, card: Card, refusal: str) -> HttpResponseBase:
    now = opened(draft.bundle)
    return _page(request, now, written=cards.card(now, card.requirement, card.kind.type, refusal=refusal))


def _back(draft: Draft, name: str) -> HttpResponseBase:
    return redirect(f"{draft.url('documents')}#{name}")


def _served_by(card: Card) -> str:
    return card.document.sid if card.document else ""


def _accepted(draft: Draft) -> set[str]:
    return {paper.type for requirement in draft.wanted.documents for paper in requirement.accepted}


def _approved(request: CustomerRequest) -> Any:
    found = SupportingDocument.objects.of(request.account).filter(status=DocumentStatus.APPROVED, erased_at=None)
    return found.prefetch_related("addresses").order_by("-pk")
