"""Everything that the SIP user agent raises on purpose; all of it is a `SipError`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .message import Request, Response


class SipError(Exception):
    """Base of every error of this package."""


class MalformedMessage(SipError, ValueError):
    """A datagram, header or URI that RFC 3261 does not allow.

    `request` is set when enough of a request was readable to answer it with `status` (RFC 3261 8.2, 16.3, 18.3).
    """

    def __init__(self, reason: str, *, status: int = 400, request: Request | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status
        self.request = request


class CallTimeout(SipError):
    """The other side did not answer a request in time."""


class AckTimeout(SipError):
    """Our 2xx was repeated for 64*T1 and never acknowledged (RFC 3261 13.3.1.4)."""


class CallCancelled(SipError):
    """The caller withdrew (CANCEL, or BYE) before we could do what was asked."""


class CallState(SipError):
    """The call is not in a state that allows what was asked, for example answering twice."""


class AgentClosed(SipError):
    """The user agent was closed while the request was under way."""


class Rejected(SipError):
    """A final response of 300 or above. For callers who want an exception; `final()` never raises it."""

    def __init__(self, response: Response) -> None:
        super().__init__(f"{response.status} {response.reason}")
        self.response = response
