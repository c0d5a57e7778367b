"""A reservation as /inventory/v1 shows it."""

from typing import Annotated, Literal, TypedDict

from django.conf import settings
from django.utils import timezone

from api import asked
from api.asked import AskedBody
from api.bodies import Iso8601, Keyword, PhoneNumberText, Sid
from api.rendering import iso8601
from inventory.models import Hold, Reservation
from inventory.search.terms import terms_of

Status = Literal["active", "released", "lapsed", "bought"]


class HoldBody(AskedBody):
    """One number of a reservation, and what will be asked when it is bought."""

    phone_number: PhoneNumberText
    status: Annotated[str, Keyword("enum", ("held", "bought", "released", "lapsed"))]
    date_ended: Iso8601 | None


class ReservationBody(TypedDict):
    """Numbers held for an account."""

    sid: Sid
    account_sid: Sid
    status: Status
    phone_numbers: list[HoldBody]
    date_created: Iso8601 | None
    date_expires: Iso8601 | None
    url: str


def reservation(row: Reservation, account_sid: str) -> ReservationBody:
    """`status` is active while anything is still held."""
    holds = list(row.holds.all())
    return {
        "sid": row.sid,
        "account_sid": account_sid,
        "status": status(row, holds),
        "phone_numbers": [hold(each) for each in sorted(holds, key=lambda each: each.number.e164)],
        "date_created": iso8601(row.created_at),
        "date_expires": iso8601(row.expires_at),
        "url": f"{settings.PUBLIC_URL}/inventory/v1/Reservations/{row.sid}",
    }


def status(row: Reservation, holds: list[Hold]) -> Status:
    """active, released, lapsed, or bought (nothing is left to hold)."""
    if row.released_at:
        return "released"
    if row.expires_at <= timezone.now():
        return "lapsed"
    return "active" if any(not each.ended for each in holds) else "bought"


def hold(row: Hold) -> HoldBody:
    """held, bought, released or lapsed. To hold a number takes no papers; to buy it may."""
    return {
        "phone_number": str(row.number),
        "status": row.ended or "held",
        "date_ended": iso8601(row.ended_at),
        **asked.body(terms_of(row.number.country, row.number.number_type).asked),
    }
