"""What this user agent says it can do (RFC 3261 8.2, 20.5, 20.37), and the check of what others require."""

from __future__ import annotations

from .message import Request

ALLOW = "INVITE, ACK, BYE, CANCEL, OPTIONS, PRACK, UPDATE"
SUPPORTED = "100rel, timer"
ACCEPT = "application/sdp, multipart/mixed"
ABILITIES = (("Allow", ALLOW), ("Supported", SUPPORTED), ("Accept", ACCEPT))


def unsupported(request: Request) -> list[str]:
    """Option tags in Require that we do not know: to be refused with 420 (8.2.2.3)."""
    return sorted(request.headers.tokens("Require") - {"100rel", "timer"})
