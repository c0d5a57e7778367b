"""Test pictures: another for every seed, known again after a conversion, harmless whatever they are."""

import io
import struct
import zlib

import pytest
from PIL import Image

from testing_lab.messages.picture import CONTENT_TYPE, HEIGHT, WIDTH, draw, look


def converted(octets: bytes, kind: str, size: tuple[int, int] = (WIDTH, HEIGHT)) -> bytes:
    stored = io.BytesIO()
    with Image.open(io.BytesIO(octets)) as image:
        image.resize(size).save(stored, kind)
    return stored.getvalue()


def test_a_picture_is_the_same_for_the_same_seed_only() -> None:
    assert draw("a") == draw("a") != draw("b")
    seen = look(draw("a"))
    assert (seen.content_type, seen.width, seen.height) == (CONTENT_TYPE, WIDTH, HEIGHT)
    assert 5_000 < seen.size == len(draw("a")) < 100_000


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize(("kind", "size"), [("PNG", (320, 240)), ("JPEG", (160, 120)), ("GIF", (320, 240))])
def test_a_converted_picture_is_known_again_and_a_strangers_is_not(seed: int, kind: str, size: tuple[int, int]) -> None:
    sent, stranger = draw(f"{seed}"), look(draw(f"stranger of {seed}"))
    arrived = look(converted(sent, kind, size))
    assert arrived.sha256 != look(sent).sha256
    assert arrived.content_type == f"image/{kind.lower()}"
    assert arrived.distance(look(sent)) <= 6
    assert arrived.distance(stranger) >= 16


def png_header(width: int, height: int) -> bytes:
    """A PNG that claims so many pixels in a few octets."""
    head = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = b"IDAT" + zlib.compress(b"\0")
    chunks = (struct.pack(">I", len(c) - 4) + c + struct.pack(">I", zlib.crc32(c)) for c in (head, data, b"IEND"))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


@pytest.mark.parametrize(
    "octets",
    [b"", b"GIF89a", draw("x")[:-2000], draw("x")[:100], b"\xff" * 5000, png_header(60_000, 60_000)],
    ids=["nothing", "a beginning", "cut", "cut short", "noise", "a bomb"],
)
def test_what_is_no_whole_picture_is_unreadable_and_does_no_harm(octets: bytes) -> None:
    assert look(octets).content_type == ""
    assert look(octets).size == len(octets)
