"""Contacts per number and day: what the quarantine engine reads.

A contact is one distinct caller on one channel and day.
"""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q

from inventory.models.phone_number import PhoneNumber


class DailyContact(models.Model):
    """`day` is a UTC calendar day; `observed` is false when the traffic feed was not healthy the whole day."""

    number = models.ForeignKey(PhoneNumber, models.PROTECT, related_name="daily_contacts", db_index=False)
    day = models.DateField()
    voice = models.PositiveIntegerField(default=0)
    sms = models.PositiveIntegerField(default=0)
    otp = models.PositiveIntegerField(
        default=0, help_text="Messages that carried a one-time code; bodies are never kept."
    )
    distinct_callers = models.PositiveIntegerField(default=0)
    observed = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["number", "day"], name="daily_contact_once_a_day"),
            models.CheckConstraint(condition=Q(otp__lte=models.F("sms")), name="daily_contact_otp_is_sms"),
        ]
        # forget_old: which are too old to count? They come day by day, so a few blocks tell
        indexes = [BrinIndex(fields=["day"], name="daily_contact_by_day")]

    def __str__(self) -> str:
        return f"{self.number} on {self.day}: {self.voice} calls, {self.sms} messages"
