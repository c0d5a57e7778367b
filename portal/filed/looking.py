"""A look at one field of a correction while it is written."""

from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

from compliance.evaluation.case import Paper, Party
from compliance.models import Bundle, ItemAssignment
from compliance.services import evaluations
from compliance.vault.intake import FILE
from portal.acting import CustomerRequest, for_customer
from portal.filed import deeds, fields, mending
from portal.filed.mending import MendingForm
from portal.papers import said


@require_POST
@for_customer
def look(request: CustomerRequest, sid: str, item_sid: str) -> HttpResponseBase:
    """What the evaluation says of one field of an item, as it is written just now; nothing is kept."""
    bundle = deeds.own(request, sid)
    rows = ItemAssignment.objects.filter(bundle=bundle, ended_at=None).select_related("end_user", "document__account")
    item = get_object_or_404(rows, sid=item_sid)
    item.bundle = bundle
    wanted = mending.wanted_of(bundle, item, request.POST.get("requirement", ""), request.POST.get("kind", ""))
    form, name = mending.form_of(item, wanted, request.POST), request.POST.get("field", "")
    told = _told(bundle, form, name) if form and name in form.fields else None
    return render(request, "portal/papers/said.html", {"said": told})


def _told(bundle: Bundle, form: MendingForm, name: str) -> said.Said | None:
    outcome = evaluations.look(bundle, instead=_written(bundle, form)).outcome
    requirement = form.wanted.requirement
    results = [each for each in outcome.results if not form.item.document or each.requirement_name == requirement]
    return said.of_field(results[0], outcome.flags, name) if results and outcome.confirmed else None


def _written(bundle: Bundle, form: MendingForm) -> Party | Paper:
    """The item as it would be. A file is there, or on its way: whether it is sound is said when it has come."""
    given = {name: value for name, value in form.cleaned_data.items() if name != FILE} if form.is_valid() else {}
    attributes = fields.merged(form.before, fields.attributes_of(given))
    if form.item.document is None:
        return Party(bundle.regulation.end_user_type, attributes)
    wanted = form.wanted
    return Paper(form.item.document.sid, wanted.type, attributes, has_file=True, requirement=wanted.requirement)
