"""C3: the lab calls the number with its own number withheld (RFC 3323, RFC 3325), and the number is busy."""

import re
from dataclasses import dataclass, field

from testing_lab.equipment import Equipment
from testing_lab.exchanges.inbound_call import ANSWER_LIMIT_S
from testing_lab.exchanges.observed_call import ObservedCall
from testing_lab.exchanges.placed_call import PlacedCall
from testing_lab.findings import Finding, failed, inconclusive, passed
from testing_lab.sip import q850, sdp
from testing_lab.sip.incoming import IncomingCall
from testing_lab.stir import passport

ANONYMOUS = "sip:anonymous@anonymous.invalid"  # RFC 3323 4.1.1.3
BUSY = 'Q.850;cause=17;text="User busy"'
DISCARD_PORT = 9  # the call is refused: no audio ever comes


@dataclass(slots=True)
class WithheldCall(ObservedCall):
    """`revealed` names the headers in which the far end was told the caller's number all the same.

    `others_refused`: meanwhile the trunk would not have calls of other numbers either.
    """

    revealed: list[str] = field(default_factory=list)
    others_refused: bool = False

    @property
    def cause(self) -> int | None:
        """The Q.850 cause that the caller heard (RFC 3326), or None."""
        return q850.cause_of(self.reason)

    async def live_through(self, placed: PlacedCall, lab: Equipment) -> None:
        """Dial without showing who calls; be busy."""
        incoming = await placed.dial(
            caller=ANONYMOUS,
            display_name="Anonymous",
            sdp=sdp.offer(lab.host, DISCARD_PORT),
            headers=[("P-Asserted-Identity", f"<sip:{self.line.reference}@{lab.host}>"), ("Privacy", "id")],
        )
        if incoming is not None:
            self.revealed = _headers_that_tell(incoming, str(self.line.reference), str(self.line.number))
            await incoming.reject(486, headers=[("Reason", BUSY)])
            await placed.call.final(ANSWER_LIMIT_S)
        self.others_refused = lab.route.refuses_others(self.line.number)


def judge_busy(call: WithheldCall) -> Finding:
    """The busy signal reaches the caller as what it is: 486 with cause 17. Measured: the status that was heard."""
    if call.trunk_failed:
        return inconclusive(f"the trunk answered {call.final_status}")
    if not call.arrivals or call.final_status is None:
        return inconclusive("the call to be refused did not arrive, or was never answered")
    kept = call.final_status == 486 and call.cause in (None, q850.USER_BUSY)
    detail = f"busy became {call.final_status}, {call.reason or 'without a cause'}"
    return passed(call.final_status, call.reason) if kept else failed(call.final_status, detail)


def _headers_that_tell(incoming: IncomingCall, number: str, called: str) -> list[str]:
    """Where in the INVITE the caller's number stands, in E.164 or nationally, or is signed for: headers, or the body.

    The number that was called may stand anywhere and end as the caller's does: it is taken out first.
    """
    national = number[-8:]
    said = [*incoming.request.headers, ("the description", incoming.request.body.decode("utf-8", "replace"))]
    found = [name for name, value in said if national in _without(called, value)]
    return found + ["Identity" for value in incoming.request.headers.all("Identity") if _orig(value) == number]


def _without(called: str, value: str) -> str:
    """The header's text without separators, and without the called number in any form that has its last nine digits."""
    return re.sub(rf"\d*{called[-9:]}", "", re.sub(r"[-. ()]", "", value))


def _orig(identity: str) -> str:
    try:
        return passport.read(identity).orig
    except passport.BadPassport:
        return ""
