"""V12: a call from the number arrives, is answered, and sounds as it should."""

from testing_lab.exchanges.outbound_call import OutboundCall
from testing_lab.exchanges.routed_call import why_unclear
from testing_lab.findings import Finding, failed, inconclusive, passed
from testing_lab.limits import Limits
from testing_lab.media.way import Way
from testing_lab.registry import lab_test


@lab_test(
    "V12",
    "Outbound reach and audio",
    exchange=OutboundCall,
    unit="MOS-CQE",
    limit="match >= {match}, MOS >= {mos}, fidelity >= {fidelity}, loss <= {loss_percent} %",
    source="RFC 3261; ITU-T G.107",
    repeatable=True,
)
def outbound_reach(call: OutboundCall) -> Finding:
    """Measured: the worse direction's E-model MOS, once the call was answered."""
    if why := why_unclear(call):
        return inconclusive(why)
    if not call.arrivals:
        return failed(detail=f"no call arrived; the caller heard {call.final_status or 'nothing'}")
    if call.final_status != 200:
        return failed(detail=f"the caller heard {call.final_status or 'nothing'}")
    if call.answered_elsewhere:
        return failed(detail="the caller was answered by somebody else")
    if call.talk.bad_description:
        return failed(detail=call.talk.bad_description)
    return _audio(call)


def _audio(call: OutboundCall) -> Finding:
    ways = (call.talk.to_callee, call.talk.to_caller)
    if not call.talk.ran:
        return inconclusive(call.talk.why_not)
    mos = min((way.mos for way in ways if way.mos is not None), default=None)
    faults = [fault for way in ways for fault in _faults(way, call.line.limits)]
    return failed(mos, "; ".join(dict.fromkeys(faults))) if faults else passed(mos)


def _faults(way: Way, limits: Limits) -> list[str]:
    """What is wrong with one direction; a direction that carried nothing has no match, and nothing else to say."""
    if way.match < limits["V12", "match"]:
        return [f"one direction does not carry our audio: match {way.match:.2f}"]
    wrong = {
        f"MOS {way.mos or 0:.2f}": way.mos is not None and way.mos < limits["V12", "mos"],
        f"fidelity {way.fidelity:.2f}": way.fidelity < limits["V12", "fidelity"],
        f"loss {way.loss_percent or 0:.1f} %": (way.loss_percent or 0.0) > limits["V12", "loss_percent"],
    }
    return [fault for fault, holds in wrong.items() if holds]
