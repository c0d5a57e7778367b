"""V02: how long the caller waits before hearing that something happens."""

from testing_lab.exchanges.inbound_call import InboundCall
from testing_lab.findings import Finding, at_most, inconclusive
from testing_lab.media.instrument import MAX_STALL_MS
from testing_lab.models.result import Outcome
from testing_lab.registry import lab_test


@lab_test(
    "V02",
    "Post-dial delay",
    exchange=InboundCall,
    unit="s",
    limit="<= {delay_s} s",
    source="RFC 6076 4.3 (SRD); the limits are ours, after the delays that ITU-T E.721 aims at",
    repeatable=True,
)
def post_dial_delay(call: InboundCall) -> Finding:
    """Measured: session request delay, from the INVITE to the first response other than 100.

    A stall of our own event loop can only lengthen it: a pass stands.
    """
    delay = call.progress_s if call.arrivals else None
    finding = at_most(call.line.limits["V02", "delay_s"], delay, "the call made no progress")
    if finding.outcome == Outcome.FAIL and call.progress_stall_ms > MAX_STALL_MS:
        return inconclusive(f"event loop stalled for {call.progress_stall_ms:.0f} ms")
    return finding
