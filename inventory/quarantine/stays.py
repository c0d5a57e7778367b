"""Opening and closing a stay in quarantine. The state itself is moved by who calls, in the same transaction."""

from datetime import datetime

from accounts.nudges import nudge
from inventory.models import PhoneNumber, Quarantine
from inventory.models.quarantine import QuarantineSource
from inventory.quarantine.limits import DEMO, limits


def enter(
    number: PhoneNumber,
    *,
    source: QuarantineSource,
    since: datetime,
    previous_use: str = "",
    carried: tuple[float, float] = (0.0, 0.0),
) -> Quarantine:
    """Open a stay whose clock started at `since`: the disconnect of a released number, the delivery of a new one.

    `previous_use`: what the last user was, residential or business, as far as the laws tell them apart; blank if
    nobody knows. `carried`: the sums with which the engine begins (`returns.Carried`).
    """
    found = limits(number, source, since, previous_use)
    stay = Quarantine.objects.create(
        number=number,
        source=source,
        entered_at=since,
        earliest_at=since + found.minimum,
        latest_at=None if found.maximum is None else since + found.maximum,
        rule=found.rule,
        previous_use=previous_use,
        carried_contacts=carried[0],
        carried_days=carried[1],
    )
    if not found.rule.startswith(DEMO):  # such a stay has no nights
        nudge("inventory.tasks.decide_on_stay", stay.pk)  # so that it says at once what the next night would
    return stay


def leave(number: PhoneNumber, *, verdict: str, now: datetime) -> None:
    """Close the open stay, if there is one."""
    Quarantine.objects.filter(number=number, ended_at__isnull=True).update(ended_at=now, verdict=verdict)
