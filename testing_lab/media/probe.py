"""Who do I hear? A noise-burst signal that no other call shares, and how to find it again in what was received.

The probe is speech-band noise in bursts and pauses of random length, all from one seed: its waveform proves identity
(crossed lines, one-way audio) and its correlation with what arrived proves the payload (the E-model cannot see that).
"""

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from testing_lab.media import drift
from testing_lab.media.g711 import SAMPLE_RATE, Samples

Floats = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]
"""Enough for a transform of 16-bit audio: errors of a correlation are some 1e-6 of its peak, at half the cost."""

LEVEL_DBOV = -20.0
"""Level inside the bursts. Speech is nominally -26 dBov (active level, ITU-T P.56); louder survives losses better."""
SILENT = -np.inf
SURE = 0.3
"""Match from which on a probe is what was heard, and where it was found."""
_BAND_HZ = (300.0, 3400.0)
_BURST_S = (0.25, 0.60)
_PAUSE_S = (0.05, 0.20)
_SEGMENT = SAMPLE_RATE // 2  # fidelity is judged in half seconds ...
_SLIP = SAMPLE_RATE // 4  # ... each of which may slip by so much (a jitter buffer that resized, a clock that drifts)
_LEAST_OVERLAP = 0.25  # of the probe's energy: a sliver of noise always fits somewhere


def generate(seed: str, seconds: float, level_dbov: float = LEVEL_DBOV) -> Samples:
    """The probe of `seed` (say, run, call and direction): int16 at 8 kHz. Equal seeds give equal probes."""
    rng = np.random.default_rng(int.from_bytes(hashlib.sha256(seed.encode()).digest()[:16], "big"))
    count = round(seconds * SAMPLE_RATE)
    spectrum = np.fft.rfft(rng.standard_normal(count))
    frequency = np.fft.rfftfreq(count, 1 / SAMPLE_RATE)
    spectrum[(frequency < _BAND_HZ[0]) | (frequency > _BAND_HZ[1])] = 0
    noise = np.fft.irfft(spectrum, count)
    scaled = noise / np.sqrt(np.mean(noise**2)) * 32768 * 10 ** (level_dbov / 20)
    return np.asarray(np.clip(scaled * _bursts(rng, count), -32768, 32767), dtype=np.int16)


@dataclass(frozen=True, slots=True)
class Likeness:
    """What is left of a probe in the audio received.

    `match` (0..1) says whether it is this probe at all, `fidelity` (0..1) how much of its waveform arrived intact,
    `gain_db` what the route did to its level (-inf: not there), `offset_s` where in the received audio it begins.
    """

    match: float
    fidelity: float
    gain_db: float
    offset_s: float


def examine(sent: Samples, received: Samples) -> Likeness:
    """Look for the probe `sent` in `received`: one alignment, every figure."""
    reference, heard = sent.astype(np.float32), received.astype(np.float32)
    lag, score = _align(reference, heard)
    if score < SURE:
        lag, score = max((lag, score), drift.align(sent, received), key=lambda found: found[1])
    if score == 0.0:
        return Likeness(0.0, 0.0, SILENT, 0.0)
    return Likeness(score, _fidelity(reference, heard, lag), _gain_db(reference, heard, lag), lag / SAMPLE_RATE)


def match(sent: Samples, received: Samples) -> float:
    """How surely `received` carries `sent`: 0 (somebody else, or silence) to 1 (sample for sample), at any delay.

    The highest normalised cross-correlation over all delays. Strangers score below 0.15; G.711, 10 % of loss or 20 dB
    of attenuation leave more than 0.8. Blind to level: see `Likeness.gain_db`.
    """
    return _align(sent.astype(np.float32), received.astype(np.float32))[1]


def fidelity(sent: Samples, received: Samples) -> float:
    """Share of the sent waveform that arrived intact, 0 to 1: the gate of the MOS. For waveform codecs only.

    Half seconds of the probe are correlated one by one near the delay of the whole, each free to slip by 250 ms, and
    their peaks averaged by the energy sent. What never arrived counts as 0.
    """
    return examine(sent, received).fidelity


def level_dbov(audio: Samples) -> float:
    """Mean power in dB relative to full scale (0 dBov is a full-scale square wave); -inf for silence."""
    power = float(np.mean((audio / 32768.0) ** 2)) if len(audio) else 0.0
    return float(10 * np.log10(power)) if power else SILENT


def _bursts(rng: np.random.Generator, count: int) -> Floats:
    """The envelope: 1 within bursts, 0 in the pauses between."""
    envelope = np.zeros(count)
    position = 0
    while position < count:
        burst, pause = (round(rng.uniform(*span) * SAMPLE_RATE) for span in (_BURST_S, _PAUSE_S))
        envelope[position : position + burst] = 1.0
        position += burst + pause
    return envelope


def _fidelity(reference: Singles, heard: Singles, lag: int) -> float:
    whole = -(-len(reference) // _SEGMENT) * _SEGMENT
    segments = np.pad(reference, (0, whole - len(reference))).reshape(-1, _SEGMENT)
    energies = np.sum(segments.astype(np.float64) ** 2, axis=1)
    return float(energies @ _segment_scores(segments, energies, heard, lag) / energies.sum())


def _gain_db(reference: Singles, heard: Singles, lag: int) -> float:
    """Least-squares gain of the probe within what was received; other sound beside it does not count."""
    begin, end = max(0, -lag), min(len(reference), len(heard) - lag)
    probe, echo = reference[begin:end], heard[begin + lag : end + lag]
    gain = abs(float(np.vdot(probe, echo))) / float(np.vdot(probe, probe))
    return float(20 * np.log10(gain)) if gain else SILENT


def _align(reference: Singles, heard: Singles) -> tuple[int, float]:
    """The delay of `reference` within `heard`, in samples, and the normalised correlation there."""
    if not reference.any() or not heard.any():
        return 0, 0.0
    lags = np.arange(-len(reference) + 1, len(heard))
    sent_energy = _energy(reference, np.maximum(0, -lags), np.minimum(len(reference), len(heard) - lags))
    heard_energy = _energy(heard, np.maximum(0, lags), np.minimum(len(heard), len(reference) + lags))
    least = _LEAST_OVERLAP * min(float(np.sum(reference**2, dtype=np.float64)), float(sent_energy.max()))
    scores = _scores(_correlate(reference, heard), sent_energy * heard_energy, sent_energy >= least)
    best = int(np.argmax(scores))
    return int(lags[best]), float(scores[best])


def _segment_scores(segments: Singles, energies: Floats, heard: Singles, lag: int) -> Floats:
    """For each segment the best normalised correlation within `_SLIP` of where it should be; 0 beyond what was heard.

    All at once, and circular within each window: the lags at which a segment lies wholly in its window are read alone,
    and there nothing has wrapped around.
    """
    span, slips, begin = _SEGMENT + 2 * _SLIP, 2 * _SLIP + 1, lag - _SLIP
    windows = np.lib.stride_tricks.sliding_window_view(_cut(heard, begin, segments.size + 2 * _SLIP), span)[::_SEGMENT]
    products = np.fft.irfft(np.fft.rfft(windows) * np.conj(np.fft.rfft(segments, span)), span)[:, :slips]
    total = np.pad(np.cumsum(np.square(windows, dtype=np.float64), axis=1), ((0, 0), (1, 0)))
    heard_energy = total[:, _SEGMENT:] - total[:, :slips]
    first = begin + _SEGMENT * np.arange(len(segments))[:, np.newaxis] + np.arange(slips)
    there = (first >= 0) & (first + _SEGMENT <= len(heard))
    return np.asarray(_scores(products, heard_energy * energies[:, np.newaxis], there).max(axis=1), dtype=np.float64)


def _cut(signal: Singles, begin: int, length: int) -> Singles:
    """signal[begin:begin + length], with silence wherever that is beyond its ends."""
    cut = np.zeros(length, dtype=np.float32)
    part = signal[max(0, begin) : max(0, begin + length)]
    cut[max(0, -begin) :][: len(part)] = part
    return cut


def _scores(products: npt.NDArray[np.floating[Any]], energy: Floats, usable: npt.NDArray[np.bool_]) -> Singles:
    """Normalised correlations, 0..1; 0 where they tell nothing, or there is nothing to normalise by."""
    norm, scores = np.sqrt(energy).astype(np.float32), np.zeros(products.shape, dtype=np.float32)
    np.divide(np.abs(products), norm, out=scores, where=usable & (energy > 0))
    return np.minimum(scores, np.float32(1.0))


def _correlate(reference: Singles, heard: Singles) -> Singles:
    """Products at every lag from -(len(reference)-1) to len(heard)-1, by FFT."""
    size = _fast_length(len(reference) + len(heard) - 1)
    spectrum = np.fft.rfft(heard, size) * np.conj(np.fft.rfft(reference, size))
    products = np.fft.irfft(spectrum, size)
    return np.concatenate([products[size - len(reference) + 1 :], products[: len(heard)]])


def _fast_length(least: int) -> int:
    """The next length without large prime factors, for which the FFT is quick."""
    return min(odd << (-(-least // odd) - 1).bit_length() for odd in (1, 3, 5, 9, 15, 25, 27))


def _energy(signal: Singles, begins: npt.NDArray[np.int64], ends: npt.NDArray[np.int64]) -> Floats:
    """Sum of squares of signal[begin:end] for many windows at once. Squares of int16 add up exactly in a float64."""
    total = np.concatenate([[0.0], np.cumsum(np.square(signal, dtype=np.float64))])
    return np.asarray(total[ends] - total[begins], dtype=np.float64)
