"""The lab's own SIP user agent: transactions, dialogs and calls over UDP (RFC 3261 and friends)."""

from .agent import UserAgent
from .call import Call, Heard
from .digest import Credentials
from .errors import (
    AckTimeout,
    AgentClosed,
    CallCancelled,
    CallState,
    CallTimeout,
    MalformedMessage,
    Rejected,
    SipError,
)
from .incoming import IncomingCall
from .message import Request, Response
from .outgoing import OutgoingCall
from .timers import Timers
from .trace import Entry, Trace

__all__ = [
    "AckTimeout",
    "AgentClosed",
    "Call",
    "CallCancelled",
    "CallState",
    "CallTimeout",
    "Credentials",
    "Entry",
    "Heard",
    "IncomingCall",
    "MalformedMessage",
    "OutgoingCall",
    "Rejected",
    "Request",
    "Response",
    "SipError",
    "Timers",
    "Trace",
    "UserAgent",
]
