"""PDF (ISO 32000-2): paper and nothing but paper. No program, no attachment, no password, no bomb.

qpdf reads the file as it says it is to be read: a file that would have to be repaired is refused, since two readers
may repair it into two documents. All objects are judged, also those that no page refers to.
"""

import re
from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream, StreamDecodeLevel, String

from compliance.refusals import UnacceptableFile
from compliance.vault.examination import jpeg, reasons
from compliance.vault.examination.verdict import Verdict, pixels

_MEGABYTE = 1_048_576
_MOST_OF_A_STREAM, _MOST_OF_ALL = 128 * _MEGABYTE, 256 * _MEGABYTE  # unpacked
_MOST_FILTERS = 4
_HEADER = re.compile(rb"%PDF-(1\.[0-7]|2\.0)[\r\n\t %]")
_BLANK = b"\0\t\n\f\r "  # 7.2.3: what separates
_PICTURE_FILTERS = ("/DCTDecode", "/DCT", "/JPXDecode", "/JBIG2Decode", "/CCITTFaxDecode", "/CCF")

SCRIPT, PROGRAM = "a script", "a command to start a program"
ATTACHMENT, MEDIA = "an attached file", "sound, film or 3D"
ELSEWHERE, SENDING, XFA = "parts that lie in other files", "a form that sends or fetches data", "an XFA form"
BY_ITSELF = "an action that runs by itself"
# 12.6.4: actions of which none is needed to read a paper
_ACTIONS = {
    "/JavaScript": SCRIPT,
    "/Launch": PROGRAM,
    "/SubmitForm": SENDING,
    "/ImportData": SENDING,
    "/GoToR": ELSEWHERE,
    "/GoToE": ATTACHMENT,
    "/Rendition": MEDIA,
    "/Movie": MEDIA,
    "/Sound": MEDIA,
    "/RichMediaExecute": MEDIA,
    "/GoTo3DView": MEDIA,
}
_ANNOTATIONS = {
    "/FileAttachment": ATTACHMENT,
    "/RichMedia": MEDIA,
    "/Movie": MEDIA,
    "/Sound": MEDIA,
    "/Screen": MEDIA,
    "/3D": MEDIA,
}
_NESTING = (Dictionary, Array)
_FILE_KEYS = {"/F", "/UF", "/DOS", "/Mac", "/Unix"}

# What qpdf has no class of errors for. Random numbers are asked for where a password is; the child has none to give.
_SAID_BY_QPDF = {
    "memory limit": reasons.HEAVY,
    "bad_alloc": reasons.HEAVY,
    "random numbers": reasons.PROTECTED,
}


def examine(content: bytes) -> Verdict:
    """Judge a file that begins as a PDF. Raises UnacceptableFile."""
    _judge_ends(content)
    pikepdf.settings.set_qpdf_limits(
        flate_max_memory=_MOST_OF_A_STREAM,
        run_length_max_memory=_MOST_OF_A_STREAM,
        png_max_memory=_MOST_OF_A_STREAM,
        tiff_max_memory=_MOST_OF_A_STREAM,
        max_stream_filters=_MOST_FILTERS,
    )
    try:
        return Verdict("application/pdf", pages=_pages(content))
    except pikepdf.PasswordError as error:
        raise UnacceptableFile(reasons.PROTECTED) from error
    except pikepdf.PikepdfError as error:
        said = str(error)
        reason = next((reason for words, reason in _SAID_BY_QPDF.items() if words in said), reasons.DAMAGED)
        raise UnacceptableFile(reason) from error


def _judge_ends(content: bytes) -> None:
    if not _HEADER.match(content):
        raise UnacceptableFile(reasons.DAMAGED)
    if b"%%EOF" not in content:
        raise UnacceptableFile(reasons.DAMAGED)
    if not content.rstrip(_BLANK).endswith(b"%%EOF"):
        raise UnacceptableFile(reasons.BEHIND_PDF)


def _pages(content: bytes) -> int:
    with pikepdf.Pdf.open(BytesIO(content), attempt_recovery=False) as pdf:
        if pdf.is_encrypted:
            raise UnacceptableFile(reasons.PROTECTED)
        _judge_root(pdf.Root)
        left = _MOST_OF_ALL
        for value in (pdf.trailer, *pdf.objects):
            for entries in _dictionaries(value):
                _judge_dictionary(entries)
            if isinstance(value, Stream):
                left -= _judge_stream(value)
                if left < 0:
                    raise UnacceptableFile(reasons.HEAVY)
        if not len(pdf.pages):
            raise UnacceptableFile(reasons.NO_PAGES)
        return len(pdf.pages)


def _judge_root(root: pikepdf.Object) -> None:
    """12.3.2: when a document is opened it may show a place in itself, and do nothing else."""
    opening = root.get("/OpenAction")
    if isinstance(opening, Dictionary) and opening.get("/S") != Name.GoTo:
        raise _active(_ACTIONS.get(str(opening.get("/S")), BY_ITSELF))
    if "/Collection" in root:
        raise _active(ATTACHMENT)


def _dictionaries(value: Any) -> Iterator[dict[str, Any]]:
    """What the dictionaries in an object have in them; what it refers to is an object of its own."""
    waiting = [value.stream_dict if isinstance(value, Stream) else value]
    while waiting:
        found = waiting.pop()
        if isinstance(found, Dictionary):
            entries = dict(found.items())
            yield entries
            children: Iterable[Any] = entries.values()
        elif isinstance(found, Array):
            children = found
        else:
            continue
        waiting += [each for each in children if isinstance(each, _NESTING) and not each.is_indirect]


def _judge_dictionary(entries: dict[str, Any]) -> None:
    """Names of resources and glyphs are anybody's choice, so each key counts only with the value that it acts by."""
    for key, value in entries.items():
        judge = _JUDGES.get(key)
        what = judge(value) if judge else None
        if what:
            raise _active(what)


def _runs_by_itself(value: Any) -> str | None:
    """Additional actions (12.6.3): any at all."""
    acts = isinstance(value, Dictionary) and any(isinstance(a, Dictionary) and "/S" in a for _, a in value.items())
    return BY_ITSELF if acts else None


def _embeds(value: Any) -> str | None:
    """The embedded files of a file specification (7.11.3)."""
    return ATTACHMENT if isinstance(value, Dictionary) and set(value.keys()) & _FILE_KEYS else None


_JUDGES: dict[str, Any] = {
    "/S": lambda value: _ACTIONS.get(str(value)) if isinstance(value, Name) else None,
    "/Subtype": lambda value: _ANNOTATIONS.get(str(value)),
    "/Type": lambda value: ATTACHMENT if value == Name.EmbeddedFile else None,
    "/JS": lambda value: SCRIPT if isinstance(value, String | Stream) else None,
    "/JavaScript": lambda value: SCRIPT if isinstance(value, Dictionary) else None,
    "/AA": _runs_by_itself,
    "/EF": _embeds,
    "/XFA": lambda value: XFA if isinstance(value, Array | Stream) else None,
    "/RichMediaContent": lambda _: MEDIA,
    "/OPI": lambda value: ELSEWHERE if isinstance(value, Dictionary) else None,
}


def _judge_stream(stream: Stream) -> int:
    """How long the stream is, unpacked; a picture in it stays packed, its size is judged by what it says."""
    facts = stream.stream_dict
    if "/F" in facts or (facts.get("/Subtype") == Name.Form and "/Ref" in facts):  # 7.3.8.2, 8.10.4
        raise _active(ELSEWHERE)
    if facts.get("/Subtype") == Name.Image:
        pixels(int(facts.get("/Width", 0)), int(facts.get("/Height", 0)))
    filters = _filters(facts)
    if filters and filters[-1] in _PICTURE_FILTERS:
        return _judge_picture(stream.read_raw_bytes(), filters)
    return len(stream.read_bytes(StreamDecodeLevel.specialized))  # run lengths too


def _filters(facts: Dictionary) -> list[str]:
    named = facts.get("/Filter")
    return [str(name) for name in named] if isinstance(named, Array) else [str(named)] if named else []


def _judge_picture(data: bytes, filters: list[str]) -> int:
    """The last filter is the picture's own and stays; what it was packed in once more is taken off."""
    if filters[1:]:
        with pikepdf.new() as scratch:
            packed = Stream(scratch, data, Filter=Array([Name(name) for name in filters[:-1]]))
            data = packed.read_bytes(StreamDecodeLevel.specialized)
    if filters[-1] in ("/DCTDecode", "/DCT"):
        jpeg.size_of(data)
    return len(data)


def _active(what: str) -> UnacceptableFile:
    return UnacceptableFile(reasons.ACTIVE.format(what=what))
