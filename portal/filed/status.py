"""One bundle: where it stands, what happened, what is to be corrected, and the form to correct it beside the reason."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_POST, require_safe

from compliance.lifecycle import DELETABLE, EDITABLE, WAITING, BundleState
from compliance.models import Bundle, ItemAssignment, SupportingDocument
from compliance.services import bundles, drafting, outlook
from inventory.services import holdings
from portal.acting import CustomerRequest, for_customer
from portal.filed import deeds, mending, words
from portal.filed.cards import Card, Chosen, Stage, cards_of
from portal.filed.happened import story
from portal.filed.rule_changes import task_of
from portal.filed.wanted import wanted_of
from portal.papers.uploads import content_of, taking_a_file

LONGEST_EMAIL = 254  # RFC 5321 section 4.5.3.1.3, less the brackets


class NewsForm(forms.Form):
    """What the papers are called, and who hears of them."""

    friendly_name = forms.CharField(max_length=deeds.LONGEST_NAME, label=lazy("Name of these papers"))
    email = forms.EmailField(
        max_length=LONGEST_EMAIL,
        label=lazy("News go to"),
        help_text=lazy("Handed in, decided, rules changed, a paper expires: we write to this address."),
    )


@require_safe
@for_customer
def status(request: CustomerRequest, sid: str) -> HttpResponseBase:
    """The page of a bundle. `?item=BV…&kind=…`: that item is to be another kind of paper."""
    bundle = deeds.own(request, sid)
    return _page(request, bundle, Chosen(request.GET.get("item", ""), request.GET.get("kind", "")))


@taking_a_file
@require_POST
@for_customer
def mend(request: CustomerRequest, sid: str, item_sid: str) -> HttpResponseBase:
    """Correct one item; what does not do is said beside its field. `use=RD…`: put another paper in its place."""
    bundle = deeds.own(request, sid)
    rows = ItemAssignment.objects.filter(bundle=bundle, ended_at=None).select_related("end_user", "document__account")
    item = get_object_or_404(rows, sid=item_sid)
    item.bundle = bundle
    if "use" in request.POST:
        return _use(request, bundle, item)
    kind = request.POST.get("kind", "")
    wanted = mending.wanted_of(bundle, item, request.POST.get("requirement", ""), kind)
    form = mending.form_of(item, wanted, request.POST)
    content = content_of(request)
    if form and form.is_valid() and content is None and not (wanted.is_other_kind or form.has_changed()):
        messages.warning(request, _("Nothing was changed yet: correct what is named, or choose another file."))
        return deeds.page_of(bundle)
    if form and form.is_valid() and form.save(content):
        messages.success(request, _("Saved. Only what you changed is looked at again."))
        return deeds.page_of(bundle)
    return _page(request, bundle, Chosen(item_sid, kind, form))


def _use(request: CustomerRequest, bundle: Bundle, item: ItemAssignment) -> HttpResponseBase:
    """Another paper of the account in the place of this one."""
    paper = get_object_or_404(SupportingDocument.objects.of(request.account), sid=request.POST["use"])
    served_by = item.document.sid if item.document else ""
    name = request.POST.get("requirement", "")

    def deed() -> None:
        drafting.put(bundle=bundle, requirement_name=name, document=paper, served_by=served_by)

    deeds.done(request, deed, lazy("The other document is in its place."))
    return deeds.page_of(bundle)


@require_POST
@for_customer
def news(request: CustomerRequest, sid: str) -> HttpResponseBase:
    """Another name, or another address for news."""
    bundle = deeds.own(request, sid)
    form = NewsForm(request.POST, label_suffix="")
    if not form.is_valid():
        return _page(request, bundle, Chosen(), news=form)
    actor, settings = deeds.actor(request), form.cleaned_data
    deeds.done(request, lambda: bundles.change(bundle=bundle, settings=settings, actor=actor), lazy("Saved."))
    return deeds.page_of(bundle)


def _page(request: CustomerRequest, bundle: Bundle, chosen: Chosen, news: NewsForm | None = None) -> HttpResponseBase:
    history = list(bundle.ledger.order_by("at", "pk"))
    rechecks = list(bundle.rechecks.select_related("rulebook").defer("rulebook__document").order_by("-pk"))
    cards = cards_of(bundle, history, outlook.of([bundle]).get(bundle.pk), chosen)
    context = {
        "here": "bundles",
        "bundle": bundle,
        "kind": words.kind_of(bundle.regulation),
        "mark": words.STATES[BundleState(bundle.state)],
        "cards": cards,
        "task": task_of(bundle, rechecks),
        "wanted": wanted_of(bundle),
        "events": story(bundle, history, rechecks),
        "numbers": holdings.how_many_on([bundle.sid]).get(bundle.sid, 0),
        "most_counted": holdings.MOST_COUNTED,
        "news": news
        or NewsForm(initial={"friendly_name": bundle.friendly_name, "email": bundle.email}, label_suffix=""),
        **_ways(bundle, cards),
        "has_subaccounts": bool(deeds.targets(request.account)),
    }
    return render(request, "portal/filed/status.html", context)


def _ways(bundle: Bundle, cards: list[Card]) -> dict[str, Any]:
    """What the customer may do with it now."""
    to_do = [card for card in cards if card.is_to_do]
    is_editable = bundle.state in EDITABLE
    is_over = bundle.is_test and bundle.state == BundleState.REJECTED
    return {
        "to_do": to_do,
        "done_count": len(cards) - len(to_do),
        "is_editable": is_editable,
        "is_over": is_over,
        "was_rejected": any(card.stage in (Stage.FIX, Stage.CHANGED) for card in cards),
        "may_be_submitted": is_editable and not to_do and bool(cards),
        "is_waiting": bundle.state in WAITING,
        "may_be_recalled": bundle.state == BundleState.PENDING_REVIEW,
        "is_approved": bundle.state == BundleState.APPROVED,
        "may_be_deleted": bundle.state in DELETABLE,
        "provisional": _still_to_prove(bundle),
    }


def _still_to_prove(bundle: Bundle) -> str:
    if bundle.state != BundleState.PROVISIONALLY_APPROVED:
        return ""
    entry = bundle.ledger.filter(verb="approve_provisionally").order_by("-pk").first()
    return entry.reason if entry else ""
