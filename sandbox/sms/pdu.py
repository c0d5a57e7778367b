"""The SMPP 3.4 PDUs of a session. submit_sm and deliver_sm are read and written by smpp34; the rest is here."""

from __future__ import annotations

import struct
from dataclasses import dataclass

HEADER = struct.Struct(">IIII")  # length, command_id, command_status, sequence_number (SMPP 3.4 3.2)
LONGEST = 65_536
RESPONSE = 0x80000000

GENERIC_NACK = 0x80000000
BIND_RECEIVER, BIND_TRANSMITTER, BIND_TRANSCEIVER = 0x1, 0x2, 0x9
SUBMIT_SM, DELIVER_SM, UNBIND, ENQUIRE_LINK = 0x4, 0x5, 0x6, 0x15
BINDS = (BIND_RECEIVER, BIND_TRANSMITTER, BIND_TRANSCEIVER)

OK, BAD_LENGTH, BAD_COMMAND, BAD_BIND_STATE, ALREADY_BOUND = 0x0, 0x2, 0x3, 0x4, 0x5  # SMPP 3.4 5.1.3
SYSTEM_ERROR, BAD_DESTINATION, BIND_FAILED, BAD_PASSWORD, THROTTLED = 0x8, 0xB, 0xD, 0xE, 0x58

UCS2 = 0x08  # data_coding (SMPP 3.4 5.2.19)
UDHI = 0x40  # esm_class: the text begins with a user data header (SMPP 3.4 5.2.12)
IS_RECEIPT = 0x04
RECEIPTED_MESSAGE_ID, MESSAGE_STATE = 0x001E, 0x0427
# message_state, SMPP 3.4 5.2.28
STATES = {"DELIVRD": 2, "EXPIRED": 3, "DELETED": 4, "UNDELIV": 5, "UNKNOWN": 7, "REJECTD": 8}


class BadPdu(ValueError):
    """Octets that are no PDU."""


@dataclass(frozen=True, slots=True)
class Pdu:
    command: int
    status: int
    sequence: int
    body: bytes

    def encode(self) -> bytes:
        length = HEADER.size + len(self.body)
        return HEADER.pack(length, self.command, self.status, self.sequence) + self.body

    def answer(self, status: int = OK, body: bytes = b"") -> Pdu:
        """The response to this request."""
        return Pdu(self.command | RESPONSE, status, self.sequence, body)


def decode(octets: bytes) -> Pdu:
    """Read one whole PDU. Raises BadPdu."""
    if len(octets) < HEADER.size:
        raise BadPdu("shorter than a header")
    length, command, status, sequence = HEADER.unpack_from(octets)
    if length != len(octets):
        raise BadPdu("command_length")
    return Pdu(command, status, sequence, octets[HEADER.size :])


def c_string(text: str) -> bytes:
    return text.encode("ascii", "replace") + b"\0"


def c_strings(body: bytes, count: int) -> list[str]:
    """The first `count` C-octet strings of a body. Raises BadPdu if there are fewer."""
    parts = body.split(b"\0", count)
    if len(parts) <= count:
        raise BadPdu("unterminated string")
    return [part.decode("latin-1") for part in parts[:count]]


def user_data_header_length(esm_class: int, text: bytes) -> int:
    """How many octets at the beginning of the text are no text (3GPP TS 23.040 9.2.3.24)."""
    return min(text[0] + 1, len(text)) if esm_class & UDHI and text else 0
