"""What a faulty number does to a message. A mechanism is one small function that changes the parcel."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

Parameters = Mapping[str, Any]


@dataclass(slots=True)
class Parcel:
    """A message between submit_sm and deliver_sm; `text` is the short message without its user data header."""

    chance: Random
    source: str
    text: bytes
    delay: float = 0.0
    lost_claiming: str | None = None  # never delivered; what the receipt says (DELIVRD is a lie)


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


MECHANISMS: Mapping[str, Callable[[Parcel, Parameters], None]] = {
    mechanism.__name__: mechanism
    for mechanism in (lose_message, delay_message, garble_message, truncate_message, replace_sender)
}
