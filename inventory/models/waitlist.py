"""The waitlist: what a customer wants and nobody has on sale (`WL…`), and what it was served with since."""

from functools import partial
from uuid import uuid4

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from accounts.models import Account
from inventory.models.conditions import COUNTRY_IS_ISO, TYPE_IS_KNOWN
from inventory.models.phone_number import PhoneNumber
from inventory.models.reservation import Reservation
from numbering.sids import new_sid
from numbering.types import NumberType


class WaitMode(models.TextChoices):
    """What happens when a number comes on sale that will do."""

    NOTIFY = "notify", "told of it"
    RESERVE = "reserve", "it is held for the account"


class WaitState(models.TextChoices):
    """How far it is."""

    WAITING = "waiting", "waiting"
    SERVED = "served", "served"
    CANCELLED = "cancelled", "cancelled"
    EXPIRED = "expired", "expired"


class WaitlistEntry(models.Model):
    """Who asked earlier is served earlier, of the same country and type: ids are the queue. `served` counts numbers."""

    sid = models.CharField(max_length=34, unique=True, default=partial(new_sid, "WL"), editable=False)
    account = models.ForeignKey(Account, models.PROTECT, related_name="waitlist", db_index=False)
    country = models.CharField(max_length=2)
    number_type = models.CharField(max_length=18, choices=NumberType)
    area_code = models.CharField(max_length=8, blank=True)
    locality = models.CharField(max_length=128, blank=True, help_text="As the customer wrote it.")
    contains = models.CharField(max_length=16, blank=True, help_text="A pattern of digits, as in a search.")
    capabilities = models.PositiveSmallIntegerField(default=0, help_text="Bitmask: at least these.")
    quantity = models.PositiveSmallIntegerField()
    served = models.PositiveSmallIntegerField(default=0)
    counted = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text="So many were missing when it was asked for, and counted as demand then."
    )
    mode = models.CharField(max_length=7, choices=WaitMode)
    status_callback = models.URLField(max_length=2048, blank=True)
    state = models.CharField(max_length=9, choices=WaitState, default=WaitState.WAITING)
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.CharField(max_length=80, blank=True, db_default="", help_text="Who cancelled it.")
    reason = models.CharField(max_length=200, blank=True, db_default="", help_text="Why staff did.")

    class Meta:
        verbose_name, verbose_name_plural = "waitlist entry", "waitlist"
        constraints = [
            models.CheckConstraint(condition=Q(sid__regex=r"^WL[0-9a-f]{32}$"), name="waitlist_sid_shape"),
            models.CheckConstraint(condition=COUNTRY_IS_ISO, name="waitlist_country_iso"),
            models.CheckConstraint(condition=TYPE_IS_KNOWN, name="waitlist_type_known"),
            models.CheckConstraint(condition=Q(capabilities__lte=15), name="waitlist_capabilities_mask"),
            models.CheckConstraint(condition=Q(mode__in=WaitMode.values), name="waitlist_mode_known"),
            models.CheckConstraint(condition=Q(state__in=WaitState.values), name="waitlist_state_known"),
            models.CheckConstraint(
                condition=Q(quantity__gte=1, quantity__lte=100, served__lte=F("quantity")),
                name="waitlist_serves_no_more_than_asked",
            ),
            models.CheckConstraint(condition=Q(counted__lte=F("quantity")), name="waitlist_counts_no_more_than_asked"),
            models.CheckConstraint(
                condition=Q(state=WaitState.SERVED, served=F("quantity"))
                | (~Q(state=WaitState.SERVED) & Q(served__lt=F("quantity"))),
                name="waitlist_served_iff_all",
            ),
            models.CheckConstraint(
                condition=Q(state=WaitState.WAITING, ended_at__isnull=True)
                | (~Q(state=WaitState.WAITING) & Q(ended_at__isnull=False)),
                name="waitlist_ended_iff_not_waiting",
            ),
            models.CheckConstraint(
                condition=Q(state=WaitState.CANCELLED) & (~Q(ended_by__regex="^user:") | ~Q(reason=""))
                | (~Q(state=WaitState.CANCELLED) & Q(ended_by="", reason="")),
                name="waitlist_cancelled_by_staff_for_a_reason",
            ),
        ]
        indexes = [
            # the sweep: which kinds does somebody wait for, and of each, who has waited longest?
            models.Index(
                fields=["country", "number_type", "id"], name="waitlist_queue", condition=Q(state=WaitState.WAITING)
            ),
            # the sweep: whose time is over?
            models.Index(fields=["expires_at"], name="waitlist_expiry", condition=Q(state=WaitState.WAITING)),
            # GET …/Waitlist, newest first; how many does the account have?
            models.Index(fields=["account", "-id"], name="waitlist_of_account"),
        ]
        triggers = [
            pgtrigger.Protect(name="rows_stay", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(name="wishes_stay", exclude=["served", "state", "ended_at", "ended_by", "reason"]),
        ]

    def __str__(self) -> str:
        return self.sid


class WaitlistServing(models.Model):
    """One time that an entry was served, and the callback that tells of it, or the e-mail where no callback was asked
    for: open while `next_at` says when it is tried next, then delivered or given up. Where there is neither it is over
    at once. `token`: the same at every attempt."""

    entry = models.ForeignKey(WaitlistEntry, models.PROTECT, related_name="servings")
    reservation = models.OneToOneField(Reservation, models.PROTECT, null=True, blank=True, related_name="+")
    token = models.UUIDField(unique=True, default=uuid4, editable=False)
    at = models.DateTimeField(db_default=Now())
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    given_up_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=80, blank=True, help_text="A kind of trouble, no part of the URL.")

    class Meta:
        verbose_name, verbose_name_plural = "serving of the waitlist", "servings of the waitlist"
        constraints = [
            models.CheckConstraint(
                condition=Q(next_at__isnull=True) | Q(done_at__isnull=True, given_up_at__isnull=True),
                name="serving_open_or_over",
            ),
        ]
        indexes = [
            # the sweep: which callbacks and letters are due?
            models.Index(fields=["next_at"], name="serving_due", condition=Q(next_at__isnull=False)),
        ]
        triggers = [
            pgtrigger.Protect(name="rows_stay", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(name="identity_stays", fields=["id", "entry", "reservation", "token", "at"]),
        ]

    def __str__(self) -> str:
        return f"{self.entry} at {self.at}"


class WaitlistOffer(models.Model):
    """One number of a serving."""

    serving = models.ForeignKey(WaitlistServing, models.PROTECT, related_name="offers", db_index=False)
    number = models.ForeignKey(PhoneNumber, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name, verbose_name_plural = "number of a serving", "numbers of servings"
        constraints = [models.UniqueConstraint(fields=["serving", "number"], name="offer_once_in_a_serving")]
        indexes = [
            # serving: was this number told of to somebody just now?
            models.Index(fields=["number", "at"], name="offer_of_number"),
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.number} to {self.serving}"
