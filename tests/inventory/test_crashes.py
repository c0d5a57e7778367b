"""A worker is killed at every step of buying and of giving back. The sweeps of the next one put everything right."""

import signal
import subprocess
from collections.abc import Iterator

import pytest

from inventory.models import LifecycleEntry, LineState, PhoneNumber, ProviderOrder, ProviderOrderLine, ProviderRelease
from inventory.services import sourcing
from numbering.types import NumberType
from tests.carrier import RunningCarrier
from tests.inventory.conftest import Seller, mortal_workers, settle_all_orders, settle_all_releases, stock

SHARES = 4  # tests that go through all crossings together, each on a worker of pytest's
FEWEST_CROSSINGS = 40  # of a worker that buys three numbers and gives one back
STEPS = [
    "inventory.services.sourcing:_write before",
    "inventory.services.sourcing:_write after",
    "inventory.services.sourcing:_intend after",
    "inventory.intents:claim after",
    "inventory.providers.sandbox:SandboxProvider.order before",
    "inventory.providers.sandbox:SandboxProvider.order after",
    "inventory.services.receiving:_birth after",
    "inventory.services.settling:receive after",
    "inventory.services.settling:_record after",
    "inventory.services.provider_releases:intend after",
    "inventory.services.provider_releases:retire after",
    "inventory.providers.sandbox:SandboxProvider.release before",
    "inventory.providers.sandbox:SandboxProvider.release after",
    "inventory.services.provider_releases:_requested after",
    "inventory.providers.sandbox:SandboxProvider.holding after",
    "inventory.services.provider_releases:_close before",
]


@pytest.fixture(scope="module")
def worker(carrier_process: RunningCarrier, django_db_setup: None) -> Iterator[subprocess.Popen[str]]:
    """They start once."""
    with mortal_workers("tests.inventory.dying", carrier_process) as process:
        yield process


def dies_at(step: str, worker: subprocess.Popen[str]) -> bool:
    """Let a worker work until it is killed at this step; False when it came to the end of its work."""
    assert worker.stdin
    assert worker.stdout
    worker.stdin.write(f"{step}\n")
    ended_by = int(worker.stdout.readline())
    assert ended_by in (-signal.SIGKILL, 0)
    return ended_by != 0


def die_at(step: str, worker: subprocess.Popen[str]) -> None:
    """Let a worker work until it is killed at this step."""
    assert dies_at(step, worker), "it never came to this step"


def recover() -> None:
    """What the sweeps do after the restart."""
    settle_all_orders()
    settle_all_releases()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("step", STEPS)
def test_a_killed_worker_leaves_no_orphan_no_ghost_and_no_double(
    seller: Seller, worker: subprocess.Popen[str], step: str
) -> None:
    die_at(step, worker)
    recover()
    assert_books_agree(seller)


def assert_books_agree(seller: Seller) -> None:
    """Ours and the carrier's: whatever was begun has ended, once."""
    assert stock() == seller.billed(), "an orphan is billed and not in stock, a ghost the other way round"
    assert all(len(seller.orders(key)) <= 1 for key in ProviderOrder.objects.values_list("key", flat=True))
    assert not ProviderOrder.objects.filter(next_attempt_at__isnull=False).exists()
    assert not ProviderOrderLine.objects.filter(state=LineState.WANTED).exists()
    assert not ProviderRelease.objects.filter(next_attempt_at__isnull=False).exists()
    births = LifecycleEntry.objects.filter(verb="source").values_list("number", flat=True)
    assert sorted(births) == sorted(PhoneNumber.objects.values_list("pk", flat=True))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("first", range(1, SHARES + 1))
def test_killed_before_any_statement_commit_or_request_it_is_the_same(
    seller: Seller, worker: subprocess.Popen[str], first: int
) -> None:
    """Every step of both sagas, whatever they are made of: one worker after another dies a few crossings later than the
    one before, until one comes to the end of its work. Each share has the crossings that the others leave out."""
    crossing = first
    while dies_at(f"crossing {crossing}", worker):
        recover()
        assert_books_agree(seller)
        crossing += SHARES
    assert crossing > FEWEST_CROSSINGS, "the workers did not do their work"
    assert_books_agree(seller)


@pytest.mark.django_db(transaction=True)
def test_of_two_askings_and_a_crash_each_comes_once(seller: Seller, worker: subprocess.Popen[str]) -> None:
    die_at("inventory.providers.sandbox:SandboxProvider.order after", worker)
    sourcing.ask(country="US", number_type=NumberType.LOCAL, quantity=3, provider=seller.provider)
    recover()
    assert len(stock()) == 6
    assert stock() == seller.billed()
