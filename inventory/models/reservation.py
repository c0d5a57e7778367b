"""A reservation: up to a hundred numbers held for one account while it makes up its mind (`RV…`)."""

from functools import partial

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from accounts.models import Account
from inventory.models.claims import claim
from inventory.models.phone_number import PhoneNumber
from numbering.sids import new_sid


class Reservation(models.Model):
    """The basket and its clock; each number in it is a `Hold`."""

    sid = models.CharField(max_length=34, unique=True, default=partial(new_sid, "RV"), editable=False)
    account = models.ForeignKey(Account, models.PROTECT, related_name="reservations")
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="reservation_ends_after_it_begins"
            ),
        ]
        triggers = [pgtrigger.ReadOnly(name="reservations_change_no_hands", fields=["account"])]

    def __str__(self) -> str:
        return self.sid


class HoldEnd(models.TextChoices):
    """How a hold ended."""

    BOUGHT = "bought"
    RELEASED = "released"
    LAPSED = "lapsed"


class Hold(models.Model):
    """One number in one reservation; blank `ended` while it is held."""

    reservation = models.ForeignKey(Reservation, models.PROTECT, related_name="holds")
    number = models.ForeignKey(PhoneNumber, models.PROTECT, related_name="holds", db_index=False)
    ended = models.CharField(max_length=8, choices=HoldEnd, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["number"], condition=Q(ended=""), name="hold_one_active_per_number"),
            models.CheckConstraint(condition=Q(ended__in=["", *HoldEnd.values]), name="hold_end_known"),
            models.CheckConstraint(
                condition=Q(ended="", ended_at__isnull=True) | (~Q(ended="") & Q(ended_at__isnull=False)),
                name="hold_ended_iff_when",
            ),
        ]
        indexes = [
            # reserving: how long has this account held these numbers lately?
            models.Index(fields=["number", "ended_at"], name="hold_past", condition=Q(ended_at__isnull=False)),
        ]
        triggers = [claim("reservation_id", "ended")]

    def __str__(self) -> str:
        return f"{self.number} in {self.reservation}"
