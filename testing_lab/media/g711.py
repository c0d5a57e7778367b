"""ITU-T G.711 companding by table: one look-up per sample, so that a call costs microseconds of CPU."""

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.int16]
Octets = npt.NDArray[np.uint8]

PCMU = 0
"""RTP payload type of mu-law, RFC 3551 table 4."""
PCMA = 8
"""RTP payload type of A-law, RFC 3551 table 4."""
SAMPLE_RATE = 8000
"""Samples per second."""

_MU_BIAS = 132  # 33 of the 14-bit scale of G.711, on the 16-bit scale
_MU_CLIP = 32635
_LINEAR = np.arange(65536, dtype=np.uint16).view(np.int16).astype(np.int32)  # every int16, in the order of its bits
_CODES = np.arange(256, dtype=np.int32)


def _mu_encode_table() -> Octets:
    magnitude = np.minimum(np.abs(_LINEAR), _MU_CLIP) + _MU_BIAS
    segment = np.floor(np.log2(magnitude)).astype(np.int32) - 7
    step = (magnitude >> (segment + 3)) & 0x0F
    sign = np.where(_LINEAR < 0, 0x80, 0)
    return np.asarray(~(sign | segment << 4 | step) & 0xFF, dtype=np.uint8)


def _mu_decode_table() -> Samples:
    code = ~_CODES & 0xFF
    magnitude = (((code & 0x0F) << 3) + _MU_BIAS << (code >> 4 & 0x07)) - _MU_BIAS
    return np.asarray(np.where(code & 0x80, -magnitude, magnitude), dtype=np.int16)


def _a_encode_table() -> Octets:
    magnitude = np.where(_LINEAR < 0, ~_LINEAR, _LINEAR) >> 3  # 13-bit scale; G.711 inverts, it does not negate
    segment = np.maximum(np.floor(np.log2(np.maximum(magnitude, 1))).astype(np.int32) - 4, 0)
    step = (magnitude >> np.maximum(segment, 1)) & 0x0F
    mask = np.where(_LINEAR < 0, 0x55, 0xD5)  # even bits are inverted on the line
    return np.asarray((segment << 4 | step) ^ mask, dtype=np.uint8)


def _a_decode_table() -> Samples:
    code = _CODES ^ 0x55
    segment = code >> 4 & 0x07
    step = ((code & 0x0F) << 4) + np.where(segment == 0, 8, 0x108)
    magnitude = step << np.maximum(segment - 1, 0)
    return np.asarray(np.where(code & 0x80, magnitude, -magnitude), dtype=np.int16)


_ENCODE = {PCMU: _mu_encode_table(), PCMA: _a_encode_table()}
_DECODE = {PCMU: _mu_decode_table(), PCMA: _a_decode_table()}
PAYLOAD_TYPES = frozenset(_ENCODE)


def encode(samples: Samples, payload_type: int = PCMU) -> Octets:
    """Compand 16-bit linear samples to one octet each. Raises KeyError for a payload type that is not G.711."""
    return _ENCODE[payload_type][np.ascontiguousarray(samples, dtype=np.int16).view(np.uint16)]


def decode(octets: Octets | bytes, payload_type: int = PCMU) -> Samples:
    """Expand G.711 octets to 16-bit linear samples. Raises KeyError for a payload type that is not G.711."""
    codes = np.frombuffer(octets, dtype=np.uint8) if isinstance(octets, bytes) else octets
    return _DECODE[payload_type][codes]
