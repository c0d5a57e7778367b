"""V16: a call on hold stays up, its session is refreshed, and it can be resumed."""

from testing_lab.exchanges.long_call import LongCall
from testing_lab.findings import Finding, failed, inconclusive, passed
from testing_lab.registry import lab_test


@lab_test(
    "V16",
    "Long hold, session timer",
    exchange=LongCall,
    unit="s",
    limit=">= {alive_s} s on hold, refreshed; match >= {match} afterwards",
    source="RFC 4028; RFC 3264 8.4",
)
def long_hold(call: LongCall) -> Finding:
    """Measured: seconds that the call stayed up on hold."""
    if why := _spoilt(call):
        return inconclusive(why)
    if (call.hold_status or 0) >= 300:
        return failed(0.0, f"the hold was refused with {call.hold_status}")
    alive_s = call.alive_s or 0.0
    if alive_s < call.line.limits["V16", "alive_s"]:
        return failed(alive_s, f"dropped on hold: {call.dropped}")
    if call.refresh_due_s is not None and call.refresh_due_s < call.hold_s and not call.refreshes:
        return failed(alive_s, "the session refresh was not answered")
    return _resumed(call, alive_s)


def _spoilt(call: LongCall) -> str:
    """Why nothing can be said. A call that an end dropped tells its own story, whatever became of it then."""
    if call.alive_s is None:
        return f"the long call was not answered; the caller heard {call.final_status or 'nothing'}"
    if call.lost or call.hold_status is None:
        return "the trunk lost the call, or did not answer"
    if call.dropped or call.hold_status >= 300 or not (call.our_trouble or call.resume_status is None):
        return ""
    return call.talk.why_not if call.talk.our_trouble else "the trunk lost the call, or did not answer the resume"


def _resumed(call: LongCall, alive_s: float) -> Finding:
    match = call.talk.match
    if call.resume_status is None:  # it was dropped in that moment
        return inconclusive("the resume was not answered")
    if call.resume_status >= 300:
        return failed(alive_s, f"the resume was refused with {call.resume_status}")
    if match is None:
        return inconclusive(call.talk.why_not)
    if match < call.line.limits["V16", "match"]:
        return failed(alive_s, call.talk.bad_description or f"no audio after the resume: match {match:.2f}")
    timer = f"refreshed {call.refreshes} times" if call.refresh_due_s else "no session timer agreed"
    return passed(alive_s, timer)
