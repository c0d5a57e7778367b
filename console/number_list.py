"""The list of numbers: what its address asks for, its filters, its pages. `inventory.yard.listing` finds the rows."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.contrib.admin import SimpleListFilter
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from console.keyset import AFTER, BEFORE, KeysetList
from console.read_only import YesFilter
from console.searching import MOST
from inventory.models import PhoneNumber
from inventory.yard import listing
from inventory.yard.countries import choices
from inventory.yard.listing import Place, Wanted
from inventory.yard.reading import late_ids
from numbering.types import Capability, supersets

ORDER, WAITING = "order", "waiting"
#: Since when a number is in its state, in days: from the first up to the second.
AGES: dict[str, tuple[str, int, int | None]] = {
    "day": ("less than a day", 0, 1),
    "week": ("1 to 7 days", 1, 7),
    "month": ("7 to 30 days", 7, 30),
    "quarter": ("30 to 90 days", 30, 90),
    "longer": ("90 days and longer", 90, None),
}
CARRIES = {mask.name.lower(): mask for mask in Capability if mask.name}
FILTERS = (
    *("state__exact", "country", "number_type__exact", "provider__id__exact", "provider__isnull"),
    *("carries", "age", "blocked", "late"),
)


def wanted(given: Mapping[str, str]) -> Wanted:
    """What these parameters of the list's address ask for; a page and `order` are no part of it.

    Raises IncorrectLookupParameters for what is none of the choices.
    """
    try:
        since, until = _between(given.get("age", ""))
        return Wanted(
            state=given.get("state__exact", ""),
            country=given.get("country", ""),
            number_type=given.get("number_type__exact", ""),
            provider=_provider(given),
            carries=int(CARRIES[given["carries"]]) if given.get("carries") else 0,
            blocked={"yes": True, "no": False}[given["blocked"]] if given.get("blocked") else None,
            since=since,
            until=until,
        )
    except (KeyError, ValueError) as error:
        raise IncorrectLookupParameters(error) from error


def _provider(given: Mapping[str, str]) -> int | None:
    if given.get("provider__isnull"):
        return listing.OWN
    return int(given["provider__id__exact"]) if given.get("provider__id__exact") else None


def _between(age: str) -> tuple[datetime | None, datetime | None]:
    """When numbers of that age came into their state. Raises KeyError."""
    if not age:
        return None, None
    _, least, most = AGES[age]
    now = timezone.now()
    return now - timedelta(days=most) if most else None, now - timedelta(days=least) if least else None


class StockCountryFilter(SimpleListFilter):
    """The countries that we have numbers of."""

    title = "country"
    parameter_name = "country"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """By name; the address carries the ISO 3166-1 alpha-2 code."""
        return choices()

    def queryset(self, request: HttpRequest, queryset: QuerySet[PhoneNumber]) -> QuerySet[PhoneNumber]:
        """The numbers of one country."""
        return queryset.filter(country=self.value()) if self.value() else queryset


class CarriesFilter(SimpleListFilter):
    """What the last full suite has proved, which is what we sell."""

    title = "sold for"
    parameter_name = "carries"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """One capability."""
        return [(name, mask.name or "") for name, mask in CARRIES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[PhoneNumber]) -> QuerySet[PhoneNumber]:
        """Those that have it."""
        mask = CARRIES.get(self.value() or "")
        return queryset.filter(capabilities__in=supersets(mask)) if mask else queryset


class AgeFilter(SimpleListFilter):
    """For how long a number has been in its state."""

    title = "time in its state"
    parameter_name = "age"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """From a day to a quarter of a year."""
        return [(name, words) for name, (words, _, _) in AGES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[PhoneNumber]) -> QuerySet[PhoneNumber]:
        """Those that came into their state then."""
        age = self.value()
        since, until = _between(age if age in AGES else "")  # another one `wanted` refuses
        found = queryset.filter(state_since__gte=since) if since else queryset
        return found.filter(state_since__lt=until) if until else found


class BlockedFilter(SimpleListFilter):
    """Whether any block is open."""

    title = "blocked"
    parameter_name = "blocked"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Either."""
        return [("yes", "Yes"), ("no", "No")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[PhoneNumber]) -> QuerySet[PhoneNumber]:
        """Those that are, or are not."""
        return queryset.filter(blocked=self.value() == "yes") if self.value() else queryset


class LateFilter(YesFilter):
    """What the yard calls stuck: the first thousand of each state."""

    title = "stuck"
    parameter_name = "late"

    def queryset(self, request: HttpRequest, queryset: QuerySet[PhoneNumber]) -> QuerySet[PhoneNumber]:
        """As in the yard."""
        return queryset.filter(pk__in=late_ids(timezone.now(), MOST)) if self.value() == "yes" else queryset


LIST_FILTERS = (
    *("state", LateFilter, AgeFilter, BlockedFilter, StockCountryFilter, "number_type", "provider", CarriesFilter),
)


class NumberList(KeysetList):
    """Read drawer by drawer. What was searched for, and what is stuck, are some thousands: those are sorted."""

    @property
    def rises(self) -> bool:
        """Whether those come first that are longest in their state."""
        return self.params.get(ORDER) == WAITING

    @property
    def other_order(self) -> str:
        """The address of the same list, turned round."""
        return self.get_query_string({ORDER: None if self.rises else WAITING})

    @property
    def asked(self) -> Wanted:
        """What the address asks for."""
        return wanted(self.params)

    def get_filters_params(self, params: dict[str, Any] | None = None) -> dict[str, Any]:
        """An order is no filter."""
        return {name: value for name, value in super().get_filters_params(params).items() if name != ORDER}

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[PhoneNumber]) -> list[Any]:
        """By when they came into their state, the last first; or turned round. All of them by when they came to us."""
        if self.is_whole:
            return ["pk"] if self.rises else ["-pk"]
        return ["state_since", "pk"] if self.rises else ["-state_since", "-pk"]

    @property
    def is_whole(self) -> bool:
        """Whether nothing at all was asked for: then the drawers would all be opened, and no order needs them."""
        return not self.query and not self.params.get("late") and self.asked.is_everything

    def get_results(self, request: HttpRequest) -> None:
        """From the drawers, where nothing narrower was asked for."""
        if self.query or self.params.get("late") or self.is_whole:
            super().get_results(request)
            return
        back = BEFORE in request.GET
        key = request.GET.get(BEFORE if back else AFTER, "")
        ids = listing.page(self.asked, limit=self.list_per_page + 1, after=_place(key), rising=self.rises is not back)
        rows = listing.in_order(ids, self.root_queryset.select_related("provider", "place"))
        self.show(rows, key=key, back=back, name=lambda row: f"{row.state_since.isoformat()},{row.pk}")
        self.counted = _counted(self.asked) if self.multi_page else ""


def _place(key: str) -> Place | None:
    """Where the page before ended. Raises IncorrectLookupParameters."""
    if not key:
        return None
    since, _, pk = key.partition(",")
    try:
        came = parse_datetime(since)
        if came is None or came.tzinfo is None or not 0 <= int(pk) < 2**63:
            raise ValueError(key)
        return Place(came, int(pk))
    except ValueError as error:
        raise IncorrectLookupParameters(error) from error


def _counted(asked: Wanted) -> str:
    """How many match, which nobody counts to the end; of everything the yard knows."""
    if asked.is_everything:
        return ""
    found = listing.count(asked)
    return f"More than {found - 1:,} match" if found >= listing.COUNTED else f"{found:,} match"
