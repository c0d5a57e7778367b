"""How many numbers will leave quarantine on which day, by what last night foretold of each stay."""

from collections import Counter
from datetime import date, timedelta

from django.db.models import Count
from django.utils import timezone

from inventory.models import Quarantine
from numbering.pictures import Picture

AHEAD = timedelta(weeks=8)
#: By predicted day and country.
Forecast = Counter[tuple[date, str]]


def _read() -> Forecast:
    """Read from `quarantine_foretold` as far as those days reach, not all that rest."""
    stays = Quarantine.objects.filter(ended_at=None, predicted_on__lt=timezone.now().date() + AHEAD).order_by()
    counted = stays.values_list("predicted_on", "number__country").annotate(stays=Count("*"))
    return Counter({(day, country): count for day, country, count in counted if day})


#: It changes with the nights, so a minute is nothing.
forecast = Picture("forecast", _read, seconds=60)
