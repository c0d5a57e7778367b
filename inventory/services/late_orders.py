"""Orders that providers should have delivered by now."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import DateTimeField, DurationField, ExpressionWrapper, F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.db.models.lookups import LessThan

from inventory.models import SupplyTerms

NO_ANSWER = timedelta(minutes=15)  # the settling sweep asks every few seconds what became of an order


def late(now: datetime) -> Q:
    """Open orders (`ProviderOrder`) written longer ago than their supply terms give, or `RESTOCK_LEAD_TIME` where
    nothing is agreed: that is the time until numbers are on sale, and these have not even come."""
    same = {column: OuterRef(column) for column in ("provider", "country", "number_type")}
    agreed = SupplyTerms.objects.filter(**same, lead_days__isnull=False)
    days = ExpressionWrapper(F("lead_days") * Value(timedelta(days=1)), output_field=DurationField())
    allowed = Coalesce(Subquery(agreed.values(allowed=days)[:1]), Value(settings.RESTOCK_LEAD_TIME))
    latest = ExpressionWrapper(Value(now) - allowed, output_field=DateTimeField())
    return Q(next_attempt_at__isnull=False) & Q(LessThan(F("created_at"), latest))


def unanswered(now: datetime) -> Q:
    """Open orders of which nobody knows whether they reached the provider, long after they were sent."""
    return Q(next_attempt_at__isnull=False, unanswered_at__lt=now - NO_ANSWER)
