"""Strict reading of Telnyx's answers: its client types them, and checks nothing."""

from collections.abc import Iterable
from typing import Any

from inventory.providers import checks
from inventory.providers.base import LineStatus, Offer, OrderLine, OrderStatus, Wanted
from inventory.providers.checks import BadAnswer
from numbering.e164 import E164
from numbering.types import Capability, NumberType

TYPES = {
    NumberType.LOCAL: "local",
    NumberType.MOBILE: "mobile",
    NumberType.NATIONAL: "national",
    NumberType.TOLL_FREE: "toll_free",
    NumberType.SHARED_COST: "shared_cost",
}
_FEATURES = {
    "voice": Capability.VOICE,
    "sms": Capability.SMS,
    "mms": Capability.MMS,
    "fax": Capability.FAX,
}  # others (emergency, hd_voice, ...) are none of ours
_LINES = {"pending": LineStatus.PENDING, "success": LineStatus.FILLED, "failure": LineStatus.REFUSED}
_SETTLED = {"pending": False, "success": True, "failure": True}  # by the status of an order
_BILLED = {
    "purchase-pending",
    "provision-pending",
    "port-pending",
    "active",
    "emergency-only",
    "port-out-pending",
    "requirement-info-pending",
    "requirement-info-under-review",
    "requirement-info-exception",
}
_GONE = {"deleted", "purchase-failed", "port-failed", "ported-out"}


def page(answer: Any) -> tuple[list[Any], int]:
    """The rows of one page of a list, and how many rows all its pages have."""
    return rows(answer), checks.count(_at(_at(answer, "meta"), "total_results"), "meta.total_results")


def rows(answer: Any) -> list[Any]:
    """What stands in `data` of a list."""
    return checks.rows(_at(answer, "data"), "data")


def identity(row: Any) -> str:
    """The `id` of anything."""
    return checks.text(_at(row, "id"), "id", most=80)


def offer(row: Any, wanted: Wanted) -> Offer:
    """One number on sale. Its country and type are those that were asked for: the rows do not repeat them."""
    if _at(row, "best_effort"):
        raise BadAnswer("another number than the one that was asked for")
    cost = _at(row, "cost_information")
    places = _places(row)
    return checks.fitting(
        Offer(
            number=number(row),
            country=wanted.country,
            number_type=wanted.number_type,
            capabilities=_capabilities(row),
            locality=places.get("location") or places.get("rate_center") or "",
            region=places.get("state", "")[:64],
            monthly_cost=checks.cost(_at(cost, "monthly_cost")),
            currency=checks.currency(_at(cost, "currency")),
        ),
        wanted,
    )


def order(document: Any) -> OrderStatus:
    """An order with all its numbers. One of them that waits for papers keeps the order open."""
    state = checks.text(_at(document, "status"), "status", most=20)
    if state not in _SETTLED:
        raise BadAnswer(f"unknown status {state!r} of an order")
    lines = tuple(map(_line, checks.rows(_at(document, "phone_numbers"), "phone_numbers")))
    if len(lines) < (_at(document, "phone_numbers_count") or 0):
        raise BadAnswer("an order that does not list all of its numbers")
    pending = any(line.status == LineStatus.PENDING for line in lines)
    return checks.without_doubles(
        OrderStatus(identity(document), reference(document), _SETTLED[state] and not pending, lines)
    )


def reference(document: Any) -> str:
    """The key that an order was placed under; "" for those that are not ours."""
    return checks.text(_at(document, "customer_reference"), "customer_reference", most=200, blank=True)


def number(row: Any) -> E164:
    """What stands in `phone_number`."""
    return checks.number(_at(row, "phone_number"), "phone_number")


def is_billed(row: Any) -> bool:
    """Whether a number of the account costs us something now, or is about to."""
    status = checks.text(_at(row, "status"), "status", most=60)
    if status not in _BILLED | _GONE:
        raise BadAnswer(f"unknown status {status!r} of a number")
    return status in _BILLED


def _line(row: Any) -> OrderLine:
    status = checks.text(_at(row, "status"), "status", most=20)
    if status not in _LINES:
        raise BadAnswer(f"unknown status {status!r} of a number in an order")
    papers = checks.text(_at(row, "requirements_status"), "requirements_status", most=60, blank=True)
    # A number that fails and asks for no papers was not to be had; the API says no more than that.
    not_there = status == "failure" and not papers
    reason = f"{status} {papers}".strip() if status != "success" else ""
    return OrderLine(number(row), _LINES[status], reason, not_there=not_there)


def _capabilities(row: Any) -> Capability:
    mask = Capability(0)
    for feature in checks.rows(_at(row, "features"), "features"):
        mask |= _FEATURES.get(str(_at(feature, "name")), Capability(0))
    return mask


def _places(row: Any) -> dict[str, str]:
    """Names by their kind, the first of each: state, location (a town), rate_center."""
    regions: Iterable[Any] = _at(row, "region_information") or []
    names: dict[str, str] = {}
    for region in checks.rows(regions, "region_information"):
        name = checks.text(_at(region, "region_name"), "region_name", most=120, blank=True)
        names.setdefault(str(_at(region, "region_type")), name)
    return names


def _at(value: Any, name: str) -> Any:
    return getattr(value, name, None)
