"""V07: how late, and how unevenly late, speech arrives."""

from numbering.types import Capability
from testing_lab.exchanges.inbound_call import InboundCall
from testing_lab.findings import Finding, failed, inconclusive, passed
from testing_lab.registry import lab_test

MOST_DELAY_MS, MOST_JITTER_MS = 150.0, 20.0


@lab_test(
    "V07",
    "Delay and jitter",
    exchange=InboundCall,
    needs=Capability.VOICE,
    unit="ms",
    limit="one way <= 150, jitter <= 20, in each direction",
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
    good = max(delays) <= MOST_DELAY_MS and max(jitters) <= MOST_JITTER_MS
    return (passed if good else failed)(max(delays), f"jitter {max(jitters):.1f} ms")
