"""The error catalogue: every code we answer with, and which exception means which code. Views hold no `try`.

Codes are Twilio's (their catalogue, see https://www.twilio.com/docs/api/errors), so that a client's handling of them
keeps working; refusals to sell are HTTP 400, as observed there.
"""

import http
from typing import Any, NamedTuple, NotRequired, TypedDict

import structlog
from django.conf import settings
from django.core.exceptions import BadRequest, DisallowedHost, SuspiciousOperation, TooManyFieldsSent
from django.db import OperationalError
from django.http import Http404
from rest_framework.exceptions import APIException
from rest_framework.response import Response

from accounts import refusals as account_refusals
from api import asked
from api.bundles.results import result
from api.bundles.spelling import STATUS_OF
from compliance import refusals as papers
from compliance import unmet
from compliance.lifecycle import IllegalBundleMove
from compliance.models import Bundle, ItemAssignment
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
    20403: Entry(403, "Forbidden", "What the message names is not yours to set."),
    20404: Entry(404, "The requested resource was not found", "Check the path and the SIDs in it."),
    20409: Entry(409, "Conflict", "In use, ended, protected, or held too much or too long: read the message."),
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
    21615: Entry(400, "No valid address created for the number's area", "Give an address there: details say where."),
    21631: Entry(400, "Phone Number Requires an Address", "Create an address, and give its SID as AddressSid."),
    21649: Entry(400, "Phone Number Requires a Bundle", "Give the BundleSid of an approved bundle for such numbers."),
    21651: Entry(400, "Address not contained in bundle", "Give the AddressSid that the bundle's papers show."),
    21429: Entry(429, "No more tests today", "Wait as long as Retry-After says; see docs/passports.md."),
    21238: Entry(400, "Invalid address parameter", "Correct the parameter of the address that the message names."),
    21628: Entry(400, "The address can't be validated", "Correct the parts that details.failures names."),
    21629: Entry(400, "A suggestion is available", "Send the address as details.suggestion has it."),
    21630: Entry(400, "The address is tied to a verified document", "Make a new address and a new document with it."),
    21644: Entry(400, "The end user is assigned to a bundle", "Take it out of the bundle first, or delete that."),
    21645: Entry(400, "The document is assigned to a bundle", "Take it out of the bundle first, or delete that."),
    21646: Entry(400, "The document is being reviewed", "Wait for the verdict, or recall the bundle (Status=draft)."),
    22200: Entry(400, "Invalid EndUserType or NumberType", "Give individual or business, and a type such as local."),
    22207: Entry(400, "Attributes is not valid JSON", "Give one JSON object as text, with the fields of the type."),
    22208: Entry(400, "Status and Attributes can't be set together", "Leave Status out: the review decides it."),
    22209: Entry(400, "Invalid Status", "Leave Status out: it follows the review of the bundle."),
    22210: Entry(400, "Invalid Type", "Give a machine_name of SupportingDocumentTypes."),
    22211: Entry(400, "Invalid FriendlyName", "Give 1 to 255 characters."),
    22212: Entry(400, "Invalid EndUserType", "Give individual or business."),
    22213: Entry(400, "Invalid NumberType", "Give local, mobile, national, toll-free or one that the message lists."),
    22201: Entry(400, "No such regulation", "Look at Regulations: where none is in force, no bundle is needed."),
    22202: Entry(400, "No regulation given", "Give RegulationSid, or IsoCountry, NumberType and EndUserType together."),
    22203: Entry(400, "Invalid Status", "Give pending-review to hand the bundle in, or draft to take it back."),
    22205: Entry(400, "Invalid ObjectSid", "Give the SID of an end user or a supporting document of this account."),
    22206: Entry(400, "ObjectSid can't be assigned", "Assign end users (IT...) and supporting documents (RD...) only."),
    22214: Entry(400, "End user missing", "Assign the end user: the one who will use the number."),
    22215: Entry(400, "End user incomplete", "Fill in the fields that `details` lists as invalid."),
    22216: Entry(400, "Supporting document missing", "Assign one of the accepted documents for each requirement."),
    22217: Entry(400, "Supporting document incomplete", "Fill in the fields that `details` lists as invalid."),
    22218: Entry(400, "Document and end user differ", "Make both equal, letter for letter, or give the right paper."),
    22219: Entry(400, "Address missing", "Create an address and name its SID in the document's address_sids."),
    18001: Entry(400, "Document not accepted", "Give one of the documents that the regulation lists."),
    21647: Entry(400, "The bundle is being reviewed", "Recall it by Status=draft, or wait for the reviewer."),
    21648: Entry(400, "The bundle holds numbers", "Release its numbers, or move them to another bundle."),
    22223: Entry(400, "Bundle can't be copied", "Copy an approved bundle that has a valid_until."),
    22224: Entry(400, "Items can't be replaced", "Take an approved copy of this approved bundle."),
    22225: Entry(400, "FromBundleSid not found", "Give the SID of a copy of this bundle, of the same account."),
    22226: Entry(400, "A bundle can't replace its own items", "Give the SID of its copy."),
    22228: Entry(400, "The copy meets rules that are out of force", "Copy again, and have that approved."),
    22229: Entry(400, "The copy has another address", "Keep the addresses of the original, by SID, in its copy."),
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
    refusals.TooManyWaiting: 20409,
    refusals.NobodysCountry: 20001,
    refusals.NobodysAreaCode: 21451,
    refusals.NotAFeed: 20001,
    refusals.NotInService: 20404,
    refusals.LawChanged: 20409,
    refusals.Protected: 20409,
    refusals.TooLateToReport: 20409,
    refusals.NotItsDay: 20001,
    account_refusals.ParentSuspended: 21476,
    account_refusals.ParentStatus: 21477,
    account_refusals.OperatorSuspended: 21478,
    account_refusals.AccountClosed: 21479,
    account_refusals.TooManySubaccounts: 21480,
    account_refusals.NotAParent: 20006,
    papers.StillNeeded: 20409,
    papers.UnderLegalHold: 20409,
    papers.ReasonTellsTooMuch: 20001,
    papers.Deleted: 20404,
    papers.Frozen: 20409,
    papers.AddressFrozen: 21630,
    papers.AddressInUse: 20409,
    papers.BadAddress: 21238,
    papers.AddressNotValidated: 21628,
    papers.AddressSuggested: 21629,
    papers.EndUserAssigned: 21644,
    papers.DocumentAssigned: 21645,
    papers.DocumentInReview: 21646,
    papers.UnacceptableFile: 20001,
    papers.UnreadableUpload: 20001,
    papers.InfectedFile: 20001,
    papers.ScannerUnavailable: 20503,
    papers.VaultUnavailable: 20503,
    customer_tests.BeingTested: 20409,
    customer_tests.QuotaUsedUp: 21429,
    unmet.AddressMissing: 21631,
    unmet.AddressUnfit: 21615,
    unmet.BundleMissing: 21649,
    unmet.BundleNotApproved: 21649,
    unmet.AddressNotOnPapers: 21651,
    unmet.NoEmergencyAddress: 20001,
    IllegalMove: 20409,
    IllegalBundleMove: 20409,
    Bundle.DoesNotExist: 20404,  # somebody else deleted it meanwhile
    ItemAssignment.DoesNotExist: 20404,
    papers.NothingAsked: 22201,
    papers.NotCompliant: 20001,  # where Twilio has no code for the first fault
    papers.BeingReviewed: 21647,
    papers.HoldsNumbers: 21648,
    papers.ItemsFrozen: 20409,
    papers.AlreadyAssigned: 20409,
    papers.TooManyItems: 20409,
    papers.NoSuchItem: 22205,
    papers.NotAnItem: 22206,
    papers.NoSuchRequirement: 20001,
    papers.OtherCountry: 20001,
    papers.NotCopyable: 22223,
    papers.NotReplaceable: 22224,
    papers.ItsOwnSource: 22226,
    papers.OutdatedSource: 22228,
    papers.OtherAddress: 22229,
    papers.NotCloneable: 20409,
    papers.CloneNotByParent: 21474,
    papers.CloneTargetUnknown: 21473,
    papers.CloneTargetInactive: 21472,
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
    response = Response(body(code, _message(error, code, context), _details(error)))
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
    if isinstance(error, papers.NotCompliant) and error.twilio_code in CATALOGUE:
        return error.twilio_code
    return next((MEANS[kind] for kind in type(error).__mro__ if kind in MEANS), 20500)


def _details(error: Exception) -> dict[str, Any] | None:
    if isinstance(error, papers.NotCompliant):
        return {"results": [result(each) for each in error.results]}
    if isinstance(error, unmet.Unmet):
        return asked.details(error, MEANS)
    details: dict[str, Any] | None = getattr(error, "details", None)
    return details


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
    if code == 20500 or isinstance(error, APIException | OperationalError):
        return ""
    return error.said(STATUS_OF) if isinstance(error, papers.Refused | IllegalBundleMove) else str(error)


def why_suspicious(error: Exception) -> str:
    """Why Django lets a request pass no further, in our words; nothing where we have none."""
    match error:
        case TooManyFieldsSent():
            return f"At most {settings.DATA_UPLOAD_MAX_NUMBER_FIELDS} parameters are read"
        case DisallowedHost():
            return "The Host header names no host of this service"
        case BadRequest():
            return str(error)
    return ""
