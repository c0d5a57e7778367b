"""V05: what the conversation would sound like."""

from testing_lab.exchanges.inbound_call import InboundCall
from testing_lab.findings import Finding, failed, inconclusive, passed
from testing_lab.registry import lab_test


@lab_test(
    "V05",
    "Estimated quality (MOS)",
    exchange=InboundCall,
    unit="MOS-CQE",
    limit=">= {mos}, with fidelity >= {fidelity}",
    source="ITU-T G.107, P.800.1",
    repeatable=True,
)
def estimated_mos(call: InboundCall) -> Finding:
    """Measured: the worse direction's E-model MOS.

    The E-model is blind to a corrupted payload, so the waveform's fidelity gates it.
    """
    ratings = [way.mos for way in (call.to_number, call.to_caller) if way.mos is not None]
    if not call.media_ran or len(ratings) < 2:
        return inconclusive(call.why_no_media or "no packets to rate")
    mos, fidelity = min(ratings), min(call.to_number.fidelity, call.to_caller.fidelity)
    limits = call.line.limits
    good = mos >= limits["V05", "mos"] and fidelity >= limits["V05", "fidelity"]
    return (passed if good else failed)(mos, f"fidelity {fidelity:.2f}")
