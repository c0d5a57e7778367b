"""What was seen on the line of a number, per UTC day; `inventory.traffic` counts it."""

from collections.abc import Sequence
from datetime import date, datetime

from inventory.models import DailyContact, PhoneNumber


def record_contacts(
    number: PhoneNumber,
    day: date,
    *,
    voice: int = 0,
    sms: int = 0,
    otp: int = 0,
    distinct_callers: int = 0,
    observed: bool = True,
) -> None:
    """Write what one closed or running UTC day brought, in place of what was said of it before.

    Counts are distinct (channel, caller) pairs, without the platform's own test calls and messages; `otp` are those
    of `sms` that carried a one-time code. `observed` is false when the traffic feed was not healthy all day.
    Late call records are recounted by whoever has them: sending a day twice is harmless.
    """
    counts = {"voice": voice, "sms": sms, "otp": otp, "distinct_callers": distinct_callers, "observed": observed}
    DailyContact.objects.update_or_create(number=number, day=day, defaults=counts)


def contacts_since(number: PhoneNumber, moment: datetime) -> Sequence[DailyContact]:
    """The days from that of `moment` on, oldest first."""
    return list(DailyContact.objects.filter(number=number, day__gte=moment.date()).order_by("day"))
