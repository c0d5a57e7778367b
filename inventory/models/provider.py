"""A provider: who sells us numbers."""

from django.db import models
from django.db.models import Q

from numbering.models.stays import stays


class Provider(models.Model):
    """`adapter` names the folder in `inventory/providers/`; `options` are that adapter's (never secrets)."""

    slug = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    adapter = models.CharField(max_length=40, blank=True, help_text="Blank: numbers we own, with no one to order from.")
    options = models.JSONField(default=dict, blank=True)
    is_active = models.BooleanField(default=True)
    demo_aging = models.DurationField(
        null=True,
        blank=True,
        help_text="Sandbox carriers only: replaces every aging minimum, since no real person had the number.",
    )
    emergency_tests = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Calls from its numbers reach a service for emergency test calls (RFC 6881 15) that tells the "
        "address registered with it. Without one the lab looks the address up and calls nobody.",
    )

    heard_by_lab_since = models.DateTimeField(
        null=True,
        blank=True,
        help_text="Since when calls and messages to its idle numbers reach the lab: a later day on which the lab "
        "listened throughout was observed. None: they don't.",
    )

    audited_at = models.DateTimeField(
        null=True, blank=True, help_text="When its bill was last compared with our stock."
    )
    orphans = models.PositiveIntegerField(default=0, help_text="Numbers that it bills us for and that we don't have.")
    ghosts = models.PositiveIntegerField(default=0, help_text="Numbers that we have from it and that it does not know.")

    overdue = models.PositiveIntegerField(
        default=0, db_default=0, help_text="Numbers that we gave back and that it bills us for all the same."
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(demo_aging__isnull=True) | Q(adapter="sandbox"),
                name="provider_demo_aging_only_in_the_sandbox",
            ),
        ]
        # Numbers refer to them: see references.py. Which one no longer sells is told by `is_active`.
        triggers = stays("provider")

    def __str__(self) -> str:
        return self.name
