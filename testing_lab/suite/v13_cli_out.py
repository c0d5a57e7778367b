"""V13: who calls is shown when it should be, and hidden when it should not."""

from testing_lab.exchanges.outbound_call import OutboundCall
from testing_lab.exchanges.withheld_call import WithheldCall
from testing_lab.findings import Finding, failed, inconclusive, passed
from testing_lab.registry import lab_test


@lab_test(
    "V13",
    "CLI out, shown and withheld",
    exchange=(OutboundCall, WithheldCall),
    limit="shown: the exact E.164 number; withheld: in no header",
    source="RFC 3323; RFC 3325",
)
def cli_out(shown_call: OutboundCall, withheld_call: WithheldCall) -> Finding:
    """Measured: the asserted identity (or From) of a call from the number, and every header of one that is withheld."""
    shown = shown_call.asserted_identity or shown_call.caller
    if shown_call.arrivals and shown != str(shown_call.line.number):
        return failed(detail=f"shown: {shown or 'nothing'}")
    if withheld_call.revealed:
        return failed(detail=f"withheld, but told in {', '.join(dict.fromkeys(withheld_call.revealed))}")
    if not shown_call.arrivals or not withheld_call.arrivals:
        return inconclusive("one of the calls did not arrive")
    return passed(detail=shown)
