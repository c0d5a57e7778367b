"""Days, moments and how long something lasts, as people say them. The console writes ISO 8601 instead."""

from datetime import date, datetime, timedelta

from django import template
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.timesince import timesince, timeuntil
from django.utils.translation import ngettext, npgettext_lazy

from compliance.evaluation.days import day_of

register = template.Library()
_DAY = timedelta(days=1)
#: How long ago: in other languages these words have other endings than in "for two days".
_AGO = {
    "year": npgettext_lazy("ago", "%(num)d year", "%(num)d years", "num"),
    "month": npgettext_lazy("ago", "%(num)d month", "%(num)d months", "num"),
    "week": npgettext_lazy("ago", "%(num)d week", "%(num)d weeks", "num"),
    "day": npgettext_lazy("ago", "%(num)d day", "%(num)d days", "num"),
    "hour": npgettext_lazy("ago", "%(num)d hour", "%(num)d hours", "num"),
    "minute": npgettext_lazy("ago", "%(num)d minute", "%(num)d minutes", "num"),
}


@register.filter
def day(value: date | datetime | str | None) -> str:
    """ "2 December 2026", in UTC; German as Django has it, "2. Dezember 2026". Of a text only a whole day, as ISO 8601
    writes it, becomes another one: rules know no more than the year of much."""
    if isinstance(value, str):
        return day(day_of(value)) or value
    return date_format(value, _format_of_days()) if value else ""


@register.filter
def moment(value: datetime | None) -> str:
    """ "2 December 2026, 13:08 UTC": to the minute."""
    return f"{day(value)}, {date_format(value, 'H:i')} UTC" if value else ""


@register.filter
def lasting(value: datetime | None) -> str:
    """How long it is until then: "10 days" from two days on, to the nearest; before that "1 day, 3 hours"."""
    if value is None:
        return ""
    days = round((value - timezone.now()) / _DAY)
    return ngettext("%(days)s day", "%(days)s days", days) % {"days": days} if days >= 2 else timeuntil(value)


@register.filter
def elapsed(value: datetime) -> str:
    """ "2 days, 3 hours", to stand beside "ago"; in the first minute "0 minutes"."""
    return timesince(value, time_strings=_AGO)  # type: ignore[arg-type]  # lazy texts are texts


def _format_of_days() -> str:
    """English is said here: what Django is told of it for the whole house is the console's ISO 8601."""
    return "j F Y" if (translation.get_language() or "en").startswith("en") else "DATE_FORMAT"
