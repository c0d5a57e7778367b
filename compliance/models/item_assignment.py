"""An item assignment (`BV…`): an end user or a paper in a bundle."""

from functools import partial

import pgtrigger
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from compliance.models.bundle import Bundle
from compliance.models.end_user import EndUser
from compliance.models.supporting_document import SupportingDocument
from numbering.sids import new_sid

# Items come and go while a bundle is a draft or was rejected. Those of an approved one are exchanged only for the
# items of an approved copy of it (ReplaceItems). The bundle is locked, so that nobody submits it meanwhile.
_CHECK = """
PERFORM FROM compliance_bundle WHERE id = NEW.bundle_id FOR NO KEY UPDATE;
IF NOT EXISTS (
    SELECT FROM compliance_bundle AS bundle WHERE bundle.id = NEW.bundle_id AND bundle.deleted_at IS NULL AND (
        bundle.state IN ('draft', 'rejected')
        OR (bundle.state = 'approved' AND EXISTS (
            SELECT FROM compliance_bundle AS copy WHERE copy.copied_from_id = bundle.id AND copy.state = 'approved'
            AND (NEW.ended_at IS NOT NULL OR copy.id = NEW.brought_from_id)))
    )
) THEN
    RAISE integrity_constraint_violation USING
        MESSAGE = 'Items of a bundle that is being reviewed or was approved stay',
        CONSTRAINT = 'items_stay_in_review';
END IF;
IF EXISTS (
    SELECT FROM compliance_bundle AS bundle
    LEFT JOIN compliance_enduser AS end_user ON end_user.id = NEW.end_user_id
    LEFT JOIN compliance_supportingdocument AS document ON document.id = NEW.document_id
    WHERE bundle.id = NEW.bundle_id AND bundle.account_id <> coalesce(end_user.account_id, document.account_id)
) THEN
    RAISE integrity_constraint_violation USING
        MESSAGE = 'Bundle and item belong to two accounts', CONSTRAINT = 'items_of_one_account';
END IF;
RETURN NEW;
"""


class ItemAssignment(models.Model):
    """One that has ended stays, to tell what the bundle was approved with. `requirement_name`: which one it is for."""

    sid = models.CharField(max_length=34, unique=True, default=partial(new_sid, "BV"), editable=False)
    bundle = models.ForeignKey(Bundle, models.PROTECT, related_name="items", db_index=False)
    end_user = models.ForeignKey(EndUser, models.PROTECT, null=True, blank=True, related_name="assignments")
    document = models.ForeignKey(SupportingDocument, models.PROTECT, null=True, blank=True, related_name="assignments")
    requirement_name = models.CharField(max_length=64, blank=True)
    brought_from = models.ForeignKey(Bundle, models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(sid__regex=r"^BV[0-9a-f]{32}$"), name="item_sid_shape"),
            models.CheckConstraint(
                condition=Q(end_user__isnull=True, document__isnull=False)
                | Q(end_user__isnull=False, document__isnull=True),
                name="item_is_an_end_user_or_a_document",
            ),
            models.UniqueConstraint(
                fields=["bundle", "document"], condition=Q(ended_at__isnull=True), name="item_document_once"
            ),
            models.UniqueConstraint(
                fields=["bundle"],
                condition=Q(ended_at__isnull=True, end_user__isnull=False),
                name="item_one_end_user",
            ),
        ]
        indexes = [
            # GET …/ItemAssignments, evaluation, review
            models.Index(fields=["bundle", "-id"], name="item_of_bundle", condition=Q(ended_at__isnull=True)),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="items_stay_in_review",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func=_CHECK,
            ),
            pgtrigger.Protect(name="rows_stay", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="identity_stays", fields=["id", "sid", "bundle", "end_user", "document", "brought_from"]
            ),
        ]

    def __str__(self) -> str:
        return self.sid
