"""V10: the called party sees who calls."""

from testing_lab.exchanges.inbound_call import InboundCall
from testing_lab.findings import Finding, failed, inconclusive, passed
from testing_lab.registry import lab_test


@lab_test(
    "V10",
    "CLI in",
    exchange=InboundCall,
    limit="the caller's exact E.164 number",
    source="RFC 3325; ITU-T E.164",
)
def cli_in(call: InboundCall) -> Finding:
    """Measured: the asserted identity at the far end, or From where the trunk asserts none."""
    if not call.arrivals:
        return inconclusive("no call arrived")
    shown = call.asserted_identity or call.caller
    return passed(detail=shown) if shown == str(call.line.reference) else failed(detail=f"shown: {shown or 'nothing'}")
