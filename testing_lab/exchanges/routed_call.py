"""What a call shows of the route that it was to go, whatever it is for: how far it came, and whose trouble it was."""

from dataclasses import dataclass
from typing import ClassVar

from testing_lab.exchanges.lanes import Lane
from testing_lab.line import Line
from testing_lab.sip.incoming import IncomingCall


@dataclass(slots=True)
class RoutedCall:
    """One call. `called`, `caller` and `asserted_identity` are what its far end was told; `arrivals` how often it came.

    `unheard`: the trunk did not even say 100. `kept_out`: the host from which the call came, if we don't listen to
    that. `barred`: the trunk takes no call of ours at all. `answered_elsewhere`: the caller heard an answer that the
    far end, where the call had come in, did not give.
    """

    lane: ClassVar[Lane] = Lane.CALL
    line: Line
    arrivals: int = 0
    called: str = ""
    caller: str = ""
    asserted_identity: str = ""
    final_status: int | None = None
    unheard: bool = False
    kept_out: str = ""
    barred: bool = False
    answered_elsewhere: bool = False
    our_trouble: bool = False
    trace: str = ""

    @property
    def trunk_failed(self) -> bool:
        """Whether the caller heard of the trunk or of us, and not of the number; its call did not arrive."""
        return not self.arrivals and (speaks_of_the_trunk(self.final_status) or self.barred)

    @property
    def route_failed(self) -> bool:
        """Whether the call may be tried over another route: this one would not have it, or did not even say 100."""
        return self.trunk_failed or self.unheard

    def note_caller(self, incoming: IncomingCall) -> None:
        """What its far end was told, and how often by another path."""
        self.arrivals += incoming.merged
        self.called, self.caller = incoming.called, incoming.caller
        self.asserted_identity = incoming.asserted_identity or ""


def speaks_of_the_trunk(status: int | None) -> bool:
    """Whether a final response to a call that did not arrive says something of the trunk or of us, not of the number.

    5xx is "when a server itself has erred" (RFC 3261 21.5), or can't do what our request asks (501, 505, 513); 401 and
    407 want credentials of us.
    """
    return status is not None and (500 <= status < 600 or status in {401, 407})


def why_unclear(call: RoutedCall) -> str:
    """Why it says nothing that the call was not answered; "" when that tells of the number."""
    if call.kept_out:
        return f"it came from {call.kept_out}, which LAB_CARRIER_SOURCES does not name"
    if call.trunk_failed:
        return f"the trunk answered {call.final_status}"
    lost = call.our_trouble and call.final_status is None
    return "the trunk did not answer, or lost the call" if lost else ""
