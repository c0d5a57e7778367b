"""Which of the packets that came is which of those that went out, whatever a carrier did to them on the way.

A gateway may number packets anew, change the source (SSRC) in the middle, transcode, and pack the audio differently:
all of that is its right, and none of it is loss.
"""

from collections import Counter
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from testing_lab.media import g711
from testing_lab.media.logs import ReceivedLog, SentLog

_SEQUENCES, _STAMPS = 1 << 16, 1 << 32
_ENOUGH = 0.25
"""Share of the packets that must be known by their payload for the rest to be known by their numbers."""
_NEAR = 400
"""Farther from a known packet than so many numbers, a number tells nothing."""
_QUIET = 16  # of 32768: both laws' idle codes are below

Indexes = npt.NDArray[np.int64]


class Matches(NamedTuple):
    """Positions in the received log, in order of arrival, and the rows of the sent one that they are; with duplicates.

    `complete` is the row with which a packet was complete: another than its own where the audio was packed differently.
    """

    positions: Indexes
    rows: Indexes
    complete: Indexes


def match(sent: SentLog, received: ReceivedLog, begins_at: int | None = None) -> Matches:
    """Which of the packets in `received` are those of `sent`.

    Known by the payload; what has no payload of its own (silence) or another than it had, by the numbers of what is
    near it; and where the payloads are all new, by the sent sequence numbers, if they came through, or else by time: a
    packet is the rows whose middle lies in its audio. `begins_at` says where in `received.audio` the sent audio
    begins, in samples; without it there is no matching by time.
    """
    if not len(sent) or not len(received):
        return _nothing()
    spoken = np.isin(received.payload_type, list(g711.PAYLOAD_TYPES))
    rows, are_sure = _without_time(sent, received, max(1, _ENOUGH * spoken.sum()))
    if not are_sure and begins_at is not None and spoken.any():
        return _by_time(sent, received, np.flatnonzero(spoken), begins_at)
    return Matches(np.flatnonzero(rows >= 0), rows[rows >= 0], rows[rows >= 0])


def suppressed(sent: SentLog, received: ReceivedLog, positions: Indexes, rows: Indexes) -> npt.NDArray[np.bool_]:
    """The rows of silence that were left out on purpose: no number is missing where they would be (RFC 3551 4.1).

    None but those of events, which are in neither log. Silence after all that was heard can't be told from it.
    """
    left_out = np.zeros(len(sent), dtype=bool)
    silent = np.abs(g711.decode(sent.payload, sent.payload_type)).max(axis=1) < _QUIET
    present = set(zip(received.ssrc.tolist(), received.seq.tolist(), strict=True))
    order = np.argsort(rows, kind="stable")
    at, row = positions[order], rows[order]
    if len(row):
        left_out[int(row[-1]) + 1 :] = silent[int(row[-1]) + 1 :]
    for here in np.flatnonzero(np.diff(row) > 1).tolist():
        (before, behind), ends = row[here : here + 2].tolist(), at[here : here + 2]
        (first, last), source = received.seq[ends].tolist(), received.ssrc[ends].tolist()
        events = (int(sent.seq[behind]) - int(sent.seq[before])) % _SEQUENCES - (behind - before)
        span = (last - first) % _SEQUENCES
        if source[0] == source[1] and 0 < span <= behind - before + events:
            missing = sum((source[0], (first + n) % _SEQUENCES) not in present for n in range(1, span))
            left_out[before + 1 : behind] = silent[before + 1 : behind] & (missing <= events)
    return left_out


def _nothing() -> Matches:
    return Matches(*(np.zeros(0, dtype=np.int64) for _ in Matches._fields))


@lru_cache(maxsize=1)  # asked for what is measured, and again for what is kept as evidence
def _without_time(sent: SentLog, received: ReceivedLog, enough: float) -> tuple[Indexes, bool]:
    rows = _by_payload(sent, received)
    if (rows >= 0).sum() >= enough:
        return _by_neighbour(sent, received, rows), True
    numbered = _by_number(sent, received)
    return (rows, False) if numbered is None else (numbered, True)


def _by_payload(sent: SentLog, received: ReceivedLog) -> Indexes:
    """The row of each packet whose payload went out once; -1 for the others.

    What is said a second time, later, is another packet: in the place of one of ours, not a copy of it.
    """
    payloads = [row.tobytes() for row in sent.payload]
    times = Counter(payloads)
    row_of = {payload: row for row, payload in enumerate(payloads) if times[payload] == 1}  # silence tells nothing
    said: dict[int, int] = {}
    rows = np.full(len(received), -1, dtype=np.int64)
    for position, (payload, stamp) in enumerate(zip(received.payload, received.timestamp.tolist(), strict=True)):
        row = row_of.get(payload, -1)
        if row >= 0 and said.setdefault(row, stamp) == stamp:
            rows[position] = row
    return rows


def _by_neighbour(sent: SentLog, received: ReceivedLog, rows: Indexes) -> Indexes:
    """The rows of the others: as far from that of the nearest known packet of their source as their timestamps are.

    The clock goes on where numbers do not: through silence that is left out.
    """
    size, found = sent.payload.shape[1], rows.copy()
    row_of_stamp = {stamp: row for row, stamp in enumerate(sent.timestamp.tolist())}
    fits = (np.abs(received.lengths() - size) <= size // 4) & np.isin(received.payload_type, list(g711.PAYLOAD_TYPES))
    for ssrc in np.unique(received.ssrc[rows >= 0]).tolist():
        own = np.flatnonzero(received.ssrc == ssrc)
        known, unknown = own[rows[own] >= 0], own[(rows[own] < 0) & fits[own]]
        after = np.searchsorted(known, unknown)
        sides = np.stack([known[np.maximum(after - 1, 0)], known[np.minimum(after, len(known) - 1)]])
        away = np.abs(_signed(received.seq[unknown] - received.seq[sides].astype(np.int64), _SEQUENCES))
        near = sides[away.argmin(axis=0), np.arange(len(unknown))]
        passed = received.timestamp[unknown] - received.timestamp[near].astype(np.int64)
        stamps = (sent.timestamp[rows[near]] + passed) % _STAMPS
        guess = np.fromiter((row_of_stamp.get(stamp, -1) for stamp in stamps.tolist()), np.int64, len(unknown))
        found[unknown] = np.where(away.min(axis=0) < _NEAR, guess, -1)
    return found


def _by_number(sent: SentLog, received: ReceivedLog) -> Indexes | None:
    """The rows by the sequence numbers that we gave, if a carrier kept them and the clock that belongs to them."""
    rows = _row_of_seq(sent)[received.seq]
    ours = (received.ssrc == sent.ssrc) & (rows >= 0)
    if not ours.any():
        return None
    shift = _signed(received.timestamp[ours].astype(np.int64) - sent.timestamp[rows[ours]], _STAMPS)
    steady = Counter(shift.tolist()).most_common(1)[0][1] > 0.5 * ours.sum()
    return np.where(ours, rows, -1) if steady else None


def _by_time(sent: SentLog, received: ReceivedLog, spoken: Indexes, begins_at: int) -> Matches:
    heard = received.only(np.isin(np.arange(len(received)), spoken))
    size = sent.payload.shape[1]
    begins = heard.starts() - begins_at
    ends = begins + heard.lengths()
    turns = _signed(sent.timestamp.astype(np.int64) - int(sent.timestamp[0]), _STAMPS) // size
    row_of_turn = np.full(int(turns.max()) + 1, -1, dtype=np.int64)
    row_of_turn[turns] = np.arange(len(sent))
    known = [turn for turn in range(len(row_of_turn)) if row_of_turn[turn] >= 0]
    complete = row_of_turn[np.clip((ends - 1) // size, 0, len(row_of_turn) - 1)]
    middles = size * np.array(known) + size // 2
    found = [
        (int(spoken[packet]), int(row_of_turn[known[at]]), int(complete[packet]))
        for packet, (low, high) in enumerate(zip(*np.searchsorted(middles, [begins, ends]).tolist(), strict=True))
        for at in range(low, high)
    ]
    if not found:
        return _nothing()
    positions, rows, until = np.array(found, dtype=np.int64).T
    return Matches(positions, rows, np.where(until >= 0, until, rows))


def _row_of_seq(sent: SentLog) -> Indexes:
    row_of_seq = np.full(_SEQUENCES, -1, dtype=np.int64)
    row_of_seq[sent.seq] = np.arange(len(sent))
    return row_of_seq


def _signed(difference: Indexes, modulus: int) -> Indexes:
    """A difference of two counters that wrap, as the shortest way from one to the other."""
    return np.asarray((difference + modulus // 2) % modulus - modulus // 2, dtype=np.int64)
