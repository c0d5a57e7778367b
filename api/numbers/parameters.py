"""What may be asked of one number."""

from datetime import datetime, timedelta

from django.utils import timezone

from api.errors import Refusal
from api.parameters import Parameter, instant

AT = Parameter("At", "at", instant, help="An instant that is past, ISO 8601 with its offset; now unless given.")
#: So far the clocks of our hosts may be apart: who asks with an instant that we have just told is not refused.
APART = timedelta(seconds=5)


def past(at: datetime | None) -> datetime:
    """The instant that is asked for. Raises Refusal 20001 for one that has not come yet."""
    now = timezone.now()
    if at is not None and at > now + APART:
        raise Refusal(20001, "Invalid parameter At: it lies in the future")
    return at or now
