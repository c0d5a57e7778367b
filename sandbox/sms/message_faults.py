"""What a faulty number does to a message. A mechanism is one small function that changes the parcel."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from sandbox.sms import pdu

Parameters = Mapping[str, Any]


@dataclass(slots=True)
class Parcel:
    """A message between submit_sm and deliver_sm; `text` is the short message without its user data `header`."""

    chance: Random
    source: str
    text: bytes
    header: bytes = b""
    data_coding: int = 0
    delay: float = 0.0
    copies: int = 1
    lost_claiming: str | None = None  # never delivered; what the receipt says (DELIVRD is a lie)
    claim: str | None = None  # what the receipt says, whatever happened
    receipt_delay: float | None = 0.0  # None: no receipt at all

    @property
    def part(self) -> int | None:
        """The number of this part of a long message (3GPP TS 23.040 9.2.3.24.1), None for a whole one."""
        return self.header[-1] if self.header[1:2] in (b"\x00", b"\x08") else None

    @property
    def is_unicode(self) -> bool:
        return self.data_coding == pdu.UCS2


def lose_message(parcel: Parcel, p: Parameters) -> None:
    parcel.lost_claiming = p["claim"]


def delay_message(parcel: Parcel, p: Parameters) -> None:
    parcel.delay += p["seconds"]


def garble_message(parcel: Parcel, p: Parameters) -> None:
    """Put a question mark where the alphabet was lost; at least one octet changes."""
    text = bytearray(parcel.text)
    wrong = [i for i in range(len(text)) if parcel.chance.random() < p["share"]] or list(range(len(text)))[:1]
    for index in wrong:
        text[index] = 0x3F if text[index] != 0x3F else 0x21
    parcel.text = bytes(text)


def truncate_message(parcel: Parcel, p: Parameters) -> None:
    parcel.text = parcel.text[: p["octets"]]


def replace_sender(parcel: Parcel, p: Parameters) -> None:
    parcel.source = p["by"]


def lose_part(parcel: Parcel, p: Parameters) -> None:
    if parcel.part == p["part"]:
        lose_message(parcel, p)


def swap_parts(parcel: Parcel, p: Parameters) -> None:
    """Two parts change numbers; the last octet of the header is the number."""
    swapped = dict(zip(p["parts"], reversed(p["parts"]), strict=True))
    if parcel.part in swapped:
        parcel.header = parcel.header[:-1] + bytes([swapped[parcel.part]])


def double_part(parcel: Parcel, p: Parameters) -> None:
    if parcel.part == p["part"]:
        parcel.copies = 2


def replace_sender_of_part(parcel: Parcel, p: Parameters) -> None:
    if parcel.part == p["part"]:
        parcel.source = p["by"]


def drop_header(parcel: Parcel, _: Parameters) -> None:
    """The parts come as if each were a message."""
    parcel.header = b""


def garble_unicode(parcel: Parcel, p: Parameters) -> None:
    if parcel.is_unicode:
        garble_message(parcel, p)


def swap_octets(parcel: Parcel, _: Parameters) -> None:
    """UCS-2 in the wrong byte order."""
    if parcel.is_unicode:
        whole = len(parcel.text) // 2 * 2
        parcel.text = bytes(parcel.text[i ^ 1] for i in range(whole)) + parcel.text[whole:]


def truncate_unicode(parcel: Parcel, p: Parameters) -> None:
    """Seventy characters were allowed, and so many octets were kept."""
    if parcel.is_unicode:
        truncate_message(parcel, p)


def replace_emoji(parcel: Parcel, p: Parameters) -> None:
    """A carrier that knows UCS-2 and not UTF-16 puts something, or nothing, in place of surrogate pairs."""
    if parcel.is_unicode:
        text = parcel.text.decode("utf-16-be", "replace")
        parcel.text = "".join(p["by"] if ord(c) > 0xFFFF else c for c in text).encode("utf-16-be")


def reduce_to_ascii(parcel: Parcel, _: Parameters) -> None:
    """An alphabet that was not asked for: a question mark for every letter that it does not have."""
    if parcel.is_unicode:
        parcel.text = parcel.text.decode("utf-16-be", "replace").encode("ascii", "replace")
        parcel.data_coding = 0


def claim_falsely(parcel: Parcel, p: Parameters) -> None:
    """The message is treated well; the receipt says the same whatever became of it."""
    parcel.claim = p["claim"]


def withhold_receipt(parcel: Parcel, _: Parameters) -> None:
    parcel.receipt_delay = None


def delay_receipt(parcel: Parcel, p: Parameters) -> None:
    parcel.receipt_delay = p["seconds"]


MECHANISMS: Mapping[str, Callable[[Parcel, Parameters], None]] = {
    mechanism.__name__: mechanism
    for mechanism in (
        lose_message,
        delay_message,
        garble_message,
        truncate_message,
        replace_sender,
        lose_part,
        swap_parts,
        double_part,
        replace_sender_of_part,
        drop_header,
        garble_unicode,
        swap_octets,
        truncate_unicode,
        replace_emoji,
        reduce_to_ascii,
        claim_falsely,
        withhold_receipt,
        delay_receipt,
    )
}
