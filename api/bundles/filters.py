"""How the list of bundles is narrowed and put in order."""

import re
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import django_filters
from django.db.models import QuerySet
from django.utils.dateparse import parse_date, parse_datetime

from api.bundles.parameters import state
from api.filters import FormatFilter
from api.parameters import Format, Parameter, any_text, boolean, choice, country, sid
from api.regulatory.words import end_user_type, number_type
from compliance.models import Bundle
from compliance.models.bundle import BundleQuerySet
from numbering.sids import is_sid

MOST_SIDS = 20


class Span(NamedTuple):
    """From `first` on, up to but without `after`: a second, or a whole day (UTC)."""

    first: datetime
    after: datetime


def _span(value: str) -> Span:
    """A date or a date and time (ISO 8601). A plus that was not percent-encoded arrives as a space."""
    try:
        day = parse_date(value)
        moment = None if day else parse_datetime(re.sub(r" (?=[0-9]{2}:?[0-9]{2}$)", "+", value))
        first = datetime(day.year, day.month, day.day, tzinfo=UTC) if day else moment
        if first is None:
            raise ValueError
        first = first if first.tzinfo else first.replace(tzinfo=UTC)
        first = first.astimezone(UTC).replace(microsecond=0)
        return Span(first, first + (timedelta(days=1) if day else timedelta(seconds=1)))
    except (ValueError, OverflowError):
        raise ValueError("expected a date or a date and time, such as 2026-12-31 or 2026-12-31T23:59:59Z") from None


def _sids(value: str) -> list[str]:
    sids = value.split(",")
    if len(sids) > MOST_SIDS or not all(is_sid(each, "BU") for each in sids):
        raise ValueError(f"expected at most {MOST_SIDS} times BU and 32 lower-case hex digits, between commas")
    return sids


span = Format(_span, {"type": "string", "format": "date-time"})
bundle_sids = Format(_sids, {"type": "string", "pattern": r"^BU[0-9a-f]{32}(,BU[0-9a-f]{32}){0,19}$"})


class BundleFilters(django_filters.FilterSet):
    Status = FormatFilter("state", format=state)
    BundleSids = FormatFilter("sid", lookup_expr="in", format=bundle_sids)
    FriendlyName = FormatFilter(format=any_text, method="named")
    RegulationSid = FormatFilter("regulation__sid", format=sid("RN"))
    IsoCountry = FormatFilter("regulation__country", format=country)
    NumberType = FormatFilter("regulation__number_type", format=number_type)
    EndUserType = FormatFilter("regulation__end_user_type", format=end_user_type)
    HasValidUntilDate = FormatFilter("valid_until", lookup_expr="isnull", exclude=True, format=boolean)
    ValidUntilDate = FormatFilter(format=span, method="ending")

    def named(self, rows: BundleQuerySet, name: str, value: str) -> QuerySet[Bundle]:
        """Exactly of that name, which is encrypted."""
        return rows.named(value)

    def ending(self, rows: QuerySet[Bundle], name: str, value: Span) -> QuerySet[Bundle]:
        """On that day, or in that second."""
        return rows.filter(valid_until__gte=value.first, valid_until__lt=value.after)

    def ending_by(self, rows: QuerySet[Bundle], name: str, value: Span) -> QuerySet[Bundle]:
        """`ValidUntilDate<=…`: then or before."""
        return rows.filter(valid_until__lt=value.after)

    def ending_from(self, rows: QuerySet[Bundle], name: str, value: Span) -> QuerySet[Bundle]:
        """`ValidUntilDate>=…`: then or later."""
        return rows.filter(valid_until__gte=value.first)


# No names in Python. A query string `ValidUntilDate<=2026-12-31` is the parameter `ValidUntilDate<`.
BundleFilters.base_filters["ValidUntilDate<"] = FormatFilter(format=span, method="ending_by")
BundleFilters.base_filters["ValidUntilDate>"] = FormatFilter(format=span, method="ending_from")

_COLUMNS = {"date-created": "id", "date-updated": "updated_at", "valid-until": "valid_until"}
SORT_BY = Parameter("SortBy", "sort_by", choice(*_COLUMNS), help="date-created unless given.")
SORT_DIRECTION = Parameter("SortDirection", "direction", choice("ASC", "DESC"), help="DESC unless given.")


def column_of(sort_by: str | None) -> str:
    """The column that a `SortBy` means."""
    return _COLUMNS[sort_by or "date-created"]
