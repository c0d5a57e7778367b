"""The fields of a SKU, of an offer and of a demand event, with their units, defaults and limits (B5 of the design)."""

from typing import NamedTuple

INFINITE = float("inf")
FLOOR = 2.0  # reorder point of a listed locality, at least: so that the catalogue stays broad
SD_OF_LEAD_TIME = 0.4  # of its mean, where nobody has measured it: the share of both examples in B4


class Number(NamedTuple):
    """A field that holds a number: its default (None: must be given), the least and the most, and what it means."""

    default: float | None
    least: float
    most: float
    means: str


#: Of the SKU itself. `R` and what follows it have the symbols of part B.
STOCK = {
    "available": Number(None, 0, 1e9, "numbers on sale now"),
    "on_order": Number(0.0, 0, 1e9, "ordered and not yet on sale"),
    "expected_returns": Number(0.0, 0, 1e9, "numbers due from quarantine within L+R: the sum of 1 - P(never)"),
    "firm": Number(0.0, 0, 1e9, "sold ahead to orders of more than 100 units, and not yet delivered"),
    "kept": Number(0.0, 0, 1e9, "of those available these are never handed back, whatever the demand"),
    "R": Number(1.0, 0.001, 3650, "days between two reviews"),
    "cost_limit": Number(100.0, 0, 1e12, "an order that costs more needs approval, in the currency of the costs"),
}
STATE = {
    "N": Number(None, 0, 1e12, "orders, discounted"),
    "Q": Number(None, 0, 1e14, "units, discounted"),
    "Q2": Number(None, 0, 1e16, "squares of the units of each order, discounted"),
    "e": Number(None, 0, 1e6, "days, discounted"),
}
POOL = {
    "m0": Number(None, 1e-6, 1e6, "units of an order, pooled; default: over the SKUs of this country and number_type"),
    "q0": Number(None, 1e-6, 1e12, "squares of the units of an order, pooled likewise"),
    "r0": Number(None, 1e-6, 1e6, "orders a day, pooled likewise"),
}
CHOICES = {
    "level": Number(None, 0.5, 0.9999, "of service; default by class"),
    "floor": Number(None, 0, 1e6, "least reorder point; default 2, and 0 where listed is false"),
}
#: Of an offer: in the SKU itself where one provider sells it, else in each entry of `providers`.
OFFER = {
    "L": Number(None, 0, 3650, "lead time, mean, days"),
    "sd_L": Number(None, 0, 3650, "lead time, standard deviation, days; default 0.4 L"),
    "MOQ": Number(1.0, 1, 1e6, "least quantity; an order is a multiple of it"),
    "capacity": Number(INFINITE, 0, 1e9, "units that the provider can deliver; default unlimited"),
    "unit_cost": Number(INFINITE, 0, 1e9, "once for each number; default not known: an order needs approval"),
    "order_cost": Number(0.0, 0, 1e9, "once for each order"),
    "monthly_cost": Number(0.0, 0, 1e9, "for each number and month"),
    "honesty": Number(None, 0.01, 1, "share of what the provider lists that can be bought; default: all of it"),
}
LEVELS = {"A": 0.995, "default": 0.98, "long_tail": 0.90}
TEXTS = {
    "sku": "names the SKU",
    "provider": "who delivers, a slug; default blank",
    "providers": "a list of offers, instead of provider, L, sd_L, MOQ ... in the SKU",
    "class": f"level by {', '.join(f'{name} {level}' for name, level in LEVELS.items())}",
    "listed": "whether its locality is in the catalogue; default true",
    "country": "what the pool is taken over, with number_type",
    "number_type": "what the pool is taken over, with country",
    "locality": "part of what the SKU is; not read",
    "area_code": "likewise",
    "capabilities": "likewise",
    "as_of": "the last day that N, Q, Q2, e hold; default --day",
    "since": "the first day of the demand log for this SKU; default: of the whole log",
    "returns": "instead of expected_returns: [{predicted_on, p_never, numbers}], of numbers in quarantine; numbers 1",
    "s": "of an earlier night; not read",
    "up_to": "of an earlier night; not read",
}
CHANCE = Number(0.0, 0, 1, "that a number in quarantine never comes back")
ALIKE = Number(1.0, 0, 1e9, "in quarantine, of the same day and chance")
UNITS = Number(None, 0, 1e9, "units of one order")
RETURN_FIELDS = frozenset({"predicted_on", "p_never", "numbers"})
OFFER_FIELDS = frozenset({*OFFER, "provider"})
SKU_FIELDS = frozenset({*STOCK, *STATE, *POOL, *CHOICES, *TEXTS, *OFFER})
EVENT = {
    "sku": "the SKU asked for; those of other SKUs are passed over",
    "at": "day or time, ISO 8601; a time without an offset is UTC",
    "units_requested": "whole units, filled or not; 0 is no demand",
    "units_filled": "whole units, no more than requested; not needed",
    "kind": "such as order, attempt, search: all count alike; not needed",
    "id": "not needed; of events with the same one the first counts",
}
EVENT_FIELDS = frozenset(EVENT)


def described() -> str:
    """The fields as text, for people at the terminal."""
    numbers = {**STOCK, **STATE, **POOL, **CHOICES, **OFFER}
    lines = ["fields of a SKU (one JSON object in each line of --skus):"]
    lines += [f"  {name:<17}{means}" for name, means in TEXTS.items()]
    lines += [f"  {name:<17}{number.means}{_default(number)}" for name, number in numbers.items()]
    lines += ["fields of a demand event (--demand):", *(f"  {name:<17}{means}" for name, means in EVENT.items())]
    return "\n".join(lines)


def _default(number: Number) -> str:
    return "" if number.default in (None, INFINITE) else f"; default {number.default:g}"
