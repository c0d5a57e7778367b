"""V14: both kinds of G.711 can be had, whichever is offered first."""

from testing_lab.exchanges.outbound_call import OutboundCall
from testing_lab.findings import Finding, failed, inconclusive, passed
from testing_lab.registry import lab_test

REQUIRED = ("PCMU", "PCMA")
RECORDED = ("G722", "opus")
NOT_ACCEPTABLE = (415, 488, 606)


@lab_test(
    "V14",
    "Codec negotiation",
    exchange=OutboundCall,
    unit="codecs",
    limit="PCMU and PCMA agreed to; G.722 and Opus recorded",
    source="RFC 3264; RFC 3551; RFC 7587",
)
def codec_negotiation(call: OutboundCall) -> Finding:
    """Measured: how many codecs some answer contained. An offer that nobody answered tells nothing."""
    agreed, said = call.agreed_first, _told(call)
    missing = [codec for codec in REQUIRED if codec not in agreed]
    if not missing:
        return passed(len(_all_agreed(call)), said)
    refused = all(_is_refused(call, codec) for codec in missing)
    refusal = failed(len(_all_agreed(call)), f"not {' nor '.join(missing)}; {said}")
    return refusal if refused and not call.trunk_failed else inconclusive(said or "nothing was negotiated")


def _is_refused(call: OutboundCall, codec: str) -> bool:
    """Whether an offer of this codec was refused, or one of it alone was answered without it."""
    offered = [each for each in call.negotiations if codec in each.offered]
    return any(each.status in NOT_ACCEPTABLE or (each.status == 200 and len(each.offered) == 1) for each in offered)


def _all_agreed(call: OutboundCall) -> set[str]:
    return {codec for each in call.negotiations for codec in each.agreed}


def _told(call: OutboundCall) -> str:
    """Each offer with what came of it, and what there is of wideband."""
    talks = [f"{'/'.join(n.offered)}: {'/'.join(n.agreed) or n.status or 'no answer'}" for n in call.negotiations]
    wide = [codec for codec in RECORDED if codec in _all_agreed(call)]
    return "; ".join([*talks, f"wideband: {', '.join(wide) or 'none'}"])
