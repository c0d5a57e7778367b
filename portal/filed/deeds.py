"""What a customer does with a whole bundle: each a POST, one service, and back to a page that says what came of it."""

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import Account, AccountStatus
from compliance.lifecycle import BundleState
from compliance.models import Bundle
from compliance.services import bundles, clones, copies, replacement
from inventory.services import holdings
from portal.acting import REFUSALS, CustomerRequest, for_customer
from portal.filed import words
from portal.refusing import in_words

LONGEST_NAME = 255


def own(request: CustomerRequest, sid: str) -> Bundle:
    """The account's bundle of that SID. Raises Http404."""
    rows = Bundle.objects.of(request.account).select_related("regulation", "approved_under", "copied_from")
    bundle = get_object_or_404(rows, sid=sid)
    bundle.account = request.account
    return bundle


def actor(request: CustomerRequest) -> str:
    """Who the ledger says did it."""
    return f"account:{request.account.sid}"


def done(request: CustomerRequest, deed: Callable[[], object], said: str | Promise) -> bool:
    """Do it and say so, or say why it was refused."""
    try:
        deed()
    except REFUSALS as refusal:
        messages.error(request, in_words(refusal))
        return False
    except Bundle.DoesNotExist:
        raise Http404("it was deleted meanwhile") from None
    messages.success(request, str(said))
    return True


def page_of(bundle: Bundle) -> HttpResponseBase:
    """Back to its page."""
    return redirect("portal:papers-status", sid=bundle.sid)


@require_POST
@for_customer
def submit(request: CustomerRequest, sid: str) -> HttpResponseBase:
    """Hand it in."""
    bundle = own(request, sid)
    said = lazy("Handed in. We write to you as soon as it is decided.")
    done(request, lambda: bundles.submit(bundle, actor=actor(request)), said)
    return page_of(bundle)


@require_POST
@for_customer
def recall(request: CustomerRequest, sid: str) -> HttpResponseBase:
    """Take it back, while nobody has begun to review it."""
    bundle = own(request, sid)
    done(request, lambda: bundles.recall(bundle, actor=actor(request)), lazy("Taken back: it is a draft again."))
    return page_of(bundle)


@require_POST
@for_customer
def reopen(request: CustomerRequest, sid: str) -> HttpResponseBase:
    """Take a rejected bundle up again, to change more of it than was rejected; on to the form."""
    bundle = own(request, sid)
    if not done(request, lambda: bundles.reopen(bundle, actor=actor(request)), lazy("It is a draft again.")):
        return page_of(bundle)
    try:
        return redirect(reverse("portal:papers-step", args=[bundle.sid, "you"]))
    except NoReverseMatch:
        return page_of(bundle)


@require_POST
@for_customer
def copy(request: CustomerRequest, sid: str) -> HttpResponseBase:
    """A copy, to be brought up to date while numbers stay on the original; on to the copy."""
    bundle = own(request, sid)
    made: list[Bundle] = []
    said = lazy("This is the copy. Complete it and hand it in; your numbers stay on the original meanwhile.")
    done(request, lambda: made.append(copies.copy(bundle, actor=actor(request))), said)
    return page_of(made[0] if made else bundle)


@require_POST
@for_customer
def replace(request: CustomerRequest, sid: str) -> HttpResponseBase:
    """Put the papers of an approved copy in the place of its original's."""
    source = own(request, sid)
    if source.copied_from is None:
        messages.error(request, _("This is not a copy of other papers, so there is nothing to put it in the place of."))
        return page_of(source)
    target = own(request, source.copied_from.sid)
    said = lazy("Brought up to date: these papers are in place, and your numbers noticed nothing.")
    worked = done(request, lambda: replacement.replace(target=target, source=source, actor=actor(request)), said)
    return page_of(target if worked else source)


class CloneForm(forms.Form):
    """Into which account of the customer's."""

    target = forms.ChoiceField(label=lazy("Into which account"))
    as_draft = forms.BooleanField(
        required=False,
        label=lazy("As a draft"),
        help_text=lazy("Else the clone is approved at once, as these papers are, and ends when they end."),
    )

    def __init__(self, account: Account, data: object = None) -> None:
        super().__init__(data, label_suffix="")  # type: ignore[arg-type]  # what request.POST is
        self.fields["target"].choices = targets(account)  # type: ignore[attr-defined]  # of a ChoiceField


def targets(account: Account) -> list[tuple[str, str]]:
    """Where a clone may go: the subaccounts, where this is a parent."""
    if account.parent_id is not None:
        return []
    rows = clones.family(account).filter(status=AccountStatus.ACTIVE).exclude(pk=account.pk).order_by("pk")
    return list(rows.values_list("sid", "friendly_name"))


@require_http_methods(["GET", "HEAD", "POST"])
@for_customer
def clone(request: CustomerRequest, sid: str) -> HttpResponseBase:
    """The same papers once more in a subaccount."""
    bundle = own(request, sid)
    form = CloneForm(request.account, request.POST if request.method == "POST" else None)
    if form.is_valid() and _cloned(request, bundle, form):
        return page_of(bundle)
    context = {"here": "bundles", "bundle": bundle, "form": form, "kind": words.kind_of(bundle.regulation)}
    return render(request, "portal/filed/clone.html", context)


def _cloned(request: CustomerRequest, bundle: Bundle, form: CloneForm) -> bool:
    asked = form.cleaned_data

    def deed() -> None:
        to = clones.target_of(by=request.account, sid=asked["target"])
        clones.clone(bundle, to=to, as_draft=asked["as_draft"], actor=actor(request))

    return done(request, deed, lazy("Cloned: you find the papers in the other account."))


@require_http_methods(["GET", "HEAD", "POST"])
@for_customer
def delete(request: CustomerRequest, sid: str) -> HttpResponseBase:
    """Ask once more, then delete it for the customer."""
    bundle = own(request, sid)
    if request.method == "POST":
        worked = done(request, lambda: bundles.delete(bundle, actor=actor(request)), lazy("The papers were deleted."))
        return redirect("portal:papers") if worked else page_of(bundle)
    context = {
        "here": "bundles",
        "bundle": bundle,
        "kind": words.kind_of(bundle.regulation),
        "numbers": holdings.how_many_on([bundle.sid]).get(bundle.sid, 0),
        "is_draft": bundle.state == BundleState.DRAFT,
    }
    return render(request, "portal/filed/delete.html", context)
