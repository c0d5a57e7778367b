"""Test pictures: drawn from a seed, and measured on arrival.

Meant for the calculator's process: what arrives may be hostile to whatever decodes it.
"""

import hashlib
import io
from dataclasses import dataclass
from random import Random

from PIL import Image

CONTENT_TYPE = "image/jpeg"
WIDTH, HEIGHT = 320, 240
_TILES = (16, 12)
_QUALITY = 85
_LARGEST_SIDE = 4096  # a picture of few octets may claim millions of pixels
_FORMATS = {"JPEG": "image/jpeg", "PNG": "image/png", "GIF": "image/gif", "WEBP": "image/webp"}
_HASH_SIDE = 8


@dataclass(frozen=True, slots=True)
class Look:
    """What can be said of a picture. `content_type` is what its octets are, '' if nothing can read all of them.

    `fingerprint` has a bit for each of 64 places, set where it is brighter than its right neighbour (a difference
    hash). It changes little when a picture is made smaller or stored in another format.
    """

    sha256: str
    size: int
    content_type: str = ""
    width: int = 0
    height: int = 0
    fingerprint: int = 0

    def distance(self, other: "Look") -> int:
        """In how many of the 64 places two pictures differ; about 32 for pictures that have nothing in common."""
        return (self.fingerprint ^ other.fingerprint).bit_count()

    def __str__(self) -> str:
        kind = f"{self.content_type} {self.width}x{self.height}" if self.content_type else "unreadable"
        return f"{kind}, {self.size} octets, SHA-256 {self.sha256[:16]}"


def draw(seed: str) -> bytes:
    """A JPEG of coloured tiles, another for every seed; about 10 kB."""
    chance = Random(hashlib.sha256(seed.encode()).digest())  # noqa: S311 - a picture, no secret
    tiles = Image.frombytes("RGB", _TILES, chance.randbytes(3 * _TILES[0] * _TILES[1]))
    octets = io.BytesIO()
    tiles.resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC).save(octets, "JPEG", quality=_QUALITY)
    return octets.getvalue()


def look(octets: bytes) -> Look:
    """Measure a picture, whatever it is."""
    sha256 = hashlib.sha256(octets).hexdigest()
    try:
        with Image.open(io.BytesIO(octets), formats=list(_FORMATS)) as image:
            if max(image.size) > _LARGEST_SIDE:
                return Look(sha256, len(octets))
            kind = _FORMATS[image.format or ""]
            image.load()
            return Look(sha256, len(octets), kind, image.width, image.height, _fingerprint(image))
    except Exception:  # noqa: BLE001 - decoders raise anything for octets that are no picture
        return Look(sha256, len(octets))


def _fingerprint(image: Image.Image) -> int:
    grey = image.convert("L").resize((_HASH_SIDE + 1, _HASH_SIDE), Image.Resampling.BOX).tobytes()
    rows = (grey[start : start + _HASH_SIDE + 1] for start in range(0, len(grey), _HASH_SIDE + 1))
    bits = (row[i] > row[i + 1] for row in rows for i in range(_HASH_SIDE))
    return sum(bit << place for place, bit in enumerate(bits))
