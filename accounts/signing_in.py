"""Signing in by e-mail address and password: ten tries in a quarter of an hour, whichever door they come to.

Counted by address and not by where they come from: behind a proxy that is the proxy. So somebody who knows an address
can keep its owner out for as long; whoever is signed in already stays so. (NIST SP 800-63B 5.2.2 asks for a limit.)
"""

from datetime import timedelta
from hashlib import sha256
from typing import Any

import structlog
from allauth.account.auth_backends import AuthenticationBackend
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils.translation import gettext_lazy
from redis import RedisError

from accounts.models import User

log = structlog.get_logger(__name__)

TRIES = 10
REST = timedelta(minutes=15)
ADVICE = gettext_lazy("After ten tries wait 15 minutes.")  # beside every refusal, so that it tells nothing


class PatientBackend(AuthenticationBackend):  # type: ignore[misc]  # allauth has no types
    """django-allauth's own, which asks for the verified address, with the limit. A try that succeeds ends the count."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> User | None:
        """The user, or None. Raises PermissionDenied, which ends the search for one, while the address rests."""
        count = _count_of(str(credentials.get("email") or credentials.get("username") or ""))
        if _tries(count) > TRIES:
            log.warning("sign_in_rests")
            raise PermissionDenied
        user: User | None = super().authenticate(request, **credentials)
        if user is not None:
            _forget(count)
        return user


def forget_tries(email: str) -> None:
    """Whoever has just proved that the address is theirs has all tries again."""
    _forget(_count_of(email))


def _count_of(email: str) -> str:
    return f"sign-in:{sha256(email.strip().lower().encode()).hexdigest()}"


def _tries(count: str) -> int:
    """How many there were, with this one; counted before the password is looked at, so that none slips by in a race."""
    try:
        cache.add(count, 0, REST.total_seconds())
        return int(cache.incr(count))
    except ValueError:  # its time ran out between the two
        return 1
    except RedisError:
        log.warning("sign_ins_not_counted", exc_info=True)  # a limit is no reason to keep everybody out
        return 0


def _forget(count: str) -> None:
    try:
        cache.delete(count)
    except RedisError:
        log.warning("sign_ins_not_counted", exc_info=True)
