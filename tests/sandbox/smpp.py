"""SMPP by hand: one PDU there, one back."""

import socket
import struct

ENQUIRE_LINK, ENQUIRE_LINK_RESP = struct.pack(">IIII", 16, 0x15, 0, 8), (0x80000015, 0, 8)


def answer_to(sock: socket.socket, packet: bytes) -> tuple[int, int, int]:
    """Send a PDU; returns command_id, command_status and sequence_number of the answer."""
    sock.sendall(packet)
    length, command, status, sequence = struct.unpack(">IIII", sock.recv(16, socket.MSG_WAITALL))
    sock.recv(length - 16, socket.MSG_WAITALL)
    return command, status, sequence
