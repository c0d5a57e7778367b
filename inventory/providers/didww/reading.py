"""Strict reading of DIDWW's answers: its client wraps them, and checks nothing."""

from collections.abc import Sequence
from typing import Any

from inventory.providers import checks
from inventory.providers.base import LineStatus, Offer, OrderLine, OrderStatus, Wanted
from inventory.providers.checks import BadAnswer
from numbering.e164 import E164
from numbering.types import Capability, NumberType

TYPES = {
    NumberType.LOCAL: "Local",
    NumberType.MOBILE: "Mobile",
    NumberType.NATIONAL: "National",
    NumberType.TOLL_FREE: "Toll-free",
    NumberType.SHARED_COST: "Shared Cost",
}
_FEATURES = {
    "voice_in": Capability.VOICE,
    "sms_in": Capability.SMS,
    "t38": Capability.FAX,
}  # others (voice_out, p2p, emergency, ...) say nothing of what reaches the number
_SETTLED = {"pending": False, "completed": True, "canceled": True}  # by the status of an order


def page(answer: Any) -> tuple[list[Any], int]:
    """The rows of one page of a list, and how many rows all its pages have."""
    meta = getattr(answer, "meta", None)
    total = meta.get("total_records") if isinstance(meta, dict) else None
    return list(answer.data), checks.count(total, "meta.total_records")


def identity(row: Any) -> str:
    """The `id` of anything."""
    return checks.text(row.id, "id", most=80)


def number(row: Any) -> E164:
    """The number of a DID, which stands there as bare digits."""
    return checks.number("+" + checks.text(row.number, "number", most=15))


def offer(row: Any, group: Any, wanted: Wanted, *, channels: int, currency: str) -> Offer:
    """One number on sale: what it can do, costs and is called stands in its group."""
    region = group.region
    return checks.fitting(
        Offer(
            number=number(row),
            country=wanted.country,
            number_type=wanted.number_type,
            capabilities=_capabilities(group),
            locality=checks.text(group.area_name, "area_name", most=120, blank=True),
            region=checks.text(getattr(region, "iso", None), "region.iso", most=64, blank=True),
            monthly_cost=_price(unit_of(group, channels)),
            currency=currency,
        ),
        wanted,
    )


def unit_of(group: Any, channels: int) -> Any:
    """The stock keeping unit of a group with so many channels, else the next with more; the cheapest of equals."""
    units = [unit for unit in group.stock_keeping_units or [] if _channels(unit) >= channels]
    if not units:
        raise BadAnswer(f"the group has no unit with {channels} channels or more")
    return min(units, key=lambda unit: (_channels(unit), _price(unit)))


def reference(row: Any) -> str:
    """The key that an order was placed under; "" for those that are not ours."""
    return checks.text(row.external_reference_id, "external_reference_id", most=100, blank=True)


def placed(row: Any, ordered: Sequence[E164], missing: Sequence[E164]) -> OrderStatus:
    """An order as its creation answers: which numbers came of it is asked later, whatever its status is now."""
    lines = [OrderLine(number, LineStatus.PENDING) for number in ordered]
    lines += [OrderLine(number, LineStatus.REFUSED, "no longer on offer", not_there=True) for number in missing]
    return OrderStatus(identity(row), reference(row), False, tuple(lines))


def order(row: Any, dids: Sequence[Any]) -> OrderStatus:
    """An order and the numbers that came of it. One that waits for papers keeps the order open, and so does one that
    was paid for and is not listed yet."""
    state = checks.text(row.attributes.get("status"), "status", most=20)
    if state not in _SETTLED:
        raise BadAnswer(f"unknown status {state!r} of an order")
    lines = tuple(_line(did, state) for did in dids)
    pending = any(line.status == LineStatus.PENDING for line in lines)
    missing = state == "completed" and len(lines) < _quantity(row)
    return checks.without_doubles(
        OrderStatus(identity(row), reference(row), _SETTLED[state] and not pending and not missing, lines)
    )


def is_billed(row: Any) -> bool:
    """Whether a number of the account is still to be paid for: a terminated one is not renewed."""
    if not isinstance(row.terminated, bool):
        raise BadAnswer(f"terminated must be true or false, not {row.terminated!r:.60}")
    return not row.terminated


def _line(did: Any, state: str) -> OrderLine:
    if not is_billed(did) or state == "canceled":
        return OrderLine(number(did), LineStatus.REFUSED, "terminated there")
    if state == "pending" or did.awaiting_registration:
        return OrderLine(number(did), LineStatus.PENDING, "awaiting registration" if did.awaiting_registration else "")
    return OrderLine(number(did), LineStatus.FILLED)


def _quantity(row: Any) -> int:
    """How many numbers were ordered, by the items of the order."""
    return sum(checks.count(item.qty or 1, "qty") for item in row.items if hasattr(item, "qty"))


def _capabilities(group: Any) -> Capability:
    mask = Capability(0)
    for feature in checks.rows(group.attributes.get("features"), "features"):
        mask |= _FEATURES.get(str(feature), Capability(0))
    return mask


def _channels(unit: Any) -> int:
    return checks.count(unit.channels_included_count, "channels_included_count")


def _price(unit: Any) -> Any:
    return checks.cost(unit.monthly_price, "monthly_price")
