"""The life of a number, on one page: every state, every legal move. Everything else is refused.

Pure: imports no models. The models' choices, the database trigger, the admin, the docs page and the tests derive
from it.
`inventory/services/transition.py` is the only writer of a number's state.
"""

from typing import NamedTuple

from django.db.models import TextChoices


class State(TextChoices):
    """Where a number is in its life."""

    SOURCED = "SOURCED", "sourced"
    TESTING = "TESTING", "testing"
    QUARANTINED = "QUARANTINED", "quarantined"
    FAILED = "FAILED", "failed"
    AVAILABLE = "AVAILABLE", "on sale"
    RESERVED = "RESERVED", "reserved"
    IN_SERVICE = "IN_SERVICE", "in service"
    RELEASED = "RELEASED", "released"
    RETURNED = "RETURNED", "returned"


S = State

MEANING = {
    S.SOURCED: "ordered from a provider and received",
    S.TESTING: "the lab has it",
    S.QUARANTINED: "off sale, resting until it is clean",
    S.FAILED: "a test failed; carries the failing tests",
    S.AVAILABLE: "anybody may buy it",
    S.RESERVED: "held for one account until the hold expires",
    S.IN_SERVICE: "assigned to an account",
    S.RELEASED: "given back; only the last holder may reclaim it",
    S.RETURNED: "retired, or back at the provider; terminal, the row stays",
}


class Move(NamedTuple):
    """A verb: the states it may start from and the one it ends in."""

    target: State
    sources: frozenset[State]


def _move(target: State, *sources: State) -> Move:
    return Move(target, frozenset(sources))


# Two verbs leave TESTING on success and QUARANTINED when clear, since where they end depends on the other paper:
# a number is sellable only while both its test passport and its cleanliness verdict are current.
MOVES: dict[str, Move] = {
    "start_tests": _move(S.TESTING, S.SOURCED, S.FAILED, S.AVAILABLE),
    "pass_tests": _move(S.QUARANTINED, S.TESTING),
    "pass_retest": _move(S.AVAILABLE, S.TESTING),  # its cleanliness verdict is still current
    "fail_tests": _move(S.FAILED, S.TESTING),
    "clear": _move(S.AVAILABLE, S.QUARANTINED),
    "clear_to_retest": _move(S.TESTING, S.QUARANTINED),  # clean, but its passport has run out
    "reserve": _move(S.RESERVED, S.AVAILABLE),
    "lapse": _move(S.AVAILABLE, S.RESERVED),
    "assign": _move(S.IN_SERVICE, S.RESERVED),
    "release": _move(S.RELEASED, S.IN_SERVICE),
    "reclaim": _move(S.IN_SERVICE, S.RELEASED),
    "expire": _move(S.QUARANTINED, S.RELEASED),
    "retire": _move(S.RETURNED, S.SOURCED, S.QUARANTINED, S.FAILED, S.AVAILABLE),
}

#: Where a life begins: delivered or imported; or a double that goes back at once.
BORN = (S.SOURCED, S.RETURNED)
PAIRS: list[tuple[str, str]] = sorted({(s.value, m.target.value) for m in MOVES.values() for s in m.sources})

#: States in which exactly one account has a claim on the number: it is held, in service, or reclaimable.
HELD = (S.RESERVED, S.IN_SERVICE, S.RELEASED)
#: States that a number reaches only with both papers: a passport and a cleanliness verdict.
SOLD_OR_SELLABLE = (S.AVAILABLE, S.RESERVED, S.IN_SERVICE)
#: Numbers that somebody can buy, or will be able to: on sale, on the way there, or in a basket that may be given up.
COMING = (S.SOURCED, S.TESTING, S.QUARANTINED, S.AVAILABLE, S.RESERVED)
#: States that a clock ends: `due_at` is when the retest, the hold, the reclaim window or the quarantine is over.
CLOCKED = (S.AVAILABLE, S.RESERVED, S.RELEASED, S.QUARANTINED)


class IllegalMove(Exception):
    """The number is not in a state from which this verb may start."""

    def __init__(self, number: str, verb: str, state: str) -> None:
        super().__init__(f"{number}: cannot {verb} while {state}")
        self.number, self.verb, self.state = number, verb, state
