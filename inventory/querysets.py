"""Sets of numbers that services and pages ask for by name."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models

from inventory.lifecycle import State

if TYPE_CHECKING:
    from inventory.models import PhoneNumber  # noqa: F401 - the manager's type argument


class NumberQuerySet(models.QuerySet["PhoneNumber"]):
    """Numbers by where they are in life."""

    def live(self) -> NumberQuerySet:
        """Not returned: we pay for it."""
        return self.exclude(state=State.RETURNED)

    def on_sale(self) -> NumberQuerySet:
        """Available and carrying no block: the shop window."""
        return self.filter(state=State.AVAILABLE, blocked=False)

    def sellable(self, now: datetime) -> NumberQuerySet:
        """On sale with a test passport that holds at `now`: a purchase succeeds (else `blockers` say why not)."""
        return self.on_sale().filter(passport_expires_at__gt=now)

    def due(self, state: State, now: datetime) -> NumberQuerySet:
        """In `state` with its clock run out, longest overdue first."""
        return self.filter(state=state, due_at__lte=now).order_by("due_at")
