"""What staff may do to a row: each verb is one service of the rooms below, and asks for a reason first."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html

from accounts.models import Account, AccountStatus
from accounts.refusals import Refused
from accounts.services import standing
from compliance.refusals import Refused as Withheld
from console.read_only import ReadOnlyAdmin
from inventory import refusals
from inventory.allocations import activating
from inventory.lifecycle import MOVES, IllegalMove, State
from inventory.models import BlockReason, PhoneNumber, Provider
from inventory.services import blocks, drift_cases, provider_releases, sourcing
from inventory.services.transition import move
from testing_lab.models import RunState, SuiteRun
from testing_lab.services import staff


class ReasonForm(forms.Form):
    """Why: kept with the row and in the record of what staff did."""

    reason = forms.CharField(max_length=200, widget=forms.Textarea(attrs={"rows": 3}), help_text="Kept for good.")

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, label_suffix="")


class BlockForm(ReasonForm):
    """A block also says of which kind it is."""

    kind = forms.ChoiceField(choices=[("", "Choose…"), *BlockReason.choices], label="Kind of block")
    field_order = ("kind", "reason")


class HearingForm(ReasonForm):
    """Since when the lab hears a provider's numbers."""

    since = forms.DateField(
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="The first UTC day on which they all reached the lab from its beginning. Empty: from now on, so "
        "tomorrow is the first whole day.",
    )
    field_order = ("since", "reason")


@dataclass(frozen=True)
class Verb:
    """`applies` says whether the row may have it now; `perform` gets the row, the form's values with the `user` who
    gave them, and the actor's name.

    `permission` is what it takes, where that is more than to change such rows. `undone_by` names the verb that takes it
    back, which the page offers at once; one that is there for nothing else is not `is_listed`. A row that `perform`
    returns is the one to look at next.
    """

    name: str
    label: str
    consequence: str
    applies: Callable[[Any], bool]
    perform: Callable[[Any, Mapping[str, Any], str], object]
    form: type[ReasonForm] = ReasonForm
    is_grave: bool = False
    permission: str = ""
    undone_by: str = ""
    is_listed: bool = True


RECENT = 50
UNDO_WITHIN = timedelta(hours=1)
OVERRIDE = "testing_lab.override_verdict"


def _is_over(run: SuiteRun) -> bool:
    return run.state in (RunState.DONE, RunState.STUCK)


def _is_open_to(verb: str) -> Callable[[PhoneNumber], bool]:
    return lambda number: number.state in MOVES[verb].sources


def _clear_blocks(number: PhoneNumber, given: Mapping[str, str], actor: str) -> None:
    for block in drift_cases.clearable_blocks(number):
        blocks.clear(block=block, actor=actor, note=given["reason"])


def _lift_block(number: PhoneNumber, given: Mapping[str, str], actor: str) -> None:
    block = number.blocks.filter(cleared_at=None, placed_by=actor).order_by("-pk").first()
    if block is None:
        raise refusals.Refused("no block of yours is open")
    blocks.clear(block=block, actor=actor, note=given["reason"])


def _put_blocks_back(number: PhoneNumber, given: Mapping[str, str], actor: str) -> None:
    cleared = number.blocks.filter(cleared_by=actor, cleared_at__gt=timezone.now() - UNDO_WITHIN)
    kinds = sorted(set(cleared.values_list("reason", flat=True)))
    if not kinds:
        raise refusals.Refused("you cleared none within the last hour")
    for kind in kinds:
        blocks.place(number=number, reason=BlockReason(kind), actor=actor, note=given["reason"])


def _may_be_suspended(account: Account) -> bool:
    return account.status != AccountStatus.CLOSED and not account.suspended_by_operator


NUMBER_VERBS = (
    Verb(
        "start_tests",
        "Send to the lab",
        "The number leaves the shop window until the lab has tested it again.",
        _is_open_to("start_tests"),
        lambda number, given, actor: move(number.pk, "start_tests", actor=actor, reason=given["reason"]),
    ),
    Verb(
        "block",
        "Block",
        "The number can't be sold while the block is open. Its state and its holder stay.",
        lambda number: number.state != State.RETURNED,
        lambda number, given, actor: blocks.place(
            number=number, reason=BlockReason(given["kind"]), actor=actor, note=given["reason"]
        ),
        form=BlockForm,
        undone_by="lift_block",
    ),
    Verb(
        "clear_blocks",
        "Clear blocks",
        "Every open block of the number is cleared, but that of an open drift case: it goes when the case is decided.",
        lambda number: number.blocked and drift_cases.clearable_blocks(number).exists(),
        _clear_blocks,
        undone_by="put_blocks_back",
    ),
    Verb(
        "lift_block",
        "Clear the block that you placed last",
        "The block is cleared. What others have placed stays.",
        lambda number: number.blocked,
        _lift_block,
        is_listed=False,
    ),
    Verb(
        "put_blocks_back",
        "Place the blocks again that you cleared",
        "The blocks of the kinds that you cleared within the last hour are placed again.",
        lambda number: number.state != State.RETURNED,
        _put_blocks_back,
        is_listed=False,
    ),
    Verb(
        "retire",
        "Retire",
        "The number leaves the stock for good and goes back to its provider.",
        _is_open_to("retire"),
        lambda number, given, actor: provider_releases.retire(number.pk, actor=actor, reason=given["reason"]),
        is_grave=True,
    ),
)
RUN_VERBS = (
    Verb(
        "rerun",
        "Run again",
        "The suite starts anew as soon as a lab daemon is free. A number that is new or failed goes to the lab for it "
        "and moves by the verdict; any other stays where it is.",
        _is_over,
        lambda run, given, actor: staff.run_again(run, actor=actor, reason=given["reason"]),
    ),
    Verb(
        "override_passed",
        "Set to passed",
        "The verdict is yours from now on, with your name and your reason, on the run, on the passport and in the "
        "ledger of the number. A number that is with the lab, or failed, moves as if it had passed every test.",
        lambda run: _is_over(run) and run.passed is not True,
        lambda run, given, actor: staff.override(run, passed=True, actor=actor, reason=given["reason"]),
        is_grave=True,
        permission=OVERRIDE,
    ),
    Verb(
        "override_failed",
        "Set to failed",
        "The verdict is yours from now on, with your name and your reason, on the run, on the passport and in the "
        "ledger of the number. A number that is with the lab, or on sale, goes to the failed ones.",
        lambda run: _is_over(run) and run.passed is not False,
        lambda run, given, actor: staff.override(run, passed=False, actor=actor, reason=given["reason"]),
        is_grave=True,
        permission=OVERRIDE,
    ),
)
ACCOUNT_VERBS = (
    Verb(
        "suspend",
        "Suspend",
        "The account and its subaccounts may look, but change nothing. Their numbers stay in service. "
        "Only staff can reactivate it.",
        _may_be_suspended,
        lambda account, given, actor: standing.suspend(account=account),
        is_grave=True,
        undone_by="reactivate",
    ),
    Verb(
        "reactivate",
        "Reactivate",
        "The account may buy and change again, whoever suspended it.",
        lambda account: account.status == AccountStatus.SUSPENDED,
        lambda account, given, actor: standing.reactivate(account=account),
        undone_by="suspend",
    ),
    Verb(
        "upgrade",
        "Upgrade",
        "The trial ends, also that of the subaccounts: they may hold more than one number.",
        lambda account: account.is_trial,
        lambda account, given, actor: standing.upgrade(account=account),
    ),
)
PROVIDER_VERBS = (
    Verb(
        "pause",
        "Pause",
        "Nothing more is ordered from the provider. What is ordered comes in, and its numbers stay on sale.",
        lambda provider: provider.is_active,
        lambda provider, given, actor: sourcing.pause(provider),
        undone_by="resume",
    ),
    Verb(
        "resume",
        "Resume",
        "The next sourcing sweep may order from the provider again.",
        lambda provider: not provider.is_active,
        lambda provider, given, actor: sourcing.resume(provider),
        undone_by="pause",
    ),
)


ALLOCATION_VERBS = (
    Verb(
        "withdraw",
        "Withdraw",
        "Nothing more is activated in the range, for good. Numbers of it that are active must be returned first.",
        lambda allocation: allocation.withdrawn_on is None,
        lambda allocation, given, actor: activating.withdraw(allocation, on=timezone.now().date()),
        is_grave=True,
    ),
)
EMERGENCY_VERBS = (
    Verb(
        "emergency_tests",
        "Has emergency tests",
        "From the next run on, E01 calls the service for emergency test calls from this provider's numbers. Where it "
        "is not reached, or tells another address, the number fails.",
        lambda provider: not provider.emergency_tests,
        lambda provider, given, actor: sourcing.tell_of_emergency_tests(provider, there_are=True),
        undone_by="no_emergency_tests",
    ),
    Verb(
        "no_emergency_tests",
        "Has no emergency tests",
        "From the next run on, E01 looks up whether an address of the lab's is registered for a number of this "
        "provider, and calls nobody. To a number with a customer's address it does not apply.",
        lambda provider: provider.emergency_tests,
        lambda provider, given, actor: sourcing.tell_of_emergency_tests(provider, there_are=False),
        undone_by="emergency_tests",
    ),
)


def _hears(provider: Provider, given: Mapping[str, Any], actor: str) -> None:
    day: date | None = given["since"]
    since = datetime.combine(day, time.min, UTC) if day else timezone.now()
    sourcing.tell_since_when_the_lab_hears(provider, since=since)


LISTENING_VERBS = (
    Verb(
        "heard_by_lab",
        "The lab hears it",
        "Calls and messages to its idle numbers reach the lab: a day on which the lab listened throughout counts as "
        "observed for all numbers of this provider. No day that began before counts, and none of more than a week ago.",
        lambda provider: provider.heard_by_lab_since is None,
        _hears,
        form=HearingForm,
    ),
    Verb(
        "not_heard_by_lab",
        "The lab does not hear it",
        "The lab's days say nothing more of this provider's numbers. What was told of past days stays.",
        lambda provider: provider.heard_by_lab_since is not None,
        lambda provider, given, actor: sourcing.tell_since_when_the_lab_hears(provider, since=None),
    ),
)


def _deeds(row: Model) -> QuerySet[LogEntry]:
    """What staff did to a row, and why, the newest first."""
    about = ContentType.objects.get_for_model(row)
    entries = LogEntry.objects.filter(content_type=about, object_id=str(row.pk))
    return entries.select_related("user").order_by("-pk")[:RECENT]


class VerbsAdmin(ReadOnlyAdmin):
    """Adds `<row>/do/<verb>/` to a model's pages: GET asks for the reason, POST does it."""

    verbs: tuple[Verb, ...] = ()
    change_form_outer_before_template = "console/verbs.html"
    change_form_outer_after_template = "console/deeds.html"

    def get_urls(self) -> list[URLPattern]:
        """The verb pages, beside the pages of the row itself."""
        view, name = self.admin_site.admin_view(self.verb_view), f"{self.opts.app_label}_{self.opts.model_name}_verb"
        return [path("<int:pk>/do/<slug:verb>/", view, name=name), *super().get_urls()]

    def has_verb_permission(self, request: HttpRequest, verb: Verb | None = None) -> bool:
        """Whether this member of staff may do more than look; and this."""
        changes = f"{self.opts.app_label}.change_{self.opts.model_name}"
        return request.user.has_perm(verb.permission if verb and verb.permission else changes)

    def open_verbs(self, request: HttpRequest, row: Model) -> list[Verb]:
        """What may be done to the row, now, by who asks."""
        listed = (verb for verb in self.verbs if verb.is_listed and self.has_verb_permission(request, verb))
        return [verb for verb in listed if verb.applies(row)]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """The row's page, where it has no template of its own: above, what may be done to it; below, what was done."""
        if row := context["original"]:
            context |= {"row": row, "verbs": self.open_verbs(request, row), "deeds": _deeds(row)}
        return super().render_change_form(request, context, *args, **kwargs)

    def verb_view(self, request: HttpRequest, pk: int, verb: str) -> HttpResponse:
        """Ask for the reason, or do it. Raises PermissionDenied, and Http404 for what does not apply."""
        chosen = next((each for each in self.verbs if each.name == verb), None)
        if not self.has_verb_permission(request, chosen):
            raise PermissionDenied
        row = self.get_object(request, str(pk))
        if row is None or chosen is None or not chosen.applies(row):
            raise Http404(f"{verb} does not apply to this row now")
        form = self.verb_form(request, row, chosen)
        if request.method == "POST" and form.is_valid():
            return self._perform(request, row, chosen, form.cleaned_data)
        context = {
            "title": f"{chosen.label}: {row}",
            "verb": chosen,
            "form": form,
            "row": row,
            "object": row,
            "opts": self.opts,
        }
        return TemplateResponse(request, "console/verb.html", self.admin_site.each_context(request) | context)

    def verb_form(self, request: HttpRequest, row: Model, verb: Verb) -> ReasonForm:
        """What the verb asks for."""
        return verb.form(request.POST or None)

    def said(self, row: Any, verb: Verb) -> str:
        """Of a deed that is done."""
        return f"{verb.label}: done for {row}."

    def _done(self, request: HttpRequest, row: Model, verb: Verb) -> str:
        """What is said afterwards: with the way back, where there is one."""
        back = next((each for each in self.verbs if each.name == verb.undone_by), None)
        now = self.get_object(request, str(row.pk)) if back else None
        if back is None or now is None or not (self.has_verb_permission(request, back) and back.applies(now)):
            return self.said(row, verb)
        url = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_verb", args=[row.pk, back.name])
        return format_html('{}: done for {}. <a class="ny-link" href="{}">Undo</a>', verb.label, row, url)

    def _perform(self, request: HttpRequest, row: Model, verb: Verb, given: Mapping[str, Any]) -> HttpResponse:
        try:
            with transaction.atomic():  # nothing is done without a record of it
                done = verb.perform(row, {**given, "user": request.user}, f"user:{request.user}"[:80])
                row = done if isinstance(done, type(row)) else row
                self.log_change(request, row, f"{verb.label}: {given['reason']}")
        except (IllegalMove, Refused, Withheld, refusals.Refused) as refusal:  # somebody, or a sweep, was quicker
            messages.error(request, f"Nothing was done: {refusal}.")
        else:
            messages.success(request, self._done(request, row, verb))
        return HttpResponseRedirect(
            reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[row.pk])
        )
