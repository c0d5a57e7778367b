"""Is an upload what we take, whatever it calls itself? Told from its content alone.

What is cheap and safe to see is seen here: the size and the first bytes. Everything else is read in a child process
(`compliance.vault.examination`) with limits, so that a bomb or a flaw of a library costs the child.
"""

import json
from typing import Any

from compliance.refusals import ScannerUnavailable, UnacceptableFile
from compliance.rulebook.catalogue import catalogue
from compliance.vault import children, kinds
from compliance.vault.examination import reasons
from compliance.vault.examination.verdict import Verdict as Inspected

__all__ = ["Inspected", "inspect"]


def inspect(content: bytes) -> Inspected:
    """The type of an upload and its pages or pixels.

    Raises UnacceptableFile with what the customer should change; ScannerUnavailable if the machine has no room now.
    """
    rules = catalogue().files
    if not content:
        raise UnacceptableFile(reasons.EMPTY)
    if len(content) > rules.max_bytes:
        raise UnacceptableFile(reasons.TOO_BIG.format(most=rules.max_bytes))
    mime_type = kinds.type_of(content)
    if mime_type not in rules.mime_types:
        raise UnacceptableFile(_other_type(content))
    return _examined(content, mime_type)


def _other_type(content: bytes) -> str:
    if kinds.is_late_pdf(content):
        return reasons.BEFORE_PDF
    name = kinds.name_of(content)
    return reasons.OTHER_TYPE.format(name=name) if name else reasons.UNKNOWN_TYPE


def _examined(content: bytes, mime_type: str) -> Inspected:
    try:
        verdict = children.answer("compliance.vault.examination", mime_type, content)
    except children.NoChild:
        raise ScannerUnavailable(reasons.LATER) from None
    except children.ChildEnded as ended:
        raise UnacceptableFile(reasons.HEAVY if ended.was_stopped else reasons.DAMAGED) from None
    return _read(json.loads(verdict))


def _read(verdict: dict[str, Any]) -> Inspected:
    if "refused" in verdict:
        raise UnacceptableFile(verdict["refused"])
    pixels = verdict["pixels"]
    return Inspected(verdict["mime_type"], pages=verdict["pages"], pixels=(pixels[0], pixels[1]) if pixels else None)
