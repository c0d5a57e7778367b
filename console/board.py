"""The quarantine board: who leaves when, by what last night foretold; what people hold; which shortage is relieved."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, NamedTuple

from django import forms
from django.db.models import Prefetch, Q, QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from console.charts import Chart, Series
from inventory.lifecycle import State
from inventory.models import AlphaRelief, Quarantine, QuarantineOverride
from inventory.quarantine.actions import Override
from inventory.quarantine.forecast import AHEAD, forecast
from inventory.quarantine.sentence import compared
from inventory.yard.countries import choices
from inventory.yard.reading import yard
from numbering.countries import name_of

PAGE = 50
SHOWN_HOLDS = 20
CHARTED = 28  # days
COLOURS = ("in-service", "quarantined", "testing", "released", "reserved")
REST = "returned"


class BoardForm(forms.Form):
    """A country, the days of a column, and where the list goes on; all may be left out."""

    country = forms.ChoiceField(required=False)
    since = forms.DateField(required=False, widget=forms.HiddenInput)
    until = forms.DateField(required=False, widget=forms.HiddenInput)
    after = forms.RegexField(r"^\d{4}-\d{2}-\d{2}\.\d+$", required=False, widget=forms.HiddenInput)

    def __init__(self, asked: QueryDict) -> None:
        super().__init__(asked, label_suffix="")
        countries: Any = self.fields["country"]
        countries.choices = [("", "Everywhere"), *choices()]


class Column(NamedTuple):
    """Days of the board, the last one is in it; `url` shows their stays."""

    label: str
    first: date
    last: date
    stays: int
    url: str
    is_shown: bool


class Row(NamedTuple):
    """A stay, with what it depends on in words and in percent (`limit`: of alpha), and a person's word that counts."""

    stay: Quarantine
    sentence: str
    share: float | None
    limit: float | None
    word: QuarantineOverride | None


def context(asked: QueryDict) -> dict[str, Any]:
    """For `console/board.html`, in a fixed number of queries."""
    form, today = BoardForm(asked), timezone.now().date()
    given = form.cleaned_data if form.is_valid() else {}
    country, since, until = given.get("country") or "", given.get("since"), given.get("until")
    of_days = _of_days(country)
    rows = _rows(country, since, until, given.get("after") or "")
    return {
        "form": form,
        "chart": _chart(today, country),
        "columns": list(_columns(today, of_days, country, since)),
        "foretold": sum(of_days.values()),
        "resting": yard().stock[State.QUARANTINED] if not country else None,
        "weeks": AHEAD.days // 7,
        "rows": rows[:PAGE],
        "further": _url(country, since, until, rows[PAGE - 1].stay) if len(rows) > PAGE else "",
        "since": since,
        "until": until,
        "holds": _holds()[:SHOWN_HOLDS],
        "reliefs": AlphaRelief.objects.filter(ended_at=None, expires_at__gt=timezone.now()).order_by("expires_at"),
    }


def _of_days(country: str) -> Counter[date]:
    found: Counter[date] = Counter()
    for (day, where), stays in forecast().items():
        if country in ("", where):
            found[day] += stays
    return found


def _columns(today: date, of_days: Counter[date], country: str, shown: date | None) -> Iterator[Column]:
    """What should have left by now, this week day by day, then weeks."""
    spans = [("due", date(2000, 1, 1), today - timedelta(days=1))]
    spans += [(f"{day:%a %-d %b}", day, day) for day in (today + timedelta(days=ahead) for ahead in range(7))]
    for ahead in range(7, AHEAD.days, 7):
        first = today + timedelta(days=ahead)
        last = first + timedelta(days=6)
        spans.append((f"{first:%-d %b} \N{EN DASH} {last:%-d %b}", first, last))
    for label, first, last in spans:
        stays = sum(count for day, count in of_days.items() if first <= day <= last)
        if stays or label != "due":
            yield Column(label, first, last, stays, _url(country, first, last), first == shown)


def _rows(country: str, since: date | None, until: date | None, after: str) -> list[Row]:
    """One more than a page, in the order of `quarantine_foretold`."""
    words = QuarantineOverride.objects.filter(withdrawn_at=None)
    stays = Quarantine.objects.filter(ended_at=None, predicted_on__isnull=False)
    stays = stays.select_related("number").prefetch_related(Prefetch("overrides", words, to_attr="open_words"))
    for condition in (
        Q(number__country=country) if country else Q(),
        Q(predicted_on__gte=since) if since else Q(),
        Q(predicted_on__lte=until) if until else Q(),
        _behind(after) if after else Q(),
    ):
        stays = stays.filter(condition)
    return [_row(stay) for stay in stays.order_by("predicted_on", "pk")[: PAGE + 1]]


def _behind(after: str) -> Q:
    day, pk = after.split(".")
    return Q(predicted_on__gte=day) & (Q(predicted_on__gt=day) | Q(pk__gt=pk))


def _row(stay: Any) -> Row:
    word = next((word for word in stay.open_words if word.is_in_force(timezone.now().date())), None)
    if stay.likelihood is None or stay.alpha is None:
        return Row(stay, "No night has looked at it yet.", None, None, word)
    seen = f"{stay.recent_contacts:.1f} recent contacts over {stay.effective_days:.1f} effective days"
    why = f"{stay.get_action_rule_display()}: {stay.get_action_display()}"
    sentence = f"{seen}; {compared(stay.likelihood, stay.alpha)}; {why}."
    return Row(stay, sentence, round(100 * stay.likelihood, 1), round(100 * stay.alpha, 1), word)


def _holds() -> QuerySet[QuarantineOverride]:
    """What people hold, the first to end first."""
    today = timezone.now().date()
    rows = QuarantineOverride.objects.filter(withdrawn_at=None, action=Override.HOLD, expires_on__gt=today)
    still = rows.filter(Q(until=None) | Q(until__gt=today), stay__ended_at=None)
    return still.select_related("stay__number").order_by("until", "pk")


def _chart(today: date, country: str) -> Chart:
    """Releases to come, stacked by country: the largest have a colour of their own."""
    days = [today + timedelta(days=ahead) for ahead in range(CHARTED)]
    of_country: Counter[str] = Counter()
    for (day, where), stays in forecast().items():
        if day in days and country in ("", where):
            of_country[where] += stays
    ranked = [where for where, _ in of_country.most_common()]
    series = [
        Series(name_of(where), colour, [forecast()[day, where] for day in days])
        for where, colour in zip(ranked, COLOURS, strict=False)
    ]
    if left := ranked[len(COLOURS) :]:
        series.append(Series("Elsewhere", REST, [sum(forecast()[day, where] for where in left) for day in days]))
    labels, urls = [f"{day:%a %-d %b}" for day in days], [_url(country, day, day) for day in days]
    return Chart("releases", "Numbers that leave quarantine, by predicted day", "Day", labels, series, urls)


def _url(country: str, since: date | None, until: date | None, after: Quarantine | None = None) -> str:
    asked = QueryDict(mutable=True)
    asked.update(
        {name: str(value) for name, value in (("country", country), ("since", since), ("until", until)) if value}
    )
    if after:
        asked["after"] = f"{after.predicted_on}.{after.pk}"
    return f"{reverse('admin:inventory_quarantine_board')}?{asked.urlencode()}"
