"""The error catalogue: every code we answer with, and which exception means which code. Views hold no `try`.

Codes are Twilio's (their catalogue, see https://www.twilio.com/docs/api/errors), so that a client's handling of them
keeps working; refusals to sell are HTTP 400, as observed there.
"""

import http
from typing import Any, NamedTuple, NotRequired, TypedDict

import structlog
from django.conf import settings
from django.core.exceptions import DisallowedHost, SuspiciousOperation, TooManyFieldsSent
from django.db import OperationalError
from django.http import Http404
from rest_framework.exceptions import APIException
from rest_framework.response import Response

from accounts import refusals as account_refusals
from inventory import refusals
from inventory.lifecycle import IllegalMove
from inventory.search.stock import BadPosition
from numbering.e164 import InvalidNumber
from numbering.patterns import InvalidPattern
from testing_lab.services import customer_tests

log = structlog.get_logger(__name__)


class Entry(NamedTuple):
    """What a code means: its HTTP status, the message when nothing better is known, and what to do about it."""

    status: int
    message: str
    remedy: str


CATALOGUE: dict[int, Entry] = {
    20001: Entry(400, "Invalid parameter", "Correct the parameter that the message names."),
    20002: Entry(400, "Invalid FriendlyName", "Give 1 to 64 characters. Empty: a number keeps the name it has."),
    20003: Entry(401, "Authenticate", "Sign with the account's SID and auth token, or with an API key and its secret."),
    20004: Entry(405, "Method not allowed", "Use one of the methods that the Allow header lists."),
    20005: Entry(403, "Account not active", "Ask who suspended it: its parent account, or the operator."),
    20006: Entry(403, "Access denied", "Use the account's auth token: an API key may not manage accounts and keys."),
    20007: Entry(400, "Page size too large", "Ask for at most 1000 rows a page."),
    20008: Entry(403, "Resource not accessible with Test Account Credentials", "Use the live credentials."),
    20404: Entry(404, "The requested resource was not found", "Check the path and the SIDs in it."),
    20409: Entry(409, "Conflict", "In use, ended, or held too much or too long: read the message before a retry."),
    20429: Entry(429, "Too many concurrent requests", "Wait as long as Retry-After says; nothing was done."),
    20500: Entry(500, "Internal server error", "Retry; if it stays, tell the operator the Twilio-Request-Id."),
    20503: Entry(503, "Service unavailable", "Retry if it had an Idempotency-Key; if not, look first if it was done."),
    21402: Entry(400, "Invalid Url", "Give an absolute http:// or https:// URL of at most 2048 characters."),
    21403: Entry(400, "Invalid Method", "Give GET or POST."),
    21404: Entry(400, "Trial accounts may hold one number", "Have the operator upgrade it, or release its number."),
    21405: Entry(400, "VoiceFallbackUrl without VoiceUrl", "Set a VoiceUrl, or no VoiceFallbackUrl."),
    21406: Entry(400, "SmsFallbackUrl without SmsUrl", "Set an SmsUrl, or no SmsFallbackUrl."),
    21407: Entry(400, "This kind of number can't receive messages", "Choose a number whose capabilities hold sms."),
    21409: Entry(400, "VoiceCallerIdLookup can't be set on this number", "Choose a number with the voice capability."),
    21420: Entry(400, "Invalid ApplicationSid", "Give AP and 32 lower-case hex digits, or nothing to clear it."),
    21421: Entry(400, "PhoneNumber is invalid", "Give a number in E.164 form, such as +14155550123."),
    21422: Entry(400, "PhoneNumber is not available", "Search again: somebody else holds it, or we don't sell it."),
    21451: Entry(400, "Invalid area code", "Give three digits of the North American Numbering Plan."),
    21452: Entry(400, "No phone numbers found in area code", "Try another area code, or search with other filters."),
    21457: Entry(400, "AreaCode can't be used here", "Buy by AreaCode on IncomingPhoneNumbers.json, without a type."),
    21458: Entry(400, "PhoneNumber is not of this type", "Buy it on the list of its own type."),
    21470: Entry(400, "Invalid AccountSid", "Give the SID of the account that shall have the number (AC...)."),
    21471: Entry(400, "AccountSid does not exist", "Give the SID of an existing account."),
    21472: Entry(400, "AccountSid is not active", "Reactivate the receiving account first."),
    21473: Entry(400, "AccountSid is not related", "Numbers move only between a parent and its subaccounts."),
    21474: Entry(400, "Only the parent account may move numbers", "Sign with the parent account's credentials."),
    21475: Entry(400, "Invalid Status", "Give active, suspended or closed."),
    21476: Entry(400, "The parent account is suspended", "Reactivate the parent account first."),
    21477: Entry(400, "Status can't be changed on a parent account", "Ask the operator."),
    21478: Entry(400, "The account was suspended by the operator", "Ask the operator."),
    21479: Entry(400, "The account is closed", "A closed account stays closed; open a new one."),
    21480: Entry(400, "Too many subaccounts", "Close the ones that are not needed, or ask the operator for more."),
    21481: Entry(400, "Invalid PageToken", "Follow next_page_uri as it was given."),
    21429: Entry(429, "No more tests today", "Wait as long as Retry-After says; see docs/passports.md."),
    22222: Entry(400, "EmergencyStatus can't be changed", "Leave it Inactive: no number calls emergency services yet."),
}

#: What the rooms below refuse with, and the code that says so.
MEANS: dict[type[Exception], int] = {
    refusals.NotAvailable: 21422,
    refusals.NoneInArea: 21452,
    refusals.AccountNotActive: 20005,
    refusals.TrialLimit: 21404,
    refusals.WrongType: 21458,
    refusals.FallbackWithoutVoiceUrl: 21405,
    refusals.FallbackWithoutSmsUrl: 21406,
    refusals.NoMessaging: 21407,
    refusals.NoCallerIdLookup: 21409,
    refusals.NoEmergencyCalls: 22222,
    refusals.NoFax: 20001,
    refusals.ReceiverNotActive: 21472,
    refusals.ReceiverNotRelated: 21473,
    refusals.NotTheParent: 21474,
    refusals.ReservationEnded: 20409,
    refusals.ReservationTooLong: 20001,
    refusals.TooManyHeld: 20409,
    refusals.HeldTooLong: 20409,
    refusals.NotInService: 20404,
    account_refusals.ParentSuspended: 21476,
    account_refusals.ParentStatus: 21477,
    account_refusals.OperatorSuspended: 21478,
    account_refusals.AccountClosed: 21479,
    account_refusals.TooManySubaccounts: 21480,
    account_refusals.NotAParent: 20006,
    customer_tests.BeingTested: 20409,
    customer_tests.QuotaUsedUp: 21429,
    IllegalMove: 20409,
    InvalidNumber: 21421,
    InvalidPattern: 20001,
    BadPosition: 21481,
    SuspiciousOperation: 20001,  # more fields or bytes than Django reads
    # The database is away or overloaded, a lock took too long; or COMMIT's answer was lost, and nobody knows.
    OperationalError: 20503,
}
#: Framework refusals, by their HTTP status.
OF_STATUS = {400: 20001, 401: 20003, 403: 20006, 404: 20404, 405: 20004, 429: 20429}
RETRY_SECONDS = 1


class Refusal(Exception):
    """A refusal that the API itself decides. `message` replaces the catalogue's; `details` go into the body."""

    def __init__(self, code: int, message: str = "", **details: Any) -> None:
        super().__init__(message or CATALOGUE[code].message)
        self.code, self.details = code, details


def answer(error: Exception, context: dict[str, Any]) -> Response:
    """The response to any exception of a view (DRF's EXCEPTION_HANDLER)."""
    code = _code(error)
    if code == 20500:
        log.exception("request_failed", exc_info=error)
    response = Response(body(code, _message(error, code, context), getattr(error, "details", None)))
    response.status_code = CATALOGUE[code].status
    if code in (20429, 20503, 21429) or getattr(error, "retry", False):
        response["Retry-After"] = str(getattr(error, "retry_after", RETRY_SECONDS))
    if challenge := getattr(error, "auth_header", None):
        response["WWW-Authenticate"] = challenge
    return response


class ErrorBody(TypedDict):
    """A refusal, or a failure."""

    code: int
    message: str
    more_info: str
    status: int
    details: NotRequired[dict[str, Any]]


def body(code: int, message: str = "", details: dict[str, Any] | None = None) -> ErrorBody:
    """The JSON of an error; `more_info` is our own page of the code."""
    entry = CATALOGUE[code]
    content: ErrorBody = {
        "code": code,
        "message": message or entry.message,
        "more_info": f"{settings.PUBLIC_URL}/docs/errors/{code}",
        "status": entry.status,
    }
    return {**content, "details": details} if details else content


def _code(error: Exception) -> int:
    if isinstance(error, Refusal):
        return error.code
    if isinstance(error, Http404):
        return 20404
    if isinstance(error, APIException):
        return OF_STATUS.get(error.status_code, 20500)
    return next((MEANS[kind] for kind in type(error).__mro__ if kind in MEANS), 20500)


def _message(error: Exception, code: int, context: dict[str, Any]) -> str:
    """What to tell the client: never the words of an exception that we did not write."""
    if isinstance(error, Refusal):
        return str(error)
    if code == 20404:
        return f"The requested resource {context['request'].path_info} was not found"
    if isinstance(error, APIException) and error.status_code != http.HTTPStatus.UNAUTHORIZED:
        return str(error.detail)
    if isinstance(error, SuspiciousOperation):
        return why_suspicious(error)
    if code in (20500, 20503) or isinstance(error, APIException):
        return ""
    return str(error)


def why_suspicious(error: Exception) -> str:
    """Why Django lets a request pass no further, in our words; nothing where we have none."""
    match error:
        case TooManyFieldsSent():
            return f"At most {settings.DATA_UPLOAD_MAX_NUMBER_FIELDS} parameters are read"
        case DisallowedHost():
            return "The Host header names no host of this service"
    return ""
