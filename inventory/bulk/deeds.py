"""What each verb of a bulk run means: whom it is for, which service does it, and what undoes it."""

from collections.abc import Callable
from typing import NamedTuple

from inventory.lifecycle import MOVES, State
from inventory.models import BlockReason, BulkItem, BulkVerb, Did, NumberBlock, PhoneNumber
from inventory.refusals import Refused
from inventory.services import assignments, blocks, drift_cases, provider_releases
from inventory.services.transition import move

V = BulkVerb


class NothingToDo(Refused):
    """The number is already as it should be."""


class Deed(NamedTuple):
    """`why_not` says, of a number as it was read, why it is left as it is; blank: it is not. It asks the database for
    nothing, for it is asked about thousands; what only the service knows, the service refuses when it comes to it.

    `perform` does it to the number of an item and returns the ids of blocks that it placed or cleared.
    """

    consequence: str
    why_not: Callable[[PhoneNumber], str]
    perform: Callable[[BulkItem, str], list[int]]
    undone_by: BulkVerb | None = None
    gives_up: bool = False


def _moved_by(verb: str) -> Callable[[PhoneNumber], str]:
    return lambda number: "" if number.state in MOVES[verb].sources else f"is {State(number.state).label}"


def _start_tests(item: BulkItem, actor: str) -> list[int]:
    move(item.number_id, "start_tests", actor=actor, reason=item.run.reason)
    return []


def _retire(item: BulkItem, actor: str) -> list[int]:
    provider_releases.retire(item.number_id, actor=actor, reason=item.run.reason)
    return []


def _release(item: BulkItem, actor: str) -> list[int]:
    did = Did.objects.select_related("account").filter(number=item.number_id, ended_at=None).first()
    if did is None:
        raise NothingToDo("nobody has it any more")
    assignments.release(did=did, actor=actor, reason=item.run.reason)
    return []


def _block(item: BulkItem, actor: str) -> list[int]:
    """A block of that kind that was there already is not ours to undo."""
    number, kind = item.number, BlockReason(item.run.kind)
    if number.state == State.RETURNED:
        raise NothingToDo("is returned")
    if NumberBlock.objects.filter(number=number, reason=kind, cleared_at=None).exists():
        raise NothingToDo("is blocked for this already")
    return [blocks.place(number=number, reason=kind, actor=actor, note=item.run.reason).pk]


def _clear_blocks(item: BulkItem, actor: str) -> list[int]:
    found = list(drift_cases.clearable_blocks(item.number))
    if not found:
        raise NothingToDo("has no block that may be cleared by hand")
    for block in found:
        blocks.clear(block=block, actor=actor, note=item.run.reason)
    return [block.pk for block in found]


def _lift(item: BulkItem, actor: str) -> list[int]:
    """The blocks that the undone run placed, where nobody has cleared them meanwhile."""
    found = list(NumberBlock.objects.filter(pk__in=item.blocks, cleared_at=None).select_related("number"))
    if not found:
        raise NothingToDo("somebody has cleared it meanwhile")
    for block in found:
        blocks.clear(block=block, actor=actor, note=item.run.reason)
    return item.blocks


def _put_back(item: BulkItem, actor: str) -> list[int]:
    """Blocks of the kinds that the undone run cleared."""
    if item.number.state == State.RETURNED:
        raise NothingToDo("is returned")
    cleared = NumberBlock.objects.filter(pk__in=item.blocks).order_by("pk")
    kinds = [BlockReason(block.reason) for block in cleared]
    return [blocks.place(number=item.number, reason=kind, actor=actor, note=item.run.reason).pk for kind in kinds]


def _nothing_against(number: PhoneNumber) -> str:
    return ""


DEEDS: dict[BulkVerb, Deed] = {
    V.START_TESTS: Deed(
        "Each number leaves the shop window until the lab has tested it again.", _moved_by("start_tests"), _start_tests
    ),
    V.BLOCK: Deed(
        "None of them can be sold while its block is open. State and holder of each stay as they are.",
        lambda number: "is returned" if number.state == State.RETURNED else "",
        _block,
        undone_by=V.LIFT,
    ),
    V.CLEAR_BLOCKS: Deed(
        "Every open block of each is cleared, but that of an open drift case.",
        lambda number: "" if number.blocked else "is not blocked",
        _clear_blocks,
        undone_by=V.PUT_BACK,
    ),
    V.RELEASE: Deed(
        "Their customers lose them at once: calls and messages no longer reach them. Until the end of the reclaim "
        "window each customer alone can take the number back.",
        _moved_by("release"),
        _release,
        gives_up=True,
    ),
    V.RETIRE: Deed(
        "Each leaves the stock for good and goes back to its provider. There is no way back.",
        _moved_by("retire"),
        _retire,
        gives_up=True,
    ),
    V.LIFT: Deed("The blocks that the run placed are cleared.", _nothing_against, _lift),
    V.PUT_BACK: Deed("The blocks that the run cleared are placed again.", _nothing_against, _put_back),
}
#: What staff may choose; the others undo.
CHOOSABLE = tuple(verb for verb in BulkVerb if verb not in {deed.undone_by for deed in DEEDS.values()})
