"""The tones by which fax machines know each other before they switch to T.38 (ITU-T T.30: CNG and CED)."""

import numpy as np

from testing_lab.media.g711 import SAMPLE_RATE, Samples

CNG_HZ, CED_HZ = 1100.0, 2100.0
CNG_S, CNG_PAUSE_S = 0.5, 3.0
CED_S = 3.0  # 2.6 to 4 s
CED_AFTER_S = 1.8  # to 2.5 s from the answer
LEVEL_DBOV = -16.0
BLOCK, HOP = 200, 80  # samples: 25 ms, every 10
LEAST_SHARE = 0.7  # of a block's power at the one frequency
LEAST_POWER = 10 ** (-40.0 / 10)
MOST_GAP_S = 0.05  # two lost packets do not end a tone


def calling(seconds: float) -> Samples:
    """CNG, over and over."""
    return _resized(np.tile(np.concatenate([_sine(CNG_HZ, CNG_S), _silence(CNG_PAUSE_S)]), 4), seconds)


def called(seconds: float) -> Samples:
    """CED, once."""
    return _resized(np.concatenate([_silence(CED_AFTER_S), _sine(CED_HZ, CED_S)]), seconds)


def longest_s(audio: Samples, hertz: float) -> float:
    """How long this tone lasts in a recording (int16, 8 kHz) at most, in seconds."""
    if len(audio) < BLOCK:
        return 0.0
    blocks = np.lib.stride_tricks.sliding_window_view(audio, BLOCK)[::HOP] / 32768.0
    phase = 2 * np.pi * hertz * np.arange(BLOCK) / SAMPLE_RATE
    tone = 2 * ((blocks @ np.cos(phase)) ** 2 + (blocks @ np.sin(phase)) ** 2) / BLOCK**2
    total = np.mean(blocks**2, axis=1)
    return _longest_run_s(np.flatnonzero((tone >= LEAST_POWER) & (tone >= LEAST_SHARE * total)))


def _longest_run_s(sounding: "np.typing.NDArray[np.intp]") -> float:
    """Of the blocks that sound, the longest succession with no more than MOST_GAP_S between them."""
    if not len(sounding):
        return 0.0
    ends = np.flatnonzero(np.diff(sounding) > MOST_GAP_S * SAMPLE_RATE / HOP + 1)
    first = np.concatenate([[0], ends + 1])
    last = np.concatenate([ends, [len(sounding) - 1]])
    return float(((sounding[last] - sounding[first]) * HOP + LEAST_SHARE * BLOCK).max()) / SAMPLE_RATE


def _sine(hertz: float, seconds: float) -> Samples:
    amplitude = 32768 * 10 ** (LEVEL_DBOV / 20) * np.sqrt(2)
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return np.asarray(amplitude * np.sin(2 * np.pi * hertz * time), dtype=np.int16)


def _silence(seconds: float) -> Samples:
    return np.zeros(round(seconds * SAMPLE_RATE), dtype=np.int16)


def _resized(signal: Samples, seconds: float) -> Samples:
    count = round(seconds * SAMPLE_RATE)
    return np.asarray(np.pad(signal, (0, max(0, count - len(signal))))[:count], dtype=np.int16)
