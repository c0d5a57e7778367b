"""Gauges of the stock for Prometheus, counted when they are asked for."""

from collections.abc import Iterator

from django.db.models import Count
from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from inventory.lifecycle import State
from inventory.models import PhoneNumber
from inventory.querysets import NumberQuerySet
from inventory.search.recent import Recent

Counts = dict[str, int]
SMALL = 100_000  # numbers that are counted in a few hundredths of a second; ten million take seconds


class StockCollector(Collector):
    """Numbers by state, and how many of them are overdue: a sweep that has stopped shows there first.

    At most a minute old in each process, ten seconds while the stock is small.
    """

    def collect(self) -> Iterator[GaugeMetricFamily]:
        everything, overdue = _stock()
        yield _by_state("numberyard_numbers", "Numbers by state.", everything)
        yield _by_state("numberyard_numbers_overdue", "Numbers whose clock has run out, by state.", overdue)


def _stock() -> tuple[Counts, Counts]:
    everything, overdue = _of_the_last_minute()
    return _just_now() if sum(everything.values()) < SMALL else (everything, overdue)


def _read() -> tuple[Counts, Counts]:
    numbers = PhoneNumber.objects.all()
    # All states, named: the index number_due begins with the state, and only PostgreSQL 18 can skip that.
    return _counted(numbers), _counted(numbers.filter(state__in=State.values, due_at__lt=timezone.now()))


_of_the_last_minute = Recent(_read, seconds=60)
_just_now = Recent(_read, seconds=10)


def _counted(numbers: NumberQuerySet) -> Counts:
    return dict(numbers.order_by().values_list("state").annotate(Count("id")))


def _by_state(name: str, help_text: str, counts: Counts) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, help_text, labels=["state"])
    for state in State:
        family.add_metric([state.value], counts.get(state.value, 0))
    return family
