"""How many numbers the visitor has in the cart, for every page: kept in the session, so that no page asks for it."""

from collections.abc import Iterable
from datetime import datetime

from django.http import HttpRequest
from django.utils import timezone

from portal.acting import CustomerRequest

HELD = "held"  # in the session: by SID of the account, when each hold ends, in seconds since 1970


def remember(request: CustomerRequest, ends: Iterable[datetime]) -> None:
    """What is held for the account now, by when that ends."""
    known = dict(request.session.get(HELD, {}))
    known[request.account.sid] = [round(end.timestamp()) for end in ends]
    if known != request.session.get(HELD, {}):
        request.session[HELD] = known


def held(request: HttpRequest) -> int:
    """How many of those are held still. What others of the account reserved is seen in the cart itself."""
    account = getattr(request, "account", None)
    if account is None:
        return 0
    now = timezone.now().timestamp()
    return sum(end > now for end in request.session.get(HELD, {}).get(account.sid, []))
