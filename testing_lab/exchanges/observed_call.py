"""What every call that we place shows, whatever it is for; the kinds of call add what they do and see."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, Self

from numbering.e164 import E164
from testing_lab.equipment import Equipment
from testing_lab.evidence.passage import Passage
from testing_lab.exchanges.placed_call import PlacedCall
from testing_lab.exchanges.routed_call import RoutedCall
from testing_lab.findings import BrokenOff
from testing_lab.line import Line


@dataclass(slots=True)
class ObservedCall(RoutedCall):
    """Both of its ends are ours. `reason` is the Reason header of the caller's final response (RFC 3326)."""

    reason: str = ""

    @classmethod
    async def perform(cls, line: Line, lab: Equipment) -> Self:
        """Place the call, live through it, hang up. Raises BrokenOff, with what was seen, and OurTrouble."""
        seen = cls(line)
        placed = PlacedCall(lab, seen.number_called, is_shared=seen.number_called == line.reference)
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
            self.final_status, self.reason = placed.final.status, placed.final.cause
        if placed.arriving.first is not None:
            self.note_caller(placed.arriving.first)
            self.answered_elsewhere = bool(placed.call.answered_at and placed.arriving.first.answered_at is None)
        self.kept_out = placed.kept_out
        self.our_trouble |= placed.forgotten or self.trunk_failed or bool(self.kept_out)
