"""Who do I hear? A noise-burst signal that no other call shares, and how to find it again in what was received.

The probe is speech-band noise in bursts and pauses of random length, all from one seed: its waveform proves identity
(crossed lines, one-way audio) and its correlation with what arrived proves the payload (the E-model cannot see that).
"""

import hashlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from testing_lab.media.g711 import SAMPLE_RATE, Samples

Floats = npt.NDArray[np.float64]

LEVEL_DBOV = -20.0
"""Level inside the bursts. Nominal speech is -26 dBov (ITU-T P.56, G.712 load); louder survives lossy gains better."""
SILENT = -np.inf
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
    reference, heard = sent.astype(np.float64), received.astype(np.float64)
    lag, score = _align(reference, heard)
    if score == 0.0:
        return Likeness(0.0, 0.0, SILENT, 0.0)
    return Likeness(score, _fidelity(reference, heard, lag), _gain_db(reference, heard, lag), lag / SAMPLE_RATE)


def match(sent: Samples, received: Samples) -> float:
    """How surely `received` carries `sent`: 0 (somebody else, or silence) to 1 (sample for sample), at any delay.

    The highest normalised cross-correlation over all delays. Strangers score below 0.15; G.711, 10 % of loss or 20 dB
    of attenuation leave more than 0.8. Blind to level: see `Likeness.gain_db`.
    """
    return _align(sent.astype(np.float64), received.astype(np.float64))[1]


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


def _fidelity(reference: Floats, heard: Floats, lag: int) -> float:
    energy = kept = 0.0
    for start in range(0, len(reference), _SEGMENT):
        segment = reference[start : start + _SEGMENT]
        weight = float(segment @ segment)
        energy += weight
        kept += weight * _segment_score(segment, heard, start + lag)
    return kept / energy


def _gain_db(reference: Floats, heard: Floats, lag: int) -> float:
    """Least-squares gain of the probe within what was received; other sound beside it does not count."""
    begin, end = max(0, -lag), min(len(reference), len(heard) - lag)
    probe, echo = reference[begin:end], heard[begin + lag : end + lag]
    gain = abs(float(probe @ echo)) / float(probe @ probe)
    return float(20 * np.log10(gain)) if gain else SILENT


def _align(reference: Floats, heard: Floats) -> tuple[int, float]:
    """The delay of `reference` within `heard`, in samples, and the normalised correlation there."""
    if not reference.any() or not heard.any():
        return 0, 0.0
    products = _correlate(reference, heard)
    lags = np.arange(-len(reference) + 1, len(heard))
    sent_energy = _energy(reference, np.maximum(0, -lags), np.minimum(len(reference), len(heard) - lags))
    heard_energy = _energy(heard, np.maximum(0, lags), np.minimum(len(heard), len(reference) + lags))
    least = _LEAST_OVERLAP * min(float(reference @ reference), float(sent_energy.max()))
    usable = (sent_energy >= least) & (heard_energy > 0)
    scores = np.zeros(len(lags))
    scores[usable] = np.abs(products[usable]) / np.sqrt(sent_energy[usable] * heard_energy[usable])
    best = int(np.argmax(scores))
    return int(lags[best]), min(1.0, float(scores[best]))


def _segment_score(segment: Floats, heard: Floats, expected: int) -> float:
    """Best normalised correlation of one segment within `_SLIP` of where it should be."""
    low = expected - _SLIP
    window = heard[max(0, low) : max(0, expected + len(segment) + _SLIP)]
    if len(window) < len(segment) or not segment.any():
        return 0.0
    products = _correlate(segment, window)[len(segment) - 1 : len(window)]
    begins = np.arange(len(products))
    energy = _energy(window, begins, begins + len(segment)) * float(segment @ segment)
    usable = energy > 0
    scores = np.abs(products[usable]) / np.sqrt(energy[usable])
    return min(1.0, float(scores.max())) if len(scores) else 0.0


def _correlate(reference: Floats, heard: Floats) -> Floats:
    """Products at every lag from -(len(reference)-1) to len(heard)-1, by FFT."""
    size = len(reference) + len(heard) - 1
    fast = 1 << (size - 1).bit_length()
    spectrum = np.fft.rfft(heard, fast) * np.conj(np.fft.rfft(reference, fast))
    products = np.fft.irfft(spectrum, fast)
    return np.concatenate([products[fast - len(reference) + 1 :], products[: len(heard)]])


def _energy(signal: Floats, begins: npt.NDArray[np.int64], ends: npt.NDArray[np.int64]) -> Floats:
    """Sum of squares of signal[begin:end] for many windows at once. Squares of int16 add up exactly in a float64."""
    total = np.concatenate([[0.0], np.cumsum(signal**2)])
    return np.asarray(total[ends] - total[begins], dtype=np.float64)
