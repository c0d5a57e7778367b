"""What reaches the customer: status callbacks at their own web server, and letters."""

from typing import NamedTuple

from django.core import mail
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]  # it ships no types

from compliance.services import delivery
from tests.compliance.notices.receiver import Receiver


class Told(NamedTuple):
    """One status callback."""

    bundle: str
    status: str
    reason: str


class Post:
    """Everything that was delivered so far; it delivers as the worker does."""

    def __init__(self, receiver: Receiver, auth_token: str) -> None:
        self.url = receiver.url
        self._receiver, self._validator = receiver, RequestValidator(auth_token)

    def callbacks(self, bundle_sid: str) -> list[Told]:
        """Of one bundle, in the order in which they arrived; each of them is genuine."""
        delivery.deliver_due()
        for each in self._receiver.received:
            assert self._validator.validate(self.url, each.fields, each.headers["X-Twilio-Signature"])
        told = [
            Told(f["BundleSID"], f["Status"], f["FailureReason"]) for f in (e.fields for e in self._receiver.received)
        ]
        return [each for each in told if each.bundle == bundle_sid]

    def letters(self, bundle_sid: str) -> list[tuple[str, str]]:
        """Subjects, without the SID, and bodies of the letters about one bundle."""
        delivery.deliver_due()
        about = [each for each in mail.outbox if bundle_sid in each.subject]
        return [(each.subject.replace(f": {bundle_sid}", ""), str(each.body)) for each in about]
