"""The E-model: ITU-T G.107 (06/2015), from delay and loss to a rating R and a conversational score MOS-CQE (P.800.1).

Symbols in the formulas are those of the Recommendation, with its default values (table 1) for everything that a digital
trunk does not change, so that an unimpaired call rates R = 93.2. What a route does to the level, the noise and the echo
goes in where the Recommendation has it.
"""

import math
from dataclasses import dataclass

from testing_lab.media.meter import JITTER_BUFFER_MS, MediaReport
from testing_lab.media.sound import Sound

PACKETISATION_MS = 20.0
"""The first sample of a packet waits this long before the packet leaves."""


@dataclass(frozen=True, slots=True)
class Codec:
    """Equipment impairment `ie` and packet-loss robustness `bpl` of ITU-T G.113 Appendix I."""

    name: str
    ie: float
    bpl: float


G711 = Codec("G.711 with concealment (Appendix I)", ie=0.0, bpl=25.1)

_SLR, _RLR, _STMR, _DS, _DR, _TELR, _WEPL = 8.0, 2.0, 15.0, 3.0, 3.0, 65.0, 110.0
_NC, _NFOR, _PS, _PR, _QDU = -70.0, -64.0, 35.0, 35.0, 1.0
_CLEAR = Sound()


def rating(
    *,
    delay_ms: float = 0.0,
    loss_percent: float = 0.0,
    burst_ratio: float = 1.0,
    codec: Codec = G711,
    sound: Sound = _CLEAR,
) -> float:
    """Transmission rating factor R (eq. 7-1) for a one-way, mouth-to-ear delay and the loss that the decoder sees.

    A route's loss of level adds to SLR (and OLR is SLR + RLR), its noise to Nc; TELR is that of an echo that was heard.
    """
    slr = _SLR - sound.gain_db
    no = _noise(slr, _NC if sound.noise_dbm0p is None else max(_NC, sound.noise_dbm0p))
    telr = _TELR if sound.echo_loss_db is None else min(_TELR, slr + _RLR + sound.echo_loss_db)
    ro = 15 - 1.5 * (slr + no)
    return (
        ro
        - _simultaneous(ro, no, delay_ms, slr + _RLR, telr)
        - _delay(ro, no, delay_ms, telr)
        - _equipment(codec, loss_percent, burst_ratio)
    )


def mos_of_rating(r: float) -> float:
    """MOS-CQE of a rating (Annex B, B-4), from 1.0 to 4.5."""
    if r >= 100:
        return 4.5
    return max(1.0, 1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6) if r > 0 else 1.0


def mos(report: MediaReport, codec: Codec = G711, sound: Sound = _CLEAR) -> float | None:
    """MOS-CQE of what the meter saw, or None where the meter could not measure.

    The listener is assumed to play out of a buffer of JITTER_BUFFER_MS, so packets later than that are lost to
    him and the buffer adds to the delay, as do the 20 ms of packetisation. Speech that is missing from packets which
    came is lost as well. The model is blind to a distorted payload: gate it with `probe.fidelity`.
    """
    if report.loss_percent is None or report.late_percent is None or report.burst_ratio is None:
        return None
    if report.delay_ms is None:  # nothing arrived: no delay to speak of, and no speech
        return 1.0
    return mos_of_rating(
        rating(
            delay_ms=PACKETISATION_MS + report.delay_ms + JITTER_BUFFER_MS,
            loss_percent=max(report.loss_percent + report.late_percent, sound.missing_percent),
            burst_ratio=report.burst_ratio,
            codec=codec,
            sound=sound,
        )
    )


def _noise(slr: float, nc: float) -> float:
    """No: all noise sources as one level in dBm0p (eq. 7-3 to 7-7)."""
    nos = _PS - slr - _DS - 100 + 0.004 * (_PS - slr - _RLR - _DS - 14) ** 2
    lstr = _STMR + _DR
    pre = _PR + 10 * math.log10(1 + 10 ** ((10 - lstr) / 10))
    nor = _RLR - 121 + pre + 0.008 * (pre - 35) ** 2
    return 10 * math.log10(sum(10.0 ** (level / 10) for level in (nc, nos, nor, _NFOR + _RLR)))


def _simultaneous(ro: float, no: float, delay_ms: float, olr: float, telr: float) -> float:
    """Is: too loud, sidetone, quantising (eq. 7-8 to 7-17)."""
    xolr = olr + 0.2 * (64 + no - _RLR)
    iolr = 20 * (_soft_maximum(xolr / 8, 8) - xolr / 8)
    q = 37 - 15 * math.log10(_QDU)
    g = 1.07 + 0.258 * q + 0.0602 * q**2
    y, z = (ro - 100) / 15 + 46 / 8.4 - g / 9, 46 / 30 - g / 40
    iq = 15 * math.log10(1 + 10**y + 10**z)
    return iolr + _sidetone(delay_ms, telr) + iq


def _sidetone(delay_ms: float, telr: float) -> float:
    """Ist (eq. 7-11, 7-12)."""
    stmro = -10 * math.log10(10 ** (-_STMR / 10) + math.exp(-delay_ms / 4) * 10 ** (-telr / 10))
    return (
        12 * _soft_maximum((stmro - 13) / 6, 8)
        - 28 * _soft_maximum((stmro + 1) / 19.4, 35)
        - 13 * _soft_maximum((stmro - 3) / 33, 13)
        + 29
    )


def _delay(ro: float, no: float, delay_ms: float, telr: float) -> float:
    """Id: talker echo, listener echo and too long a delay (eq. 7-18 to 7-28), with T = Ta = Tr/2."""
    roe = -1.5 * (no - _RLR)
    terv = telr - 40 * math.log10((1 + delay_ms / 10) / (1 + delay_ms / 150)) + 6 * math.exp(-0.3 * delay_ms**2)
    re = 80 + 2.5 * (terv - 14)
    idte = ((roe - re) / 2 + math.sqrt((roe - re) ** 2 / 4 + 100) - 1) * (1 - math.exp(-delay_ms))
    rle = 10.5 * (_WEPL + 7) * math.pow(2 * delay_ms + 1, -0.25)
    idle = (ro - rle) / 2 + math.sqrt((ro - rle) ** 2 / 4 + 169)
    return idte + idle + _absolute_delay(delay_ms)


def _absolute_delay(delay_ms: float) -> float:
    """Idd: nothing up to 100 ms (eq. 7-27, 7-28; sT = 1, the default sensitivity)."""
    if delay_ms <= 100:
        return 0.0
    x = math.log2(delay_ms / 100)
    return 25 * (_soft_maximum(x, 6) - 3 * _soft_maximum(x / 3, 6) + 2)


def _soft_maximum(x: float, order: int) -> float:
    """The larger of 1 and x with the corner rounded: the shape that the Recommendation uses throughout."""
    return math.pow(1 + math.pow(x, order), 1 / order)


def _equipment(codec: Codec, loss_percent: float, burst_ratio: float) -> float:
    """Ie-eff (eq. 7-29). Measured burst ratios just below 1 are random loss in a small sample."""
    return codec.ie + (95 - codec.ie) * loss_percent / (loss_percent / max(1.0, burst_ratio) + codec.bpl)
