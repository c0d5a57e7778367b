"""A stock that shows the console at work: several countries, numbers in every state, and things that went wrong.

Committed whole, unlike the stock of `tests.console.conftest`: a browser reads it over another connection.
"""

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

from django.db import transaction
from django.utils import timezone

from inventory.lifecycle import State
from inventory.models import (
    AlphaRelief,
    BlockReason,
    DailyContact,
    FeedDay,
    FeedReport,
    LifecycleEntry,
    PhoneNumber,
    Provider,
    ProviderOrder,
    SaleStop,
    Sku,
    SkuState,
    StockTarget,
    WaitlistEntry,
)
from inventory.models.quarantine import QuarantineSource
from inventory.quarantine import overrides
from inventory.quarantine.nights.alone import decide_alone
from inventory.quarantine.nights.stretches import morning
from inventory.quarantine.stays import enter, leave
from inventory.services import blocks
from inventory.services.transition import move
from testing_lab.models import Incident, Outcome, Result, RunState, SuiteRun
from testing_lab.registry import all_tests
from tests.factories import DidFactory, HoldFactory, NumberFactory, ProviderFactory

KIND = {"country": "US", "number_type": "local"}


@transaction.atomic
def console_stock() -> SimpleNamespace:
    """`resting`, `on_sale`, `failed`, `in_service`, `blocked`, `returned`: numbers to look at."""
    provider = ProviderFactory.create(name="Tern Wholesale")
    on_sale = _with_a_life(provider)
    for first in (493_012_345_600, 442_079_460_000, 33_142_345_600):
        NumberFactory.create_batch(3, provider=provider, e164=_from(first))
    HoldFactory.create()
    stock = SimpleNamespace(
        on_sale=on_sale,
        resting=_resting(provider),
        failed=_failed(provider),
        in_service=DidFactory.create(account__friendly_name="Ada's shop", number__provider=provider).number,
        blocked=NumberFactory.create(provider=provider),
        returned=NumberFactory.create(sourced=True, state=State.RETURNED, provider=provider),
    )
    blocks.place(number=stock.blocked, reason=BlockReason.FRAUD, actor="user:ops", note="robocalls")
    _troubles(provider)
    _aims(provider)
    _moves(stock.returned)
    return stock


def _from(first: int) -> Any:
    from factory.declarations import Sequence

    return Sequence(lambda n: first + n % 100)  # type: ignore[no-untyped-call]


def _with_a_life(provider: Provider) -> PhoneNumber:
    """Received, tested, watched, on sale; its passport shows every test of the suite."""
    found = NumberFactory.create(sourced=True, provider=provider)
    now = timezone.now()
    tested = {"passport_expires_at": now + timedelta(days=30), "due_at": now + timedelta(days=1)}
    move(found.pk, "start_tests", actor="sweep:sourced", reason="received")
    move(found.pk, "pass_tests", actor="lab:test", reason="every test passed", changes=tested)
    enter(found, source=QuarantineSource.ONBOARDED_NEW, since=now - timedelta(days=8))
    clean = {"cleared_at": now, "due_at": now + timedelta(days=27)}
    move(found.pk, "clear", actor="sweep:quarantine", reason="no contact", changes=clean)
    leave(found, verdict="no contact", now=now)
    _run(found, passed=True)
    return PhoneNumber.objects.get(pk=found.pk)


def _run(number: PhoneNumber, *, passed: bool) -> None:
    now = timezone.now()
    done = {"state": RunState.DONE, "started_at": now, "finished_at": now}
    run = SuiteRun.objects.create(number=number, passed=passed, attempt=1, **done)
    for nth, test in enumerate(sorted(all_tests(), key=lambda test: test.code)):
        is_bad = not passed and nth in (2, 5)
        outcome = Outcome.FAIL if is_bad else Outcome.NOT_APPLICABLE if nth % 9 == 8 else Outcome.PASS
        found = {"value": 4.12, "unit": test.unit, "limit": ">= 4.0"} if nth % 3 == 0 else {}
        Result.objects.create(run=run, attempt=1, code=test.code, outcome=outcome, detail="no ring" * is_bad, **found)


def _failed(provider: Provider) -> PhoneNumber:
    number: PhoneNumber = NumberFactory.create(failed=True, provider=provider)
    _run(number, passed=False)
    return number


def _resting(provider: Provider) -> PhoneNumber:
    """Given back 40 days ago; calls came, ever fewer; nobody listened for three days."""
    today, number = timezone.now().date(), NumberFactory.create(quarantined=True, provider=provider)
    for ago in range(1, 60):
        FeedDay.objects.create(day=today - timedelta(days=ago), healthy=ago not in (12, 13, 14))
    stay = enter(number, source=QuarantineSource.RELEASED, since=timezone.now() - timedelta(days=40))
    for ago in range(40, 4, -1):
        calls = max(0, ago // 8 - ago % 3)
        if calls:
            came = {"voice": calls, "sms": ago % 2, "distinct_callers": calls}
            DailyContact.objects.create(number=number, day=today - timedelta(days=ago), **came)
    decide_alone(stay, morning(timezone.now()))
    for days in (3, 5, 12):
        other = NumberFactory.create(quarantined=True, provider=provider)
        began = timezone.now() - timedelta(days=40 + days)
        decide_alone(enter(other, source=QuarantineSource.RELEASED, since=began), morning(timezone.now()))
    held = NumberFactory.create(quarantined=True, provider=provider)
    of_held = enter(held, source=QuarantineSource.RELEASED, since=timezone.now())
    overrides.force_hold(stay=of_held, until=today + timedelta(days=30), actor="user:ops", reason="nuisance calls")
    return number


def _troubles(provider: Provider) -> None:
    now = timezone.now()
    long_ago = now - timedelta(hours=5)
    Incident.objects.create(
        provider=provider,
        country="DE",
        evidence=[{}],
        began_at=long_ago,
        opened_at=long_ago,
        statistic=12,
        threshold=11,
    )
    SaleStop.objects.create(provider=provider, country="DE", placed_by="lab:canary", reason="outage", since=long_ago)
    order = {"provider": provider, "last_error": "503 from the carrier", "created_at": now - timedelta(days=20)}
    ProviderOrder.objects.create(key="ny-1", **KIND, **order)
    AlphaRelief.objects.create(
        **KIND, alpha=0.2, expires_at=now + timedelta(days=9), actor="user:ops", reason="sold out"
    )
    FeedReport.objects.create(day=now.date() - timedelta(days=4), feed="switch", healthy=True)


def _aims(provider: Provider) -> None:
    """The last night's reorder points, a target, and somebody who waits."""
    for country, least, daily in (("US", 3, 0.4), ("GB", 40, 1.5), ("ES", 4, 0.1)):
        sku = Sku.objects.create(country=country, number_type="local")
        sums = {"n": 1, "q": 1, "q2": 1, "e": 1, "level": 0.98, "floor": 2, "as_of": date(2026, 1, 1)}
        SkuState.objects.create(sku=sku, s=least, up_to=least + 9, terms={"daily": daily}, **sums)
    StockTarget.objects.create(country="FR", number_type="local", quantity=3)
    StockTarget.objects.create(country="AT", number_type="local", quantity=5)
    wish = {"quantity": 4, "mode": "notify", "expires_at": timezone.now() + timedelta(days=9)}
    account = DidFactory.create(number__provider=provider).account
    WaitlistEntry.objects.create(account=account, country="GB", number_type="local", **wish)


def _moves(number: PhoneNumber) -> None:
    """Of the last two weeks: so that the chart of what came in and went out has something to draw."""
    now, ways = timezone.now(), (("", "SOURCED"), ("IN_SERVICE", "RELEASED"), ("RESERVED", "IN_SERVICE"))
    LifecycleEntry.objects.bulk_create(
        LifecycleEntry(
            number=number,
            verb="import",
            source=source,
            target=target,
            actor="import:past",
            at=now - timedelta(days=ago),
        )
        for ago in range(2, 14)
        for nth, (source, target) in enumerate(ways)
        for _ in range((ago * (nth + 3)) % 7)
    )
