"""One event of a feed, read strictly. Pure: what becomes of it is `ingest`'s."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any, NamedTuple

from django.conf import settings

from inventory.traffic.callers import spelt
from inventory.traffic.hashing import hashed
from numbering.types import Capability

OLDEST = timedelta(days=400)  # as long as daily contacts are kept
AHEAD = timedelta(hours=1)  # as far as a feed's clock may be before ours
_CHANNELS = {"voice": Capability.VOICE, "sms": Capability.SMS}
_NUMBER = re.compile(r"\+?([1-9][0-9]{6,14})", re.ASCII)
_FLAGS = {True: True, False: False, None: False, "": False, "true": True, "false": False, "1": True, "0": False}


class BadEvent(ValueError):
    """It can't be read; the message names the field, and never what a caller is called."""


class Event(NamedTuple):
    """`key` is 16 octets, the same whenever this event is told again; `caller` is a hash (`callers`).

    A withheld caller is each time another one.
    """

    key: bytes
    e164: int
    at: datetime
    channel: Capability
    caller: int
    withheld: bool
    otp: bool


def read(document: Any, *, feed: str, now: datetime) -> Event | None:
    """An event from its fields: `id`, `at` (ISO 8601 with an offset), `to`, `from`, `channel` (voice or sms), `otp`.

    None for what is no contact: a delivery `receipt`, a `test` of the platform, and what its own numbers sent. Raises
    BadEvent.
    """
    if not isinstance(document, Mapping):
        raise BadEvent("an event is an object with id, at, to, from and channel")
    key, e164 = _key(feed, document.get("id")), _e164(document.get("to"))
    at, channel = _moment(document.get("at"), now), _channel(document.get("channel"))
    caller = _caller(document.get("from"))
    if _flag(document, "receipt") or _flag(document, "test") or is_own(caller):
        return None
    return event(key, e164, at, channel, caller, otp=_flag(document, "otp"))


def event(key: bytes, e164: int, at: datetime, channel: Capability, caller: str, *, otp: bool = False) -> Event:
    """An event whose parts are known; `caller` as `spelt`."""
    told_apart = caller or key.hex()
    return Event(key, e164, at, channel, hashed(told_apart, e164), not caller, otp and channel != Capability.VOICE)


def is_own(caller: str) -> bool:
    """Whether the lab sent it: a test's call or message is no contact."""
    own = (settings.LAB_REFERENCE_NUMBER, *settings.LAB_FURTHER_REFERENCE_NUMBERS)
    return f"+{caller}" in own


def _key(feed: str, given: Any) -> bytes:
    if not isinstance(given, str | int) or isinstance(given, bool) or not 0 < len(str(given)) <= 128:
        raise BadEvent("id: 1 to 128 characters that name this event for ever")
    return blake2b(f"{feed}\0{given}".encode(errors="replace"), digest_size=16).digest()


def _e164(given: Any) -> int:
    number = _NUMBER.fullmatch(given) if isinstance(given, str) else None
    if number is None:
        raise BadEvent("to: a number in E.164, such as +14155550123")
    return int(number[1])


def _moment(given: Any, now: datetime) -> datetime:
    try:
        moment = datetime.fromisoformat(given)
        at = moment.astimezone(UTC) if moment.tzinfo else None
    except (TypeError, ValueError, OverflowError):
        at = None
    if at is None:
        raise BadEvent("at: a time as in ISO 8601 with its offset, such as 2026-11-21T09:30:00Z")
    if not now - OLDEST <= at <= now + AHEAD:
        raise BadEvent(f"at: within the last {OLDEST.days} days, and not in the future")
    return at


def _channel(given: Any) -> Capability:
    try:
        return _CHANNELS[given]
    except (KeyError, TypeError):
        raise BadEvent("channel: voice or sms") from None


def _caller(given: Any) -> str:
    if given is not None and not isinstance(given, str):
        raise BadEvent("from: text, or null for a caller that withheld its number")
    return spelt(given or "")


def _flag(document: Mapping[str, Any], name: str) -> bool:
    try:
        return _FLAGS[document.get(name)]
    except (KeyError, TypeError):
        raise BadEvent(f"{name}: true or false") from None
