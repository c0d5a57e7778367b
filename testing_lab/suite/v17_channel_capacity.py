"""V17: the number carries as many calls at once as it is sold with."""

from testing_lab.exchanges.inbound_call import InboundCall
from testing_lab.exchanges.long_call import LongCall
from testing_lab.exchanges.routed_call import speaks_of_the_trunk
from testing_lab.exchanges.withheld_call import WithheldCall
from testing_lab.findings import Finding, failed, inconclusive, passed
from testing_lab.registry import lab_test


@lab_test(
    "V17",
    "Channel capacity",
    exchange=(LongCall, InboundCall, WithheldCall),
    unit="calls",
    limit=">= {channels} at once",
    source="the contract",
)
def channel_capacity(held: LongCall, second: InboundCall, third: WithheldCall) -> Finding:
    """Measured: calls of the number that were up at the same moment.

    A refusal counts while the long call is up and has no other meaning. A 5xx may be the trunk's own; two of them, some
    ten seconds apart, are the number's if the trunk carries the long call and has had the calls of other numbers.
    """
    if held.most_at_once >= held.line.limits["V17", "channels"]:
        return passed(held.most_at_once)
    if held.alive_s is None:
        return inconclusive("the long call was not answered")
    refusals = [call.final_status for call in (second, third) if not call.arrivals and call.final_status is not None]
    detail = f"with one call up, the next heard {', '.join(map(str, refusals))}"
    refused = second.final_status in refusals and not speaks_of_the_trunk(second.final_status)
    if refused or (len(refusals) == 2 and not third.others_refused):
        return failed(held.most_at_once, detail)
    return inconclusive(detail if refusals else "the second call was not answered while the long one was up")
