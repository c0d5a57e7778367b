"""From the bytes of a country file to plain data, with the line of every part.

The files are written by people and may come from anywhere, so only what a country file needs is read: mappings, lists
and scalars of YAML 1.2's core schema. No tags, no anchors or aliases (which can grow without end), no key twice, no
second document, limits on size and depth. Dates stay text. Parsed event by event: nothing of a bad file is built.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

MAXIMUM_BYTES = 256 * 1024  # the longest of ours has a tenth of it
MAXIMUM_DEPTH = 20  # ours are 10 deep

#: Where something stands: keys and list positions, from the top.
Path = tuple[str | int, ...]

_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]{0,8})")
_WORDS: Mapping[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


class Unreadable(Exception):
    """The file can't be read as a country file; `line` counts from 1."""

    def __init__(self, line: int, what: str) -> None:
        super().__init__(f"line {line}: {what}")
        self.line, self.what = line, what


@dataclass(frozen=True, slots=True)
class Written:
    """What a file says, and where it says it: `lines[path]`, counted from 1."""

    document: Any
    lines: Mapping[Path, int]

    def line_of(self, path: Path) -> int:
        """The line of that part, or of the nearest part around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def read(content: bytes) -> Written:
    """Read a file. Raises Unreadable."""
    if len(content) > MAXIMUM_BYTES:
        raise Unreadable(1, f"the file has {len(content)} bytes; a country file has at most {MAXIMUM_BYTES}")
    try:
        text = content.decode("utf-8-sig")
        return _Reader(yaml.parse(text, Loader=yaml.CSafeLoader)).whole()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Unreadable(line, "this is not UTF-8 text; save the file as UTF-8") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise Unreadable(mark.line + 1 if mark else 1, f"not YAML: {error.problem or error.context}") from None
    except yaml.YAMLError as error:  # a character that YAML doesn't have
        raise Unreadable(1, f"not YAML: {' '.join(str(error).split())}") from None


class _Reader:
    """Builds the data from the events of the parser."""

    def __init__(self, events: Iterator[Any]) -> None:
        self._events = events
        self._lines: dict[Path, int] = {}

    def whole(self) -> Written:
        """The one document of the file."""
        next(self._events)  # the stream begins
        if isinstance(next(self._events), yaml.StreamEndEvent):
            raise Unreadable(1, "the file is empty")
        document = self._value(next(self._events), ())
        next(self._events)  # the document ends
        after = next(self._events)
        if not isinstance(after, yaml.StreamEndEvent):
            raise Unreadable(_line(after), "a second document begins here; a country is one document")
        return Written(document, self._lines)

    def _value(self, event: Any, path: Path) -> Any:
        _refuse_what_no_file_needs(event)
        if len(path) > MAXIMUM_DEPTH:
            raise Unreadable(_line(event), f"nested more than {MAXIMUM_DEPTH} deep")
        self._lines.setdefault(path, _line(event))
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(path)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._list(path)
        return _scalar(event)

    def _mapping(self, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for event in iter(lambda: next(self._events), None):
            if isinstance(event, yaml.MappingEndEvent):
                break
            key = _key(event)
            if key in found:
                first = self._lines[(*path, key)]
                raise Unreadable(_line(event), f"“{key}” stands here for the second time; first on line {first}")
            self._lines[(*path, key)] = _line(event)
            found[key] = self._value(next(self._events), (*path, key))
        return found

    def _list(self, path: Path) -> list[Any]:
        found: list[Any] = []
        for event in iter(lambda: next(self._events), None):
            if isinstance(event, yaml.SequenceEndEvent):
                break
            found.append(self._value(event, (*path, len(found))))
        return found


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _refuse_what_no_file_needs(event: Any) -> None:
    if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
        raise Unreadable(_line(event), "anchors (&) and aliases (*) are not read; write the text out, or quote it")
    if event.tag is not None:
        raise Unreadable(_line(event), f"the tag {event.tag} is not read; write the value plainly, or quote it")


def _key(event: Any) -> str:
    _refuse_what_no_file_needs(event)
    if not isinstance(event, yaml.ScalarEvent):
        raise Unreadable(_line(event), "a key must be a word")
    return _plain(event)


def _scalar(event: Any) -> Any:
    text = _plain(event)
    if event.style:  # quoted, or a block of text
        return text
    if text in _WORDS:
        return _WORDS[text]
    return int(text) if _INTEGER.fullmatch(text) else text


def _plain(event: Any) -> str:
    text = str(event.value)
    bad = next((sign for sign in text if unicodedata.category(sign) in {"Cc", "Cs"} and sign not in "\n\t"), None)
    if bad is not None:
        raise Unreadable(_line(event), f"the text holds the control character U+{ord(bad):04X}")
    return text
