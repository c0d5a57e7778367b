"""Marks on a document that say who looked at it, so that a photograph of the screen says whose screen it was.

They are drawn in a child process, as uploads are examined: whatever the file does to the libraries that read it, it
does where no secret is.
"""

from compliance.refusals import CantBeMarked, VaultUnavailable
from compliance.vault import children
from compliance.vault.examination import reasons


def marked(octets: bytes, mime_type: str, text: str) -> bytes:
    """The file, of the same kind, with the text across it: a picture drawn anew, or each page of a PDF.

    Nothing of the original's metadata comes along. Raises CantBeMarked; VaultUnavailable if there is no room now.
    """
    try:
        return children.answer("compliance.watermark", mime_type, text.encode() + b"\n" + octets)
    except children.NoChild:
        raise VaultUnavailable(reasons.LATER_READ) from None
    except children.ChildEnded:
        raise CantBeMarked from None
