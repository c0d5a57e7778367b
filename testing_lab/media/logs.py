"""What one end of a call sent and received, packet by packet: the raw evidence behind every media verdict."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from testing_lab.media import g711, rtp

Nanoseconds = npt.NDArray[np.int64]
"""Times of the monotonic clock in ns; send and arrival times of one host compare directly."""

_REANCHOR_SAMPLES = g711.SAMPLE_RATE // 4  # a stream whose timestamps leave its arrivals by more has a new clock


@dataclass(frozen=True, slots=True, eq=False)
class SentLog:
    """Packets sent, one value per packet in order; `payload` is a matrix of one row per packet."""

    ssrc: int
    payload_type: int
    seq: npt.NDArray[np.uint16]
    timestamp: npt.NDArray[np.uint32]
    due_ns: Nanoseconds
    sent_ns: Nanoseconds
    payload: npt.NDArray[np.uint8]
    send_errors: int = 0

    def __len__(self) -> int:
        return len(self.seq)

    def decode(self) -> g711.Samples:
        """The audio as sent, int16 at 8 kHz."""
        return g711.decode(self.payload.reshape(-1), self.payload_type)


@dataclass(frozen=True, eq=False)
class ReceivedLog:
    """Well-formed packets received, one value per packet in order of arrival.

    `kernel_stamped` says that arrivals carry the kernel's stamp and not ours; `kernel_drops` are packets that our own
    socket lost (a sick instrument, not a bad route); `malformed` counts datagrams that were not RTP, `refused` those
    beyond the session's limit, and `overheard` those of somebody who is not the far end.
    """

    opened_ns: int
    closed_ns: int
    ssrc: npt.NDArray[np.uint32]
    payload_type: npt.NDArray[np.uint8]
    seq: npt.NDArray[np.uint16]
    timestamp: npt.NDArray[np.uint32]
    arrival_ns: Nanoseconds
    payload: tuple[bytes, ...]
    malformed: int = 0
    refused: int = 0
    kernel_drops: int = 0
    kernel_stamped: bool = True
    overheard: int = 0

    def __len__(self) -> int:
        return len(self.seq)

    def only(self, mask: npt.NDArray[np.bool_]) -> "ReceivedLog":
        """The packets for which `mask` is true."""
        chosen = tuple(self.payload[i] for i in np.flatnonzero(mask))
        return ReceivedLog(
            self.opened_ns,
            self.closed_ns,
            self.ssrc[mask],
            self.payload_type[mask],
            self.seq[mask],
            self.timestamp[mask],
            self.arrival_ns[mask],
            chosen,
            self.malformed,
            self.refused,
            self.kernel_drops,
            self.kernel_stamped,
            self.overheard,
        )

    @cached_property
    def audio(self) -> g711.Samples:
        """The audio as received, int16 at 8 kHz: every packet at its timestamp, silence where one is missing.

        Streams of several SSRCs (early media, then the far end) follow each other by their arrival. Timestamps are
        believed only within 250 ms of the arrivals, so that hostile ones can neither allocate nor scatter audio.
        """
        spoken = np.isin(self.payload_type, list(g711.PAYLOAD_TYPES))
        if not spoken.any():
            return np.zeros(0, dtype=np.int16)
        log = self if spoken.all() else self.only(spoken)
        starts, lengths = log.starts(), log.lengths()
        audio = np.zeros(int((starts + lengths).max()), dtype=np.int16)
        octets = np.frombuffer(b"".join(log.payload), dtype=np.uint8)
        samples, laws = np.empty(len(octets), dtype=np.int16), np.repeat(log.payload_type, lengths)
        for law in np.unique(log.payload_type).tolist():
            samples[laws == law] = g711.decode(octets[laws == law], law)
        ends = np.cumsum(lengths)
        for start, begin, end in zip(starts.tolist(), (ends - lengths).tolist(), ends.tolist(), strict=True):
            audio[start : start + end - begin] = samples[begin:end]  # what comes later is heard where two overlap
        return audio

    def lengths(self) -> npt.NDArray[np.int64]:
        """Octets in each payload."""
        return np.fromiter((len(payload) for payload in self.payload), dtype=np.int64, count=len(self))

    def starts(self) -> npt.NDArray[np.int64]:
        """Where each packet begins on the time line of `audio`, in samples from the first one."""
        arrival = (self.arrival_ns - self.arrival_ns[0]) * g711.SAMPLE_RATE // 1_000_000_000
        anchors: dict[int, tuple[int, int]] = {}
        starts = np.empty(len(self), dtype=np.int64)
        for i, (ssrc, stamp, came) in enumerate(
            zip(self.ssrc.tolist(), self.timestamp.tolist(), arrival.tolist(), strict=True)
        ):
            base, origin = anchors.setdefault(ssrc, (stamp, came))
            start = origin + ((stamp - base + (1 << 31)) % (1 << 32) - (1 << 31))
            if abs(start - came) > _REANCHOR_SAMPLES:
                anchors[ssrc], start = (stamp, came), came
            starts[i] = start
        return np.asarray(starts - min(0, int(starts.min())), dtype=np.int64)


def received_log(
    arrivals: list[tuple[int, bytes]],
    *,
    opened_ns: int,
    closed_ns: int,
    refused: int,
    kernel_drops: int,
    stamped: bool,
    overheard: int = 0,
) -> ReceivedLog:
    """Parse the datagrams of a session, (arrival ns, octets) each, into its log."""
    packets: list[rtp.Packet] = []
    times: list[int] = []
    for arrival_ns, octets in arrivals:
        try:
            packets.append(rtp.parse(octets))
        except rtp.MalformedPacket:
            continue
        times.append(arrival_ns)
    payload_type, seq, timestamp, ssrc, payload, _ = zip(*packets, strict=True) if packets else ((),) * 6
    return ReceivedLog(
        opened_ns,
        closed_ns,
        np.array(ssrc, dtype=np.uint32),
        np.array(payload_type, dtype=np.uint8),
        np.array(seq, dtype=np.uint16),
        np.array(timestamp, dtype=np.uint32),
        np.array(times, dtype=np.int64),
        payload,
        malformed=len(arrivals) - len(packets),
        refused=refused,
        kernel_drops=kernel_drops,
        kernel_stamped=stamped,
        overheard=overheard,
    )
