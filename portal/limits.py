"""How often one may ask for what is dear to answer: by person, and of strangers by the network they come from.

The rates are `PORTAL_RATE_LIMITS`; `TRUSTED_PROXIES` says whose word about a network counts. django-allauth keeps the
count, as it does at the sign-in: in Redis, of IPv6 by /64. Without Redis nobody counts: that keeps nobody out.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Concatenate, ParamSpec

import structlog
from allauth.core.internal.ratelimit import consume, parse_rate
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from redis import RedisError

from accounts.models import User

log = structlog.get_logger(__name__)
P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def limited(action: str) -> Callable[[View[P]], View[P]]:
    """The view, for whoever has not asked for it too often; the others get 429, with when to come back."""

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def counting(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            return too_often(request, action) or view(request, *args, **kwargs)

        return counting

    return decorate


def too_often(request: HttpRequest, action: str) -> HttpResponseBase | None:
    """The page that says so; None where it was not, which is counted."""
    rate = settings.PORTAL_RATE_LIMITS.get(action)
    if rate is None or _counted(request, action, f"{rate}/{'user' if isinstance(request.user, User) else 'ip'}"):
        return None
    wait = timedelta(seconds=parse_rate(rate).duration)
    about = {"minutes": max(1, wait // timedelta(minutes=1))}
    page = render(request, "429.html", about, status=429)
    page["Retry-After"] = str(int(wait.total_seconds()))
    return page


def _counted(request: HttpRequest, action: str, rate: str) -> bool:
    """False: it was too often."""
    try:
        return consume(request, app="portal", action=action, config={action: rate}, limit_get=True) is not None
    except RedisError:
        log.warning("portal_not_limited", action=action, exc_info=True)
        return True
