from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testing_lab.messages import receipts
from testing_lab.messages.receipts import TAG_MESSAGE_STATE, TAG_RECEIPTED_MESSAGE_ID, Receipt, ReceiptBook

AT = datetime(2026, 11, 21, tzinfo=UTC)
TEXT = b"id:%s sub:001 dlvrd:001 submit date:2611210100 done date:2611210101 stat:%s err:000 text:hi"


def test_the_text_of_appendix_b_is_read() -> None:
    receipt = receipts.parse(TEXT % (b"7F3A", b"DELIVRD"), {}, AT)
    assert receipt == Receipt("7F3A", "DELIVRD", "000", AT)
    assert receipt.delivered


def test_tlvs_go_before_text() -> None:
    tlvs = {TAG_RECEIPTED_MESSAGE_ID: b"abc\0", TAG_MESSAGE_STATE: b"\x05"}
    assert receipts.parse(TEXT % (b"other", b"DELIVRD"), tlvs, AT) == Receipt("abc", "UNDELIV", "000", AT)


@pytest.mark.parametrize("body", [b"", b"id: stat:DELIVRD", b"id:7", b"id:7 stat:WHATEVR", b"stat:DELIVRD"])
def test_a_receipt_without_message_or_state_is_none(body: bytes) -> None:
    assert receipts.parse(body.replace(b"id: ", b""), {}, AT) is None


@given(st.binary(max_size=200), st.dictionaries(st.sampled_from([0x1E, 0x427, 1]), st.binary(max_size=70)))
def test_any_octets_are_a_receipt_or_none(body: bytes, tlvs: dict[int, bytes]) -> None:
    receipt = receipts.parse(body, tlvs, AT)
    assert receipt is None or receipt.state in receipts.STATES.values()


@pytest.mark.parametrize(("esm_class", "expected"), [(0x04, True), (0x44, True), (0x00, False), (0x40, False)])
def test_esm_class_tells_receipts_from_messages(esm_class: int, expected: bool) -> None:
    assert receipts.is_receipt(esm_class) is expected


async def test_only_a_final_claim_is_handed_out_and_the_first_one_counts() -> None:
    book = ReceiptBook()
    waiting = book.expect("00ab")
    book.take(TEXT % (b"AB", b"ENROUTE"), {}, AT)
    assert not waiting.done()
    for state in (b"UNDELIV", b"DELIVRD"):
        book.take(TEXT % (b"AB", state), {}, AT)
    assert (await waiting).state == "UNDELIV"
    assert (await book.expect("ab")).state == "UNDELIV"
