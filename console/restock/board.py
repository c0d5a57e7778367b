"""Deciding about what waits: one proposal at a click, or several at once after a look at what they come to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django import forms
from django.http import QueryDict

from console import money
from inventory.models import ProposalStatus, RestockProposal
from inventory.shelves import deciding

MOST = 100  # rows of the page; who decides about more does it in several rounds
VERBS = {"approve": "Approve", "reject": "Reject"}


class BoardForm(forms.Form):
    """Why: the same for all that are decided together."""

    reason = forms.CharField(max_length=200, label="Reason", help_text="Kept for good, with each of them.")


@dataclass(frozen=True)
class Line:
    """A proposal that waits, so many of it as are to be allowed, and what these cost."""

    proposal: RestockProposal
    units: int

    @property
    def lot(self) -> int:
        """How many go together."""
        return deciding.lot_of(self.proposal)

    @property
    def quantity(self) -> int:
        """All that is proposed, to order or to hand back."""
        return abs(self.proposal.quantity)

    @property
    def is_order(self) -> bool:
        """Else numbers are handed back."""
        return self.proposal.quantity > 0

    @property
    def cost(self) -> Decimal | None:
        """As the night expects it; None where it does not know. Handing back costs nothing."""
        return deciding.expected_cost(self.proposal, self.units) if self.is_order else None

    @property
    def cost_in_words(self) -> str:
        """With its currency."""
        if not self.is_order:
            return "nothing"
        return "not known" if self.cost is None else money.in_words(self.cost, self.proposal.currency)


@dataclass(frozen=True)
class Asked:
    """What a form asks for: a verb, and the lines that it is for. `is_one`: by the button of the line itself."""

    verb: str
    lines: Sequence[Line]
    is_one: bool


def lines(chosen: Sequence[int] | None = None, units: Mapping[int, int] | None = None) -> list[Line]:
    """What waits, the newest night first; of these only the chosen, with the units that were given."""
    rows = RestockProposal.objects.filter(status=ProposalStatus.PROPOSED).select_related("sku", "provider")
    if chosen is not None:
        rows = rows.filter(pk__in=chosen)
    return [Line(each, (units or {}).get(each.pk, abs(each.quantity))) for each in rows.order_by("-day", "-pk")[:MOST]]


def asked(post: QueryDict) -> Asked:
    """Which verb, for which proposals, for how many numbers of each; no line where nothing that waits was chosen."""
    for verb in VERBS:
        if (one := post.get(verb, "")).isdecimal():
            return Asked(verb, lines([int(one)], _units(post)), is_one=True)
    verb = post.get("verb", "")
    chosen = [int(each) for each in post.getlist("chosen") if each.isdecimal()]
    return Asked(verb, lines(chosen, _units(post)) if verb in VERBS else [], is_one=False)


def _units(post: QueryDict) -> dict[int, int]:
    """Of `units-17=20` how many of proposal 17."""
    given = {name.removeprefix("units-"): str(value) for name, value in post.items() if name.startswith("units-")}
    return {int(pk): int(value) for pk, value in given.items() if pk.isdecimal() and value.isdecimal()}


@dataclass(frozen=True)
class Total:
    """What several lines come to together."""

    ordered: int
    handed_back: int
    costs: Sequence[str]
    unknown: int


def total(chosen: Sequence[Line]) -> Total:
    """Numbers and money; amounts of different currencies are not added up."""
    sums: dict[str, Decimal] = {}
    for line in chosen:
        if line.is_order and line.cost is not None:
            currency = line.proposal.currency
            sums[currency] = sums.get(currency, Decimal(0)) + line.cost
    return Total(
        ordered=sum(line.units for line in chosen if line.is_order),
        handed_back=sum(line.units for line in chosen if not line.is_order),
        costs=[money.in_words(amount, currency) for currency, amount in sorted(sums.items())],
        unknown=sum(line.is_order and line.cost is None for line in chosen),
    )


def decide(verb: str, line: Line, *, actor: str, reason: str) -> RestockProposal:
    """One line, as its page would do it. Raises what the services of `inventory.shelves.deciding` raise."""
    if verb == "reject":
        return deciding.reject(line.proposal, actor=actor, reason=reason)
    if line.units == line.quantity:
        return deciding.approve(line.proposal, actor=actor, reason=reason)
    return deciding.cap(line.proposal, units=line.units, actor=actor, reason=reason)
