"""A new owner's report that the number still gets calls or messages which are not for him (`UT…`). Never changed."""

from datetime import timedelta
from functools import partial

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from accounts.models import Account
from inventory.models.did import Did
from inventory.models.phone_number import PhoneNumber
from inventory.models.quarantine import Quarantine
from numbering.models.stays import append_only
from numbering.sids import new_sid

WINDOW = timedelta(days=30)  # after the purchase (design A4): what comes later is the new owner's own
MOST_A_DAY = 1_000


class UnwantedKind(models.TextChoices):
    """What comes in that is not for the new owner."""

    CALLS = "calls", "calls"
    MESSAGES = "messages", "messages"
    BOTH = "both", "calls and messages"


class UnwantedTraffic(models.Model):
    """One for each DID, whoever of a family of accounts has it by then. `stay` is the one whose decision to let the
    number go was wrong: for the fits it was dirty. No contents of messages and no callers: the note is short, and the
    API takes none with a telephone number in it."""

    sid = models.CharField(max_length=34, unique=True, default=partial(new_sid, "UT"), editable=False)
    did = models.OneToOneField(Did, models.PROTECT, related_name="unwanted_traffic")
    number = models.ForeignKey(PhoneNumber, models.PROTECT, related_name="unwanted_traffic", db_index=False)
    account = models.ForeignKey(Account, models.PROTECT, related_name="+", db_index=False)
    stay = models.ForeignKey(
        Quarantine, models.PROTECT, null=True, blank=True, related_name="unwanted_traffic", help_text="The last before."
    )
    had_since = models.DateTimeField(help_text="When the DID was bought.")
    since = models.DateField(help_text="The first day of it, UTC.")
    kind = models.CharField(max_length=8, choices=UnwantedKind)
    a_day = models.PositiveSmallIntegerField(help_text="Calls and messages a day.")
    note = models.CharField(max_length=160, blank=True)
    reported_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name, verbose_name_plural = "report of unwanted traffic", "reports of unwanted traffic"
        constraints = [
            models.CheckConstraint(condition=Q(sid__regex=r"^UT[0-9a-f]{32}$"), name="unwanted_traffic_sid_shape"),
            models.CheckConstraint(condition=Q(kind__in=UnwantedKind.values), name="unwanted_traffic_kind_known"),
            models.CheckConstraint(
                condition=Q(a_day__gte=1, a_day__lte=MOST_A_DAY), name="unwanted_traffic_of_some_calls"
            ),
            models.CheckConstraint(
                condition=Q(reported_at__lte=F("had_since") + WINDOW), name="unwanted_traffic_in_thirty_days"
            ),
        ]
        indexes = [
            # the console's search by number; POST and GET …/UnwantedTraffic go by the DID, the fits by the stay
            models.Index(fields=["number"], name="unwanted_traffic_of_number"),
        ]
        triggers = append_only("unwanted_traffic")

    def __str__(self) -> str:
        return f"{self.sid} {self.number}"
