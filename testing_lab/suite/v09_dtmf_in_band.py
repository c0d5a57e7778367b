"""V09: keys pressed at one end are heard at the other as tones in the audio."""

from testing_lab.exchanges.inbound_call import InboundCall
from testing_lab.findings import Finding, failed, inconclusive, passed
from testing_lab.registry import lab_test


@lab_test(
    "V09",
    "DTMF in band",
    exchange=InboundCall,
    unit="keys",
    limit="4 of 4 in each direction, none extra",
    source="ITU-T Q.23, Q.24",
    repeatable=True,
)
def dtmf_in_band(call: InboundCall) -> Finding:
    """Measured: how many of four keys of 0.1 s a Goertzel detector found in the worse direction, in their order."""
    if not call.media_ran:
        return inconclusive(call.why_no_media)
    ways = {"to the number": call.tones_to_number, "to the caller": call.tones_to_caller}
    told = "; ".join(f"{where} {keys.sent} came as {keys.heard or 'nothing'}" for where, keys in ways.items())
    good = all(keys.heard == keys.sent for keys in ways.values())
    return (passed if good else failed)(min(keys.right for keys in ways.values()), told)
