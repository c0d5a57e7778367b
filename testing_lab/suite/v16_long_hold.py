"""V16: a call on hold stays up, its session is refreshed, and it can be resumed."""

from numbering.types import Capability
from testing_lab.exchanges.long_call import HOLD_S, LongCall
from testing_lab.findings import Finding, failed, inconclusive, passed
from testing_lab.registry import lab_test
from testing_lab.suite.v04_two_way_audio import LEAST_MATCH

LEAST_ALIVE_S = 50.0


@lab_test(
    "V16",
    "Long hold, session timer",
    exchange=LongCall,
    needs=Capability.VOICE,
    unit="s",
    limit=">= 50 s on hold, refresh answered, audio after the resume",
    source="RFC 4028; RFC 3264 8.4",
)
def long_hold(call: LongCall) -> Finding:
    """Measured: seconds that the call stayed up on hold."""
    if call.alive_s is None:
        return inconclusive(f"the long call was not answered; the caller heard {call.final_status or 'nothing'}")
    if call.lost or call.hold_status is None:
        return inconclusive("the trunk lost the call, or did not answer")
    if call.hold_status >= 300:
        return failed(0.0, f"the hold was refused with {call.hold_status}")
    if call.alive_s < LEAST_ALIVE_S:
        return failed(call.alive_s, f"dropped on hold: {call.dropped}")
    if call.refresh_due_s is not None and call.refresh_due_s < HOLD_S and not call.refreshes:
        return failed(call.alive_s, "the session refresh was not answered")
    return _resumed(call, call.alive_s)


def _resumed(call: LongCall, alive_s: float) -> Finding:
    match = call.talk.match
    if call.resume_status is None:
        return inconclusive("the resume was not answered")
    if call.resume_status >= 300:
        return failed(alive_s, f"the resume was refused with {call.resume_status}")
    if match is None:
        return inconclusive(call.talk.why_not)
    if match < LEAST_MATCH:
        return failed(alive_s, call.talk.bad_description or f"no audio after the resume: match {match:.2f}")
    timer = f"refreshed {call.refreshes} times" if call.refresh_due_s else "no session timer agreed"
    return passed(alive_s, timer)
