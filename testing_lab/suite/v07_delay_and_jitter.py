"""V07: how late, and how unevenly late, speech arrives."""

from testing_lab.exchanges.inbound_call import InboundCall
from testing_lab.findings import Finding, failed, inconclusive, passed
from testing_lab.registry import lab_test


@lab_test(
    "V07",
    "Delay and jitter",
    exchange=InboundCall,
    unit="ms",
    limit="one way <= {delay_ms}, jitter <= {jitter_ms}, in each direction",
    source="ITU-T G.114; RFC 3550 6.4.1",
    repeatable=True,
)
def delay_and_jitter(call: InboundCall) -> Finding:
    """Measured: the worse direction's median one-way delay, by one clock for both ends; its worse jitter in the detail.

    Jitter is taken from the true times of sending, so that our own pacer's lateness is in neither figure.
    """
    ways = (call.to_number, call.to_caller)
    delays = [way.delay_ms for way in ways if way.delay_ms is not None]
    jitters = [way.jitter_ms for way in ways if way.jitter_ms is not None]
    if not call.media_ran or len(delays) < 2 or len(jitters) < 2:
        return inconclusive(call.why_no_media or "one direction carried too few packets")
    limits = call.line.limits
    good = max(delays) <= limits["V07", "delay_ms"] and max(jitters) <= limits["V07", "jitter_ms"]
    return (passed if good else failed)(max(delays), f"jitter {max(jitters):.1f} ms")
