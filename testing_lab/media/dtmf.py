"""The tones of the push-button telephone (ITU-T Q.23), as a sender plays them in band."""

import numpy as np

from testing_lab.media.g711 import SAMPLE_RATE, Samples

LOW_HZ = (697.0, 770.0, 852.0, 941.0)
HIGH_HZ = (1209.0, 1336.0, 1477.0, 1633.0)
PAD = ("123A", "456B", "789C", "*0#D")
"""The key that a row's and a column's frequency make together."""
TONE_S = 0.1
PAUSE_S = 0.2
"""Both well above the 40 ms that a receiver may ask for (Q.24 table A-1), and the pause long enough that the tone's
repetition within it would be heard as one."""
LEVEL_DBOV = -14.0
"""Of each of the two tones: about -8 dBm0, within the range of every administration in Q.24 table A-1."""


def frequencies(key: str) -> tuple[float, float]:
    """The low and the high frequency of a key, in Hz. Raises ValueError for what is no key."""
    for low, row in zip(LOW_HZ, PAD, strict=True):
        if len(key) == 1 and key in row:
            return low, HIGH_HZ[row.index(key)]
    raise ValueError(f"no key {key!r}")


def generate(keys: str, tone_s: float = TONE_S, pause_s: float = PAUSE_S) -> Samples:
    """The keys one after the other, a pause after each: int16 at 8 kHz."""
    tone, pause = round(tone_s * SAMPLE_RATE), round(pause_s * SAMPLE_RATE)
    return np.concatenate([np.zeros(0, np.int16), *(np.pad(_tone(key, tone), (0, pause)) for key in keys)])


def _tone(key: str, count: int) -> Samples:
    time = np.arange(count) / SAMPLE_RATE
    amplitude = 32768 * 10 ** (LEVEL_DBOV / 20) * np.sqrt(2)  # 0 dBov is a square wave: a sine's peak is 3 dB above
    waves = sum(np.sin(2 * np.pi * hertz * time) for hertz in frequencies(key))
    return np.asarray(amplitude * waves, dtype=np.int16)
