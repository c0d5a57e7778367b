"""Status callbacks of bundles as Twilio sends them: a form, a signature, a token against duplicates.

Source: https://www.twilio.com/docs/usage/webhooks/webhooks-security for the signature; the parameters are those of
bundles. `ValidUntil` goes along when the rules have changed.
"""

import hmac
from base64 import b64encode
from collections.abc import Mapping

from accounts.models import Account
from api.bundles.spelling import STATUS_OF
from compliance.callbacks import Request, Told


class StatusCallbacks:
    """Speaks `compliance.callbacks.Wire`."""

    def request(self, told: Told, *, url: str, account: Account, token: str) -> Request:
        """The form and its headers."""
        fields = {
            "AccountSID": told.account_sid,
            "BundleSID": told.bundle_sid,
            "Status": STATUS_OF[told.state],
            "FailureReason": told.reason,
        }
        if told.valid_until:
            fields["ValidUntil"] = told.valid_until
        headers = {
            "X-Twilio-Signature": signature(url, fields, account.auth_token),
            "I-Twilio-Idempotency-Token": token,
        }
        return Request(fields, headers)


def signature(url: str, fields: Mapping[str, str], auth_token: str) -> str:
    """HMAC-SHA1 over the URL and the sorted parameters, in base64."""
    text = url + "".join(f"{name}{fields[name]}" for name in sorted(fields))
    return b64encode(hmac.digest(auth_token.encode(), text.encode(), "sha1")).decode()
