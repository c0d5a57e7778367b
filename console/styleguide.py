"""The styleguide: each component of `templates/components/` with its variants, in light and in dark."""

from datetime import date, timedelta
from typing import Any, NamedTuple

from django.contrib import admin
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from console.charts import Chart, Series
from console.moments import Moment
from console.sample_form import SampleForm
from inventory.lifecycle import State
from inventory.yard.drawing import draw
from inventory.yard.reading import Late, Yard
from testing_lab.models import Outcome, Result
from testing_lab.squares import squares

THEMES = ("light", "dark")


class Part(NamedTuple):
    """A component: its file, and its use in a line. Its samples are in `templates/console/styleguide/`."""

    name: str
    title: str
    use: str
    file: str

    @property
    def sample(self) -> str:
        """The template that shows all its variants."""
        return f"console/styleguide/{self.name}.html"


PARTS = (
    Part(
        "tokens",
        "Tokens",
        "Each colour is named once, for light and for dark; nothing else names a colour.",
        "tokens.css",
    ),
    Part(
        "button",
        "Button",
        "One main button for a form; plain for the rest; danger for what can't be undone.",
        ".ny-button",
    ),
    Part(
        "field",
        "Field",
        "A form's field with its label, hint and errors, tied together for screen readers.",
        "field.html",
    ),
    Part("badge", "Badge", "A state or a verdict, by colour, shape and word.", "badge.html"),
    Part("table", "Table", "Rows that read as blocks in a narrow window.", "table.html"),
    Part("stepper", "Stepper", "Where one is in a form of several pages, and what is still missing.", "stepper.html"),
    Part(
        "timeline",
        "Timeline",
        "What happened, the latest first: moves with the icon of a state, the rest with a ring.",
        "life.html",
    ),
    Part("passport", "Passport", "A square for each test of the suite, in the order of the table.", "passport.html"),
    Part(
        "yard",
        "Yard",
        "A track for each state, what moved in a day, what is stuck; a list in a narrow window.",
        "yard.html",
    ),
    Part("chart", "Chart", "Bars, in the colours of the states, with their table.", "chart.html"),
    Part("card", "Card", "A part of a page, with its heading.", "card.html"),
    Part("toast", "Toast", "What came of what one did.", "toasts.html"),
    Part(
        "dialog", "Dialog", "Asks before something grave is done; a page of its own without JavaScript.", "dialog.html"
    ),
    Part("empty", "Empty state", "What would be here, and what to do about it.", "empty.html"),
)


def styleguide(request: HttpRequest) -> HttpResponse:
    """Every part twice: once in light, once in dark, whatever the console is in."""
    if not admin.site.has_permission(request):
        raise PermissionDenied
    shown = [_samples(theme) for theme in THEMES]
    whole = admin.site.each_context(request) | {"title": "Styleguide", "parts": PARTS, "themes": shown}
    return TemplateResponse(request, "console/styleguide.html", whole)


def _samples(theme: str) -> dict[str, Any]:
    form = SampleForm({f"{theme}-name": "Main line", f"{theme}-country": "DE"}, prefix=theme, label_suffix="")
    form.is_valid()
    return {
        "theme": theme,
        "form": form,
        "states": list(State),
        "kinds": [("pass", "passed"), ("fail", "failed"), ("stuck", "stuck"), ("soon", "soon")],
        "tokens": _tokens(),
        "heads": _HEADS,
        "rows": _rows(),
        "steps": _STEPS,
        "moments": _moments(),
        "squares": squares(_results()),
        "picture": draw(_yard()),
        "chart": _chart(theme),
        "messages": [Message(level, text) for level, text in _TOASTS],
        "dialog": f"{theme}-dialog",
    }


_HEADS: tuple[dict[str, Any], ...] = ({"label": "Country"}, {"label": "On sale", "is_number": True})
_STOCK = (("United States", "12,480"), ("Germany", "96"))
_STEPS = (
    {"name": "where", "label": "Where and who", "url": "#stepper", "state": "done", "ready": 2, "asked": 2},
    {"name": "papers", "label": "Documents", "url": "#stepper", "state": "now", "ready": 1, "asked": 3},
    {"name": "check", "label": "Check", "url": "", "state": "open", "ready": 0, "asked": 0},
)
_TOASTS = (
    (constants.SUCCESS, "Block: done for +14155550100."),
    (constants.INFO, "The next night looks at it."),
    (constants.WARNING, "Two of three were ordered."),
    (constants.ERROR, "Nothing was done: it was sold meanwhile."),
)


def _rows() -> list[list[dict[str, Any]]]:
    country, on_sale = _HEADS
    return [
        [{"head": country, "text": name, "url": "#table"}, {"head": on_sale, "text": count}] for name, count in _STOCK
    ]


def _tokens() -> list[str]:
    named = ("page", "card", "line", "rail", "ink", "quiet", "accent", "late", "bad", "good")
    return [*named, *(state.value.lower().replace("_", "-") for state in State)]


def _moments() -> list[Moment]:
    now = timezone.now()
    return [
        Moment(now, "Blocked", "fraud", "Robocalls", "user:ops", kind="fail"),
        Moment(
            now - timedelta(days=1), "On sale", "was quarantined, clear", "No contact", "sweep:clear", State.AVAILABLE
        ),
        Moment(now - timedelta(days=9), "Suite passed", "received", kind="pass", link="suite run 7", url="#timeline"),
        Moment(now - timedelta(days=9), "Sourced", "deliver", who="provider:tern", state=State.SOURCED),
    ]


def _results() -> list[Result]:
    """One of each outcome; the other tests have none."""
    return [
        Result(code="V01", outcome=Outcome.PASS, value=1.2, unit="s", limit="<= 3.0"),
        Result(code="V02", outcome=Outcome.FAIL, value=9.0, unit="s", limit="<= 4.0", detail="no ring"),
        Result(code="V05", outcome=Outcome.INCONCLUSIVE),
        Result(code="V06", outcome=Outcome.NOT_PERFORMED),
        Result(code="F01", outcome=Outcome.NOT_APPLICABLE),
    ]


def _yard() -> Yard:
    stock = dict.fromkeys(State, 3) | {State.AVAILABLE: 12_576, State.IN_SERVICE: 90_431}
    flow: dict[tuple[State | None, State], int] = {
        (State.RESERVED, State.IN_SERVICE): 310,
        (State.IN_SERVICE, State.RELEASED): 42,
        (State.QUARANTINED, State.AVAILABLE): 120,
    }
    return Yard(stock, flow, {State.TESTING: Late(2, timezone.now() - timedelta(hours=3))})


def _chart(theme: str) -> Chart:
    days = [f"{date(2026, 11, day):%a %-d %b}" for day in range(16, 23)]
    series = [
        Series("Bought in", "available", [40, 52, 0, 31, 60, 12, 9]),
        Series("Sold", "in-service", [-22, -31, -40, -18, -35, -9, -4]),
    ]
    return Chart(f"{theme}-flow", "Numbers in and out, by UTC day", "Day", days, series)
