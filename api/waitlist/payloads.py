"""A waitlist entry as /inventory/v1 shows it."""

from typing import Annotated, TypedDict

from django.conf import settings

from api.available.payloads import KnownType
from api.bodies import CountryCode, Iso8601, Keyword, PhoneNumberText, Sid
from api.incoming.payloads import CapabilitiesBody, capabilities
from api.rendering import iso8601
from inventory.models import WaitlistEntry, WaitlistServing, WaitMode, WaitState


class ServingBody(TypedDict):
    """One time that it was served. `reservation_sid`: what holds the numbers, where that was asked for."""

    phone_numbers: list[PhoneNumberText]
    reservation_sid: Sid | None
    date_served: Iso8601 | None


class WaitlistEntryBody(TypedDict):
    """What an account waits for; `capabilities` at least."""

    sid: Sid
    account_sid: Sid
    status: Annotated[str, Keyword("enum", tuple(WaitState.values))]
    mode: Annotated[str, Keyword("enum", tuple(WaitMode.values))]
    iso_country: CountryCode
    type: KnownType
    area_code: str | None
    locality: str | None
    contains: str | None
    capabilities: CapabilitiesBody
    quantity: int
    served: int
    servings: list[ServingBody]
    status_callback: str | None
    date_created: Iso8601 | None
    date_expires: Iso8601 | None
    date_ended: Iso8601 | None
    url: str


def entry(row: WaitlistEntry, account_sid: str) -> WaitlistEntryBody:
    """With its servings, the first one first."""
    return {
        "sid": row.sid,
        "account_sid": account_sid,
        "status": row.state,
        "mode": row.mode,
        "iso_country": row.country,
        "type": row.number_type,
        "area_code": row.area_code or None,
        "locality": row.locality or None,
        "contains": row.contains or None,
        "capabilities": capabilities(row.capabilities),
        "quantity": row.quantity,
        "served": row.served,
        "servings": [_serving(each) for each in sorted(row.servings.all(), key=lambda each: each.pk)],
        "status_callback": row.status_callback or None,
        "date_created": iso8601(row.created_at),
        "date_expires": iso8601(row.expires_at),
        "date_ended": iso8601(row.ended_at),
        "url": f"{settings.PUBLIC_URL}/inventory/v1/Waitlist/{row.sid}",
    }


def _serving(row: WaitlistServing) -> ServingBody:
    return {
        "phone_numbers": sorted(str(each.number) for each in row.offers.all()),
        "reservation_sid": row.reservation.sid if row.reservation else None,
        "date_served": iso8601(row.at),
    }
