"""Callbacks of the waitlist: a form, signed as Twilio signs its own, a token against duplicates."""

from collections.abc import Mapping

from accounts.models import Account
from api.rendering import iso8601
from api.status_callbacks import signature
from inventory.models import WaitlistServing, WaitMode


class WaitlistCallbacks:
    """Speaks `inventory.waitlist.telling.Wire`."""

    def fields(self, serving: WaitlistServing) -> dict[str, str]:
        """`Event` is available or reserved; the numbers are separated by commas."""
        entry, basket = serving.entry, serving.reservation
        numbers = serving.offers.order_by("number__e164").values_list("number__e164", flat=True)
        told = {
            "AccountSid": entry.account.sid,
            "WaitlistSid": entry.sid,
            "Event": "reserved" if entry.mode == WaitMode.RESERVE else "available",
            "PhoneNumbers": ",".join(f"+{e164}" for e164 in numbers),
            "Status": entry.state,
        }
        if basket:
            told |= {"ReservationSid": basket.sid, "DateExpires": iso8601(basket.expires_at) or ""}
        return told

    def headers(self, fields: Mapping[str, str], *, url: str, account: Account, token: str) -> dict[str, str]:
        """As those of bundles."""
        return {
            "X-Twilio-Signature": signature(url, fields, account.auth_token),
            "I-Twilio-Idempotency-Token": token,
        }
