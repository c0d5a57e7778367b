"""V08: keys pressed at one end arrive at the other as telephone events."""

from testing_lab.exchanges.inbound_call import InboundCall
from testing_lab.findings import Finding, failed, inconclusive, passed
from testing_lab.limits import Limits
from testing_lab.media.speech import Keys
from testing_lab.registry import lab_test


@lab_test(
    "V08",
    "DTMF events",
    exchange=InboundCall,
    unit="keys",
    limit="4 of 4 each way, none extra, {shortest_s} to {longest_s} s each",
    source="RFC 4733; ITU-T Q.24 (shortest)",
    repeatable=True,
)
def dtmf_events(call: InboundCall) -> Finding:
    """Measured: how many of four keys of 0.1 s arrived in the worse direction, in their order."""
    if not call.media_ran:
        return inconclusive(call.why_no_media)
    if call.events_to_number is None or call.events_to_caller is None:
        return failed(0, "telephone-event, which we offered, was not agreed on")
    ways = {"to the number": call.events_to_number, "to the caller": call.events_to_caller}
    good = all(keys.heard == keys.sent and _lasted(keys, call.line.limits) for keys in ways.values())
    return (passed if good else failed)(
        min(keys.right for keys in ways.values()), "; ".join(map(_told, ways, ways.values()))
    )


def _lasted(keys: Keys, limits: Limits) -> bool:
    least, most = limits["V08", "shortest_s"], limits["V08", "longest_s"]
    return all(least <= length <= most for length in keys.lengths_s)


def _told(where: str, keys: Keys) -> str:
    lengths = f", {min(keys.lengths_s):.2f} to {max(keys.lengths_s):.2f} s" if keys.lengths_s else ""
    return f"{where} {keys.sent} came as {keys.heard or 'nothing'}{lengths}"
