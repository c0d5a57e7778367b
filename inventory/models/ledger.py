"""The ledger: one row for each move of each number, written in the transaction of the move, never changed."""

import pgtrigger
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from inventory.lifecycle import State
from inventory.models.phone_number import PhoneNumber
from inventory.models.references import references
from numbering.models.stays import NeverEmptied


class LifecycleEntry(models.Model):
    """Who moved which number from where to where, when, why, and under which rule."""

    number = models.ForeignKey(PhoneNumber, models.PROTECT, related_name="ledger", db_index=False, db_constraint=False)
    verb = models.CharField(max_length=16)
    source = models.CharField(max_length=11, choices=State, blank=True)
    target = models.CharField(max_length=11, choices=State)
    actor = models.CharField(max_length=80, help_text="account:AC…, user:…, sweep:…, lab:…, import:…")
    reason = models.CharField(max_length=300, blank=True)
    rule = models.CharField(max_length=120, blank=True, help_text="The dated rule row that decided, where one did.")
    data = models.JSONField(default=dict, blank=True)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name, verbose_name_plural = "ledger entry", "ledger"
        constraints = [
            models.CheckConstraint(condition=Q(target__in=State.values), name="ledger_target_known"),
            models.CheckConstraint(condition=Q(source__in=["", *State.values]), name="ledger_source_known"),
            models.CheckConstraint(condition=~Q(actor=""), name="ledger_names_its_actor"),
        ]
        indexes = [
            models.Index(fields=["number", "at"], name="ledger_of_number"),  # a number's page, the time machine
            BrinIndex(fields=["at"], name="ledger_by_time"),  # the yard's flow of a day; rows come in order of time
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            NeverEmptied(name="never_emptied"),
            *references("number", PhoneNumber),
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.verb} at {self.at}"
