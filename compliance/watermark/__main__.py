"""The child process: `python -m compliance.watermark <type>`; a line with the text and the file on stdin, the marked
file on stdout. What can't be marked ends it.
"""

import importlib
import sys

from compliance.vault import child

_SECONDS = 2 * child.SECONDS  # the file is read once, and written once
_MARKS = {"application/pdf": "pdfs", "image/jpeg": "images", "image/png": "images"}


def main(mime_type: str) -> None:
    """Mark one file."""
    drawing = importlib.import_module(f"compliance.watermark.{_MARKS[mime_type]}")
    text, _, octets = child.given(_SECONDS).partition(b"\n")
    child.say(drawing.mark(octets, text.decode()))


if __name__ == "__main__":
    main(sys.argv[1])
