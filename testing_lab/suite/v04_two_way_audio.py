"""V04: each end hears the other."""

from testing_lab.exchanges.inbound_call import InboundCall
from testing_lab.findings import Finding, at_least, failed
from testing_lab.registry import lab_test


@lab_test(
    "V04",
    "Two-way audio, identity",
    exchange=InboundCall,
    unit="match 0..1",
    limit=">= {match} in both directions",
    source="our own: a noise-burst probe unique to the call and direction",
)
def two_way_audio(call: InboundCall) -> Finding:
    """Measured: the weaker of the two directions' likeness to the probe that was sent.

    An answer that gives us nowhere to send audio is as good as silence.
    """
    if call.bad_description:
        return failed(0.0, call.bad_description)
    match = min(call.to_number.match, call.to_caller.match) if call.media_ran else None
    return at_least(call.line.limits["V04", "match"], match, call.why_no_media)
