"""Pictures: decoded, marked, and encoded anew, so that what was hidden behind their pixels does not come along."""

from io import BytesIO

import PIL.TiffImagePlugin  # noqa: F401 - Exif is TIFF; in the child nothing can be imported once it is needed
from PIL import Image, ImageDraw, ImageFont, ImageOps
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile

from compliance.vault.examination.verdict import pixels

_STRIPES = 6  # of text, from top to bottom
_HOW = {"JPEG": {"quality": 90}, "PNG": {"compress_level": 1}}  # large PNGs take ten times as long otherwise

Image.preinit()  # of the writers, for the same reason
ImageFont.load_default(9.0)


def mark(octets: bytes, text: str) -> bytes:
    """The picture in its own format with the text across it, several times."""
    picture = (JpegImageFile if octets.startswith(b"\xff") else PngImageFile)(BytesIO(octets))
    pixels(*picture.size)
    kind = str(picture.format)
    ImageOps.exif_transpose(picture, in_place=True)
    seen = _in_colour(picture)
    del picture
    _draw(seen, text)
    seen.info.clear()  # Pillow takes the original's comments along
    out = BytesIO()
    seen.save(out, kind, **_HOW[kind])
    return out.getvalue()


def _in_colour(picture: Image.Image) -> Image.Image:
    """Eight bits a channel. Of greys with sixteen, Pillow would show all but the darkest as white."""
    return (picture.point(lambda value: value / 256) if picture.mode == "I;16" else picture).convert("RGB")


def _draw(seen: Image.Image, text: str) -> None:
    """Stripes of the text, dark with a light rim so that it shows on any ground."""
    pen = ImageDraw.Draw(seen, "RGBA")  # it mixes its colours with what is there
    font = ImageFont.load_default(_size(seen.width, text))
    for stripe in range(_STRIPES):
        at = (seen.width * (0.02 + stripe % 2 * 0.06), seen.height * (stripe + 0.4) / _STRIPES)
        pen.text(at, text, font=font, fill=(160, 0, 0, 120), stroke_width=1, stroke_fill=(255, 255, 255, 120))


def _size(width: int, text: str) -> float:
    """Pixels, such that the line is about nine tenths of the width; never too small to be read where it fits."""
    length = ImageFont.load_default(100).getlength(text)
    return max(9.0, 90.0 * width * 0.9 / max(length, 1.0))
