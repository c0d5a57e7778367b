"""V06: how many packets the route loses."""

from testing_lab.exchanges.inbound_call import InboundCall
from testing_lab.findings import Finding, failed, inconclusive, passed
from testing_lab.registry import lab_test


@lab_test(
    "V06",
    "Packet loss",
    exchange=InboundCall,
    unit="%",
    limit="<= {loss_percent} % in each direction",
    source="RFC 3550 6.4.1; ITU-T G.107 (burst ratio)",
    repeatable=True,
)
def packet_loss(call: InboundCall) -> Finding:
    """Measured: the worse direction's loss; its burst ratio goes into the detail."""
    losses = [way for way in (call.to_number, call.to_caller) if way.loss_percent is not None]
    if not call.media_ran or len(losses) < 2:
        return inconclusive(call.why_no_media or "one direction carried no packets at all")
    worst = max(losses, key=lambda way: way.loss_percent or 0.0)
    loss = worst.loss_percent or 0.0
    good = loss <= call.line.limits["V06", "loss_percent"]
    return (passed if good else failed)(loss, f"burst ratio {worst.burst_ratio or 1.0:.1f}")
