"""A prepared stream on its way: which packets have gone, when each was due and when it left."""

import socket
import time
from collections.abc import Mapping

import numpy as np

from testing_lab.media import rtp
from testing_lab.media.logs import SentLog
from testing_lab.media.pacer import PACKET_NS
from testing_lab.media.telephone_events import EventPacket

Events = Mapping[int, EventPacket]


class Sending:
    """Sends one packet per turn. An event takes the turn of an audio packet, and no log: the meter reads audio."""

    def __init__(self, stream: rtp.PreparedStream, events: Events, event_type: int | None) -> None:
        self._stream = stream
        self._events = {} if event_type is None else _packed(stream, events, event_type)
        self._times: list[tuple[int, int, int]] = []
        self._next = self._errors = self._begun_ns = 0

    def send_next(self, sock: socket.socket, remote: tuple[str, int], due_ns: int) -> bool:
        """Send the next packet and log when it was due and when it went; False when it was the last."""
        row, self._next = self._next, self._next + 1
        event, sent_ns = self._events.get(row), time.monotonic_ns()
        self._begun_ns = self._begun_ns or due_ns
        try:
            sock.sendto(self._stream.packets[row] if event is None else event, remote)
        except OSError:  # a full buffer or no route: ours, so the log must not claim the packet
            self._errors += 1
        else:
            if event is None:
                self._times.append((row, due_ns, sent_ns))
        return self._next < len(self._stream)

    def following(self) -> tuple[int, int, int]:
        """SSRC, sequence number and timestamp with which the stream goes on now: its clock has not stopped."""
        turns = self._next
        if turns:
            turns = max(turns, (time.monotonic_ns() - self._begun_ns) // PACKET_NS + 1)
        samples = self._stream.payloads.shape[1]
        return (
            self._stream.ssrc,
            int(self._stream.seq[0]) + self._next,
            int(self._stream.timestamp[0]) + turns * samples,
        )

    @property
    def log(self) -> SentLog:
        """The audio packets that have gone so far."""
        stream, times = self._stream, np.array(self._times, dtype=np.int64).reshape(-1, 3)
        rows = times[:, 0]
        return SentLog(
            stream.ssrc,
            stream.payload_type,
            stream.seq[rows],
            stream.timestamp[rows],
            due_ns=times[:, 1],
            sent_ns=times[:, 2],
            payload=stream.payloads[rows],
            send_errors=self._errors,
        )


def _packed(stream: rtp.PreparedStream, events: Events, event_type: int) -> dict[int, bytes]:
    """The event packets with the sequence numbers of the audio packets whose turn they take (RFC 4733 2.1)."""
    return {
        row: rtp.pack(
            rtp.Packet(
                event_type,
                int(stream.seq[row]),
                int(stream.timestamp[event.begun]),
                stream.ssrc,
                event.payload,
                event.marker,
            )
        )
        for row, event in events.items()
    }
