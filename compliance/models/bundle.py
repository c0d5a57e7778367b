"""A bundle (`BU…`): an end user and papers, put together for one regulation."""

from functools import partial
from typing import Any

import pgtrigger
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.encryption import BlindIndex, EncryptedText
from accounts.models import Account, User
from compliance import lifecycle
from compliance.lifecycle import BundleState
from compliance.models.owned import OwnedQuerySet
from compliance.models.regulation import Regulation, RegulationVersion
from numbering.models.stays import stays
from numbering.sids import new_sid


class BundleQuerySet(OwnedQuerySet["Bundle"]):
    """Bundles by what is encrypted."""

    def named(self, text: str) -> "BundleQuerySet":
        """Those whose friendly name is exactly the text."""
        index: Any = self.model._meta.get_field("friendly_name_index")
        return self.filter(friendly_name_index__in=index.values_of(text))


class Bundle(models.Model):
    """Rows stay, since numbers and the ledger tell of them; a deleted one is gone for its customer."""

    sid = models.CharField(max_length=34, unique=True, default=partial(new_sid, "BU"), editable=False)
    account = models.ForeignKey(Account, models.PROTECT, related_name="bundles", db_index=False)
    regulation = models.ForeignKey(Regulation, models.PROTECT, related_name="bundles")
    friendly_name = EncryptedText()
    friendly_name_index = BlindIndex(of="friendly_name")
    email = EncryptedText()
    status_callback = models.URLField(max_length=2048, blank=True)
    for_number = models.BigIntegerField(
        null=True, blank=True, help_text="E.164 digits of the number that it is written for; its area then counts."
    )
    is_test = models.BooleanField(default=False, help_text="Rejected by itself; no number can hang on it.")
    state = models.CharField(max_length=22, choices=BundleState, default=BundleState.DRAFT)
    state_since = models.DateTimeField(db_default=Now())
    due_at = models.DateTimeField(null=True, blank=True, help_text="When the review should be over.")
    claimed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="claimed_bundles")
    approved_under = models.ForeignKey(
        RegulationVersion, models.PROTECT, null=True, blank=True, related_name="approved_bundles"
    )
    valid_until = models.DateTimeField(null=True, blank=True, help_text="Set when the rules have changed.")
    copied_from = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="copies", editable=False
    )
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())
    deleted_at = models.DateTimeField(null=True, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True, help_text="When its name and its e-mail address went.")

    objects = BundleQuerySet.as_manager()

    class Meta:
        permissions = [("review_bundle", "Can review bundles and see what customers gave")]
        constraints = [
            models.CheckConstraint(condition=Q(sid__regex=r"^BU[0-9a-f]{32}$"), name="bundle_sid_shape"),
            models.CheckConstraint(condition=Q(state__in=BundleState.values), name="bundle_state_known"),
            models.CheckConstraint(
                condition=Q(for_number__isnull=True) | Q(for_number__gte=10**6, for_number__lt=10**15),
                name="bundle_for_number_is_e164",
            ),
            models.CheckConstraint(
                condition=~Q(state=BundleState.APPROVED) | Q(approved_under__isnull=False, is_test=False),
                name="bundle_approved_under_a_version",
            ),
            models.CheckConstraint(
                condition=Q(state__in=lifecycle.WAITING, due_at__isnull=False)
                | (~Q(state__in=lifecycle.WAITING) & Q(due_at__isnull=True)),
                name="bundle_clock_runs_while_it_waits",
            ),
            models.CheckConstraint(
                condition=Q(claimed_by__isnull=True) | Q(state=BundleState.IN_REVIEW), name="bundle_claimed_in_review"
            ),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(state=BundleState.APPROVED),
                name="bundle_only_approval_runs_out",
            ),
            models.CheckConstraint(
                condition=Q(deleted_at__isnull=True) | Q(state__in=lifecycle.DELETABLE), name="bundle_deleted_at_rest"
            ),
            models.CheckConstraint(
                condition=Q(erased_at__isnull=True) | Q(deleted_at__isnull=False), name="bundle_erased_is_deleted"
            ),
        ]
        indexes = [
            # GET …/Bundles: newest first, keyset by id
            models.Index(fields=["account", "-id"], name="bundle_of_account", condition=Q(deleted_at__isnull=True)),
            # its order by date of change, and by the day that the approval runs out
            models.Index(fields=["account", "-updated_at"], name="bundle_by_change"),
            models.Index(fields=["account", "valid_until"], name="bundle_by_end"),
            # the reviewers' queue: whose deadline is next?
            models.Index(fields=["due_at"], name="bundle_queue", condition=Q(due_at__isnull=False)),
            # the sweep: whose approval has run out?
            models.Index(fields=["valid_until"], name="bundle_ending", condition=Q(valid_until__isnull=False)),
        ]
        triggers = [
            pgtrigger.FSM(name="lifecycle", field="state", transitions=lifecycle.PAIRS),
            pgtrigger.ReadOnly(
                name="identity_stays", fields=["sid", "account", "regulation", "is_test", "copied_from"]
            ),
            pgtrigger.Protect(
                name="begins_as_draft", operation=pgtrigger.Insert, condition=~pgtrigger.Q(new__state=BundleState.DRAFT)
            ),
            *stays("bundle"),
        ]

    def __str__(self) -> str:
        return self.sid


class BundleEntry(models.Model):
    """The ledger: one row for each move of each bundle, written in the transaction of the move, never changed.

    `reason` and `data` name codes and SIDs, never what stands in a paper.
    """

    bundle = models.ForeignKey(Bundle, models.PROTECT, related_name="ledger", db_index=False)
    verb = models.CharField(max_length=24)
    source = models.CharField(max_length=22, choices=BundleState, blank=True)
    target = models.CharField(max_length=22, choices=BundleState)
    actor = models.CharField(max_length=80, help_text="account:AC…, user:…, sweep:…, rules:…")
    reason = models.CharField(max_length=300, blank=True)
    data = models.JSONField(default=dict, blank=True)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name, verbose_name_plural = "bundle ledger entry", "bundle ledger"
        constraints = [
            models.CheckConstraint(condition=Q(target__in=BundleState.values), name="bundle_ledger_target_known"),
            models.CheckConstraint(
                condition=Q(source__in=["", *BundleState.values]), name="bundle_ledger_source_known"
            ),
            models.CheckConstraint(condition=~Q(actor=""), name="bundle_ledger_names_its_actor"),
        ]
        indexes = [models.Index(fields=["bundle", "at"], name="ledger_of_bundle")]  # a bundle's page
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.bundle}: {self.verb} at {self.at}"
