"""What the evaluation says of one field or one paper, in a sentence beside it."""

from collections.abc import Iterable
from typing import NamedTuple

from django.utils.translation import gettext

from compliance.evaluation.outcome import Code, Fault, Note, NoteCode, Result

BAD, LOOK, GOOD = "bad", "look", "good"
_BLANK = (Code.END_USER_FIELD_MISSING, Code.DOCUMENT_FIELD_MISSING)


class Said(NamedTuple):
    """`kind`: bad, look (a person will), or good."""

    kind: str
    text: str


def of_field(result: Result | None, flags: Iterable[Note], name: str) -> Said | None:
    """Of a field: its fault, else what a reviewer will look at, else that it is fine; None: it was not given."""
    if result is None:
        return None
    faults = [each.fault for each in result.invalid if each.field == name and each.fault]
    if faults:
        return Said(BAD, " ".join(dict.fromkeys(map(in_words, faults))))
    if all(each.field != name for each in result.valid):
        return None
    doubts = [note for note in flags if note.field == name and note.requirement_name == result.requirement_name]
    if doubts:
        return Said(LOOK, " ".join(map(doubt, doubts)))
    return Said(GOOD, gettext("Looks right."))


def in_words(fault: Fault) -> str:
    """What is wrong, and what to do about it."""
    if fault.code in _BLANK and not fault.unusable:
        return gettext("This is asked for: please fill it in.")
    if fault.unusable:
        return gettext("This cannot be used as it is: %(why)s.") % {"why": fault.detail}
    reason = fault.code.reason
    why = gettext(reason.explanation).rstrip(".") + (f": {fault.detail}." if fault.detail else ".")
    return f"{why} {gettext(reason.how_to_fix)}"


def doubt(note: Note) -> str:
    """What a person will look at, and that nothing is wrong for now."""
    if note.code == NoteCode.CASE_DIFFERS:
        return gettext("Upper and lower case differ between your details and the paper: a reviewer will look.")
    return gettext("A reviewer will look at this: %(what)s") % {"what": note.sentence}
