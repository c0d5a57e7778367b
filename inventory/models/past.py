"""What a number could do, and on which papers somebody had it, before that changed.

The rows of numbers and DIDs say what holds now. Triggers keep what held until then, whoever changed it and by whatever
way, so that "what was it like at that instant" has an answer: the first row that ended after the instant, or else the
row itself (`inventory.history`). A number that never changed costs nothing, so an import writes none.
"""

from django.db import models

from accounts.models import Account
from inventory.models.did import Did
from inventory.models.phone_number import PhoneNumber
from numbering.models.stays import append_only


class PastCapabilities(models.Model):
    """What a number was said and proved to do until an instant. Written by `traces.of_capabilities` alone."""

    number = models.ForeignKey(PhoneNumber, models.PROTECT, related_name="+", db_index=False)
    declared = models.PositiveSmallIntegerField(help_text="Bitmask: what the provider said.")
    tested = models.PositiveSmallIntegerField(help_text="Bitmask: what the last full suite had proved.")
    tested_at = models.DateTimeField(null=True, help_text="When that suite ended.")
    passport_expires_at = models.DateTimeField(null=True)
    until = models.DateTimeField(help_text="It was so before this instant.")

    class Meta:
        verbose_name, verbose_name_plural = "past capabilities", "past capabilities"
        indexes = [
            # the time machine: what did it carry then?
            models.Index(fields=["number", "until"], name="past_capabilities_of_number"),
        ]
        triggers = append_only("past_capabilities")

    def __str__(self) -> str:
        return f"{self.number} until {self.until}"


class PastPapers(models.Model):
    """The papers that a DID hung on until an instant, and whose it was then. Written by `traces.of_papers` alone."""

    did = models.ForeignKey(Did, models.PROTECT, related_name="+", db_index=False)
    account = models.ForeignKey(Account, models.PROTECT, related_name="+", db_index=False)
    bundle_sid = models.CharField(max_length=34, blank=True)
    address_sid = models.CharField(max_length=34, blank=True)
    until = models.DateTimeField(help_text="It was so before this instant.")

    class Meta:
        verbose_name, verbose_name_plural = "past papers", "past papers"
        indexes = [
            # the time machine: on which papers did that account have it then?
            models.Index(fields=["did", "account", "until"], name="past_papers_of_did"),
            # tenures: which numbers ever hung on this bundle, or referred to this address?
            *(
                models.Index(fields=[column], name=f"past_papers_by_{column[:-4]}", condition=~models.Q(**{column: ""}))
                for column in ("bundle_sid", "address_sid")
            ),
        ]
        triggers = append_only("past_papers")

    def __str__(self) -> str:
        return f"{self.did} until {self.until}"
