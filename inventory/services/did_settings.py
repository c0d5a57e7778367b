"""The settings that a customer gives a DID: which go together, which need a capability, and its papers."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from compliance import gate
from inventory.models import Did, PhoneNumber
from inventory.models.did import EmergencyStatus, ReceiveMode
from inventory.models.lawful import is_unlawful
from inventory.refusals import (
    FallbackWithoutSmsUrl,
    FallbackWithoutVoiceUrl,
    LawChanged,
    NoCallerIdLookup,
    NoEmergencyCalls,
    NoFax,
    NoMessaging,
)
from numbering.types import Capability

#: The settings that a number may only have when it carries what they are for.
_NEEDED = {
    "sms_url": Capability.SMS,
    "sms_fallback_url": Capability.SMS,
    "sms_application_sid": Capability.SMS,
    "voice_caller_id_lookup": Capability.VOICE,
}
#: What a number has when it comes to another account: papers are never another's.
NO_PAPERS = {"address_sid": "", "bundle_sid": "", "emergency_address_sid": ""}


def needed(settings: Mapping[str, Any]) -> Capability:
    """What a number must carry so that it can have these settings."""
    for_faxes = Capability.FAX if settings.get("voice_receive_mode") == ReceiveMode.FAX else Capability(0)
    return reduce(or_, (_NEEDED[name] for name in _NEEDED if settings.get(name)), for_faxes)


def put(did: Did, number: PhoneNumber, settings: Mapping[str, Any]) -> list[str]:
    """Set these columns on the instance and return which; nothing is saved.

    A trunk and a voice application exclude each other: the one given clears the other. Raises a refusal when the
    result makes no sense: a fallback without its URL, settings for messages or faxes on a number that carries none,
    emergency calls.
    """
    given = _completed(settings)
    for name, value in given.items():
        setattr(did, name, value)
    _check(did, number, given)
    return list(given)


def check_papers(did: Did, number: PhoneNumber, at: datetime | None = None) -> None:
    """Whether the account may have the number with the papers that are set. Their rows stay locked.

    Raises `Unmet` and `NoEmergencyAddress` of `compliance.unmet`.
    """
    gate.require(did.account, number, did.address_sid, did.bundle_sid, did.emergency_address_sid, at=at)


def save(did: Did, **how: Any) -> None:
    """Save a DID whose papers were checked; `how`: as `Model.save` takes it.

    Raises LawChanged, and then the transaction is lost, where the database refuses what the gate let pass: since then a
    rule has come into force, or an approval has run out.
    """
    try:
        did.save(**how)
    except IntegrityError as error:
        if is_unlawful(error):
            raise LawChanged(did) from error
        raise


@contextmanager
def one_transaction() -> Iterator[None]:
    """All or nothing. Where the law changed in between, the gate is asked again, by the clock of the database.

    Raises what `check_papers` raises; LawChanged where it has changed back by then.
    """
    try:
        with transaction.atomic():
            yield
    except LawChanged as changed:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            check_papers(changed.did, changed.did.number, cursor.fetchone()[0])
        raise


def update(did: Did, number: PhoneNumber, settings: Mapping[str, Any]) -> None:
    """`put`, and save what was given. Papers are checked when they change: what a number has it keeps."""
    papers = _papers(did)
    columns = put(did, number, settings)
    if _papers(did) != papers:
        check_papers(did, number)
    if columns:
        did.updated_at = timezone.now()
        save(did, update_fields=[*columns, "updated_at"])


def _papers(did: Did) -> dict[str, str]:
    return {column: getattr(did, column) for column in NO_PAPERS}


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
    lacking = needed(given) & ~number.capabilities
    if lacking & Capability.SMS:
        raise NoMessaging(_("%(number)s carries no messages") % {"number": number})
    if lacking & Capability.VOICE:
        raise NoCallerIdLookup(_("%(number)s carries no calls") % {"number": number})
    if lacking & Capability.FAX:
        raise NoFax(f"Invalid parameter VoiceReceiveMode: {number} carries no faxes")
    if given.get("emergency_status") == EmergencyStatus.ACTIVE:
        raise NoEmergencyCalls(_("%(number)s can't call emergency services") % {"number": number})
