"""Step 5: the whole evaluation beside each thing, and the handing in."""

from collections.abc import Iterator
from typing import NamedTuple

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.outgoing import LONGEST_URL, may_be_called, storable
from compliance.evaluation.outcome import Finding, Note, NoteCode, Result
from compliance.lifecycle import BundleState
from compliance.refusals import NotCompliant
from compliance.services import bundles
from compliance.services.deadlines import due_at
from portal.acting import CustomerRequest
from portal.papers import said, words
from portal.papers.draft import Draft, actor_of, opened

LONGEST_NAME, LONGEST_EMAIL = 255, 254


class Line(NamedTuple):
    """Something that was looked at. `url` leads to where it is mended."""

    kind: str
    text: str
    url: str


class Item(NamedTuple):
    """A requirement with all that was found of it."""

    title: str
    is_met: bool
    lines: list[Line]
    url: str


class HandInForm(forms.Form):
    """Where the news goes to, and what the papers are called."""

    friendly_name = forms.CharField(
        max_length=LONGEST_NAME, label=_("Name of these papers"), help_text=_("So that you find them again.")
    )
    email = forms.EmailField(
        max_length=LONGEST_EMAIL,
        label=_("E-mail address for news"),
        help_text=_("Approved, rejected and why, rules that change, papers that run out."),
        widget=forms.EmailInput({"autocomplete": "email"}),
    )
    status_callback = forms.CharField(
        required=False,
        max_length=LONGEST_URL,
        label=_("Address of a program that wants the news too"),
        help_text=_("A URL on the public internet, which we call at every change (StatusCallback). Most need none."),
        widget=forms.URLInput({"autocomplete": "off"}),
    )

    def clean_status_callback(self) -> str:
        """A URL that we would call, as the API judges it, or nothing."""
        url = str(self.cleaned_data["status_callback"])
        try:
            is_fine = not storable(url) or may_be_called(url)
        except ValueError:
            is_fine = False
        if not is_fine:
            raise ValidationError(
                gettext("We call http and https addresses on the public internet only, without user and password.")
            )
        return url


def check(request: CustomerRequest, draft: Draft) -> HttpResponseBase:
    """GET shows what was found; POST keeps where the news goes to, and hands in what nothing speaks against."""
    settings = {name: getattr(draft.bundle, name) for name in HandInForm.base_fields}
    form = HandInForm(request.POST if request.method == "POST" else None, initial=settings, label_suffix="")
    if not (form.is_bound and form.is_valid()):
        return _page(request, draft, form)
    try:
        now = bundles.change(
            bundle=draft.bundle, settings=form.cleaned_data, state=BundleState.PENDING_REVIEW, actor=actor_of(request)
        )
    except NotCompliant:
        bundles.change(bundle=draft.bundle, settings=form.cleaned_data, actor=actor_of(request))
        return _page(request, opened(draft.bundle), form, was_refused=True)
    is_over = now.state == BundleState.APPROVED
    said = gettext("The papers are approved.") if is_over else gettext("The papers are handed in.")
    messages.success(request, said)
    return redirect(after(now.sid))


def after(sid: str) -> str:
    """Where one sees what becomes of the papers."""
    try:
        return reverse("portal:papers-status", args=[sid])
    except NoReverseMatch:  # the room of what was filed is not there
        return reverse("portal:papers-step", args=[sid, "check"])


def _page(request: CustomerRequest, draft: Draft, form: HandInForm, *, was_refused: bool = False) -> HttpResponseBase:
    ready, asked = draft.ready
    context = {
        "draft": draft,
        "form": form,
        "items": list(_items(draft)),
        "flags": _flags(draft),
        "ready": ready,
        "asked": asked,
        "may_hand_in": draft.look.outcome.compliant or not draft.look.outcome.confirmed,
        "is_automatic": draft.look.outcome.hard_passed and draft.rules.review_mode == "auto",
        "due_at": due_at(draft.bundle, timezone.now()),
        "was_refused": was_refused,
        "steps": draft.steps("check"),
        "mind": _mind(draft),
    }
    return render(request, "portal/papers/check.html", context)


def _mind(draft: Draft) -> list[str]:
    """What is no failure and yet worth knowing, each said once. That a paper also carries what this requirement does
    not list is not: one file that serves for two requirements does, and nothing follows from it."""
    told = [note.sentence for note in draft.look.outcome.warnings if note.code != NoteCode.FIELD_NOT_LISTED]
    return list(dict.fromkeys(told))


def _items(draft: Draft) -> Iterator[Item]:
    """Each requirement; of rules that are not confirmed, what was given."""
    if not draft.results:
        yield from _given(draft)
        return
    for name, result in draft.results.items():
        is_you = result is draft.you
        step = draft.url("you") if is_you else f"{draft.url('documents')}#{name}"
        title = gettext("About you") if is_you else gettext(result.requirement_friendly_name)
        yield Item(title, result.passed, list(_lines(draft, result, step, is_you=is_you)), step)


def _given(draft: Draft) -> Iterator[Item]:
    yield Item(gettext("About you"), draft.party is not None, [], draft.url("you"))
    for each in draft.wanted.documents:
        url = f"{draft.url('documents')}#{each.requirement_name}"
        yield Item(gettext(each.name), each.requirement_name in draft.papers, [], url)


def _lines(draft: Draft, result: Result, step: str, *, is_you: bool) -> Iterator[Line]:
    if result.fault:
        yield Line(said.BAD, said.in_words(result.fault), step)
    for finding in () if result.fault and result.object_sid is None else result.invalid:
        if finding.fault:
            text = f"{words.field_name(finding.field)}: {said.in_words(finding.fault)}"
            yield Line(said.BAD, text, _mended_at(draft, result, finding, is_you=is_you))
    for finding in result.valid:
        found = said.of_field(result, draft.look.outcome.flags, finding.field)
        yield Line(found.kind if found else said.GOOD, str(words.field_name(finding.field)), "")


def _mended_at(draft: Draft, result: Result, finding: Finding, *, is_you: bool) -> str:
    """The very field of its step."""
    if finding.field == "address_sids":
        return draft.url("addresses")
    if is_you:
        return f"{draft.url('you')}#id_{finding.field}"
    return f"{draft.url('documents')}#id_{result.requirement_name}-{finding.field}"


def _flags(draft: Draft) -> list[str]:
    """What a person will look at, each said once."""
    names = {each.requirement_name: gettext(each.name) for each in draft.wanted.documents}
    return list(dict.fromkeys(_flag(note, names) for note in draft.look.outcome.flags))


def _flag(note: Note, names: dict[str, str]) -> str:
    about = names.get(note.requirement_name, gettext("About you") if note.requirement_name else "")
    return f"{about}: {note.sentence}" if about else note.sentence
