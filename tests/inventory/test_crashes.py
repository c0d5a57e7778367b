"""A worker is killed at every step of buying and of giving back. The sweeps of the next one put everything right."""

import os
import signal
import subprocess
import sys

import pytest
from django.db import connection

from inventory.models import LifecycleEntry, LineState, PhoneNumber, ProviderOrder, ProviderOrderLine, ProviderRelease
from inventory.services import sourcing
from numbering.types import NumberType
from tests.inventory.conftest import Seller, settle_all_orders, settle_all_releases, stock

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


def die_at(step: str, seller: Seller) -> None:
    """Let a worker run on our database and our carrier until it is killed at this step."""
    database = connection.settings_dict
    environment = os.environ | {
        "DATABASE_URL": "postgres://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**database),
        "SANDBOX_URL": seller.process.http_url,
        "SANDBOX_API_KEY": seller.process.api_key,
        "REDIS_URL": "redis://127.0.0.1:9/0",  # no broker either: every nudge is lost
    }
    worker = subprocess.run(
        [sys.executable, "-m", "tests.inventory.dying", step],
        env=environment,
        check=False,
        capture_output=True,
        timeout=60,
    )
    assert worker.returncode == -signal.SIGKILL, worker.stderr.decode()


def recover() -> None:
    """What the sweeps do after the restart."""
    settle_all_orders()
    settle_all_releases()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("step", STEPS)
def test_a_killed_worker_leaves_no_orphan_no_ghost_and_no_double(seller: Seller, step: str) -> None:
    die_at(step, seller)
    recover()
    assert stock() == seller.billed(), "an orphan is billed and not in stock, a ghost the other way round"
    assert all(len(seller.orders(key)) <= 1 for key in ProviderOrder.objects.values_list("key", flat=True))
    assert not ProviderOrderLine.objects.filter(state=LineState.WANTED).exists()
    assert not ProviderRelease.objects.filter(next_attempt_at__isnull=False).exists()
    births = LifecycleEntry.objects.filter(verb="source").values_list("number", flat=True)
    assert sorted(births) == sorted(PhoneNumber.objects.values_list("pk", flat=True))


@pytest.mark.django_db(transaction=True)
def test_after_a_crash_the_same_quantity_asked_again_comes_once(seller: Seller) -> None:
    die_at("inventory.providers.sandbox:SandboxProvider.order after", seller)
    sourcing.ask(country="US", number_type=NumberType.LOCAL, quantity=3, provider=seller.provider)
    recover()
    assert len(stock()) == 6
    assert stock() == seller.billed()
