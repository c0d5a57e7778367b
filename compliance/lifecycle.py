"""The life of a bundle, on one page: every state, every legal move. Everything else is refused.

Pure: imports no models. The models' choices, the database trigger, the docs page and the tests derive from it;
`compliance/services/transition.py` is the only writer of a bundle's state.
Source: the table of statuses in Twilio's documentation of Bundles; recall and `expire` are explained at their moves.
"""

from collections.abc import Mapping
from typing import NamedTuple

from django.db.models import TextChoices
from django.utils.translation import gettext


class BundleState(TextChoices):
    """Where a bundle is between being written and being good enough to hold numbers."""

    DRAFT = "draft", "draft"
    PENDING_REVIEW = "pending_review", "waiting for review"
    IN_REVIEW = "in_review", "in review"
    PROVISIONALLY_APPROVED = "provisionally_approved", "provisionally approved"
    APPROVED = "approved", "approved"
    REJECTED = "rejected", "rejected"


S = BundleState

MEANING = {
    S.DRAFT: "the customer writes it",
    S.PENDING_REVIEW: "complete by the evaluation; waits for a reviewer",
    S.IN_REVIEW: "a reviewer has it",
    S.PROVISIONALLY_APPROVED: "nothing speaks against it, something is still to be proved; no numbers yet",
    S.APPROVED: "numbers may hang on it",
    S.REJECTED: "an item was refused, or its approval ran out; the customer may mend it and submit again",
}


class Move(NamedTuple):
    """A verb: the states it may start from and the one it ends in."""

    target: BundleState
    sources: frozenset[BundleState]


def _move(target: BundleState, *sources: BundleState) -> Move:
    return Move(target, frozenset(sources))


MOVES: dict[str, Move] = {
    "submit": _move(S.PENDING_REVIEW, S.DRAFT, S.REJECTED),
    "recall": _move(S.DRAFT, S.PENDING_REVIEW),  # nobody has looked at it yet
    "reopen": _move(S.DRAFT, S.REJECTED),
    "claim": _move(S.IN_REVIEW, S.PENDING_REVIEW),
    "approve": _move(S.APPROVED, S.IN_REVIEW, S.PROVISIONALLY_APPROVED),
    "approve_provisionally": _move(S.PROVISIONALLY_APPROVED, S.IN_REVIEW),
    "reject": _move(S.REJECTED, S.IN_REVIEW, S.PROVISIONALLY_APPROVED),
    "expire": _move(S.REJECTED, S.APPROVED),  # its rules changed, and it was not replaced by `valid_until`
}
PAIRS: list[tuple[str, str]] = sorted({(s.value, m.target.value) for m in MOVES.values() for s in m.sources})

#: Only here may the customer change items, end users and documents.
EDITABLE = (S.DRAFT, S.REJECTED)
#: With a reviewer, or on the way to one: a clock runs.
WAITING = (S.PENDING_REVIEW, S.IN_REVIEW, S.PROVISIONALLY_APPROVED)
#: What the customer may delete, as long as no number hangs on it.
DELETABLE = (S.DRAFT, S.APPROVED, S.REJECTED)


class IllegalBundleMove(Exception):
    """The bundle is not in a state from which this verb may start."""

    def __init__(self, bundle: str, verb: str, state: str) -> None:
        self.bundle, self.verb, self.state = bundle, verb, state
        super().__init__(self.said({each.value: gettext(each.label) for each in S}))

    def said(self, spelled: Mapping[str, str]) -> str:
        """To somebody who knows the states by other names."""
        move = MOVES.get(self.verb)
        starts = gettext(" or ").join(dict.fromkeys(spelled[each] for each in S if move and each in move.sources))
        told = {"sid": self.bundle, "state": spelled[self.state], "verb": gettext(self.verb.replace("_", " "))}
        if not starts:
            return gettext("%(sid)s is %(state)s: can't %(verb)s it") % told
        return gettext("%(sid)s is %(state)s: can't %(verb)s it, it has to be %(starts)s first") % {
            **told,
            "starts": starts,
        }
