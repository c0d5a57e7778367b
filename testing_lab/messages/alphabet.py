"""Text and octets of a short message: GSM 7-bit default alphabet (3GPP TS 23.038 section 6.2.1) and UCS-2.

In SMPP the default alphabet travels unpacked, one septet to an octet; packing is the SMSC's matter.
"""

from functools import lru_cache

GSM_DEFAULT = 0x00
ASCII = 0x01
LATIN_1 = 0x03
BINARY = 0x04
UCS2 = 0x08
"""Values of data_coding, SMPP 3.4 section 5.2.19."""
_GROUP_AND_ALPHABET, _UCS2_WITH_A_CLASS = 0xFC, 0x18
"""The general group of 23.038 section 4 with a message class (bits 1 and 0), whose bits 3 and 2 say UCS-2."""

_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_ESCAPE = 0x1B
_EXTENSION = {
    0x0A: "\f",
    0x14: "^",
    0x28: "{",
    0x29: "}",
    0x2F: "\\",
    0x3C: "[",
    0x3D: "~",
    0x3E: "]",
    0x40: "|",
    0x65: "€",
}
_ENCODE = {character: bytes([code]) for code, character in enumerate(_BASIC) if code != _ESCAPE} | {
    character: bytes([_ESCAPE, code]) for code, character in _EXTENSION.items()
}


def encode(text: str) -> tuple[int, bytes]:
    """The data_coding and octets of a text: the default alphabet if it has every character, else UCS-2."""
    try:
        return GSM_DEFAULT, encode_gsm(text)
    except UnicodeEncodeError:
        return UCS2, text.encode("utf-16-be")  # beyond UCS-2 (emoji) handsets read surrogate pairs


def encode_gsm(text: str) -> bytes:
    """One octet per septet, two for the extension table. Raises UnicodeEncodeError at the first foreign character."""
    for position, character in enumerate(text):
        if character not in _ENCODE:
            raise UnicodeEncodeError("gsm-03.38", text, position, position + 1, "not in the default alphabet")
    return b"".join(_ENCODE[character] for character in text)


def encode_as(data_coding: int, text: str) -> bytes:
    """A text in the coding asked for. Raises UnicodeEncodeError where it does not fit."""
    codec = {UCS2: "utf-16-be", ASCII: "ascii", LATIN_1: "latin-1", BINARY: "latin-1"}.get(data_coding)
    return text.encode(codec) if codec else encode_gsm(text)


def decode_gsm(octets: bytes) -> str:
    """Text of unpacked septets; U+FFFD for octets that are no septet.

    An unknown extension code shows the basic character of its code, and a lone escape a space (TS 23.038, 6.2.1.1).
    """
    text: list[str] = []
    escaped = False
    for octet in octets:
        basic = _BASIC[octet] if octet < len(_BASIC) else "\ufffd"
        if octet == _ESCAPE and not escaped:
            escaped = True
            continue
        text.append(_EXTENSION.get(octet, " " if octet == _ESCAPE else basic) if escaped else basic)
        escaped = False
    return "".join(text) + " " * escaped


@lru_cache(maxsize=256)  # each of those who wait at a number asks what a message says
def decode(data_coding: int, octets: bytes) -> str:
    """Text of a message body, whatever it holds: octets that its coding does not know come out as U+FFFD."""
    if data_coding == UCS2 or data_coding & _GROUP_AND_ALPHABET == _UCS2_WITH_A_CLASS:
        return octets.decode("utf-16-be", errors="replace")
    if data_coding in (ASCII, LATIN_1):
        return octets.decode("ascii" if data_coding == ASCII else "latin-1", errors="replace")
    return octets.decode("latin-1") if data_coding == BINARY else decode_gsm(octets)
