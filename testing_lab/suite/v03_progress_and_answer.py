"""V03: the caller hears that it rings, and is told of the answer when there is one."""

from testing_lab.exchanges.inbound_call import InboundCall
from testing_lab.findings import Finding, failed, inconclusive, passed
from testing_lab.registry import lab_test


@lab_test(
    "V03",
    "Progress and answer supervision",
    exchange=InboundCall,
    unit="s",
    limit="{least_skew_s} to {most_skew_s} s; 18x, {early_media_s} s of early media",
    source="RFC 3261 13.2, RFC 3960; the limits are ours",
    repeatable=True,
)
def progress_and_answer(call: InboundCall) -> Finding:
    """Measured: seconds from the far end's 200 to its arrival at the caller; below zero, ringing is charged for.

    And what the caller got before that: a provisional response other than 100, and audio of the far end, unless the
    route leaves the offer to the far end.
    """
    skew, limits = call.answer_skew_s, call.line.limits
    if call.answered_elsewhere:
        return failed(detail="somebody else answered for the number")
    if not call.media_ran or skew is None:
        return inconclusive(call.why_no_media or "the answer was not seen at both ends")
    if not limits["V03", "least_skew_s"] <= skew <= limits["V03", "most_skew_s"]:
        return failed(
            skew, f"answered to the caller {abs(skew):.2f} s {'before' if skew < 0 else 'after'} the far end did"
        )
    if not call.rang:
        return failed(skew, "no 18x before the answer")
    return _early_media(call, skew)


def _early_media(call: InboundCall, skew: float) -> Finding:
    if not call.early_media_possible:
        return passed(skew, "the route asks for our offer: no early media (RFC 3261 13.2.1)")
    if call.early_media_s is None:
        return inconclusive("we could not send enough early media")
    heard = f"{call.early_media_s:.2f} s of early media"
    enough = call.early_media_s >= call.line.limits["V03", "early_media_s"]
    return (passed if enough else failed)(skew, heard)
