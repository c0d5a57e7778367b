"""A reservation as /inventory/v1 shows it."""

from typing import Any

from django.conf import settings
from django.utils import timezone

from api.rendering import iso8601
from inventory.models import Hold, Reservation


def reservation(row: Reservation, account_sid: str) -> dict[str, Any]:
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


def status(row: Reservation, holds: list[Hold]) -> str:
    """active, released, lapsed, or bought (nothing is left to hold)."""
    if row.released_at:
        return "released"
    if row.expires_at <= timezone.now():
        return "lapsed"
    return "active" if any(not each.ended for each in holds) else "bought"


def hold(row: Hold) -> dict[str, Any]:
    """held, bought, released or lapsed."""
    return {"phone_number": str(row.number), "status": row.ended or "held", "date_ended": iso8601(row.ended_at)}
