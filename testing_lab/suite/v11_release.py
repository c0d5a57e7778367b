"""V11: when one end hangs up or is busy, the other learns it at once, and why."""

from testing_lab.exchanges.inbound_call import InboundCall
from testing_lab.exchanges.withheld_call import WithheldCall, judge_busy
from testing_lab.findings import Finding, failed, inconclusive, passed
from testing_lab.limits import Limits
from testing_lab.models.result import Outcome
from testing_lab.registry import lab_test
from testing_lab.sip import q850


@lab_test(
    "V11",
    "Release and causes",
    exchange=(InboundCall, WithheldCall),
    unit="s",
    limit="<= {release_s} s, cause 16 {cause_16}; busy stays 486",
    source="RFC 3261 15; RFC 3326, 6432; ITU-T Q.850",
)
def release(call: InboundCall, refused: WithheldCall) -> Finding:
    """Measured: seconds from the caller's BYE to its arrival at the far end, and the cause in its Reason there.

    And of another call, that the far end refuses as busy: what the caller hears.
    """
    hung_up, busy = _hung_up(call), judge_busy(refused)
    for outcome in (Outcome.FAIL, Outcome.INCONCLUSIVE):
        told = "; ".join(finding.detail for finding in (hung_up, busy) if finding.outcome == outcome)
        if told:
            return Finding(outcome, hung_up.value if outcome == Outcome.FAIL else None, told)
    return passed(hung_up.value, hung_up.detail)


def _hung_up(call: InboundCall) -> Finding:
    seen = call.release
    if call.our_trouble or seen is None or seen.unclear:
        return inconclusive((seen and seen.unclear) or call.why_no_media or "our own trouble")
    if seen.unasked:
        return failed(detail="the network ended the call by itself")
    if seen.latency_s is None:
        return failed(detail="our BYE did not reach the far end")
    arrived = f"hung up with cause {q850.NORMAL_CLEARING}, heard {seen.cause or 'none'} after {seen.latency_s:.2f} s"
    return (passed if _is_good(seen.latency_s, seen.cause, call.line.limits) else failed)(seen.latency_s, arrived)


def _is_good(latency_s: float, cause: int | None, limits: Limits) -> bool:
    """In time, with the cause that was given; without any, where that may be (RFC 3398 10.1 takes it for 16)."""
    kept = cause == q850.NORMAL_CLEARING or (cause is None and not limits["V11", "cause_16"])
    return kept and latency_s <= limits["V11", "release_s"]
