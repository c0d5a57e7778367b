"""V01: a call to the number arrives at our trunk, once, and is answered there."""

from testing_lab.exchanges.inbound_call import InboundCall
from testing_lab.exchanges.routed_call import why_unclear
from testing_lab.findings import Finding, failed, inconclusive, passed
from testing_lab.registry import lab_test


@lab_test(
    "V01",
    "Inbound reach",
    exchange=InboundCall,
    unit="calls",
    limit="exactly one, at the right number, answered",
    source="RFC 3261; ITU-T E.164",
)
def inbound_reach(call: InboundCall) -> Finding:
    """Measured: how often the INVITE arrived. What the trunk says of itself is not held against the number."""
    if why := why_unclear(call) or _why_uncounted(call):
        return inconclusive(why)
    if not call.arrivals:
        return failed(0, f"no call arrived; the caller heard {call.final_status or 'nothing'}")
    if call.arrivals > 1:
        return failed(call.arrivals, "the call arrived more than once")
    if call.called != str(call.line.number):
        return failed(1, f"arrived for {call.called}, which is not the E.164 number dialled")
    if call.answered_elsewhere:
        return failed(1, "the caller was answered by somebody else")
    return passed(1) if call.final_status == 200 else failed(1, f"the caller heard {call.final_status or 'nothing'}")


def _why_uncounted(call: InboundCall) -> str:
    """Why it can't be told whether the call came twice; "" where it can."""
    unclear = call.perhaps_twice and call.arrivals == 1
    return "another call came that shows nobody: ours again, or a stranger's" if unclear else ""
