"""Which tests a number is due: by what it is sold to carry, and by what kind of number it is.

What does not apply is recorded as such, and is never a pass.
"""

from typing import NamedTuple

from numbering.types import Capability, NumberType
from testing_lab.emergency import services
from testing_lab.line import Line

VOICE, SMS, MMS, FAX = Capability.VOICE, Capability.SMS, Capability.MMS, Capability.FAX

#: Others pay to call them: sold for calls in; as callers they are not shown, and not to be, unless a contract says so.
INBOUND_ONLY = frozenset({NumberType.TOLL_FREE, NumberType.SHARED_COST})
EVERY_TYPE = frozenset(NumberType)
#: Calls from them reach emergency services by the address that is registered for the number. Of mobiles the network
#: knows where they are; the others place no calls that anybody speaks in.
AT_AN_ADDRESS = frozenset({NumberType.LOCAL, NumberType.NATIONAL, NumberType.VOIP})
#: Within each of these calls are signed: SHAKEN (47 CFR 64.6301 for the US and its territories, the CRTC for Canada; no
#: other country behind +1 that we know of demands it), and the French MAN (loi 2020-901).
SIGNED_WITHIN = (frozenset({"US", "PR", "VI", "GU", "AS", "MP", "CA"}), frozenset({"FR"}))


class Demand(NamedTuple):
    """A test applies to lines that carry any of `carries` and are of one of `types`."""

    carries: Capability
    types: frozenset[NumberType] = EVERY_TYPE

    def fits(self, line: Line) -> bool:
        """Whether the line is sold for what the test asks of it."""
        return bool(self.carries & line.capabilities) and line.number_type in self.types


_SPEECH = Demand(VOICE)
_ANY_CALL = Demand(VOICE | FAX)
_CALLS_OUT = Demand(VOICE, EVERY_TYPE - INBOUND_ONLY)
_TEXT = Demand(SMS)

#: The plan of the 25 tests. A test that is not of the plan says itself what it needs (`lab_test(needs=...)`).
PLAN: dict[str, Demand] = {
    "V01": _ANY_CALL,
    "V02": _ANY_CALL,
    "V03": _ANY_CALL,
    **dict.fromkeys(("V04", "V05", "V06", "V07", "V08", "V09", "V10"), _SPEECH),
    "V11": _ANY_CALL,
    **dict.fromkeys(("V12", "V13", "V14", "V15"), _CALLS_OUT),
    **dict.fromkeys(("V16", "V17"), _SPEECH),
    "E01": Demand(VOICE, AT_AN_ADDRESS),
    "F01": Demand(FAX),
    **dict.fromkeys(("S01", "S02", "S03", "S04", "S05"), _TEXT),
    "M01": Demand(MMS),
}


def is_signed(line: Line) -> bool:
    """Calls are signed within one framework: a token does not cross its border, so both ends lie in the same one."""
    return any({line.home, line.reference.country} <= countries for countries in SIGNED_WITHIN)


def is_regulated(line: Line) -> bool:
    """Somebody demands that an address be registered for emergency calls from the numbers of this country."""
    return services.row_of(line.home) is not None
