"""A bundle that is being written, and how far it has come."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, wraps
from typing import Concatenate, NamedTuple, ParamSpec

from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from compliance.evaluation.outcome import Code, Result
from compliance.evaluation.party import requirement_name
from compliance.lifecycle import EDITABLE, BundleState
from compliance.models import Bundle, ItemAssignment
from compliance.rulebook.rules import DocumentRequirement, EndUserRules, NumberTypeRules
from compliance.services import evaluations
from compliance.services.evaluations import Look
from numbering.e164 import E164
from portal.acting import READING, CustomerRequest, for_customer
from portal.papers.asking import Asking, Kind, Who, shows_address
from portal.papers.words import Text

STEPS: Mapping[str, Text] = {
    "where": _("Where and who"),
    "you": _("About you"),
    "addresses": _("Address"),
    "documents": _("Papers"),
    "check": _("Check"),
}
P = ParamSpec("P")


class Step(NamedTuple):
    """One of the five. `state`: done, now or open; `ready` of `asked` things are in order, where it asks for any."""

    name: str
    label: Text
    url: str
    state: str
    ready: int = 0
    asked: int = 0


@dataclass(frozen=True)
class Draft:
    """The bundle, and what the rules in force find in it now."""

    bundle: Bundle
    items: list[ItemAssignment]
    look: Look

    @property
    def rules(self) -> NumberTypeRules:
        """Of the number type."""
        return self.look.rules.of(self.bundle.regulation.number_type)

    @property
    def wanted(self) -> EndUserRules:
        """What the kind of end user gives."""
        return self.rules.of(self.bundle.regulation.end_user_type)

    @property
    def asking(self) -> Asking:
        """The same, as it is told before one begins."""
        about = self.bundle.regulation
        who = Who(about, self.wanted)
        return Asking(Kind(self.look.rules, about.number_type, (who,)), who, self.look.version)

    @property
    def number(self) -> E164 | None:
        """The number that it is written for."""
        return E164(self.bundle.for_number) if self.bundle.for_number else None

    @cached_property
    def results(self) -> Mapping[str, Result]:
        """What was found, by requirement; empty where the rules are not confirmed."""
        return {each.requirement_name: each for each in self.look.outcome.results if each.code not in _STOPPED}

    @property
    def you(self) -> Result | None:
        """What was found of the end user."""
        return self.results.get(requirement_name(self.wanted, self.bundle.regulation.end_user_type))

    @cached_property
    def papers(self) -> Mapping[str, ItemAssignment]:
        """By requirement: the paper that serves it. One that names no requirement is where the evaluation put it."""
        served = {each.object_sid: name for name, each in self.results.items() if each.object_sid}
        papers = [(item, item.document) for item in self.items if item.document]
        named = {item.requirement_name or served.get(paper.sid, ""): item for item, paper in papers}
        return {name: item for name, item in named.items() if name}

    @property
    def party(self) -> ItemAssignment | None:
        """The end user's item."""
        return next((item for item in self.items if item.end_user), None)

    @property
    def proofs(self) -> list[DocumentRequirement]:
        """The requirements that a paper with an address serves."""
        return [each for each in self.wanted.documents if shows_address(each)]

    def url(self, step: str) -> str:
        """Where a step is."""
        return reverse("portal:papers-step", args=[self.bundle.sid, step])

    def steps(self, here: str) -> list[Step]:
        """All five, with how far each has come."""
        return [self._step(name, here) for name in STEPS]

    @property
    def ready(self) -> tuple[int, int]:
        """How many of all requirements are met, and how many there are."""
        papers, asked = self._papers()
        return papers + self._is_you_met(), asked + 1

    def _step(self, name: str, here: str) -> Step:
        ready, asked = self._counts(name)
        is_done = name == "where" or (name != "check" and ready == asked and (name != "you" or self._is_you_met()))
        return Step(
            name, STEPS[name], self.url(name), "now" if name == here else "done" if is_done else "open", ready, asked
        )

    def _counts(self, step: str) -> tuple[int, int]:
        """How much of a step is in order, by the evaluation; of rules that are not confirmed: what was given."""
        match step:
            case "you":
                return self._details()
            case "addresses":
                proofs = [each.requirement_name for each in self.proofs]
                return sum(self._is_placed(name) for name in proofs), len(proofs)
            case "documents":
                return self._papers()
        return 0, 0

    def _details(self) -> tuple[int, int]:
        """Of the end user: details that are asked for and in order."""
        asked, result = self.wanted.fields, self.you
        return len({each.field for each in result.valid} & set(asked)) if result else 0, len(asked) if result else 0

    def _papers(self) -> tuple[int, int]:
        names = [each.requirement_name for each in self.wanted.documents]
        met = [self._is_met(self.results.get(name), given=name in self.papers) for name in names]
        return sum(met), len(names)

    def _is_you_met(self) -> bool:
        return self._is_met(self.you, given=self.party is not None)

    def _is_met(self, result: Result | None, *, given: bool) -> bool:
        return result.passed if result else given

    def _is_placed(self, name: str) -> bool:
        """Whether the paper for it shows an address that will do."""
        item, result = self.papers.get(name), self.results.get(name)
        has_one = bool(item and item.document and item.document.attributes.get("address_sids"))
        return has_one and not (result and any(each.field == "address_sids" for each in result.invalid))


_STOPPED = (Code.REGULATION_NOT_CONFIRMED, Code.END_USER_TYPE_NOT_AVAILABLE)
DraftView = Callable[Concatenate[CustomerRequest, Draft, P], HttpResponseBase]


def draft_of(request: CustomerRequest, sid: str) -> Draft:
    """The account's bundle of that SID, looked at anew. Raises Http404 for any other, NothingAsked."""
    mine = Bundle.objects.of(request.account).select_related("regulation", "account").defer("account__auth_token")
    return opened(get_object_or_404(mine, sid=sid))


def opened(bundle: Bundle) -> Draft:
    """A bundle with its items, held against the rules in force. Raises NothingAsked."""
    items = bundle.items.filter(ended_at=None).select_related("end_user", "document__file").order_by("pk")
    return Draft(bundle, list(items), evaluations.look(bundle))


def for_draft(view: "DraftView[P]") -> Callable[..., HttpResponseBase]:
    """The view, of a bundle that its customer may write in; of another it says why not, and what can be done."""

    @for_customer
    @wraps(view)
    def writing(request: CustomerRequest, /, sid: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        draft = draft_of(request, sid)
        if draft.bundle.state not in EDITABLE:
            return frozen(request, draft)
        return view(request, draft, *args, **kwargs)

    return writing


def frozen(request: CustomerRequest, draft: Draft) -> HttpResponseBase:
    """Why nothing can be written any more, and what can be done; 409 to who tried."""
    may_take_back = draft.bundle.state == BundleState.PENDING_REVIEW
    context = {"draft": draft, "bundle": draft.bundle, "may_take_back": may_take_back}
    status = 200 if request.method in READING else 409
    return render(request, "portal/papers/frozen.html", context, status=status)


def requirement_of(draft: Draft, name: str) -> DocumentRequirement:
    """The requirement of that name. Raises Http404."""
    found = next((each for each in draft.wanted.documents if each.requirement_name == name), None)
    if found is None:
        raise Http404("no such requirement")
    return found


def actor_of(request: CustomerRequest) -> str:
    """Who the ledger says did it: the account, as over the API."""
    return f"account:{request.account.sid}"
