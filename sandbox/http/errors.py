"""One shape for every error: {"error": {"code", "message"}}."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable

from aiohttp import web

from sandbox.log import event
from sandbox.orders import NotHeld, ReferenceReused

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
API_KEY = web.AppKey("api_key", str)


class BadRequest(Exception):
    """The caller's mistake; `code` is for machines, the message for people."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code, self.status = code, status


def problem(status: int, code: str, message: str, *, retry_after: int | None = None) -> web.Response:
    """An error answer, with Retry-After in seconds where given."""
    headers = {"Retry-After": str(retry_after)} if retry_after is not None else None
    return web.json_response({"error": {"code": code, "message": message}}, status=status, headers=headers)


@web.middleware
async def catch_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except BadRequest as error:
        return problem(error.status, error.code, str(error))
    except ReferenceReused:
        return problem(409, "client_reference_reused", "This client_reference stands for other numbers.")
    except NotHeld as error:
        return problem(404, "unknown_number", f"We have never billed you for {error}.")
    except web.HTTPException as error:
        return problem(error.status, error.reason.lower().replace(" ", "_"), error.reason)


@web.middleware
async def check_key(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Bearer token, compared in constant time. /healthz and the certificates are open."""
    expected = f"Bearer {request.app[API_KEY]}".encode()
    given = request.headers.get("Authorization", "").encode("utf-8", "surrogateescape")
    is_open = request.path == "/healthz" or request.path.startswith("/certificates/")
    if not is_open and not hmac.compare_digest(given, expected):
        return problem(401, "unauthorized", "Authorization: Bearer <key> is missing or wrong.")
    return await handler(request)


@web.middleware
async def log_request(request: web.Request, handler: Handler) -> web.StreamResponse:
    response = await handler(request)
    event("http", method=request.method, path=request.path_qs[:200], status=response.status)
    return response
