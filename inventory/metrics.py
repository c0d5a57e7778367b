"""Gauges of the stock for Prometheus, counted when they are asked for."""

from collections.abc import Iterator

from django.db.models import Count
from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from inventory.lifecycle import State
from inventory.models import PhoneNumber
from inventory.querysets import NumberQuerySet


class StockCollector(Collector):
    """Numbers by state, and how many of them are overdue: a sweep that has stopped shows there first."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        everything = PhoneNumber.objects.all()
        yield _by_state("numberyard_numbers", "Numbers by state.", everything)
        overdue = everything.filter(due_at__lt=timezone.now())
        yield _by_state("numberyard_numbers_overdue", "Numbers whose clock has run out, by state.", overdue)


def _by_state(name: str, help_text: str, numbers: NumberQuerySet) -> GaugeMetricFamily:
    counts = dict(numbers.order_by().values_list("state").annotate(Count("id")))
    family = GaugeMetricFamily(name, help_text, labels=["state"])
    for state in State:
        family.add_metric([state.value], counts.get(state.value, 0))
    return family
