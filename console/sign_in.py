"""Who comes into the console: staff, by the same sign-in as everybody, and with a second factor.

A password that somebody has guessed, or a session that was stolen before there was a second factor, opens nothing here:
what counts is that this very session has shown one. `STAFF_SECOND_FACTOR` switches it off for demonstrations.
"""

from collections.abc import Callable
from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from allauth.account.decorators import secure_admin_login
from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from accounts.second_factors import is_proved

CONSOLE = "/console/"
OPEN = ("/console/login/", "/console/logout/", "/console/jsi18n/")  # they show nothing of ours

#: Strangers are sent to `/sign-in`; who is signed in and is no staff gets 403.
sign_in = secure_admin_login(admin.site.login)


class StaffSecondFactor:
    """Middleware: members of staff whose session has shown no second factor are sent to do so, or to get one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The page, or where to go first."""
        is_inside = request.path.startswith(CONSOLE) and request.path not in OPEN
        if settings.STAFF_SECOND_FACTOR and is_inside and request.user.is_staff and not is_proved(request):
            return redirect(f"{_door(request)}?{urlencode({'next': request.get_full_path()})}")
        return self.get_response(request)


def _door(request: HttpRequest) -> str:
    """Where a second factor is shown; where one is set up, while there is none."""
    methods = get_adapter().get_reauthentication_methods(request.user)
    factors = [method["url"] for method in methods if method["id"] != "reauthenticate"]
    return factors[0] if factors else reverse("mfa_index")
