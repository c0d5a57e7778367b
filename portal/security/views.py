"""The page that leads to all of them. They belong to the person, not to an account."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.models import User


@login_required
def overview(request: HttpRequest) -> HttpResponse:
    """What protects the person's sign-in, and what could."""
    return render(request, "portal/security/overview.html", _of(request.user) if isinstance(request.user, User) else {})


def _of(user: User) -> dict[str, Any]:
    factors = list(Authenticator.objects.filter(user=user).order_by("pk"))
    by_type = {each.type: each for each in factors}
    codes = by_type.get(Authenticator.Type.RECOVERY_CODES)
    has_one = any(each.type != Authenticator.Type.RECOVERY_CODES for each in factors)
    return {
        "wanted_by_console": settings.STAFF_SECOND_FACTOR and user.is_staff and not has_one,
        "app": by_type.get(Authenticator.Type.TOTP),
        "passkeys": [each.wrap() for each in factors if each.type == Authenticator.Type.WEBAUTHN],
        "codes_left": len(codes.wrap().get_unused_codes()) if codes else None,
        "changing_to": EmailAddress.objects.filter(user=user, verified=False).values_list("email", flat=True).first(),
        "sessions": UserSession.objects.filter(user=user).count(),
    }
