"""What the caller hears while it rings."""

from functools import cache

import numpy as np

from testing_lab.media.g711 import SAMPLE_RATE, Samples

HERTZ = (440.0, 480.0)
"""North America's audible ringing; ITU-T E.180 asks for 400 to 450 Hz elsewhere. That it comes is what is judged."""
LEVEL_DBOV = -25.0
"""Of each tone, about -19 dBm0."""
LONGEST_S = 10.0
"""Between the ringing and the end of the answer's handshake, on a call that is going to stand."""


@cache
def tone() -> Samples:
    """The tone without its pauses: int16 at 8 kHz."""
    time = np.arange(round(LONGEST_S * SAMPLE_RATE)) / SAMPLE_RATE
    amplitude = 32768 * 10 ** (LEVEL_DBOV / 20) * np.sqrt(2)
    return np.asarray(amplitude * sum(np.sin(2 * np.pi * hertz * time) for hertz in HERTZ), dtype=np.int16)
