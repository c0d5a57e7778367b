"""An end user (`IT…`): the person or business that will use a number."""

from functools import partial

import pgtrigger
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.encryption import EncryptedJson, EncryptedText
from accounts.models import Account
from compliance.models.frozen import frozen_in_bundles
from compliance.models.owned import OwnedQuerySet
from compliance.models.regulation import EndUserType
from numbering.sids import new_sid


class EndUser(models.Model):
    """`attributes` are the regulation's fields as the customer gave them; `revision` grows with each change of them."""

    sid = models.CharField(max_length=34, unique=True, default=partial(new_sid, "IT"), editable=False)
    account = models.ForeignKey(Account, models.PROTECT, related_name="end_users", db_index=False)
    type = models.CharField(max_length=10, choices=EndUserType)
    friendly_name = EncryptedText()
    attributes = EncryptedJson(default=dict)
    revision = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())
    deleted_at = models.DateTimeField(null=True, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(sid__regex=r"^IT[0-9a-f]{32}$"), name="end_user_sid_shape"),
            models.CheckConstraint(condition=Q(type__in=EndUserType.values), name="end_user_type_known"),
            models.CheckConstraint(
                condition=Q(erased_at__isnull=True) | Q(deleted_at__isnull=False), name="end_user_erased_is_deleted"
            ),
        ]
        indexes = [
            # GET …/EndUsers: newest first, keyset by id
            models.Index(fields=["account", "-id"], name="end_user_of_account", condition=Q(deleted_at__isnull=True)),
        ]
        triggers = [
            pgtrigger.ReadOnly(name="identity_stays", fields=["id", "sid", "account", "type"]),
            frozen_in_bundles("end_user_id", "NEW.id"),
        ]

    def __str__(self) -> str:
        return self.sid
