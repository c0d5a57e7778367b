"""What is in the cart: each number with its clock, its price and what it still needs."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, NamedTuple

from accounts.models import Account
from compliance import at_hand, gate
from compliance.at_hand import Papers
from compliance.unmet import LiesIn
from inventory.models import Did, PhoneNumber
from inventory.search.terms import Price, terms_of
from inventory.services.baskets import Held, held_by
from numbering.types import NumberType
from portal.cart.forms import NOTHING, LineForm
from portal.find.law import Law, law_of
from portal.find.words import TYPES, carried


class Needs(NamedTuple):
    """What a kind of number needs in one area: the papers of the account that will do; where there are none, where the
    address must lie that is missing."""

    law: Law
    papers: list[Papers]
    lies_in: LiesIn | None


class Line(NamedTuple):
    """One number."""

    held: Held
    carries: list[str]
    kind: Any
    price: Price | None
    needs: Needs
    form: LineForm

    @property
    def number(self) -> PhoneNumber:
        """The number itself."""
        return self.held.number

    @property
    def is_ready(self) -> bool:
        """Whether it can be bought now."""
        return bool(self.needs.papers)


class Total(NamedTuple):
    """What the numbers with a price cost together, of one currency."""

    setup: Decimal
    monthly: Decimal
    currency: str


def lines_of(account: Account, data: Any = None) -> list[Line]:
    """All that is held for the account. The law is looked up once for each kind, papers for each kind and area."""
    laws: dict[Any, Law] = {}
    known: dict[Any, Needs] = {}
    lines = []
    for held in held_by(account):
        number = held.number
        kind, area = (number.country, number.number_type), (number.area_code, number.place_id)
        if kind not in laws:
            laws[kind] = law_of(*kind, account)
        if (kind, area) not in known:
            known[kind, area] = _needs(account, number, laws[kind])
        lines.append(_line(held, known[kind, area], data))
    return lines


def _needs(account: Account, number: PhoneNumber, law: Law) -> Needs:
    papers = _papers(account, number, law)
    return Needs(law, papers, None if papers else _lies_in(account, number))


def _papers(account: Account, number: PhoneNumber, law: Law) -> list[Papers]:
    if law.is_none:
        return [NOTHING]
    lacks_bundle = law.asked.needs_bundle and not law.approved
    return [] if lacks_bundle else at_hand.fitting(account, number)


def _line(held: Held, needs: Needs, data: Any) -> Line:
    number = held.number
    return Line(
        held=held,
        carries=carried(number.capabilities),
        kind=TYPES[NumberType(number.number_type)],
        price=terms_of(number.country, number.number_type).price(number.provider_id),
        needs=needs,
        form=LineForm(needs.papers, e164=number.e164, data=data),
    )


def _lies_in(account: Account, number: PhoneNumber) -> LiesIn | None:
    return next((each.lies_in for each in gate.check(account, number, "", "") if each.lies_in), None)


def room_of_a_trial(account: Account) -> int | None:
    """How many numbers a trial account may still buy: one, or none where it has it. None: it is no trial."""
    return int(not Did.objects.filter(account=account, ended_at=None).exists()) if account.is_trial else None


def totals(lines: Iterable[Line]) -> list[Total]:
    """By currency, in the order of their names."""
    sums: dict[str, Total] = {}
    for price in (line.price for line in lines if line.price):
        before = sums.get(price.currency, Total(Decimal(0), Decimal(0), price.currency))
        sums[price.currency] = Total(before.setup + price.setup, before.monthly + price.monthly, price.currency)
    return [sums[currency] for currency in sorted(sums)]
