"""The guard of the lab's dialling: no call and no message of ours ever goes to an emergency service, of any country.

Whatever is dialled passes `check` first: `UserAgent` for calls, the links to the SMSC and the MMSC for messages.
Requests within a call that is up are not dialled: they go to whoever is in it already, at the address that he gave
(RFC 3261 12.2.1.1). It lets through what it can tell to be harmless, and raises for all else:

- an international number (`+` and at least seven digits), unless it can be read as an emergency code behind its
  country code, with or without a trunk prefix, or begins with one and is no number of the plan;
- the services for test calls that `services` knows: `urn:service:test.sos`, and a national test code within its own
  country. A bare code is refused, since it means something else next door: 933 tries out 911 in North America, and
  in Tonga it is the fire brigade's;
- a name or address without a number in it (`sip:trunk.example`).

Numbers without a plus sign are refused, all of them: the lab has no use for one, and which service a short one reaches
only the switch knows. The codes are libphonenumber's, of all countries and territories that it knows, and those that
any telephone takes for an emergency (3GPP TS 22.101 10.1.1).
"""

import ipaddress
import re
import unicodedata
from functools import lru_cache
from urllib.parse import unquote

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, SUPPORTED_SHORT_REGIONS, PhoneMetadata

from numbering.e164 import E164, MAX_DIGITS, MIN_DIGITS, InvalidNumber
from numbering.plan import calling_code
from testing_lab.emergency import services

ANYWHERE = ("000", "08", "110", "112", "118", "119", "911", "999")  # 3GPP TS 22.101 10.1.1
LONGEST_TRUNK_PREFIX = 3
MOST_ENCODINGS = 5  # percent signs may themselves be percent-encoded; who does it oftener is refused
_SCHEME = re.compile(r"^(?:sips?|tel|sms):(?://)?", re.IGNORECASE)
_ANY_DIGITS = re.compile(r"\d+")
_UNSEEN = ("C", "Z", "P", "S")  # Unicode categories: controls and formats, spaces, punctuation, symbols
_PIECES = re.compile(r"[:<>\",]")
_SERVICE_NAMES = re.compile(r"sos|emergency|ecall|police|fire|ambulance", re.IGNORECASE)


class DiallingRefused(Exception):
    """This is, or may be, an emergency service: nothing was sent."""


def check(target: str) -> None:
    """Return if the target (a URI, or a number as it stands in a message) may be dialled; raise DiallingRefused if not.

    Percent-encoding, visual separators, digits of other scripts, URI parameters and letter case make no difference.
    """
    text = _decoded(target).strip()
    if services.is_test_service(text):
        return
    if re.search("urn:", text, re.IGNORECASE):
        raise DiallingRefused(f"{target!r}: the only service that the lab calls is {services.TEST_URN}")
    if "?" in text:
        raise DiallingRefused(f"{target!r}: what is dialled carries no headers (RFC 3261 19.1.1)")
    for part in _parts(_SCHEME.sub("", text, count=1)):
        _check_part(part, target)


def prepare() -> None:
    """Read the codes of the world now, a quarter of a second's work: the first call is no time for it."""
    _codes()


@lru_cache(maxsize=1)
def _codes() -> re.Pattern[str]:
    """All emergency codes of the world."""
    patterns = filter(None, map(pattern_of, SUPPORTED_SHORT_REGIONS))
    return re.compile("|".join((*ANYWHERE, *(f"(?:{pattern})" for pattern in patterns))))


@lru_cache(maxsize=512)
def pattern_of(region: str) -> str:
    """The regular expression of a region's emergency codes by libphonenumber; "" where it knows none."""
    metadata = PhoneMetadata.short_metadata_for_region(region)
    description = metadata.emergency if metadata else None
    return (description.national_number_pattern if description else None) or ""


def _decoded(text: str) -> str:
    for _ in range(MOST_ENCODINGS):
        following = unquote(text)
        if following == text:
            return unicodedata.normalize("NFKC", text)
        text = following
    raise DiallingRefused(f"{text!r} is encoded too often")


def _parts(address: str) -> list[str]:
    """What may name somebody to call: the user part or, where there is none, the host; and every parameter's value."""
    before, at, host = address.rpartition("@")
    user, *parameters = (before if at else _unless_host(host)).split(";")
    parameters += host.split(";")[1:] if at else []
    values = [value for name, _, value in (each.partition("=") for each in parameters) if name != "phone-context"]
    return [piece for text in (user, *values) for piece in _PIECES.split(text)]


def _unless_host(text: str) -> str:
    """What stands where a host may: an IP address is nobody's number (0.9.1.1 is none), nor is a port behind a name."""
    host, semicolon, parameters = text.partition(";")
    address = re.sub(r"(?<=[]0-9.]):\d{1,5}$", "", host).strip("[]")
    try:
        is_host = int(ipaddress.ip_address(address)) >> 24 > 0
    except ValueError:
        is_host = False
    if not is_host:
        return re.sub(r"(?<=[a-zA-Z]):\d{1,5}$", "", host) + semicolon + parameters
    return semicolon + parameters


def _check_part(part: str, target: str) -> None:
    plain = _plain(part)
    if _is_name(plain):
        if plain.startswith("+") or _is_service_name(plain):
            raise DiallingRefused(f"{target!r} looks like an emergency service")
    elif plain and not plain.startswith("+"):
        raise DiallingRefused(f"{target!r} holds a number that is not international (+ and country code)")
    elif plain and _may_be_emergency(plain[1:]):
        raise DiallingRefused(f"{target!r} is, or may reach, an emergency service")


def _plain(text: str) -> str:
    """The text as a switch might read it: digits of any script as 0-9, nothing between, a plus if it begins so."""
    kept = "".join(filter(None, map(_seen, text)))
    begins = re.sub(r"^[\s(\[]+", "", "".join(char for char in text if unicodedata.category(char)[0] not in "CZ"))
    return ("+" if begins.startswith("+") else "") + kept


def _seen(char: str) -> str:
    digit = unicodedata.numeric(char, -1.0)
    if digit in range(10):
        return str(int(digit))
    return char if char in "*#" or unicodedata.category(char)[0] not in _UNSEEN else ""


def _is_name(plain: str) -> bool:
    return any(char.isalpha() for char in plain)


def _is_service_name(plain: str) -> bool:
    if _SERVICE_NAMES.match(plain):
        return True
    runs = _ANY_DIGITS.findall(plain)
    return any(_codes().fullmatch(run[skipped:]) for run in runs for skipped in range(len(run)))


def _may_be_emergency(digits: str) -> bool:
    if not digits.isdigit() or not MIN_DIGITS <= len(digits) <= MAX_DIGITS or digits.startswith("0"):
        return True
    code = calling_code(int(digits))
    if code is None:
        return True
    national = digits[len(str(code)) :]
    if _codes().fullmatch(national) or _codes().fullmatch(national.lstrip("0")):
        return True
    if _is_in_the_plan(digits):
        return False
    behind_a_prefix = any(_codes().fullmatch(national[skipped:]) for skipped in range(1, LONGEST_TRUNK_PREFIX + 1))
    return behind_a_prefix or _begins_with_a_code(national, code)


def _is_in_the_plan(digits: str) -> bool:
    try:
        return E164.from_int(int(digits)).is_valid
    except InvalidNumber:
        return False


def _begins_with_a_code(national: str, code: int) -> bool:
    """Switches that dial as soon as they know the code take "911 555 0100" for 911."""
    patterns = filter(None, map(pattern_of, COUNTRY_CODE_TO_REGION_CODE.get(code, ())))
    return any(re.match(pattern, national) for pattern in patterns)
