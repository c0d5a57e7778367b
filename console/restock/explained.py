"""Why a night proposes what it does: the formula of docs/restock.md in six steps, in words and with its numbers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from console import money
from inventory.models import RestockProposal
from inventory.restock.proposals import TERMS
from inventory.shelves import deciding

MEANING = {
    "N": "orders, faded",
    "Q": "units, faded",
    "Q2": "squares of the units, faded",
    "e": "days, faded",
    "m0": "units of an order, of the whole country and type",
    "q0": "their squares, likewise",
    "r0": "orders a day, likewise",
    "m1": "units of an order",
    "m2": "squares of the units of an order",
    "a": "shape of the rate of orders",
    "b": "days that the rate rests on",
    "lam": "orders a day",
    "daily": "units a day",
    "L": "lead time, days",
    "sd_L": "its standard deviation, days",
    "R": "days between two nights",
    "mean": "units until an order arrives",
    "var": "their variance",
    "level": "of service",
    "floor": "least reorder point",
    "s": "reorder point",
    "up_to": "what an order fills up to",
    "cap": "most of one order: 365 days of demand, and what is sold ahead",
    "available": "on sale",
    "on_order": "ordered and not yet on sale",
    "firm": "sold ahead",
    "kept": "not handed back: stock targets want it",
    "expected_returns": "from quarantine, in time",
    "position": "available + on order - sold ahead + 0.9 x expected",
    "MOQ": "lot",
    "capacity": "most that the provider delivers",
    "unit_cost": "of a number, with its first month",
    "order_cost": "of an order",
    "monthly_cost": "of a number and month",
    "honesty": "share of what the provider lists that can be bought",
    "price": "of a number that arrives, by the choice of provider",
    "cost_limit": "above it staff approve",
}


@dataclass(frozen=True)
class Term:
    """A symbol of the formula, its value as people write it, and what it means."""

    symbol: str
    value: str
    meaning: str


@dataclass(frozen=True)
class Step:
    """A part of the way from demand to an order, in a sentence, and the terms that it rests on."""

    title: str
    sentence: str
    terms: Sequence[Term]


Say = Callable[[RestockProposal, Mapping[str, str]], str]


def steps(proposal: RestockProposal) -> list[Step]:
    """All of it, in the order of the reckoning."""
    shown = {name: in_figures(proposal.terms.get(name)) for name in TERMS}
    return [Step(title, say(proposal, shown), terms_of(proposal.terms, symbols)) for title, symbols, say in _STEPS]


def terms_of(terms: Mapping[str, Any], symbols: Sequence[str] = TERMS) -> list[Term]:
    """Those of the symbols that the night told."""
    return [Term(name, in_figures(terms[name]), MEANING[name]) for name in symbols if name in terms]


def in_figures(value: float | None) -> str:
    """With so many digits as matter: three, and of what is larger no more than a decimal."""
    if value is None:
        return "not known"
    return f"{value:,.1f}".removesuffix(".0") if abs(value) >= 100 else f"{value:,.3g}"


def _demand(_: RestockProposal, t: Mapping[str, str]) -> str:
    return (
        f"About {t['lam']} orders come a day, of {t['m1']} numbers in the mean: {t['daily']} numbers a day. "
        f"The shelf's own history counts {t['N']} orders in {t['e']} days, older ones less; what it has not shown yet "
        "is taken from its whole country and type."
    )


def _lead_time(_: RestockProposal, t: Mapping[str, str]) -> str:
    return (
        f"What is ordered now is on sale in {t['L']} days (standard deviation {t['sd_L']}), tests and quarantine "
        f"included, and the next chance to order is {t['R']} day later. Until then {t['mean']} numbers are asked for "
        f"in the mean, with variance {t['var']}."
    )


def _reorder_point(proposal: RestockProposal, t: Mapping[str, str]) -> str:
    level = proposal.terms.get("level")
    chance = "the wanted share" if level is None else f"{100 * level:.4g} %"
    return (
        f"In {chance} of cases {t['s']} numbers are enough until an order arrives; the least allowed is {t['floor']}. "
        f"An order fills up to {t['up_to']}, 30 days of demand more, and no order is larger than {t['cap']}."
    )


def _position(proposal: RestockProposal, t: Mapping[str, str]) -> str:
    there = proposal.terms.get("position")
    point = proposal.terms.get("s")
    sum_of_it = (
        f"{t['available']} on sale + {t['on_order']} on order - {t['firm']} sold ahead + 0.9 x "
        f"{t['expected_returns']} expected from quarantine = {t['position']}"
    )
    if there is None or point is None:
        return f"{sum_of_it}."
    return f"{sum_of_it}, which is {'not above' if there <= point else 'above'} the reorder point of {t['s']}."


def _quantity(proposal: RestockProposal, t: Mapping[str, str]) -> str:
    if proposal.quantity < 0:
        return (
            f"More is on sale than the reorder point, 90 days of demand and one lot: {-proposal.quantity:,} numbers "
            f"too many. {t['kept']} are kept for stock targets."
        )
    return (
        f"From {t['position']} up to {t['up_to']}, in whole lots of {t['MOQ']}: {proposal.quantity:,} numbers, from "
        f"{proposal.provider} ({proposal.chosen})."
    )


def _money(proposal: RestockProposal, _: Mapping[str, str]) -> str:
    if proposal.quantity < 0:
        return "What is handed back costs nothing more, and its monthly cost ends."
    expected = deciding.expected_cost(proposal, proposal.quantity)
    if expected is None:
        return f"What it costs is not known in {proposal.currency}, so staff approve, and say what it may cost."
    each, once, limit = (_amount(proposal, name) for name in ("unit_cost", "order_cost", "cost_limit"))
    return (
        f"{proposal.quantity:,} x {each}, setup and first month, + {once} for the order = "
        f"{money.in_words(expected, proposal.currency)}. Above {limit} staff approve."
    )


def _amount(proposal: RestockProposal, name: str) -> str:
    value = proposal.terms.get(name)
    return money.in_words(None if value is None else Decimal(str(value)), proposal.currency)


_STEPS: tuple[tuple[str, tuple[str, ...], Say], ...] = (
    ("What is asked for", ("N", "Q", "Q2", "e", "m0", "q0", "r0", "m1", "m2", "a", "b", "lam", "daily"), _demand),
    ("Until an order arrives", ("L", "sd_L", "R", "mean", "var"), _lead_time),
    ("What the shelf must hold", ("level", "floor", "s", "up_to", "cap"), _reorder_point),
    ("What is there, and comes", ("available", "on_order", "firm", "expected_returns", "position"), _position),
    ("How many", ("kept", "MOQ", "capacity", "honesty"), _quantity),
    ("What it costs", ("unit_cost", "order_cost", "monthly_cost", "price", "cost_limit"), _money),
)
