"""django-allauth's views where they need a word of ours."""

from typing import Any

import structlog
from allauth.account.internal.decorators import login_not_required
from allauth.account.views import LoginView, SignupView
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from redis import RedisError

from portal.entrance.invited import invited_by

log = structlog.get_logger(__name__)


class SignIn(LoginView):  # type: ignore[misc]  # allauth has no types
    """At both doors. While Redis is away the tries from one network go uncounted: that keeps nobody out."""

    @method_decorator(login_not_required)
    @method_decorator(sensitive_post_parameters("password"))
    @method_decorator(never_cache)
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """allauth's limit, if it can be asked; then the form."""
        try:
            answer: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        except RedisError:
            log.warning("sign_ins_not_limited", exc_info=True)
            answer = super(LoginView, self).dispatch(request, *args, **kwargs)
        return answer

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        """With the invitation that one came by."""
        return {**super().get_context_data(**more), "invitation": invited_by(self.request)}


class SignUp(SignupView):  # type: ignore[misc]
    """A new person; the account opens when the address is verified."""

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        """Likewise."""
        return {**super().get_context_data(**more), "invitation": invited_by(self.request)}
