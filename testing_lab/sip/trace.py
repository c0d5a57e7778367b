"""What was said on the wire in one call: the evidence kept with every verdict."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Literal, NamedTuple

from .values import Peer

Direction = Literal["sent", "received"]


class Entry(NamedTuple):
    at: float  # unix time, seconds
    direction: Direction
    peer: Peer
    data: bytes


class Trace:
    """The datagrams of one call in order, bounded in number and octets; the first are kept, later ones counted."""

    MAX_ENTRIES = 200
    MAX_OCTETS = 256 * 1024

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.left_out = 0
        self._octets = 0

    def note(self, direction: Direction, peer: Peer, data: bytes) -> None:
        if len(self.entries) >= self.MAX_ENTRIES or self._octets + len(data) > self.MAX_OCTETS:
            self.left_out += 1
            return
        self._octets += len(data)
        self.entries.append(Entry(time.time(), direction, peer, data))

    def as_text(self) -> str:
        """One block per datagram: UTC time, direction arrow, peer, then the message as it was."""
        blocks = [_block(entry) for entry in self.entries]
        if self.left_out:
            blocks.append(f"({self.left_out} more datagrams left out)\n")
        return "\n".join(blocks)


def _readable(data: bytes) -> str:
    """NUL, which PostgreSQL's text can't hold, is replaced like any octet that is no UTF-8."""
    return data.decode("utf-8", "replace").replace("\0", "\N{REPLACEMENT CHARACTER}")


def _block(entry: Entry) -> str:
    at = datetime.fromtimestamp(entry.at, UTC).isoformat(timespec="microseconds")
    arrow = "->" if entry.direction == "sent" else "<-"
    host, port = entry.peer
    return f"{at} {arrow} {host}:{port} {entry.direction}\n{_readable(entry.data)}\n"
