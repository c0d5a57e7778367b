"""What an examination finds out about a file that is in order."""

from dataclasses import dataclass

from compliance.refusals import UnacceptableFile
from compliance.vault.examination import reasons

MOST_PIXELS = 50_000_000  # A4 at 600 dots an inch has 35 million, the largest ordinary phone camera 50


@dataclass(frozen=True, slots=True)
class Verdict:
    """The type, and how large it is: pages of a PDF, or width and height of a picture."""

    mime_type: str
    pages: int | None = None
    pixels: tuple[int, int] | None = None


def pixels(width: int, height: int) -> tuple[int, int]:
    """The size of a picture, unless it is none or absurd: then UnacceptableFile is raised."""
    if not width or not height:
        raise UnacceptableFile(reasons.DAMAGED)
    if width * height > MOST_PIXELS:
        raise UnacceptableFile(reasons.TOO_MANY_PIXELS)
    return width, height
