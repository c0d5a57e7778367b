"""What the parties of an exchange said to each other: one JSON object a line, so that no text of theirs can forge one.

The lab holds both ends. An end says things to the carrier's machine in the middle (a trunk, an SMSC, an MMSC) and hears
things from it.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from testing_lab.findings import readable
from testing_lab.sip.trace import Trace

Protocol = Literal["SIP", "SMPP", "MM4"]
Way = Literal["sent", "received"]

_BETWEEN = "\x1e\n"  # ASCII's record separator: JSON escapes it


@dataclass(frozen=True, slots=True)
class Said:
    """One message at one of our ends. `at` is unix time in seconds, None where nobody looked at the clock.

    `text` is the message, or what was read in it; `title` names it where its first line does not.
    """

    end: str
    way: Way
    protocol: Protocol
    text: str
    at: float | None = None
    peer: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """A remark of the lab's, or a line that was kept before there was this form."""

    text: str


def line(said: Said | Note) -> str:
    """As it is kept, with the end of the line."""
    named = {name: getattr(said, name) for name in said.__slots__}
    return json.dumps({name: value for name, value in named.items() if value or name == "text"}) + "\n"


def of_call(end: str, trace: Trace) -> str:
    """The datagrams of one end of a call."""
    said = [
        line(Said(end, entry.direction, "SIP", entry.data.decode("utf-8", "replace"), entry.at, _peer(entry.peer)))
        for entry in trace.entries
    ]
    if trace.left_out:
        said.append(line(Note(f"{trace.left_out} more datagrams at this end, the {end}'s, left out")))
    return "".join(said)


def of_message(end: str, way: Way, title: str, at: datetime | None, **fields: object) -> str:
    """An SMPP PDU, by what was put into it or read in it."""
    text = "\n".join(f"{name}: {value}" for name, value in fields.items())
    return line(Said(end, way, "SMPP", text, at.timestamp() if at else None, title=title))


def joined(traces: Iterable[str]) -> str:
    """The traces of several performances of one exchange, as they are kept."""
    return _BETWEEN.join(traces)


def read(trace: str) -> list[list[Said | Note]]:
    """What was kept of each performance, in order of time as far as it is known; notes stay behind what they follow.

    Never raises: what is no line of ours is a note.
    """
    return [_in_order([_read(each) for each in one.splitlines() if each.strip()]) for one in trace.split(_BETWEEN)]


def _in_order(said: Sequence[Said | Note]) -> list[Said | Note]:
    return [entry for _, _, entry in sorted(_with_time(said), key=lambda timed: timed[:2])]


def _with_time(entries: Iterable[Said | Note]) -> Iterator[tuple[float, int, Said | Note]]:
    """Each with its time, or that of the one before it."""
    latest = 0.0
    for place, entry in enumerate(entries):
        if isinstance(entry, Said) and entry.at is not None:
            latest = entry.at
        yield latest, place, entry


def _read(kept: str) -> Said | Note:
    try:
        found = json.loads(kept)
        entry = Said(**found) if "end" in found else Note(**found)
        return entry if _is_sound(found) else Note(readable(kept))
    except (ValueError, TypeError, RecursionError):
        return Note(readable(kept))


def _is_sound(found: dict[str, object]) -> bool:
    """Whether a time is a time and everything else a text: what was kept before there was this form may be anything."""
    return all(isinstance(value, float if name == "at" else str) for name, value in found.items())


def _peer(peer: tuple[str, int]) -> str:
    return f"{peer[0]}:{peer[1]}"
