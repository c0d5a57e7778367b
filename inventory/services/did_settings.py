"""The settings that a customer gives a DID: which go together, and which need a capability."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from inventory.models import Did, PhoneNumber
from inventory.refusals import FallbackWithoutSmsUrl, FallbackWithoutVoiceUrl, NoCallerIdLookup, NoMessaging
from numbering.types import Capability

_MESSAGING = ("sms_url", "sms_fallback_url", "sms_application_sid")


def put(did: Did, number: PhoneNumber, settings: Mapping[str, Any]) -> list[str]:
    """Set these columns on the instance and return which; nothing is saved.

    A trunk and a voice application exclude each other: the one given clears the other. Raises a refusal when the
    result makes no sense: a fallback without its URL, message settings on a number that carries none.
    """
    given = _completed(settings)
    for name, value in given.items():
        setattr(did, name, value)
    _check(did, number, given)
    return list(given)


def update(did: Did, number: PhoneNumber, settings: Mapping[str, Any]) -> None:
    """`put`, and save what was given."""
    columns = put(did, number, settings)
    if columns:
        did.updated_at = timezone.now()
        did.save(update_fields=[*columns, "updated_at"])


def _completed(settings: Mapping[str, Any]) -> dict[str, Any]:
    given = dict(settings)
    if given.get("trunk_sid"):
        given["voice_application_sid"] = ""
    elif given.get("voice_application_sid"):
        given["trunk_sid"] = ""
    if given.get("friendly_name") == "":
        del given["friendly_name"]
    return given


def _check(did: Did, number: PhoneNumber, given: Mapping[str, Any]) -> None:
    if did.voice_fallback_url and not did.voice_url:
        raise FallbackWithoutVoiceUrl("VoiceFallbackUrl needs a VoiceUrl")
    if did.sms_fallback_url and not did.sms_url:
        raise FallbackWithoutSmsUrl("SmsFallbackUrl needs an SmsUrl")
    if not number.capabilities & Capability.SMS and any(given.get(name) for name in _MESSAGING):
        raise NoMessaging(f"{number} carries no messages")
    if not number.capabilities & Capability.VOICE and given.get("voice_caller_id_lookup"):
        raise NoCallerIdLookup(f"{number} carries no calls")
