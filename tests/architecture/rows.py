"""One sound row of each table that has a constraint, for `test_constraints` to spoil."""

import datetime as dt
from typing import Any

from django.utils import timezone

from accounts.models import Account, ApiKey, Membership, User
from accounts.services.credentials import issue_key
from api.models import RememberedRequest
from compliance.models import AgingRule, NumberTypeRule
from inventory.models import (
    Assignment,
    BlockReason,
    DailyContact,
    Did,
    Discrepancy,
    DiscrepancyKind,
    DriftCase,
    DriftFinder,
    Hold,
    LifecycleEntry,
    LineState,
    NumberBlock,
    PhoneNumber,
    Provider,
    ProviderOrder,
    ProviderOrderLine,
    ProviderRelease,
    Quarantine,
    Reservation,
    SaleStop,
    StockTarget,
    Tariff,
)
from inventory.models.quarantine import QuarantineSource
from inventory.quarantine import stays
from inventory.services import blocks, provider_releases, sale_stops
from inventory.services.transition import record_birth
from numbering.models import Place, PlacePrefix
from testing_lab import limits
from testing_lab.models import (
    Evidence,
    Incident,
    IncidentEntry,
    Limit,
    Outcome,
    Passport,
    Recording,
    Result,
    Sample,
    SuiteRun,
    Trunk,
    VerdictOverride,
    Why,
)
from tests.factories import AccountFactory, DidFactory, HoldFactory, NumberFactory, ProviderFactory, UserFactory

US_LOCAL = {"country": "US", "number_type": "local"}
NEW_YEAR = dt.date(2026, 1, 1)


def place() -> Place:
    row, _ = Place.objects.get_or_create(
        id=1,
        defaults={
            "country": "US",
            "name": "Oakland",
            "normalised_name": "oakland",
            "region": "CA",
            "granularity": "locality",
            "source": "libphonenumber",
        },
    )
    return row


def place_prefix() -> PlacePrefix:
    return PlacePrefix.objects.create(prefix=1510, country="US", place=place())


def account() -> Account:
    row: Account = AccountFactory.create()
    return row


def api_key() -> ApiKey:
    return issue_key(account()).key


def user() -> User:
    row: User = UserFactory.create()
    return row


def membership() -> Membership:
    return Membership.objects.create(user=user(), account=account())


def aging_rule() -> AgingRule:
    return AgingRule.objects.create(country="US", confidence="law", valid_from=NEW_YEAR)


def number_type_rule() -> NumberTypeRule:
    return NumberTypeRule.objects.create(
        **US_LOCAL, address_requirement="none", confidence="law", enforced=True, valid_from=NEW_YEAR
    )


def provider() -> Provider:
    row: Provider = ProviderFactory.create(adapter="")
    return row


def number() -> PhoneNumber:
    """On sale."""
    row: PhoneNumber = NumberFactory.create()
    return row


def sourced() -> PhoneNumber:
    row: PhoneNumber = NumberFactory.create(sourced=True)
    return row


def did() -> Did:
    row: Did = DidFactory.create()
    return row


def served() -> PhoneNumber:
    return did().number


def assignment() -> Assignment:
    return did().assignments.get()


def reservation() -> Reservation:
    return hold().reservation


def hold() -> Hold:
    row: Hold = HoldFactory.create()
    return row


def block() -> NumberBlock:
    return blocks.place(number=number(), reason=BlockReason.FRAUD, actor="user:staff")


def contacts() -> DailyContact:
    return DailyContact.objects.create(number=number(), day=NEW_YEAR)


def discrepancy() -> Discrepancy:
    return Discrepancy.objects.create(provider=provider(), kind=DiscrepancyKind.GHOST, e164=14155550123)


def drift_case() -> DriftCase:
    return DriftCase.objects.create(number=number(), found_by=DriftFinder.SUITE, declared=3, tested=1, observed=0)


def entry() -> LifecycleEntry:
    row = sourced()
    record_birth([row], actor="import:test", reason="")
    return row.ledger.get()


def target() -> StockTarget:
    return StockTarget.objects.create(**US_LOCAL, quantity=1)


def target_at_a_provider() -> StockTarget:
    return StockTarget.objects.create(**US_LOCAL, quantity=1, provider=provider())


def tariff() -> Tariff:
    return Tariff.objects.create(**US_LOCAL, setup_price=0, monthly_price=1, currency="USD")


def order() -> ProviderOrder:
    return ProviderOrder.objects.create(**US_LOCAL, key="ny-1", provider=provider())


def line(state: LineState = LineState.WANTED) -> ProviderOrderLine:
    return ProviderOrderLine.objects.create(
        order=order(), e164=14155550123, state=state, capabilities=1, monthly_cost=1, currency="USD"
    )


def refused_line() -> ProviderOrderLine:
    return line(LineState.REFUSED)


def release() -> ProviderRelease:
    row = NumberFactory.create(sourced=True, provider=ProviderFactory.create())
    provider_releases.retire(row.pk, actor="user:staff", reason="too many")
    return ProviderRelease.objects.get(number=row)


def stay() -> Quarantine:
    """Its number is in quarantine."""
    row = NumberFactory.create(quarantined=True)
    return stays.enter(row, source=QuarantineSource.RELEASED, since=timezone.now())


def limit() -> Limit:
    row = Limit.of(limits.stock()[0])
    row.save()
    return row


def sale_stop() -> SaleStop:
    return sale_stops.place(provider=provider(), country="US", actor="test", reason="out")


def sample() -> Sample:
    now = timezone.now()
    return Sample.objects.create(provider=provider(), country="US", why=Why.NIGHTLY, slot=now, size=5)


def incident() -> Incident:
    fields: dict[str, Any] = {"began_at": timezone.now(), "statistic": 12.5, "threshold": 11.5, "evidence": []}
    return Incident.objects.create(provider=provider(), country="US", **fields)


def incident_entry() -> IncidentEntry:
    return IncidentEntry.objects.create(incident=incident(), actor="test", what="opened")


def suite_run() -> SuiteRun:
    return SuiteRun.objects.create(number=NumberFactory.create(testing=True))


def trunk() -> Trunk:
    return Trunk.objects.create(name="first", preference=1)


def evidence() -> Evidence:
    return Evidence.objects.create(run=suite_run(), attempt=1, exchange="InboundCall")


def recording() -> Recording:
    return Recording.objects.create(
        evidence=evidence(), round=1, direction="to_number", key="a.wav", sha256="0" * 64, size=1
    )


def verdict_override() -> VerdictOverride:
    return VerdictOverride.objects.create(run=suite_run(), passed=True, was=False, actor="user:a", reason="repaired")


def result() -> Result:
    return Result.objects.create(run=suite_run(), attempt=1, code="V01", outcome=Outcome.PASS)


def passport() -> Passport:
    run = suite_run()
    return Passport.objects.create(number=run.number, run=run, declared=3, tested=3, issued_at=timezone.now())


def remembered_request() -> RememberedRequest:
    return RememberedRequest.objects.create(account=account(), key="k", fingerprint=b"f" * 32)
