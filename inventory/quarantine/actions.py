"""What can become of a number on a day, and the rules that say so (design A4): words alone, without the arithmetic."""

from enum import StrEnum
from typing import NamedTuple


class Action(StrEnum):
    """What to do with the number."""

    HOLD = "hold"
    RELEASE = "release"
    RETIRE = "retire"


class Override(StrEnum):
    """What a person decided, over the model's head."""

    HOLD = "force_hold"
    RELEASE = "force_release"
    RETIRE = "force_retire"


class Verdict(NamedTuple):
    """The number of the rule is that of its paragraph in A4."""

    action: Action
    rule: str
    rule_number: int


#: In the order in which they are asked.
VERDICTS = (
    Verdict(Action.HOLD, "override", 1),
    Verdict(Action.RELEASE, "override", 1),
    Verdict(Action.RETIRE, "override", 1),
    Verdict(Action.HOLD, "legal_minimum", 2),
    Verdict(Action.RELEASE, "unmonitored", 3),
    Verdict(Action.HOLD, "feed_gap", 3),
    Verdict(Action.RELEASE, "clean", 4),
    Verdict(Action.RETIRE, "maximum", 5),
    Verdict(Action.RETIRE, "gave_up", 6),
    Verdict(Action.HOLD, "retest", 7),
    Verdict(Action.HOLD, "privacy", 7),
    Verdict(Action.HOLD, "likelihood", 7),
    # Not asked of the engine: the nights keep some of those that rule 4 lets go (`sentinel`).
    Verdict(Action.HOLD, "sentinel", 4),
)
