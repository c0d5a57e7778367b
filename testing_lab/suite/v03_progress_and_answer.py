"""V03: the caller hears that it rings, and is told of the answer when there is one."""

from numbering.types import Capability
from testing_lab.exchanges.inbound_call import InboundCall
from testing_lab.findings import Finding, failed, inconclusive, passed
from testing_lab.registry import lab_test

EARLIEST_S, LATEST_S = -0.02, 1.0
LEAST_EARLY_MEDIA_S = 0.2


@lab_test(
    "V03",
    "Progress and answer supervision",
    exchange=InboundCall,
    needs=Capability.VOICE,
    unit="s",
    limit="-0.02 to 1 between the 200s; before, 18x and early media",
    source="RFC 3261 13.2, RFC 3960; the limits are ours",
    repeatable=True,
)
def progress_and_answer(call: InboundCall) -> Finding:
    """Measured: seconds from the far end's 200 to its arrival at the caller; below zero, ringing is charged for.

    And what the caller got before that: a provisional response other than 100, and audio of the far end.
    """
    skew = call.answer_skew_s
    if not call.media_ran or skew is None:
        return inconclusive(call.why_no_media or "the answer was not seen at both ends")
    if not EARLIEST_S <= skew <= LATEST_S:
        return failed(
            skew, f"answered to the caller {abs(skew):.2f} s {'before' if skew < 0 else 'after'} the far end did"
        )
    if not call.rang:
        return failed(skew, "no 18x before the answer")
    if call.early_media_s is None:
        return inconclusive("we could not send enough early media")
    heard = f"{call.early_media_s:.2f} s of early media"
    return passed(skew, heard) if call.early_media_s >= LEAST_EARLY_MEDIA_S else failed(skew, heard)
