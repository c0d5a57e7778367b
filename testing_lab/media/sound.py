"""What a listener would complain of though every packet came: too faint, too loud, noisy, holes in the speech, an echo.

The figures are those that the E-model takes (ITU-T G.107): the level that the route adds, for the loudness ratings; the
noise in the pauses of the probe, for the circuit noise; the share of the probe that did not arrive, for the loss; and
how far below one's own voice its echo lies, for the echo loudness rating.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from testing_lab.media.g711 import SAMPLE_RATE, Samples

FRAME = SAMPLE_RATE // 50
LEAST_LIKENESS = 0.25
"""Correlation of 20 ms below which nothing of the probe is in them. Strangers' is 0.09 (standard deviation)."""
LEAST_ECHO = 0.045
"""Gain, -27 dB: twice what chance makes of two strangers' voices."""
LONGEST_ECHO_S = 0.8
FULL_SCALE_DBM0 = 6.2
"""Of 0 dBov, a square wave: a full-scale sine is 3.17 dBm0 in mu-law and 3.14 in A-law (G.711)."""
_WEIGHTING_DB = -2.5  # psophometric, of noise that fills the telephone band (ITU-T O.41)
_MORE_FRAMES = 25  # half a second, in which a buffer or a clock may have slipped by itself ...
_SLIP = SAMPLE_RATE // 4  # ... so far
_GUARD = SAMPLE_RATE // 100  # beside a burst filters still ring
_HOLES = 0.01  # of the probe: below, nobody asks whether it has slipped

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sound:
    """`gain_db` is that of the route. `noise_dbm0p` and `echo_loss_db` are None where there is none to speak of.

    `missing_percent` is the share of the probe, by energy, of which nothing arrived.
    """

    gain_db: float = 0.0
    noise_dbm0p: float | None = None
    missing_percent: float = 0.0
    echo_loss_db: float | None = None


def judge(probe: Samples, heard: Samples, begins_at: int) -> Sound:
    """How `probe` sounds in `heard`, where it begins at sample `begins_at`."""
    frames = probe[: len(probe) // FRAME * FRAME].astype(np.float64).reshape(-1, FRAME)
    energy = np.sum(frames**2, axis=1)
    places = begins_at + FRAME * np.arange(len(frames))
    came = _cut(heard, places)
    likeness = _likeness(frames, came, energy)
    if _missing(likeness, energy) > _HOLES:
        came, likeness = _looked_for(frames, heard, places, energy)
    there = likeness >= LEAST_LIKENESS
    gain = float(np.sum(frames[there] * came[there]) / max(energy[there].sum(), 1.0))
    return Sound(
        gain_db=20 * float(np.log10(gain)) if gain > 0 else 0.0,
        noise_dbm0p=_noise(probe, came),
        missing_percent=100 * _missing(likeness, energy),
    )


def echo_loss_db(own: Samples, heard: Samples, begins_at: int) -> float | None:
    """How far below what one said oneself (`own`, from sample `begins_at` of `heard` on) its echo lies; None: none."""
    size = SAMPLE_RATE
    span = size + round(LONGEST_ECHO_S * SAMPLE_RATE)
    starts = range(0, len(own) - size + 1, size)
    if not starts:
        return None
    said = np.stack([own[start : start + size] for start in starts]).astype(np.float32)
    came = np.stack([_window(heard, begins_at + start, span) for start in starts]).astype(np.float32)
    transform = 1 << (span - 1).bit_length()
    spectrum = np.sum(np.fft.rfft(came, transform) * np.conj(np.fft.rfft(said, transform)), axis=0)
    products = np.abs(np.fft.irfft(spectrum, transform)[: span - size])
    gain = float(products.max()) / max(float(np.sum(said.astype(np.float64) ** 2)), 1.0)
    return -20 * float(np.log10(gain)) if gain >= LEAST_ECHO else None


def _likeness(frames: Floats, came: Floats, energy: Floats) -> Floats:
    """Correlation of each frame with what came in its place."""
    norm = np.sqrt(energy * np.sum(came**2, axis=1))
    return np.asarray(np.sum(frames * came, axis=1) / np.maximum(norm, 1.0))


def _missing(likeness: Floats, energy: Floats) -> float:
    return float(energy[likeness < LEAST_LIKENESS].sum() / max(energy.sum(), 1.0))


def _looked_for(frames: Floats, heard: Samples, places: npt.NDArray[np.int64], energy: Floats) -> tuple[Floats, Floats]:
    """The frames as they came, each at the lag of its half second or of a neighbouring one, whichever is best."""
    lags = [_lag(frames[at : at + _MORE_FRAMES], heard, int(places[at])) for at in range(0, len(frames), _MORE_FRAMES)]
    of_frame = np.repeat(lags, _MORE_FRAMES)[: len(frames)]
    came, best = _cut(heard, places), np.full(len(frames), -1.0)
    for shift in (0, -_MORE_FRAMES, _MORE_FRAMES):
        at = np.clip(np.arange(len(frames)) + shift, 0, len(frames) - 1)
        other = _cut(heard, places + of_frame[at])
        likeness = _likeness(frames, other, energy)
        quieter = (energy == 0) & (np.sum(other**2, axis=1) < np.sum(came**2, axis=1))
        better = (likeness > best) & (energy > 0) | quieter
        came[better], best[better] = other[better], likeness[better]
    return came, best


def _lag(frames: Floats, heard: Samples, place: int) -> int:
    """By how much a half second slipped."""
    segment = frames.reshape(-1)
    window = _window(heard, place - _SLIP, len(segment) + 2 * _SLIP).astype(np.float64)
    products = np.fft.irfft(np.fft.rfft(window) * np.conj(np.fft.rfft(segment, len(window))), len(window))
    total = np.concatenate([[0.0], np.cumsum(window**2)])
    energy = total[len(segment) :] - total[: 2 * _SLIP + 1]
    return int(np.argmax(products[: 2 * _SLIP + 1] / np.sqrt(np.maximum(energy, 1.0)))) - _SLIP


def _noise(probe: Samples, came: Floats) -> float | None:
    """Mean power in the pauses of the probe, psophometrically weighted; None where all is quiet, or no pause."""
    sounding = np.convolve(probe != 0, np.ones(2 * _GUARD + 1), "same") > 0
    pauses = ~sounding[: came.size].reshape(-1, FRAME).any(axis=1)
    power = float(np.mean((came[pauses] / 32768) ** 2)) if pauses.any() else 0.0
    return 10 * float(np.log10(power)) + FULL_SCALE_DBM0 + _WEIGHTING_DB if power else None


def _cut(heard: Samples, places: npt.NDArray[np.int64]) -> Floats:
    """The 20 ms from each place on, with silence beyond the ends."""
    at = places[:, np.newaxis] + np.arange(FRAME)
    inside = (at >= 0) & (at < len(heard))
    return np.where(inside, heard[np.clip(at, 0, max(len(heard) - 1, 0))] if len(heard) else 0, 0).astype(np.float64)


def _window(heard: Samples, begin: int, length: int) -> Samples:
    window = np.zeros(length, dtype=np.int16)
    part = heard[max(0, begin) : max(0, begin + length)]
    window[max(0, -begin) :][: len(part)] = part
    return window
