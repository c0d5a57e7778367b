"""Activating numbers of our own ranges, and taking them back."""

from collections.abc import Iterable, Sequence
from datetime import date

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from inventory.allocations import room
from inventory.allocations.room import Block
from inventory.models import Activation, Allocation, PhoneNumber, Provider
from inventory.refusals import Refused

NOT_OURS = "in no range that is allocated to us"
ACTIVE = "active already"
IN_STOCK = "in our stock already"
RESTING = "came back not long ago, and rests"
OPEN_ONES_FIRST = "in a block that nobody opened, while opened ones have room"


class StillActive(Refused):
    """A range whose numbers are in use stays."""


@transaction.atomic
def activate(provider: Provider, numbers: Sequence[int], *, key: str) -> dict[int, str]:
    """Activate these numbers (E.164 digits) under the key of their order; returns why those that were not, were not.

    The same key again activates nothing more. Orders wait for each other, so that two do not open two blocks.
    """
    Provider.objects.select_for_update(no_key=True).get(pk=provider.pk)
    active = dict(Activation.objects.filter(e164__in=numbers, returned_at=None).values_list("e164", "key"))
    wanted = [digits for digits in numbers if active.get(digits) != key]
    ranges = list(room.current(provider))
    homes = {digits: home for digits in wanted if (home := _home(ranges, digits))}
    refused = _refused(wanted, homes, active)
    takes = [digits for digits in wanted if digits not in refused]
    refused |= _out_of_turn(ranges, {digits: homes[digits] for digits in takes}, key)
    rows = [Activation(allocation=homes[e164], e164=e164, key=key) for e164 in takes if e164 not in refused]
    Activation.objects.bulk_create(rows)
    return refused


def give_back(provider: Provider, digits: int) -> None:
    """The number is in its range again, where it rests. Nothing happens when it is there already."""
    active = Activation.objects.filter(e164=digits, returned_at=None, allocation__provider=provider)
    active.update(returned_at=timezone.now())


def withdraw(allocation: Allocation, *, on: date) -> None:
    """The range is given back, donated or withdrawn. Raises StillActive while a number of it is active, or in our stock
    with no other provider who lets us have it."""
    with transaction.atomic():
        Allocation.objects.select_for_update().get(pk=allocation.pk)
        if Activation.objects.filter(allocation=allocation, returned_at=None).exists():
            raise StillActive(f"Numbers of {allocation} are active")
        if held := _held(allocation).count():
            raise StillActive(f"{held} numbers of {allocation} are in our stock")
        Allocation.objects.filter(pk=allocation.pk, withdrawn_on=None).update(withdrawn_on=on)


def _held(allocation: Allocation) -> "QuerySet[PhoneNumber]":
    """Imported, they were never activated."""
    ours = Q(provider=None) | Q(provider__adapter__in=("", allocation.provider.adapter))
    return PhoneNumber.objects.live().filter(ours, e164__gte=allocation.first, e164__lt=allocation.end)


def _home(ranges: Iterable[Allocation], digits: int) -> Allocation | None:
    return next((each for each in ranges if each.first <= digits < each.end), None)


def _refused(wanted: Iterable[int], homes: dict[int, Allocation], active: dict[int, str]) -> dict[int, str]:
    by_home: dict[Allocation, list[int]] = {}
    for digits, home in homes.items():
        by_home.setdefault(home, []).append(digits)
    resting = {digits for home, own in by_home.items() for digits in room.resting(own, home)}
    reasons = {digits: NOT_OURS for digits in wanted if digits not in homes}
    reasons |= dict.fromkeys(resting, RESTING)
    held = PhoneNumber.objects.live().filter(e164__in=homes).values_list("e164", flat=True)
    reasons |= dict.fromkeys(held, IN_STOCK)
    return reasons | {digits: ACTIVE for digits in wanted if digits in active}


def _out_of_turn(ranges: Iterable[Allocation], takes: dict[int, Allocation], key: str) -> dict[int, str]:
    """Numbers of new blocks that are not needed yet. What this order takes in a block counts as taken there.

    Mostly an order keeps to opened blocks. Only for one that does not are all blocks of its kind counted.
    """
    kinds = {block.kind for block in room.blocks_with(takes, but_for=key) if not block.is_open}
    reasons, blocks = dict[int, str](), room.blocks([each for each in ranges if each.kind in kinds], but_for=key)
    opened = {block.first for block in blocks if block.is_open}
    for block in blocks:
        own = [digits for digits in takes if block.first <= digits < block.first + block.size]
        if own and block.first not in opened and _have_room(blocks, block, opened):
            reasons |= dict.fromkeys(own, OPEN_ONES_FIRST)
            continue
        block.taken += len(own)
        if own:
            opened.add(block.first)
    return reasons


def _have_room(blocks: Iterable[Block], new: Block, opened: set[int]) -> bool:
    """Whether an opened block of the same kind still has a free number."""
    return any(each.kind == new.kind and each.first in opened and each.taken < each.size for each in blocks)
