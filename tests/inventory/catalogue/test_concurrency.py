"""Ingests at once, and ingests that are killed: nothing is lost, nothing is withdrawn that should not be."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from inventory.catalogue import ingest as ingesting
from inventory.catalogue import kinds, runs, withdrawing
from inventory.catalogue.ingest import ingest
from inventory.models import CatalogueRun, ListedOffer, Provider, RunEnd
from inventory.refusals import RunIsNotHeld
from tests.inventory.catalogue.conftest import Shop, listed, make_due, read
from tests.inventory.conftest import beside, somebody_waits, until
from tests.patience import PATIENCE

pytestmark = pytest.mark.django_db(transaction=True)
STEPS = [
    "inventory.catalogue.runs:begin after",
    "inventory.catalogue.taking:_stage after",
    "inventory.catalogue.taking:take before",
    "inventory.catalogue.taking:take after",
    "inventory.catalogue.withdrawing:finish before",
    "inventory.catalogue.withdrawing:_supersede after",
    "inventory.catalogue.withdrawing:_too_much after",
    "inventory.catalogue.runs:end before",
    "inventory.catalogue.runs:end after",
    "inventory.catalogue.withdrawing:finish after",
]


def lease_runs_out() -> None:
    """Nobody waits five minutes here."""
    CatalogueRun.objects.filter(state=RunEnd.RUNNING).update(lease_until=timezone.now() - timedelta(seconds=1))


def test_of_two_ingests_of_a_provider_the_second_leaves_it(shop: Shop, provider: Provider) -> None:
    shop.halts_at = 1
    with beside(lambda: ingest(provider)):
        until(lambda: shop.pages_read == 2)
        assert ingest(provider) == 0
        assert runs.begin(provider, kinds.kinds(provider).pop()) is None
        shop.halt.set()
    run = CatalogueRun.objects.get()
    assert (run.state, run.seen) == (RunEnd.COMPLETE, 60)


def test_who_was_taken_for_dead_writes_nothing_more(
    shop: Shop, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingesting, "BATCH", 20)
    shop.halts_at = 2
    with beside(lambda: ingest(provider)):
        until(lambda: CatalogueRun.objects.filter(seen=40).exists() and shop.pages_read == 3)
        lease_runs_out()
        shop.halts_at, shop.numbers = None, shop.numbers[:59]
        assert ingest(provider) == 1
        shop.halt.set()
    first, second = CatalogueRun.objects.order_by("pk")
    assert (first.state, first.error, first.seen) == (RunEnd.BROKEN, runs.DIED, 40)
    assert (second.state, second.seen) == (RunEnd.COMPLETE, 59)
    assert len(listed(provider)) == 59, "what the first one still held in its hands was dropped"


@pytest.fixture(scope="module")
def nursery(django_db_setup: None) -> Iterator[subprocess.Popen[str]]:
    """Forks ingests on our database. Where the shop is, it is told with each step."""
    environment = os.environ | {
        "DATABASE_URL": "postgres://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**connection.settings_dict),
        "REDIS_URL": "redis://127.0.0.1:9/0",
    }
    command = [sys.executable, "-m", "tests.inventory.catalogue.dying"]
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    ) as process:
        yield process
        process.terminate()


def begin_to_die(nursery: subprocess.Popen[str], step: str) -> int:
    """The process id of an ingest that is under way."""
    assert nursery.stdin
    assert nursery.stdout
    nursery.stdin.write(f"{settings.SANDBOX_URL} {step}\n")
    return int(nursery.stdout.readline())


def died(nursery: subprocess.Popen[str]) -> bool:
    """Whether it was killed; waits for it."""
    assert nursery.stdout
    return nursery.stdout.readline().strip() == str(-signal.SIGKILL)


@pytest.mark.parametrize("step", STEPS)
def test_an_ingest_that_is_killed_withdraws_all_or_nothing_and_the_next_one_ends_it(
    shop: Shop, provider: Provider, nursery: subprocess.Popen[str], step: str
) -> None:
    read(provider)
    make_due(provider)
    kept = shop.numbers[5:]
    shop.numbers = kept
    begin_to_die(nursery, step)
    assert died(nursery), "it never came to this step"
    assert ListedOffer.objects.exclude(withdrawn_at=None).count() in (0, 5)
    lease_runs_out()
    again = read(provider)
    assert (again.state, again.seen) == (RunEnd.COMPLETE, 55)
    assert listed(provider) == kept
    assert not CatalogueRun.objects.filter(state=RunEnd.RUNNING).exists()


def test_an_ingest_that_is_killed_between_two_pages_withdraws_nothing(
    shop: Shop, provider: Provider, nursery: subprocess.Popen[str]
) -> None:
    read(provider)
    make_due(provider)
    shop.numbers, shop.halts_at = [*shop.numbers[10:], 14155550190], 2
    child = begin_to_die(nursery, "-")
    until(lambda: CatalogueRun.objects.filter(state=RunEnd.RUNNING, seen=40).exists())
    os.kill(child, signal.SIGKILL)
    assert died(nursery)
    shop.halts_at = None
    shop.halt.set()
    assert len(listed(provider)) == 60
    assert ingest(provider) == 0, "its lease is still good"
    lease_runs_out()
    run = read(provider)
    assert (run.state, run.withdrawn, run.new) == (RunEnd.COMPLETE, 10, 1)
    assert CatalogueRun.objects.get(state=RunEnd.BROKEN).error == runs.DIED


def test_of_two_who_decide_about_a_held_run_one_does(shop: Shop, provider: Provider) -> None:
    read(provider)
    shop.numbers = []
    run = read(provider)
    refused: list[RunIsNotHeld] = []
    barrier = threading.Barrier(4)

    def decide(verb: Callable[..., object]) -> None:
        barrier.wait(PATIENCE)
        try:
            verb(run=run, actor="user:anna", reason="sure")
        except RunIsNotHeld as error:
            refused.append(error)

    verbs = [withdrawing.confirm, withdrawing.discard] * 2
    with beside(lambda: decide(verbs[0])), beside(lambda: decide(verbs[1])), beside(lambda: decide(verbs[2])):
        decide(verbs[3])
    run.refresh_from_db()
    assert len(refused) == 3
    assert (run.state, len(listed(provider))) in {(RunEnd.CONFIRMED, 0), (RunEnd.DISCARDED, 60)}


def test_who_takes_a_page_in_and_who_confirms_a_run_do_not_wait_for_each_other_for_ever(
    provider: Provider,
) -> None:
    """The rows lie in the table in another order than their numbers: a sweep that locks them as they lie has the high
    one when it wants the low one."""
    low, high = 14155550100, 14155550101
    kind = {"provider": provider, "country": "US", "number_type": "local"}
    for digits in (high, low):
        ListedOffer.objects.create(e164=digits, **kind, capabilities=1, monthly_cost=1, currency="USD")
    run = CatalogueRun.objects.create(**kind, state=RunEnd.HELD, ended_at=timezone.now(), error="nothing was seen")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE inventory_listedoffer")  # so few are read as they lie
    in_order = ListedOffer.objects.select_for_update()
    begun = threading.Event()

    def confirm() -> None:
        begun.wait(PATIENCE)
        withdrawing.confirm(run=run, actor="user:anna", reason="sold out")

    with beside(confirm), transaction.atomic():
        in_order.get(e164=low)
        begun.set()
        until(somebody_waits)
        in_order.get(e164=high)
    assert listed(provider) == []
