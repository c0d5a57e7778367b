"""What a faulty number does to a picture message. A mechanism is one small function that changes the parcel."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from PIL import Image

Parameters = Mapping[str, Any]


@dataclass(slots=True)
class PictureParcel:
    """A message between the two doors: who it says it is from, and its picture under a type."""

    chance: Random
    source: str
    content_type: str
    octets: bytes
    lost: bool = False


def lose_picture(parcel: PictureParcel, _: Parameters) -> None:
    """Accepted, and never seen again."""
    parcel.lost = True


def truncate_picture(parcel: PictureParcel, p: Parameters) -> None:
    parcel.octets = parcel.octets[: int(len(parcel.octets) * p["share"])]


def transcode_picture(parcel: PictureParcel, p: Parameters) -> None:
    """Stored anew in another format or size."""
    stored = io.BytesIO()
    with Image.open(io.BytesIO(parcel.octets)) as image:
        size = (max(1, int(image.width * p["scale"])), max(1, int(image.height * p["scale"])))
        image.resize(size).save(stored, p["format"])
    parcel.octets, parcel.content_type = stored.getvalue(), f"image/{p['format'].lower()}"


def mislabel_picture(parcel: PictureParcel, p: Parameters) -> None:
    parcel.content_type = p["content_type"]


def replace_picture(parcel: PictureParcel, _: Parameters) -> None:
    """Somebody else's picture."""
    stored = io.BytesIO()
    noise = Image.frombytes("RGB", (8, 6), parcel.chance.randbytes(144))
    noise.resize((320, 240)).save(stored, "JPEG")
    parcel.octets, parcel.content_type = stored.getvalue(), "image/jpeg"


def replace_sender_of_picture(parcel: PictureParcel, p: Parameters) -> None:
    parcel.source = p["by"]


MECHANISMS: Mapping[str, Callable[[PictureParcel, Parameters], None]] = {
    mechanism.__name__: mechanism
    for mechanism in (
        lose_picture,
        truncate_picture,
        transcode_picture,
        mislabel_picture,
        replace_picture,
        replace_sender_of_picture,
    )
}
