"""A night of its own for one stay: it does not wait for the next one, whether its first has not come or it leaves."""

from collections.abc import Callable
from datetime import date, timedelta

from django.db import connection, transaction

from inventory.models import Quarantine, QuarantineDecision
from inventory.quarantine.actions import VERDICTS, Action
from inventory.quarantine.nights.deciding import Findings, decide
from inventory.quarantine.nights.reading import Night, stretch
from inventory.quarantine.nights.stretches import decide_on
from inventory.quarantine.reckoning import NO_DAY, NO_MAXIMUM

#: Who has many stays before him reads what all have in common once: `functools.cache(Night.of)`.
Nights = Callable[[date], Night]
_NOT_IN_THE_LEDGER = ("stay", "sentinel", "chance_never", "verdict")


@transaction.atomic
def decide_alone(stay: Quarantine, on: date, *, record: bool = False, night: Nights = Night.of) -> None:
    """Decide on this stay as the night for the morning of `on` does, and read it again; `record`: in any case.

    Whoever says something that changes the decision, such as an override, calls it so that it counts at once. Nothing
    happens to a stay that is over, or of a number of the demonstration.
    """
    decide_on(night(on), stay.number_id, stay.number_id, record=record)
    stay.refresh_from_db()


def action_on(stay: Quarantine, on: date, night: Nights = Night.of) -> Action:
    """What to do with the number that morning, as last night said; if it leaves, the ledger has a row of that day."""
    leaves = stay.action not in ("", Action.HOLD)
    is_known = stay.state_day == on - timedelta(days=1)
    if not is_known or (leaves and (not stay.decisions.filter(day=on).exists() or _is_contradicted(stay, on))):
        decide_alone(stay, on, record=leaves, night=night)
    return Action(stay.action)


def look(stay: Quarantine, on: date) -> QuarantineDecision | None:
    """What a night for that morning would say now, with all its terms; nothing is written, nothing locked.

    None for a stay that is over, or of a number of the demonstration.
    """
    night = Night.of(on)
    with connection.cursor() as cursor:
        found = decide(night, stretch(cursor, night, stay.number_id, stay.number_id, lock=False))
    return decision(stay, night, found) if len(found["stay"]) else None


def decision(stay: Quarantine, night: Night, found: Findings) -> QuarantineDecision:
    """The row that a night would write of this stay alone; it is not saved."""
    terms = {name: column[0].item() for name, column in found.items() if name not in _NOT_IN_THE_LEDGER}
    days = {name: _day(terms[name]) for name in terms if name.endswith(("_on", "_lo", "_hi"))}
    maximum = None if terms["max_days"] == NO_MAXIMUM else terms["max_days"]
    verdict = VERDICTS[found["verdict"][0]]
    said = {"action": verdict.action.value, "rule": verdict.rule, "model_id": night.model_id}
    return QuarantineDecision(stay=stay, day=night.on, **{**terms, **days, **said, "max_days": maximum})


def _day(ordinal: int) -> date | None:
    return None if ordinal == NO_DAY else date.fromordinal(ordinal)


def _is_contradicted(stay: Quarantine, on: date) -> bool:
    """By a person who spoke while the night was at the stay: it reads the words first, and waits for the stay then."""
    words = (word.action for word in stay.overrides.filter(withdrawn_at=None) if word.is_in_force(on))
    heeded = f"force_{stay.action}" if stay.action_rule == "override" else None
    return next(words, None) != heeded
