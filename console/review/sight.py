"""Why somebody of the staff looks at what a customer gave: checked before anything is shown."""

from django import forms
from django.http import HttpRequest

from accounts.models import User
from compliance.lifecycle import BundleState
from compliance.models import Bundle, SightReason
from compliance.refusals import NotClaimed, ReasonNeeded
from compliance.services import grants

#: The others take a note with the case, and no claim.
NEEDS_CLAIM = SightReason.REVIEW


class WhyForm(forms.Form):
    """A reason, and the case."""

    reason = forms.ChoiceField(choices=SightReason.choices)
    note = forms.CharField(max_length=200, required=False)


def is_with(bundle: Bundle, user: User) -> bool:
    """Whether this reviewer works on it now, and may look at what its account gave."""
    claimed = bundle.claimed_by_id == user.pk or bundle.state == BundleState.PROVISIONALLY_APPROVED
    return claimed and grants.may_look(user, bundle.account)


def why(request: HttpRequest, bundle: Bundle, user: User, *, noted: bool = False) -> tuple[SightReason, str]:
    """The reason and the note of the form. `noted`: also a review needs one. Raises ReasonNeeded, NotClaimed."""
    form = WhyForm(request.POST)
    if not form.is_valid():
        raise ReasonNeeded("Choose why you look at it; a note has at most 200 characters")
    reason, note = SightReason(form.cleaned_data["reason"]), form.cleaned_data["note"]
    if reason == NEEDS_CLAIM and not is_with(bundle, user):
        raise NotClaimed("To review it, claim the bundle first")
    if not note and (noted or reason != NEEDS_CLAIM):
        raise ReasonNeeded("Say for which case, in the note")
    return reason, note
