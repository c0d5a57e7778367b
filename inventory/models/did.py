"""A DID: a number in service for a customer, with the settings that the customer gave it (`PN…`).

A transfer between parent and subaccount keeps the DID and its SID; a reclaim opens the same DID again.
"""

from functools import partial

import pgtrigger
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import Account
from inventory.models.claims import claim
from inventory.models.lawful import lawful
from inventory.models.phone_number import PhoneNumber
from inventory.models.traces import of_papers
from numbering.sids import new_sid


class HttpMethod(models.TextChoices):
    """How we call the customer's URL."""

    GET = "GET"
    POST = "POST"


class ReceiveMode(models.TextChoices):
    """What an inbound call on the number is taken for."""

    VOICE = "voice"
    FAX = "fax"


class EmergencyStatus(models.TextChoices):
    """Whether the number may dial emergency services with a registered address."""

    ACTIVE = "Active"
    INACTIVE = "Inactive"


def _method() -> "models.CharField[str, str]":
    return models.CharField(max_length=4, choices=HttpMethod, default=HttpMethod.POST)


#: Asked of the row as it was: one statement can't take the lock off and end or move the DID.
PROTECTED_STAYS = pgtrigger.Trigger(
    name="protected_stays",
    when=pgtrigger.Before,
    operation=pgtrigger.Update,
    condition=pgtrigger.Q(old__protected_since__isnull=False)
    & (
        pgtrigger.Q(new__ended_at__isnull=False)
        | pgtrigger.Q(new__account__df=pgtrigger.F("old__account"))
        | pgtrigger.Q(new__number__df=pgtrigger.F("old__number"))
    ),
    func="""
        RAISE integrity_constraint_violation USING
            MESSAGE = format('%s is protected', OLD.sid), CONSTRAINT = 'did_protected_stays';
    """,
)


class Did(models.Model):
    """URLs and SIDs are the customer's words for where calls and messages go; blank means not set."""

    sid = models.CharField(max_length=34, unique=True, default=partial(new_sid, "PN"), editable=False)
    number = models.ForeignKey(PhoneNumber, models.PROTECT, related_name="dids", db_index=False)
    account = models.ForeignKey(Account, models.PROTECT, related_name="dids", db_index=False)
    friendly_name = models.CharField(max_length=64)
    voice_url = models.URLField(max_length=2048, blank=True)
    voice_method = _method()
    voice_fallback_url = models.URLField(max_length=2048, blank=True)
    voice_fallback_method = _method()
    voice_caller_id_lookup = models.BooleanField(default=False)
    voice_application_sid = models.CharField(max_length=34, blank=True)
    voice_receive_mode = models.CharField(max_length=5, choices=ReceiveMode, default=ReceiveMode.VOICE)
    sms_url = models.URLField(max_length=2048, blank=True)
    sms_method = _method()
    sms_fallback_url = models.URLField(max_length=2048, blank=True)
    sms_fallback_method = _method()
    sms_application_sid = models.CharField(max_length=34, blank=True)
    status_callback = models.URLField(max_length=2048, blank=True)
    status_callback_method = _method()
    trunk_sid = models.CharField(max_length=34, blank=True)
    address_sid = models.CharField(max_length=34, blank=True)
    bundle_sid = models.CharField(max_length=34, blank=True)
    identity_sid = models.CharField(max_length=34, blank=True)
    emergency_status = models.CharField(max_length=8, choices=EmergencyStatus, default=EmergencyStatus.INACTIVE)
    emergency_address_sid = models.CharField(max_length=34, blank=True)
    protected_since = models.DateTimeField(
        null=True, blank=True, help_text="Neither released nor moved, while it is set."
    )
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["number"], condition=Q(ended_at__isnull=True), name="did_one_per_number"),
            models.CheckConstraint(condition=Q(sid__regex=r"^PN[0-9a-f]{32}$"), name="did_sid_shape"),
            models.CheckConstraint(
                condition=Q(
                    voice_method__in=HttpMethod.values,
                    voice_fallback_method__in=HttpMethod.values,
                    voice_receive_mode__in=ReceiveMode.values,
                    sms_method__in=HttpMethod.values,
                    sms_fallback_method__in=HttpMethod.values,
                    status_callback_method__in=HttpMethod.values,
                    emergency_status__in=EmergencyStatus.values,
                ),
                name="did_settings_known",
            ),
            models.CheckConstraint(
                condition=Q(protected_since__isnull=True) | Q(ended_at__isnull=True), name="did_protected_is_in_service"
            ),
        ]
        indexes = [
            # GET …/IncomingPhoneNumbers.json: newest first, keyset by id
            models.Index(fields=["account", "-id"], name="did_of_account", condition=Q(ended_at__isnull=True)),
            # a customer's page of numbers, by a part of the name: read without the rows, which are wide
            models.Index(
                fields=["account", "friendly_name"],
                include=["number"],
                name="did_by_name",
                condition=Q(ended_at__isnull=True),
            ),
            # the DIDs of an account's numbers that it may still take back
            models.Index(fields=["account", "number"], name="did_given_back", condition=Q(ended_at__isnull=False)),
            # which numbers of the account are protected? Closing it asks, too
            models.Index(fields=["account"], name="did_protected", condition=Q(protected_since__isnull=False)),
            # which numbers hang on this bundle? which refer to this address? now, and in the past (retention, erasure)
            *(
                models.Index(
                    fields=[column],
                    name=f"did_{'by' if is_open else 'past'}_{column}",
                    condition=Q(ended_at__isnull=is_open) & ~Q(**{column: ""}),
                )
                for is_open in (True, False)
                for column in ("bundle_sid", "address_sid", "emergency_address_sid")
            ),
        ]
        triggers = [claim("account_id", "ended_at"), lawful(), of_papers(), PROTECTED_STAYS]

    def __str__(self) -> str:
        return f"{self.sid} {self.number}"
