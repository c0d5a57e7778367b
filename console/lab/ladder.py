"""Who said what to whom: the dialogue of an exchange as a ladder, drawn as engineers draw it, time going down."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from testing_lab.evidence.dialogue import Note, Said

LANES = (84, 360, 636)  # x of our one end, of what is in the middle, and of our other end
TOP, STEP, PAUSE = 56, 30, 26
LONG_PAUSE_S = 2.0
MOST = 500
MOST_SHOWN = 8_000  # characters of one message on the page; all of it is in the file
_FIRST_ENDS = ("caller", "sender")
_MIDDLE = {"SIP": "trunk", "SMPP": "SMSC", "MM4": "MMSC"}
_STATUS = re.compile(r"SIP/2\.0 ([1-6][0-9]{2})(?: (.*))?")
_CSEQ = re.compile(r"^CSeq:\s*[0-9]+\s+([A-Za-z]+)", re.IGNORECASE | re.MULTILINE)
_RESPONSE = re.compile(r"_resp\b|\.RES\b")
_REFUSAL = re.compile(r"command_status: 0x(?!00000000)|reason:|Status-Code: (?!Ok)")
_LONGEST_LABEL = 38


@dataclass(frozen=True, slots=True)
class Arrow:
    """One message: from and to in x, where in y; `kind` is for the colour, `after` seconds since the first message."""

    anchor: str
    start: int
    end: int
    y: int
    label: str
    kind: str
    after: float | None
    is_again: bool
    has_sdp: bool
    said: Said

    @property
    def middle(self) -> int:
        """Where the label stands."""
        return (self.start + self.end) // 2

    @property
    def head(self) -> str:
        """The arrow's head, as the points of a polygon."""
        back = self.end - (9 if self.end > self.start else -9)
        return f"{self.end},{self.y} {back},{self.y - 4} {back},{self.y + 4}"

    @property
    def shown(self) -> str:
        """The message, as far as a page takes it."""
        return self.said.text[:MOST_SHOWN]

    @property
    def left_out(self) -> int:
        """Characters beyond that."""
        return len(self.said.text) - len(self.shown)


@dataclass(slots=True)
class Ladder:
    """`pauses` are where (y) nothing was said for how long (s)."""

    ends: tuple[str, str, str]
    arrows: list[Arrow] = field(default_factory=list)
    pauses: list[tuple[int, float]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    left_out: int = 0
    height: int = TOP

    @property
    def lanes(self) -> list[tuple[int, str]]:
        """x and name of each lifeline."""
        return list(zip(LANES, self.ends, strict=True))


def ladder(entries: Sequence[Said | Note], prefix: str) -> Ladder:
    """The drawing of one performance; anchors of its messages begin with `prefix`."""
    said = [entry for entry in entries if isinstance(entry, Said)]
    drawing = Ladder(_ends(said), notes=[entry.text for entry in entries if isinstance(entry, Note)])
    drawing.left_out = max(0, len(said) - MOST)
    y, latest = TOP, None
    seen: set[tuple[str, str, str]] = set()
    for number, entry in enumerate(said[:MOST], 1):
        if entry.at is not None:
            if latest is not None and entry.at - latest >= LONG_PAUSE_S:
                drawing.pauses.append((y, entry.at - latest))
                y += PAUSE
            latest = entry.at
        key = (entry.end, entry.way, entry.text)
        drawing.arrows.append(_arrow(entry, f"{prefix}-{number}", y, _began(said), key in seen))
        seen.add(key)
        y += STEP
    drawing.height = y
    return drawing


def _arrow(said: Said, anchor: str, y: int, began: float | None, again: bool) -> Arrow:
    outer, middle = LANES[0 if said.end in _FIRST_ENDS else 2], LANES[1]
    start, end = (outer, middle) if said.way == "sent" else (middle, outer)
    after = said.at - began if said.at is not None and began is not None else None
    label, kind = _label(said)
    return Arrow(anchor, start, end, y, label, kind, after, again, "\nv=0" in said.text, said)


def _label(said: Said) -> tuple[str, str]:
    """What to write over the arrow, and which colour it has: a request, or what kind of answer."""
    if said.title:
        return _short(said.title), _kind_of_title(said)
    line = said.text.partition("\n")[0].strip()
    if status := _STATUS.match(line):
        cseq = _CSEQ.search(said.text)
        of = f" ({cseq[1].upper()})" if cseq and cseq[1].upper() != "INVITE" else ""
        return _short(f"{status[1]} {status[2] or ''}{of}".strip()), _kind_of(int(status[1]))
    return _short(line.partition(" ")[0]) or "(empty)", "request"


def _kind_of(status: int) -> str:
    return "progress" if status < 200 else "good" if status < 300 else "bad"


def _kind_of_title(said: Said) -> str:
    """A response to a request of SMPP or MM4 says by its status which kind it is; a receipt is something between."""
    if said.title.startswith("receipt"):
        return "progress"
    if not _RESPONSE.search(said.title):
        return "request"
    return "bad" if _REFUSAL.search(said.text) else "good"


def _short(text: str) -> str:
    clean = "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in text[: _LONGEST_LABEL + 1])
    return clean if len(clean) <= _LONGEST_LABEL else f"{clean[:_LONGEST_LABEL]}…"


def _ends(said: Sequence[Said]) -> tuple[str, str, str]:
    """The names of the three parties: those that spoke, or would have."""
    is_call = not said or said[0].protocol == "SIP"
    outer = ("caller", "number's far end") if is_call else ("sender", "recipient")
    return outer[0], _MIDDLE.get(said[0].protocol, "carrier") if said else "trunk", outer[1]


def _began(said: Sequence[Said]) -> float | None:
    return next((entry.at for entry in said if entry.at is not None), None)


def as_text(rounds: Sequence[Sequence[Said | Note]]) -> Iterator[str]:
    """All of it, to be read elsewhere: each message under a line that says when, where and which way."""
    for number, entries in enumerate(rounds, 1):
        yield f"===== round {number}\n"
        began = _began([entry for entry in entries if isinstance(entry, Said)])
        for entry in entries:
            if isinstance(entry, Note):
                yield f"({entry.text})\n\n"
                continue
            after = f"{entry.at - began:+.6f} s" if entry.at is not None and began is not None else "time not known"
            peer = f" {entry.peer}" if entry.peer else ""
            yield f"----- {after}, {entry.way} at the {entry.end}, {entry.protocol}{peer} {entry.title}\n"
            yield f"{entry.text}\n\n"
