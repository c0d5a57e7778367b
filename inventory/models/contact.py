"""What is kept of the traffic of numbers that nobody has: who, hashed, reached which number on which day, and how."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q

from inventory.models.phone_number import PhoneNumber


class TrafficEvent(models.Model):
    """An event that was told: its key alone, so that it is counted once however often it is told.

    The day comes first, so that new keys lie together and old ones go together.
    """

    pk = models.CompositePrimaryKey("day", "key")
    day = models.DateField(help_text="UTC, of the event.")
    key = models.UUIDField(help_text="128 bits of a hash of the feed and of its name for the event.")

    def __str__(self) -> str:
        return f"{self.key} of {self.day}"


class Contact(models.Model):
    """One caller on one channel of one number on one UTC day; `DailyContact` counts them."""

    pk = models.CompositePrimaryKey("number_id", "day", "channel", "caller")
    # Rows come by the thousand from a join with the numbers, which are never deleted: nothing to check.
    number = models.ForeignKey(PhoneNumber, models.PROTECT, db_index=False, db_constraint=False, related_name="+")
    day = models.DateField()
    channel = models.PositiveSmallIntegerField(help_text="As a capability: 1 voice, 2 messages.")
    caller = models.BigIntegerField(help_text="64 bits of a keyed hash, another for each number called.")
    withheld = models.BooleanField(help_text="The caller hid its number: each time it is another one.")
    otp = models.BooleanField(help_text="A message of the day carried a one-time code.")

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(channel__in=(1, 2)), name="contact_channel_known")]
        # forget_old, as of the daily counts
        indexes = [BrinIndex(fields=["day"], name="contact_by_day")]

    def __str__(self) -> str:
        return f"{self.number_id} on {self.day}"
