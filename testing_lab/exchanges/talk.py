"""Two ends of a call speak at once, each its own probe, and what each hears of the other is measured."""

import asyncio
import contextlib
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from testing_lab.equipment import Equipment
from testing_lab.evidence.passage import Passage, passage_and
from testing_lab.exchanges.ends import destination
from testing_lab.exchanges.observed_call import ObservedCall
from testing_lab.exchanges.placed_call import PlacedCall
from testing_lab.media import instrument, probe
from testing_lab.media.session import RtpSession
from testing_lab.media.way import Way, measure
from testing_lab.sip.errors import SipError


@dataclass(slots=True)
class Talk:
    """`why_not` says why there is nothing to judge; `bad_description` that the SDP left nowhere to send audio."""

    ran: bool = False
    why_not: str = "the call was not answered"
    bad_description: str = ""
    our_trouble: bool = False
    to_callee: Way = field(default_factory=Way)
    to_caller: Way = field(default_factory=Way)
    passages: dict[str, Passage] = field(default_factory=dict)

    @property
    def match(self) -> float | None:
        """The weaker direction's likeness to what was sent; 0 without a usable description, None without a talk."""
        if self.bad_description:
            return 0.0
        return min(self.to_callee.match, self.to_caller.match) if self.ran else None

    @property
    def packets(self) -> dict[str, object]:
        """The packet summary kept as evidence."""
        return {"to_callee": self.to_callee.summary(), "to_caller": self.to_caller.summary()}


@dataclass(slots=True)
class SpokenCall(ObservedCall):
    """A call whose ends speak once."""

    talk: Talk = field(default_factory=Talk)

    @property
    def packets(self) -> dict[str, Any]:
        """The packet summary kept as evidence."""
        return self.talk.packets

    @property
    def passages(self) -> dict[str, Passage]:
        """What became of it, packet by packet."""
        return self.talk.passages


async def talk(placed: PlacedCall, ends: tuple[RtpSession, RtpSession], lab: Equipment, *, seed: str, s: float) -> Talk:
    """Speak for `s` seconds over the media ends of the caller and the called party. Raises OurTrouble.

    The probes come from `seed`, which no other call shares.
    """
    (near, far), call, incoming = ends, placed.call, placed.incoming
    try:
        to_caller = destination(call, near.address[0])
        to_callee = destination(incoming, far.address[0])
    except SipError as error:
        return Talk(why_not=str(error), bad_description=str(error))
    near_probe, far_probe = await asyncio.gather(
        lab.calculator.run(probe.generate, f"{seed}:to_callee", s),
        lab.calculator.run(probe.generate, f"{seed}:to_caller", s),
    )
    near.start(*to_caller, signal=near_probe)
    far.start(*to_callee, signal=far_probe)
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(call.ended.wait(), s + 0.1)
    cut_short = call.ended.is_set()
    await asyncio.gather(near.stop(), far.stop())
    said, answered = near.sent, far.sent
    health = instrument.judge([said, answered], [near.received, far.received], lab.lag)
    onward, back = await asyncio.gather(
        lab.calculator.run(passage_and, partial(measure, signal=near_probe), said, far.received),
        lab.calculator.run(passage_and, partial(measure, signal=far_probe), answered, near.received),
    )
    kept = {"to_callee": onward[0], "to_caller": back[0]}
    if not health.healthy:
        return Talk(our_trouble=True, why_not=f"instrument: {'; '.join(health.reasons)}", passages=kept)
    return Talk(
        True, "the call was cut short" if cut_short else "", to_callee=onward[1], to_caller=back[1], passages=kept
    )
