"""Where a probe begins whose clock is not ours: its parts are all there, and none fits the others' delay.

A gateway whose clock is off by 200 ppm drops or repeats a sample every 0.6 s. Nobody hears that; but after seven
seconds the waveform has moved by 11 samples, and the correlation of the whole with the whole finds nothing.
"""

import numpy as np
import numpy.typing as npt

from testing_lab.media.g711 import SAMPLE_RATE, Samples

_PART = SAMPLE_RATE // 2
_BIN = SAMPLE_RATE // 100
"""Parts whose delays differ by less belong together."""


def align(probe: Samples, heard: Samples) -> tuple[int, float]:
    """The sample of `heard` at which `probe` begins, and how like it the parts are there, 0 to 1 (strangers: 0.1).

    Half seconds are looked for by themselves, and where most of them agree on the delay, to 10 ms, it is.
    """
    parts = [probe[start : start + _PART].astype(np.float32) for start in range(0, len(probe) - _PART + 1, _PART)]
    if not parts or len(heard) < _PART:
        return 0, 0.0
    bins = -(-(len(heard) + len(probe)) // _BIN)
    votes, weight = np.zeros(bins), 0.0
    size = 1 << (len(heard) + _PART - 1).bit_length()
    spectrum, norm = np.fft.rfft(heard.astype(np.float32), size), _norm(heard)
    for place, part in enumerate(parts):
        energy = float(np.sum(part.astype(np.float64) ** 2))
        if not energy:
            continue
        products = np.fft.irfft(spectrum * np.conj(np.fft.rfft(part, size)), size)[: len(norm)]
        likeness = np.minimum(np.abs(products) / (norm * np.sqrt(energy)), 1.0)
        offset = len(probe) - place * _PART  # so that the delay of the whole counts, and is not negative
        votes += energy * _best_of_bins(likeness, offset, bins)
        weight += energy
    votes = np.maximum(votes, np.append(votes[1:], 0.0))
    best = int(np.argmax(votes))
    return best * _BIN + _BIN - len(probe), float(votes[best] / weight) if weight else 0.0


def _best_of_bins(likeness: npt.NDArray[np.float64], offset: int, bins: int) -> npt.NDArray[np.float64]:
    row = np.zeros(bins * _BIN)
    row[offset : offset + len(likeness)] = likeness[: len(row) - offset]
    return np.asarray(row.reshape(bins, _BIN).max(axis=1))


def _norm(heard: Samples) -> npt.NDArray[np.float64]:
    """Root of the energy of each window of a part's length; where there is next to none, as if there were some."""
    total = np.concatenate([[0.0], np.cumsum(heard.astype(np.float64) ** 2)])
    norm = np.sqrt(total[_PART:] - total[:-_PART])
    return np.asarray(np.maximum(norm, max(0.05 * float(norm.max()), 1.0)))
