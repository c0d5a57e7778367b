"""Who gave which roles to whom, and why."""

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from accounts.models.user import User
from accounts.roles import StaffRole
from numbering.models.stays import append_only


class RoleChange(models.Model):
    """Never changed. Nobody's own roles are theirs to change."""

    user = models.ForeignKey(User, models.PROTECT, related_name="role_changes")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    before = ArrayField(models.CharField(max_length=8), default=list, blank=True)
    after = ArrayField(models.CharField(max_length=8), default=list, blank=True)
    reason = models.CharField(max_length=300)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name, verbose_name_plural = "change of roles", "changes of roles"
        constraints = [
            models.CheckConstraint(condition=~Q(user=F("by")), name="role_change_by_another"),
            models.CheckConstraint(condition=~Q(reason=""), name="role_change_for_a_reason"),
            models.CheckConstraint(
                condition=Q(before__contained_by=StaffRole.values, after__contained_by=StaffRole.values),
                name="role_change_of_known_roles",
            ),
        ]
        indexes = [models.Index(fields=["at"], name="role_change_by_time")]  # the audit log
        triggers: list[pgtrigger.Trigger] = append_only("role_changes")

    def __str__(self) -> str:
        return f"{self.user}: {', '.join(self.before) or 'no role'} to {', '.join(self.after) or 'no role'}"
