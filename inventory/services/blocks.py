"""Placing and clearing blocks; `PhoneNumber.blocked` follows in the same transaction, under the number's lock."""

from django.db import transaction
from django.utils import timezone

from inventory.models import BlockReason, NumberBlock, PhoneNumber


def place(*, number: PhoneNumber, reason: BlockReason, actor: str, note: str = "") -> NumberBlock:
    """Block the number for this reason. A block that is already open stays as it is and is returned."""
    with transaction.atomic():
        _lock(number)
        block, _ = NumberBlock.objects.get_or_create(
            number=number, reason=reason, cleared_at=None, defaults={"placed_by": actor, "note": note}
        )
        _keep_in_step(number)
    return block


def clear(*, block: NumberBlock, actor: str, note: str) -> None:
    """Clear one block; the number is free once none is open. `note` says why. Clearing twice changes nothing."""
    cleared = {"cleared_at": timezone.now(), "cleared_by": actor, "cleared_note": note}
    with transaction.atomic():
        _lock(block.number)
        NumberBlock.objects.filter(pk=block.pk, cleared_at=None).update(**cleared)
        _keep_in_step(block.number)


def _lock(number: PhoneNumber) -> None:
    PhoneNumber.objects.select_for_update(no_key=True, of=("self",)).only("pk").get(pk=number.pk)


def _keep_in_step(number: PhoneNumber) -> None:
    number.blocked = NumberBlock.objects.filter(number=number, cleared_at=None).exists()
    PhoneNumber.objects.filter(pk=number.pk).update(blocked=number.blocked)
