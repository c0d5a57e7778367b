"""The kinds of trouble that a stranger's route makes, and what the lab must say of each. It knows none of them."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.testing_lab.strangers import media_faults as media
from tests.testing_lab.strangers import signalling_faults as signalling
from tests.testing_lab.strangers.media_faults import Mangle

Make = Callable[[], Mangle]


@dataclass(frozen=True)
class Strange:
    """`fails`: the tests that must fail; `may`: those that may, beside. None at all: the number is healthy.

    `onward` and `back` act on the audio of the caller and of the called party; `both` stands for either. `sip`
    acts on the SIP messages of both.
    """

    name: str
    fails: frozenset[str] = frozenset()
    may: frozenset[str] = frozenset()
    both: Make | None = None
    onward: Make | None = None
    back: Make | None = None
    echo: Callable[[], media.Echo] | None = None
    sip: signalling.Make = lambda: signalling.passed_on


def _fails(*codes: str) -> frozenset[str]:
    return frozenset(codes)


HARMLESS = [
    Strange("nothing"),
    Strange("30 ms a packet, renumbered", both=lambda: media.Repacketised(30)),
    Strange("10 ms a packet, renumbered", both=lambda: media.Repacketised(10)),
    Strange("A-law all the way, renumbered", both=lambda: media.Repacketised(20, payload_type=8)),
    Strange("A-law from the middle on", both=media.TranscodedLater),
    Strange("another source from the middle on", both=media.SourceChange),
    Strange("sequence numbers jump", both=lambda: media.SourceChange(ssrc=None, seq=1000, stamp=0)),
    Strange("timestamps jump by 3 s", both=lambda: media.SourceChange(ssrc=None, seq=0, stamp=24_000)),
    Strange("timestamps jump by 0.4 s", both=lambda: media.SourceChange(ssrc=None, seq=0, stamp=3_200)),
    Strange("5 % of packets twice", both=lambda: media.duplicated(0.05)),
    Strange("10 % of packets overtaken", both=lambda: media.Reordered(0.1)),
    Strange("a clock slow by 200 ppm", both=lambda: media.Repacketised(20, slip=5000)),
    Strange("silence suppressed", both=media.SilenceSuppressed),
    Strange("extensions, padding, RTCP and STUN", both=lambda: media.with_extras),
    Strange("6 dB quieter", both=lambda: media.gain(-6.0)),
    Strange("3 dB louder", both=lambda: media.gain(3.0)),
    Strange("comfort noise at -66 dBov", both=lambda: media.noise(-66.0)),
    Strange("the offer is left to the called party", sip=signalling.OfferLeftToTheCalled),
    Strange("events at another interval", both=lambda: media.events_at_50_ms),
]
HARMFUL = [
    Strange("30 dB louder, clipped", _fails("V05"), _fails("V09"), both=lambda: media.gain(30.0)),
    Strange("20 dB quieter", _fails("V05"), _fails("V09"), onward=lambda: media.gain(-20.0)),
    Strange("noise at -35 dBov", _fails("V05"), _fails("V09"), back=lambda: media.noise(-35.0)),
    Strange("echo 15 dB below", _fails("V05"), _fails("V09"), echo=lambda: media.Echo(15.0, 0.12)),
    Strange("2 % of octets wrong", _fails("V05"), _fails("V09"), back=lambda: media.corrupted(0.02)),
    Strange("mute for 200 ms of every second", _fails("V05"), _fails("V09"), onward=lambda: media.Muted(10, 50)),
    Strange("mute after 4.5 s", _fails("V05", "V09"), back=lambda: media.Muted(1, 1, after=275)),
    Strange("somebody else after 4.5 s", _fails("V05", "V09"), onward=lambda: media.StrangerLater(225)),
    Strange("5 % lost upstream, filled", _fails("V05"), _fails("V09"), both=media.FilledLoss),
    Strange("5 % lost upstream, renumbered", _fails("V06"), _fails("V05", "V09"), both=media.HiddenLoss),
    Strange("half a second late from 4 s on", _fails("V05"), _fails("V07"), back=lambda: media.DelayGrows(200, 0.5)),
    Strange("the upper half of the band is gone", _fails("V05", "V09"), both=media.LowPass),
    Strange("keys by INFO", _fails("V08"), onward=lambda: media.without_events),
]
STRANGE = [*HARMLESS, *HARMFUL]
