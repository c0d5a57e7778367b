"""Gauges of the stock and of its providers for Prometheus, counted when they are asked for."""

from collections.abc import Iterator, Mapping

from django.db.models import Count
from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from inventory.invoices import report
from inventory.invoices.report import Total
from inventory.lifecycle import State
from inventory.models import PhoneNumber, Provider
from inventory.querysets import NumberQuerySet
from numbering.recent import Recent

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


class AuditCollector(Collector):
    """What the last audit of each provider found; nothing of one that was never audited."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        audited = list(Provider.objects.exclude(audited_at=None).order_by("slug"))
        orphans = {provider.slug: provider.orphans for provider in audited}
        ghosts = {provider.slug: provider.ghosts for provider in audited}
        overdue = {provider.slug: provider.overdue for provider in audited}
        when = {provider.slug: provider.audited_at.timestamp() for provider in audited if provider.audited_at}
        yield _by_provider("numberyard_orphans", "Numbers that the provider bills and we don't have.", orphans)
        yield _by_provider("numberyard_ghosts", "Numbers that we have and the provider does not know.", ghosts)
        yield _by_provider("numberyard_overdue_returns", "Numbers that we gave back and the provider bills.", overdue)
        yield _by_provider("numberyard_audited_timestamp_seconds", "When the provider was last audited.", when)


class InvoiceCollector(Collector):
    """What is wrong with the newest invoice of each provider; at most a minute old in each process."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        labels = ["provider", "kind", "currency"]
        rows = GaugeMetricFamily("numberyard_misbilled", "Rows that are wrong in the newest invoice.", labels=labels)
        money = GaugeMetricFamily("numberyard_misbilled_amount", "What is at stake in them.", labels=labels)
        for slug, total in _misbilled_lately():
            rows.add_metric([slug, total.what, total.currency], total.rows)
            money.add_metric([slug, total.what, total.currency], float(total.amount))
        yield rows
        yield money


def _misbilled() -> list[tuple[str, Total]]:
    return [(invoice.provider.slug, total) for invoice in report.newest() for total in report.misbilled(invoice)]


_misbilled_lately = Recent(_misbilled, seconds=60)


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


def _by_provider(name: str, help_text: str, values: Mapping[str, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, help_text, labels=["provider"])
    for slug, value in values.items():
        family.add_metric([slug], value)
    return family
