"""What went over the wire, written as a pcap file: a tap that needs no privileges, since it is one of the two ends.

Linktype RAW: each record begins with an IPv4 header of our making; checksums are left at zero, which means "none".
"""

import asyncio
import struct
import time
from collections import defaultdict
from pathlib import Path

Address = tuple[str, int]
_RAW = 101
_UDP, _TCP = 17, 6
_SEGMENT = 60_000


class Capture:
    """Use: `note_datagram` and `note_segment` as they pass; the file is complete after each."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")
        self._file.write(struct.pack("!IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, _RAW))
        self._sent: defaultdict[tuple[Address, Address], int] = defaultdict(int)

    def note_datagram(self, source: Address, target: Address, payload: bytes) -> None:
        self._note(_UDP, source, target, struct.pack("!HHHH", source[1], target[1], 8 + len(payload), 0) + payload)

    def note_segment(self, source: Address, target: Address, payload: bytes) -> None:
        for start in range(0, len(payload), _SEGMENT):
            part = payload[start : start + _SEGMENT]
            seq, ack = 1 + self._sent[source, target], 1 + self._sent[target, source]
            head = struct.pack("!HHIIBBHHH", source[1], target[1], seq, ack, 5 << 4, 0x18, 65535, 0, 0)
            self._sent[source, target] += len(part)
            self._note(_TCP, source, target, head + part)

    def _note(self, protocol: int, source: Address, target: Address, octets: bytes) -> None:
        ends = b"".join(bytes(map(int, host.split("."))) for host, _ in (source, target))
        header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(octets), 0, 0, 64, protocol, 0) + ends
        at = time.time_ns() // 1000
        size = len(header) + len(octets)
        self._file.write(struct.pack("!IIII", at // 10**6, at % 10**6, size, size) + header + octets)
        self._file.flush()


async def tap(capture: Capture, listen: Address, server: Address) -> asyncio.Server:
    """Stand between a client and a server of a TCP protocol, and note what either says."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        client = writer.get_extra_info("peername")[:2]
        far_reader, far_writer = await asyncio.open_connection(*server)
        await asyncio.gather(pump(reader, far_writer, client, server), pump(far_reader, writer, server, client))

    async def pump(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter, source: Address, target: Address
    ) -> None:
        while octets := await reader.read(65_536):
            capture.note_segment(source, target, octets)
            writer.write(octets)
        writer.close()

    return await asyncio.start_server(serve, *listen)
