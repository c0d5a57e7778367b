"""What test credentials get (contract, end of section 6): magic numbers with known answers, and nothing is bought."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import Account
from api.errors import Refusal
from inventory.models import Did, PhoneNumber
from inventory.services import did_settings
from numbering.e164 import friendly_name
from numbering.types import ALL_CAPABILITIES, NumberType

UNAVAILABLE, INVALID, BUYABLE = 15_005_550_000, 15_005_550_001, 15_005_550_006
EMPTY_AREA_CODE, STOCKED_AREA_CODE = "533", "500"


def buy(
    account: Account,
    e164: int | None,
    area_code: str | None,
    settings: dict[str, Any],
    number_type: NumberType | None = None,
) -> Did:
    """A DID that exists only in this answer. Raises Refusal 21421, 21422, 21452 or 21458."""
    if e164 == INVALID:
        raise Refusal(21421, f"+{e164} is not a valid number")
    if e164 is not None and e164 != BUYABLE:
        raise Refusal(21422, f"+{e164} is not available")
    if e164 is None and area_code != STOCKED_AREA_CODE:
        raise Refusal(21452, f"No phone numbers found in area code {area_code}")
    if number_type not in (None, NumberType.LOCAL):
        raise Refusal(21458, f"+{BUYABLE} is a local number")
    return _imagined(account, settings)


def _imagined(account: Account, settings: dict[str, Any]) -> Did:
    now = timezone.now()
    number = PhoneNumber(
        e164=BUYABLE,
        country="US",
        number_type=NumberType.LOCAL,
        area_code=STOCKED_AREA_CODE,
        capabilities=int(ALL_CAPABILITIES),
        passport_expires_at=now + timedelta(days=30),
        cleared_at=now,
    )
    name = friendly_name(BUYABLE, "US")
    did = Did(number=number, account=account, friendly_name=name, created_at=now, updated_at=now)
    did_settings.put(did, number, settings)
    return did
