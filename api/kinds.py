"""What belongs to a kind of number (country and type), not to the number: read once a minute in each process."""

import time
from functools import lru_cache

from django.utils import timezone

from compliance.models import AddressRequirement, NumberTypeRule

_SECONDS = 60


def address_requirement(country: str, number_type: str) -> str:
    """none, any, local or foreign. Where no rule was read nothing is asked for: none."""
    found = _requirements(int(time.monotonic() / _SECONDS)).get((country, number_type), AddressRequirement.UNKNOWN)
    return str(AddressRequirement.NONE if found == AddressRequirement.UNKNOWN else found)


@lru_cache(maxsize=1)
def _requirements(_minute: int) -> dict[tuple[str, str], str]:
    rules = NumberTypeRule.objects.filter(valid_from__lte=timezone.now().date()).order_by("valid_from")
    return {
        (country, number_type): requirement
        for country, number_type, requirement in rules.values_list("country", "number_type", "address_requirement")
    }
