"""S05: a receipt says delivered if, and only if, the message was delivered."""

from testing_lab.exchanges.message_series import MessageSeries, Sent
from testing_lab.findings import Finding, failed, inconclusive, passed
from testing_lab.registry import lab_test


@lab_test(
    "S05",
    "Receipt truthfulness",
    exchange=MessageSeries,
    unit="false claims",
    limit="0 of 6, one of them refused; receipts within {report_s} s",
    source="SMPP 3.4 appendix B, 5.2.28; the control is our own",
)
def receipts(series: MessageSeries) -> Finding:
    """Measured: receipts that contradict what happened, and deliveries that nobody reported in time.

    Silence about a message that did not reach its recipient is no lie: an SMSC may go on trying for days.
    """
    accepted = [message for message in series.messages if message.accepted]
    if any(message.not_sent for message in series.messages):
        return inconclusive("a message could not be sent")
    if not any(message.receipt or message.reached for message in accepted):
        return inconclusive("nothing was delivered, and nothing was claimed")
    if series.cut_off:
        return inconclusive("our link to the SMSC was lost")
    lies = [lie for message in accepted if (lie := _lie(message, series.line.limits["S05", "report_s"]))]
    lost = [m for m in accepted if m.receipt and m.receipt.delivered and not m.arrivals]
    if lost and len(lost) == len(lies) <= len(series.strays):
        return inconclusive("something arrived that can't be recognised: it may be what was claimed as delivered")
    return failed(len(lies), "; ".join(lies)) if lies else passed(0)


def _lie(message: Sent, limit_s: float) -> str:
    """In what way claim and arrival differ; empty when they agree."""
    claim = message.receipt
    if message.reached:
        if claim is None or claim.state == "UNKNOWN" or (message.reported_s or 0.0) > limit_s:
            return f"{message.name}: delivered, but not reported within {limit_s:g} s"
        return "" if claim.delivered else f"{message.name}: delivered, but reported {claim.state}"
    if claim is None or not claim.delivered:
        return ""
    return f"{message.name}: {'refused by its recipient' if message.arrivals else 'lost'}, but reported DELIVRD"
