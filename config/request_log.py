"""What the log says of a request: its path and whose it was, and nothing that was searched for."""

import structlog
from django.http import HttpRequest
from django.utils.functional import LazyObject
from django_structlog.middlewares import RequestMiddleware


class RequestLog(RequestMiddleware):
    """django-structlog's, with less: a query string has names and phone numbers in it, a primary key says little."""

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        """Method and path."""
        return f"{request.method} {request.path}"

    @staticmethod
    def bind_user_id(request: HttpRequest) -> None:
        """Bind the SID of the account that the API recognised. A session is not read for a log line."""
        user = getattr(request, "user", None)
        sid = None if isinstance(user, LazyObject) else getattr(user, "sid", None)
        if sid:
            structlog.contextvars.bind_contextvars(account_sid=sid)

    @staticmethod
    def bind_ip(request: HttpRequest) -> None:
        """Bind the address of the other end: a proxy's, where one stands before us. Headers can say anything."""
        structlog.contextvars.bind_contextvars(ip=request.META.get("REMOTE_ADDR", ""))
