"""Of which providers nothing is offered now, by country: the open stops of sale."""

from collections import defaultdict
from collections.abc import Mapping

from inventory.models import SaleStop
from inventory.search.recent import Recent

SECONDS = 2.0


def _read() -> Mapping[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for country, provider in SaleStop.objects.filter(lifted_at=None).values_list("country", "provider_id"):
        found[country].append(provider)
    return {country: sorted(providers) for country, providers in found.items()}


#: stopped(): providers by country, as it was at most two seconds ago; a purchase asks the table itself.
stopped = Recent(_read, seconds=SECONDS)
