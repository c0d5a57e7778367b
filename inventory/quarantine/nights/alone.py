"""A night of its own for one stay: it does not wait for the next one, whether its first has not come or it leaves."""

from datetime import date, timedelta

from django.db import transaction

from inventory.models import Quarantine
from inventory.quarantine.actions import Action
from inventory.quarantine.nights.reading import Night
from inventory.quarantine.nights.stretches import decide_on


@transaction.atomic
def decide_alone(stay: Quarantine, on: date, *, record: bool = False) -> None:
    """Decide on this stay as the night for the morning of `on` does, and read it again; `record`: in any case.

    Whoever says something that changes the decision, such as an override, calls it so that it counts at once. Nothing
    happens to a stay that is over, or of a number of the demonstration.
    """
    decide_on(Night.of(on), stay.number_id, stay.number_id, record=record)
    stay.refresh_from_db()


def action_on(stay: Quarantine, on: date) -> Action:
    """What to do with the number that morning, as last night said; if it leaves, the ledger has a row of that day."""
    leaves = stay.action not in ("", Action.HOLD)
    is_known = stay.state_day == on - timedelta(days=1)
    if not is_known or (leaves and not stay.decisions.filter(day=on).exists()):
        decide_alone(stay, on, record=leaves)
    return Action(stay.action)
