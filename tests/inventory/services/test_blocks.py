"""Blocks keep the number's flag in step."""

import pytest
from django.db import IntegrityError, transaction

from inventory.models import BlockReason, PhoneNumber
from inventory.refusals import NotAvailable
from inventory.services import assignments, blocks
from tests.factories import AccountFactory, NumberFactory

pytestmark = pytest.mark.django_db


def test_a_number_is_free_only_when_its_last_block_is_cleared() -> None:
    number = NumberFactory.create()
    fraud = blocks.place(number=number, reason=BlockReason.FRAUD, actor="user:a", note="complaints")
    drift = blocks.place(number=number, reason=BlockReason.DRIFT, actor="lab:s02")
    blocks.clear(block=fraud, actor="user:b", note="a mistake")
    assert PhoneNumber.objects.get(pk=number.pk).blocked
    with pytest.raises(NotAvailable):
        assignments.buy(account=AccountFactory.create(), e164=number.e164, settings={})
    blocks.clear(block=drift, actor="user:b", note="tested again")
    assert not PhoneNumber.objects.get(pk=number.pk).blocked
    assert not PhoneNumber.objects.on_sale().filter(blocked=True).exists()


def test_placing_twice_is_one_block_and_clearing_twice_keeps_the_first_name_and_reason() -> None:
    number = NumberFactory.create()
    block = blocks.place(number=number, reason=BlockReason.FRAUD, actor="user:a")
    assert blocks.place(number=number, reason=BlockReason.FRAUD, actor="user:b") == block
    blocks.clear(block=block, actor="user:b", note="a mistake")
    blocks.clear(block=block, actor="user:c", note="no idea")
    block.refresh_from_db()
    assert (block.placed_by, block.cleared_by, block.cleared_note) == ("user:a", "user:b", "a mistake")


def test_no_block_is_cleared_without_a_reason() -> None:
    block = blocks.place(number=NumberFactory.create(), reason=BlockReason.FRAUD, actor="user:a")
    with pytest.raises(IntegrityError, match="for_a_reason"), transaction.atomic():
        blocks.clear(block=block, actor="user:b", note="")
    assert PhoneNumber.objects.get().blocked
