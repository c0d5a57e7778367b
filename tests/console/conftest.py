"""People who try the console, and a stock with everything that a page may show."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from django.utils import timezone

from accounts.models import Account, RoleChange, User
from accounts.services.credentials import issue_key
from compliance.lifecycle import BundleState
from compliance.models import (
    AgingRule,
    Bundle,
    BundleView,
    DecryptGrant,
    DocumentView,
    NumberTypeRule,
    RetentionPolicy,
    ReviewPolicy,
    RolloutPolicy,
    SightRequest,
    SupportingDocument,
)
from compliance.services import erasure, holds
from inventory.bulk import runs
from inventory.catalogue import stops
from inventory.filings.freezing import freeze
from inventory.lifecycle import State
from inventory.models import (
    AlphaRelief,
    BlockReason,
    BulkVerb,
    CatalogueRun,
    DailyContact,
    DemandEvent,
    Discrepancy,
    DiscrepancyKind,
    FeedDay,
    FilingKind,
    Honesty,
    HonestySource,
    Invoice,
    InvoiceLine,
    LimitChange,
    ListedOffer,
    Misbilling,
    MisbillingKind,
    PhoneNumber,
    PriceChange,
    Provider,
    ProviderOrder,
    ProviderOrderLine,
    ProviderRelease,
    QuarantineFitting,
    QuarantineModel,
    RunEnd,
    SaleStop,
    Sku,
    StockTarget,
    SupplyTerms,
    Tariff,
    UnwantedKind,
    WaitlistEntry,
    WaitlistOffer,
    WaitlistServing,
)
from inventory.models.drift_case import DriftCase, DriftFinder
from inventory.models.quarantine import QuarantineSource
from inventory.quarantine import overrides, reports, versions
from inventory.quarantine.stays import enter, leave
from inventory.services import blocks
from inventory.services.transition import move
from inventory.shelves import nights, selling_ahead
from inventory.shelves.stock import Market
from inventory.yard.countries import countries
from inventory.yard.reading import yard
from numbering.models import Place
from testing_lab.models import Evidence, Incident, IncidentEntry, Outcome, Result, RunState, SuiteRun, Trunk
from testing_lab.services.limits import load_limits
from tests.factories import (
    AllocationFactory,
    BundleFactory,
    DidFactory,
    EndUserFactory,
    HoldFactory,
    NumberFactory,
    ProviderFactory,
    UserFactory,
    loaded,
)


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    """What a process remembers of the stock is another test's."""
    yield
    yard.forget()
    countries.forget()


@pytest.fixture
def staff_user(db: None) -> User:
    return User.objects.create_superuser("staff@example.com", "password")


@pytest.fixture
def staff(staff_user: User) -> Client:
    """Signed in, with every permission."""
    client = Client()
    client.force_login(staff_user)
    return client


@pytest.fixture
def customer(db: None) -> Client:
    """Signed in to the portal, and no member of staff."""
    client = Client()
    client.force_login(UserFactory.create())
    return client


@pytest.fixture
def number(db: None) -> PhoneNumber:
    """Received, tested, watched, and on sale since a moment."""
    found = NumberFactory.create(sourced=True, provider=ProviderFactory.create())
    now = timezone.now()
    tested = {"passport_expires_at": now + timedelta(days=30), "due_at": now + timedelta(days=1)}
    clean = {"cleared_at": now, "due_at": now + timedelta(days=27)}
    move(found.pk, "start_tests", actor="sweep:sourced", reason="received")
    move(found.pk, "pass_tests", actor="lab:test", changes=tested)
    enter(found, source=QuarantineSource.ONBOARDED_NEW, since=now - timedelta(days=8))
    move(found.pk, "clear", actor="sweep:quarantine", reason="no contact", changes=clean)
    leave(found, verdict="no contact", now=now)
    return PhoneNumber.objects.get(pk=found.pk)


@pytest.fixture
def stuck_run(db: None) -> SuiteRun:
    """Four attempts, none conclusive; the last one with its evidence."""
    run = SuiteRun.objects.create(
        number=NumberFactory.create(testing=True), state=RunState.STUCK, attempt=4, note="inconclusive: V05"
    )
    trace = "INVITE sip:+14155550000@127.0.0.1 SIP/2.0\r\nSubject: <script>alert(1)</script>"
    evidence = Evidence.objects.create(run=run, attempt=4, exchange="InboundCall", trace=trace, packets={"loss": 0})
    Result.objects.create(
        run=run,
        attempt=4,
        code="V05",
        outcome=Outcome.INCONCLUSIVE,
        limit=">= 4.0",
        detail="no packets",
        evidence=evidence,
    )
    return run


@pytest.fixture
def everything(number: PhoneNumber, stuck_run: SuiteRun, staff_user: User) -> dict[str, str]:
    """At least one row of every model that the console shows; the secrets that no page may show, by name."""
    did = DidFactory.create()
    issued = issue_key(did.account, "Laptop")
    provider = Provider.objects.get(numbers=number)
    HoldFactory.create()
    enter(number, source=QuarantineSource.ONBOARDED_NEW, since=number.created_at)
    leave(number, verdict="no contact", now=timezone.now())
    _quarantine()
    blocks.place(number=number, reason=BlockReason.FRAUD, actor="user:staff@example.com", note="robocalls")
    DailyContact.objects.create(number=number, day=timezone.now().date(), voice=3, distinct_callers=2)
    freeze(FilingKind.NRUF, last_day=date(2026, 6, 30), actor="user:staff@example.com")
    target = StockTarget.objects.create(country="US", number_type="local", quantity=5, provider=provider)
    order = ProviderOrder.objects.create(
        key="ny-1",
        provider=provider,
        target=target,
        country="US",
        number_type="local",
        last_error="503 from the carrier",
    )
    ProviderOrderLine.objects.create(
        order=order, e164=14155559999, capabilities=3, monthly_cost=Decimal("0.80"), currency="USD"
    )
    back = NumberFactory.create(sourced=True, state=State.RETURNED, provider=provider)
    ProviderRelease.objects.create(key="ny-2", number=back)
    Provider.objects.filter(pk=provider.pk).update(orphans=1, audited_at=timezone.now())
    Discrepancy.objects.create(provider=provider, kind=DiscrepancyKind.ORPHAN, e164=14155559998)
    Tariff.objects.create(
        country="US", number_type="local", setup_price=0, monthly_price=Decimal("1.15"), currency="USD"
    )
    _of_staff(staff_user, number, back)
    DriftCase.objects.create(number=back, found_by=DriftFinder.SUITE, declared=3, tested=1, observed=0)
    _invoice(provider)
    _shelf(provider)
    _waitlist(did.account)
    AllocationFactory.create(size=10_000, first=14156680000)
    _outage(provider)
    _catalogue(provider)
    _rules(staff_user)
    BundleFactory.create(state=BundleState.PENDING_REVIEW)
    ReviewPolicy.objects.create(country="DE", four_eyes=True, valid_from=timezone.now().date(), set_by="user:ops")
    _private_data(staff_user)
    return {
        "auth token": did.account.auth_token,
        "key": issued.secret,
        "password": staff_user.password,
        "trunk": "a-trunk-password",
    }


def _of_staff(staff_user: User, *numbers: PhoneNumber) -> None:
    """A bulk run that nobody has begun, and somebody who was given a role."""
    RoleChange.objects.create(user=UserFactory.create(), by=staff_user, after=["viewer"], reason="new here")
    runs.draft(verb=BulkVerb.BLOCK, numbers=[number.pk for number in numbers], user=staff_user)


def _quarantine() -> None:
    """A person's word."""
    resting = NumberFactory.create(quarantined=True)
    stay = enter(resting, source=QuarantineSource.RELEASED, since=timezone.now())
    tomorrow = timezone.now().date() + timedelta(days=1)
    overrides.force_hold(stay=stay, until=tomorrow, actor="user:ops", reason="nuisance calls")
    FeedDay.objects.create(day=tomorrow - timedelta(days=2), healthy=True)
    who: dict[str, Any] = {"actor": "user:ops", "reason": "sold out"}
    AlphaRelief.objects.create(
        country="US", number_type="local", alpha=0.2, expires_at=timezone.now() + timedelta(days=9), **who
    )
    same = {"earliest_was": stay.earliest_at, "earliest_is": stay.earliest_at, "rule_was": stay.rule}
    fit = QuarantineModel.objects.create(version="one", document={}, stays=1000, rows=9000)
    versions.activate(fit=fit, actor="user:ops", reason="better")
    QuarantineFitting.objects.create(ended_at=timezone.now() + timedelta(seconds=9), finished=1000, fit=fit)
    LimitChange.objects.create(stay=stay, **same, rule_is="aging:US", **who)
    reports.report(did=DidFactory.create(), kind=UnwantedKind.CALLS, a_day=3)


def _private_data(staff_user: User) -> None:
    """Somebody looked, something is held, somebody was erased."""
    bundle = Bundle.objects.latest("pk")
    document = SupportingDocument.objects.get(assignments__bundle=bundle)
    later = timezone.now() + timedelta(hours=1)
    grant = DecryptGrant.objects.create(document=document, user=staff_user, reason="review", expires_at=later)
    DocumentView.objects.create(grant=grant, user=staff_user, what="preview", seen_from="192.0.2.7")
    BundleView.objects.create(bundle=bundle, user=staff_user)
    SightRequest.objects.create(document=document, asked_by=staff_user, reason="customer", note="case 16")
    holds.place(bundle.sid, actor="user:ops", reason="case 17")
    erasure.erase(EndUserFactory.create(), actor="user:ops", reason="case 18")
    RetentionPolicy.objects.create(
        country="DE",
        clock="rejected",
        days=30,
        source="our policy",
        valid_from=timezone.now().date(),
        set_by="user:ops",
    )


def _invoice(provider: Provider) -> None:
    """Ours is not in it, and a stranger is."""
    month = timezone.now().date().replace(day=1)
    invoice = Invoice.objects.create(
        provider=provider, period=month, file_name="october.csv", digest="0" * 64, imported_by="user:ops", misbilled=1
    )
    line = InvoiceLine.objects.create(
        invoice=invoice, line=2, e164=14155559998, charge="monthly", amount=Decimal("1.15"), currency="USD"
    )
    Misbilling.objects.create(
        invoice=invoice, kind=MisbillingKind.ORPHAN, e164=14155559998, line=line, amount=line.amount, currency="USD"
    )


def _shelf(provider: Provider) -> None:
    """What was asked for led to a proposal, which waits for staff; and somebody wants more than the shelf holds."""
    day = timezone.now().date()
    sku = Sku.objects.create(country="US", number_type="local", area_code="415", cost_limit=1)
    SupplyTerms.objects.create(provider=provider, country="US", number_type="local", monthly_cost=1)
    DemandEvent.objects.create(
        key="purchase:PN1",
        country="US",
        number_type="local",
        capabilities=3,
        kind="purchase",
        units_requested=5,
        units_filled=5,
    )
    nights.close(Market(sku.country, sku.number_type), day)
    selling_ahead.take(sku=sku, quantity=200, reference="PO 7", actor="user:ops")


def _waitlist(account: Account) -> None:
    """Served once, and waiting for more."""
    later = timezone.now() + timedelta(days=1)
    entry = WaitlistEntry.objects.create(
        account=account, country="US", number_type="local", area_code="415", quantity=2, mode="notify", expires_at=later
    )
    serving = WaitlistServing.objects.create(entry=entry, next_at=later, attempts=1, last_error="answered 500")
    WaitlistOffer.objects.create(serving=serving, number=NumberFactory.create())


def _catalogue(provider: Provider) -> None:
    """A list that was read and is held, an offer of it, and what is known of its honesty."""
    kind: dict[str, Any] = {"provider": provider, "country": "US", "number_type": "local"}
    now = timezone.now()
    said: dict[str, Any] = {"capabilities": 3, "monthly_cost": Decimal("0.80"), "currency": "USD"}
    ListedOffer.objects.create(**kind, **said, e164=14155559997, area_code="415", locality="Oakland")
    run = CatalogueRun.objects.create(
        **kind, state=RunEnd.HELD, seen=1, expected=60, missing=59, ended_at=now, error="59 of 60 were not seen"
    )
    before = {"cost_before": Decimal("0.80"), "currency_before": "USD"}
    PriceChange.objects.create(run=run, **before, monthly_cost=Decimal("0.90"), currency="USD", numbers=1)
    Honesty.objects.create(
        provider=provider, country="GB", day=now.date(), source=HonestySource.SAMPLE, listed=50, purchasable=30
    )
    stops.place(provider=provider, country="GB", actor="sweep:honesty", reason="30 of 50 could be bought")


def _outage(provider: Provider) -> None:
    began = {"began_at": timezone.now(), "statistic": 12.9, "threshold": 11.5}
    SaleStop.objects.create(provider=provider, country="DE", placed_by="user:ops", reason="unpaid bill")
    Trunk.objects.create(name="second", preference=2, username="lab", password="a-trunk-password")
    incident = Incident.objects.create(provider=provider, country="IE", evidence=[{"passed": False}], **began)
    IncidentEntry.objects.create(incident=incident, actor="lab:canary", what="opened")


def _rules(staff_user: User) -> None:
    today = timezone.now().date()
    load_limits()
    loaded("DE")
    RolloutPolicy.objects.create(country="DE", valid_from=today, set_by="user:anna")
    AgingRule.objects.create(country="US", minimum_days=45, maximum_days=90, confidence="documented", valid_from=today)
    NumberTypeRule.objects.create(
        country="US",
        number_type="local",
        address_requirement="none",
        confidence="documented",
        enforced=True,
        needs_bundle=False,
        valid_from=today,
    )
    Place.objects.create(
        id=1,
        country="US",
        name="Testville",
        normalised_name="testville",
        region="CA",
        granularity="locality",
        source="libphonenumber",
    )
    LogEntry.objects.create(
        user=staff_user,
        content_type=ContentType.objects.get_for_model(PhoneNumber),
        object_id="1",
        object_repr="+14155550000",
        action_flag=CHANGE,
        change_message="Block: robocalls",
    )
