"""What every call that we place shows, whatever it is for; the kinds of call add what they do and see."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from numbering.e164 import E164
from testing_lab.equipment import Equipment
from testing_lab.evidence.passage import Passage
from testing_lab.exchanges.inbound_call import InboundCall
from testing_lab.exchanges.lanes import Lane
from testing_lab.exchanges.placed_call import PlacedCall, speaks_of_the_trunk
from testing_lab.findings import BrokenOff
from testing_lab.line import Line


def why_unclear(call: "InboundCall | ObservedCall") -> str:
    """Why it says nothing that the call was not answered; "" when that tells of the number."""
    if call.kept_out:
        return f"it came from {call.kept_out}, which LAB_CARRIER_SOURCES does not name"
    if call.trunk_failed:
        return f"the trunk answered {call.final_status}"
    lost = call.our_trouble and call.final_status is None
    return "the trunk did not answer, or lost the call" if lost else ""


@dataclass(slots=True)
class ObservedCall:
    """One call. `called`, `caller` and `asserted_identity` are what its far end was told.

    `reason` is the Reason header of the caller's final response (RFC 3326). `kept_out`: the host from which the call
    came, if we don't listen to that. `barred`: the trunk takes no call of ours at all.
    """

    line: Line
    arrivals: int = 0
    called: str = ""
    caller: str = ""
    asserted_identity: str = ""
    final_status: int | None = None
    reason: str = ""
    unheard: bool = False
    kept_out: str = ""
    barred: bool = False
    our_trouble: bool = False
    trace: str = ""
    lane: ClassVar[Lane] = Lane.CALL

    @classmethod
    async def perform(cls, line: Line, lab: Equipment) -> Self:
        """Place the call, live through it, hang up. Raises BrokenOff, with what was seen, and OurTrouble."""
        seen = cls(line)
        placed = PlacedCall(lab, seen.number_called)
        try:
            async with placed:
                await seen.live_through(placed, lab)
        except Exception as error:
            raise BrokenOff(seen) from error
        finally:
            if placed.was_dialled:
                seen._remember(placed)
        return seen

    @property
    def number_called(self) -> E164:
        """Whom we call: the number under test."""
        return self.line.number

    @abstractmethod
    async def live_through(self, placed: PlacedCall, lab: Equipment) -> None:
        """Dial, and do what this kind of call is for. Raises SipError and OurTrouble."""

    @property
    def trunk_failed(self) -> bool:
        """Whether the caller heard of the trunk or of us, and not of the number; its call did not arrive."""
        return not self.arrivals and (speaks_of_the_trunk(self.final_status) or self.barred)

    @property
    def route_failed(self) -> bool:
        """Whether the call may be tried over another route: this one would not have it, or did not even say 100."""
        return self.trunk_failed or self.unheard

    @property
    def packets(self) -> dict[str, Any]:
        """The packet summary kept as evidence: none unless the ends spoke."""
        return {}

    @property
    def passages(self) -> dict[str, Passage]:
        """What became of the audio of each direction."""
        return {}

    def _remember(self, placed: PlacedCall) -> None:
        self.arrivals, self.trace = placed.arriving.count, placed.trace
        self.unheard = not (placed.call.responses or self.arrivals)
        if placed.final is not None:
            self.final_status, self.reason = placed.final.status, placed.final.header("Reason") or ""
        if placed.arriving.first is not None:
            incoming = placed.arriving.first
            self.called, self.caller = incoming.called, incoming.caller
            self.asserted_identity = incoming.asserted_identity or ""
        self.kept_out = placed.kept_out
        self.our_trouble |= placed.forgotten or self.trunk_failed or bool(self.kept_out)
