"""The console's home: the context of `admin/index.html`, which the theme asks for."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from console.charts import Chart, Series
from console.home.fires import fires
from console.home.map import world_map
from console.lab.health import lab_health
from inventory.levels.countries import countries_stock
from inventory.models import LifecycleEntry
from inventory.yard.drawing import draw
from inventory.yard.flow import Day, Way, daily_flow
from inventory.yard.reading import yard

RECENT = 8
#: Each way with its name, its colour, and the side of the border that it leads to.
WAYS = (
    (Way.BOUGHT_IN, "Bought in", "available", 1),
    (Way.GIVEN_BACK, "Given back by customers", "released", 1),
    (Way.SOLD, "Sold", "in-service", -1),
    (Way.RETURNED, "Returned to providers", "returned", -1),
)


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Complete the context: what this member of staff may see, and nothing else."""
    user = request.user
    lab = lab_health() if user.has_perm("testing_lab.view_suiterun") else None
    context |= {
        "title": "The yard",
        "lab": lab,
        "fires": fires(user, lab),
        "picture": draw(yard()),
        "list_url": reverse("admin:inventory_phonenumber_changelist"),
    }
    if user.has_perm("inventory.view_phonenumber"):
        context["countries"] = stocked = countries_stock()
        context["world"] = world_map(stocked)
    if user.has_perm("inventory.view_lifecycleentry"):
        context["entries"] = LifecycleEntry.objects.select_related("number").order_by("-pk")[:RECENT]
        context["flow"] = flow_chart(daily_flow())
    return context


def flow_chart(days: list[Day]) -> Chart:
    """What came in points up, what went out points down."""
    series = [Series(label, colour, [sign * day.numbers[way] for day in days]) for way, label, colour, sign in WAYS]
    return Chart("flow", "Numbers in and out, by UTC day", "Day", [f"{each.day:%a %-d %b}" for each in days], series)
