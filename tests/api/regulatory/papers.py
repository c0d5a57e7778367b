"""What customers send in these tests."""

import json
import struct
import zlib
from typing import Any

from tests.api.conftest import Caller, Part

BASE = "/v2/RegulatoryCompliance"
END_USERS, DOCUMENTS = f"{BASE}/EndUsers", f"{BASE}/SupportingDocuments"
ADA = {"first_name": "Ada", "last_name": "Lovelace", "email": "ada@engines.example"}


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(colour: bytes = b"\xff\xff\xff") -> bytes:
    """A picture of one dot (PNG, third edition, section 5)."""
    header = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    parts = [(b"IHDR", header), (b"IDAT", zlib.compress(b"\0" + colour)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, content) for kind, content in parts)


def end_user(caller: Caller, **form: str) -> dict[str, Any]:
    """A new end user, as the API shows it."""
    given = {"FriendlyName": "Ada", "Type": "individual", "Attributes": json.dumps(ADA)} | form
    return made(caller.post(END_USERS, given))


def document(caller: Caller, **form: str) -> dict[str, Any]:
    """A new document without a file, as the API shows it."""
    given = {"FriendlyName": "Passport", "Type": "passport", "Attributes": json.dumps(ADA)} | form
    return made(caller.post(DOCUMENTS, given))


def scanned(caller: Caller, part: Part, **form: str) -> dict[str, Any]:
    """A new document with its file, as the API shows it."""
    return made(caller.upload(DOCUMENTS, {"FriendlyName": "Passport", "Type": "passport"} | form, part))


def path_of(url: str) -> str:
    """The path and query of an absolute URL."""
    return "/" + url.partition("//")[2].partition("/")[2]


def made(answer: Any) -> dict[str, Any]:
    """What a creation answers with."""
    assert answer.status_code == 201, answer.content
    body: dict[str, Any] = answer.json()
    return body
