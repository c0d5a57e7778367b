"""Which keys were played in band? Power at the eight frequencies of Q.23, block by block, judged as Q.24 advises.

Goertzel's filter gives the power of a block at one frequency that need not be a bin of a Fourier transform. Its
recursion suits a receiver that takes sample after sample; over a finished recording the same quantity for all blocks
and frequencies is one product of two matrices.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from testing_lab.media.dtmf import HIGH_HZ, LOW_HZ, PAD
from testing_lab.media.g711 import SAMPLE_RATE, Samples

BLOCK = 205
"""Samples, 25.6 ms: resolves neighbouring frequencies, 73 Hz apart, and a tone of 40 ms fills a block at least."""
HOP = 40
"""Samples from block to block: 5 ms."""
LEAST_LEVEL_DBOV = -36.0
"""Of the stronger tone of a pair; about -30 dBm0. Receivers answer down to -24 or -29 dBm (Q.24 table A-1)."""
MOST_TWIST_DB = 10.0
"""Between the two tones of a pair; administrations ask for 4 to 10 (Q.24 table A-1)."""
LEAST_SHARE = 0.7
"""Of a block's power that the pair must hold: speech and noise spread theirs."""
LEAST_TONE_S = 0.025
"""Shorter is no key: Q.24 lets receivers ignore what is shorter than some 20 ms, and wants 40 ms recognised."""
MOST_GAP_S = 0.045
"""A key that stops for no longer than this goes on: a lost packet or two is an interruption and no second stroke."""
_IN = round(LEAST_SHARE * BLOCK)  # a tone that fills so much of a block holds so much of its power, and sounds

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class HeardTone:
    """A key played in band; times in seconds from the beginning of the recording."""

    key: str
    start_s: float
    length_s: float


def detect(audio: Samples) -> tuple[HeardTone, ...]:
    """The keys in a recording (int16, 8 kHz), in order."""
    strokes: list[tuple[str, int, int]] = []  # key, first and last sample
    for block, key in enumerate(_key_of_each_block(audio)):
        if not key:
            continue
        first, last = block * HOP + BLOCK - _IN, block * HOP + _IN
        if strokes and strokes[-1][0] == key and first - strokes[-1][2] <= MOST_GAP_S * SAMPLE_RATE:
            first = strokes.pop()[1]
        strokes.append((key, first, last))
    tones = (HeardTone(key, first / SAMPLE_RATE, (last - first) / SAMPLE_RATE) for key, first, last in strokes)
    return tuple(tone for tone in tones if tone.length_s >= LEAST_TONE_S)


def _key_of_each_block(audio: Samples) -> list[str]:
    """The key that sounds in each block, or an empty string."""
    if len(audio) < BLOCK:
        return []
    blocks = np.lib.stride_tricks.sliding_window_view(audio, BLOCK)[::HOP] / 32768.0
    low, high = _powers(blocks, LOW_HZ), _powers(blocks, HIGH_HZ)
    row, column = low.argmax(axis=1), high.argmax(axis=1)
    best = np.stack([low.max(axis=1), high.max(axis=1)])
    total = np.maximum(np.mean(blocks**2, axis=1), 1e-12)
    twist_db = 10 * np.log10(np.maximum(best.max(axis=0), 1e-12) / np.maximum(best.min(axis=0), 1e-12))
    sounds = (
        (best.max(axis=0) >= 10 ** (LEAST_LEVEL_DBOV / 10))
        & (twist_db <= MOST_TWIST_DB)
        & (best.sum(axis=0) >= LEAST_SHARE * total)
    )
    return [PAD[r][c] if on else "" for r, c, on in zip(row, column, sounds, strict=True)]


def _powers(blocks: Floats, hertz: tuple[float, ...]) -> Floats:
    """Mean power of each block at each frequency; that of a steady sine there is its whole power."""
    phase = 2 * np.pi * np.outer(np.arange(BLOCK), hertz) / SAMPLE_RATE
    real, imaginary = blocks @ np.cos(phase), blocks @ np.sin(phase)
    return np.asarray(2 * (real**2 + imaginary**2) / BLOCK**2, dtype=np.float64)
