"""V12: a call from the number arrives, is answered, and sounds as it should."""

from numbering.types import Capability
from testing_lab.applicability import calls_out
from testing_lab.exchanges.outbound_call import OutboundCall
from testing_lab.findings import Finding, failed, inconclusive, passed
from testing_lab.media.way import Way
from testing_lab.registry import lab_test
from testing_lab.suite.v04_two_way_audio import LEAST_MATCH
from testing_lab.suite.v05_mos import LEAST_FIDELITY, LEAST_MOS
from testing_lab.suite.v06_packet_loss import MOST_LOSS_PERCENT


@lab_test(
    "V12",
    "Outbound reach and audio",
    exchange=OutboundCall,
    needs=Capability.VOICE,
    unit="MOS-CQE",
    limit="answered; audio within the limits of V04, V05 and V06",
    source="RFC 3261; ITU-T G.107",
    repeatable=True,
    applies=calls_out,
)
def outbound_reach(call: OutboundCall) -> Finding:
    """Measured: the worse direction's E-model MOS, once the call was answered."""
    if call.trunk_failed:
        return inconclusive(f"the trunk answered {call.final_status}")
    if call.our_trouble and call.final_status is None:
        return inconclusive("the trunk did not answer, or lost the call")
    if not call.arrivals:
        return failed(detail=f"no call arrived; the caller heard {call.final_status or 'nothing'}")
    if call.final_status != 200:
        return failed(detail=f"the caller heard {call.final_status or 'nothing'}")
    if call.talk.bad_description:
        return failed(detail=call.talk.bad_description)
    return _audio(call)


def _audio(call: OutboundCall) -> Finding:
    ways = (call.talk.to_callee, call.talk.to_caller)
    if not call.talk.ran:
        return inconclusive(call.talk.why_not)
    mos = min((way.mos for way in ways if way.mos is not None), default=None)
    faults = [fault for way in ways for fault in _faults(way)]
    return failed(mos, "; ".join(dict.fromkeys(faults))) if faults else passed(mos)


def _faults(way: Way) -> list[str]:
    """What is wrong with one direction; a direction that carried nothing has no match, and nothing else to say."""
    if way.match < LEAST_MATCH:
        return [f"one direction does not carry our audio: match {way.match:.2f}"]
    wrong = {
        f"MOS {way.mos or 0:.2f}": way.mos is not None and way.mos < LEAST_MOS,
        f"fidelity {way.fidelity:.2f}": way.fidelity < LEAST_FIDELITY,
        f"loss {way.loss_percent or 0:.1f} %": (way.loss_percent or 0.0) > MOST_LOSS_PERCENT,
    }
    return [fault for fault, holds in wrong.items() if holds]
