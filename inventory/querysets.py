"""Sets of numbers that services and pages ask for by name."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, OuterRef

from inventory.lifecycle import State
from inventory.models.sale_stop import SaleStop

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
        """On sale with a test passport that holds at `now`, and their sale not stopped: a purchase succeeds (else
        `blockers` say why not)."""
        return self.on_sale().not_stopped().filter(passport_expires_at__gt=now)

    def not_stopped(self) -> NumberQuerySet:
        """Without those of providers whose sale is stopped in their country."""
        stops = SaleStop.objects.filter(provider=OuterRef("provider"), country=OuterRef("country"), lifted_at=None)
        return self.exclude(Exists(stops))

    def canaries(self) -> NumberQuerySet:
        """Those that the index number_canary holds (inventory.models.phone_number.CANARY): good, and nobody's."""
        papers = self.filter(blocked=False, passport_expires_at__isnull=False, provider__isnull=False)
        return papers.filter(state__in=(State.AVAILABLE, State.QUARANTINED))

    def due(self, state: State, now: datetime) -> NumberQuerySet:
        """In `state` with its clock run out, longest overdue first."""
        return self.filter(state=state, due_at__lte=now).order_by("due_at")
