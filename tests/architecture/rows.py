"""One sound row of each table that has a constraint, for `test_constraints` to spoil."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.db.models import Model
from django.utils import timezone

from accounts.models import Account, ApiKey, Invitation, Membership, Role, User
from accounts.services.credentials import issue_key
from accounts.services.invitations import invite
from api.models import RememberedRequest
from compliance.lifecycle import BundleState
from compliance.models import (
    Address,
    AgingRule,
    Bundle,
    BundleEntry,
    BundleView,
    DecryptGrant,
    DocumentView,
    EndUser,
    Erasure,
    Evaluation,
    ExpiryWarning,
    HeldDecision,
    ItemAssignment,
    ItemVerdict,
    LegalHold,
    NamedAddress,
    Notice,
    NoticeKind,
    NumberTypeRule,
    Recheck,
    Regulation,
    RegulationVersion,
    RetentionPolicy,
    ReviewPolicy,
    RolloutPolicy,
    Rulebook,
    StoredFile,
    SupportingDocument,
)
from inventory.filings.freezing import freeze
from inventory.models import (
    Activation,
    Allocation,
    Assignment,
    BlockReason,
    Charge,
    Contact,
    DailyContact,
    Did,
    Discrepancy,
    DiscrepancyKind,
    DriftCase,
    DriftFinder,
    FeedDay,
    Filing,
    FilingKind,
    Hold,
    Invoice,
    InvoiceLine,
    LifecycleEntry,
    LineState,
    Misbilling,
    MisbillingKind,
    NumberBlock,
    PhoneNumber,
    ProtectionEntry,
    Provider,
    ProviderOrder,
    ProviderOrderLine,
    ProviderRelease,
    Quarantine,
    QuarantineDecision,
    QuarantineModel,
    QuarantineNight,
    QuarantineOverride,
    ReportedDisconnect,
    Reservation,
    SaleStop,
    StockTarget,
    Tariff,
    WaitlistEntry,
    WaitlistOffer,
    WaitlistServing,
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
from tests.factories import (
    AccountFactory,
    AddressFactory,
    AllocationFactory,
    BundleFactory,
    DidFactory,
    DocumentFactory,
    EndUserFactory,
    HoldFactory,
    NumberFactory,
    ProviderFactory,
    RegulationFactory,
    RegulationVersionFactory,
    UserFactory,
)

Make = Callable[[], Model]
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


def invitation() -> Invitation:
    return invite(account=account(), email="grace@example.com", role=Role.VIEWER, invited_by=user())


def aging_rule() -> AgingRule:
    return AgingRule.objects.create(country="US", confidence="law", valid_from=NEW_YEAR)


def number_type_rule() -> NumberTypeRule:
    return NumberTypeRule.objects.create(
        **US_LOCAL, address_requirement="none", confidence="law", enforced=True, valid_from=NEW_YEAR
    )


def address() -> Address:
    row: Address = AddressFactory.create()
    return row


def end_user() -> EndUser:
    row: EndUser = EndUserFactory.create()
    return row


def document() -> SupportingDocument:
    row: SupportingDocument = DocumentFactory.create()
    return row


def named_address() -> NamedAddress:
    address = AddressFactory.create()
    paper = DocumentFactory.create(account=address.account, addresses=[address])
    return NamedAddress.objects.get(supportingdocument=paper)


def stored_file() -> StoredFile:
    return StoredFile.objects.create(name="0" * 32, key="k", mime_type="application/pdf", size=1, digest="0" * 64)


def regulation() -> Regulation:
    row: Regulation = RegulationFactory.create()
    return row


def regulation_version() -> RegulationVersion:
    row: RegulationVersion = RegulationVersionFactory.create()
    return row


def rulebook() -> Rulebook:
    """In force."""
    return regulation_version().rulebook


def bundle(state: BundleState = BundleState.DRAFT) -> Bundle:
    """With an end user and a paper."""
    row: Bundle = BundleFactory.create(state=state)
    return row


def bundle_in_review() -> Bundle:
    return bundle(BundleState.IN_REVIEW)


def approved_bundle() -> Bundle:
    return bundle(BundleState.APPROVED)


def bundle_entry() -> BundleEntry:
    return bundle().ledger.get()


def assigned_end_user() -> ItemAssignment:
    return bundle().items.get(document=None)


def assigned_document() -> ItemAssignment:
    return bundle().items.get(end_user=None)


def evaluation() -> Evaluation:
    said = {"compliant": False, "hard_passed": False, "results": []}
    return Evaluation.objects.create(bundle=bundle(), version=regulation_version(), **said)


def bundle_view() -> BundleView:
    return BundleView.objects.create(bundle=bundle(), user=user())


def held_decision() -> HeldDecision:
    soon = timezone.now() + dt.timedelta(seconds=30)
    return HeldDecision.objects.create(bundle=bundle(), decided_by=user(), decided="reject", takes_effect_at=soon)


def grant() -> DecryptGrant:
    soon = timezone.now() + dt.timedelta(minutes=15)
    return DecryptGrant.objects.create(document=document(), user=user(), reason="review", expires_at=soon)


def document_view() -> DocumentView:
    opened = grant()
    return DocumentView.objects.create(grant=opened, user=opened.user, what="preview")


def erasure() -> Erasure:
    gone = end_user()
    by = {"actor": "user:staff", "reason": "asked for it"}
    return Erasure.objects.create(account=gone.account, subject_sid=gone.sid, items=[], checked=True, **by)


def legal_hold() -> LegalHold:
    return LegalHold.objects.create(subject_sid=end_user().sid, reason="case 7", placed_by="user:staff")


def retention_policy() -> RetentionPolicy:
    said = {"days": 30, "source": "counsel", "set_by": "user:staff", "valid_from": NEW_YEAR}
    return RetentionPolicy.objects.create(country="DE", clock="rejected", **said)


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


def protection() -> ProtectionEntry:
    return ProtectionEntry.objects.create(did=did(), is_on=True, actor="user:ada")


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


def contact() -> Contact:
    return Contact.objects.create(number=number(), day=NEW_YEAR, channel=1, caller=7, withheld=False, otp=False)


def discrepancy() -> Discrepancy:
    return Discrepancy.objects.create(provider=provider(), kind=DiscrepancyKind.GHOST, e164=14155550123)


def invoice() -> Invoice:
    return Invoice.objects.create(
        provider=provider(), period=dt.date(2026, 10, 1), file_name="x.csv", digest="0" * 64, imported_by="user:staff"
    )


def invoice_line() -> InvoiceLine:
    charged = {"charge": Charge.MONTHLY, "amount": 1, "currency": "USD"}
    return InvoiceLine.objects.create(invoice=invoice(), line=2, e164=14155550123, **charged)


def misbilling() -> Misbilling:
    line = invoice_line()
    return Misbilling.objects.create(
        invoice=line.invoice, kind=MisbillingKind.ORPHAN, e164=14155550123, line=line, amount=1, currency="USD"
    )


def unbilled() -> Misbilling:
    return Misbilling.objects.create(
        invoice=invoice(), kind=MisbillingKind.UNBILLED, e164=14155550123, amount=1, currency="USD"
    )


def drift_case() -> DriftCase:
    return DriftCase.objects.create(number=number(), found_by=DriftFinder.SUITE, declared=3, tested=1, observed=0)


def filing() -> Filing:
    return freeze(FilingKind.OFCOM, last_day=NEW_YEAR, actor="user:a")


def reported_disconnect() -> ReportedDisconnect:
    known = entry()
    return ReportedDisconnect.objects.create(
        filing=filing(), number=known.number, entry=known, disconnected_on=NEW_YEAR
    )


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


def allocation() -> Allocation:
    """One that is withdrawn may be there twice, an open one not."""
    return AllocationFactory.create()


def withdrawn_allocation() -> Allocation:
    return AllocationFactory.create(withdrawn_on=NEW_YEAR)


def activation() -> Activation:
    row = allocation()
    return Activation.objects.create(allocation=row, e164=row.first, key="ny-1")


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


def decided_stay() -> Quarantine:
    """The same after a night."""
    row = stay()
    said: dict[str, Any] = {"action": "hold", "action_rule": "likelihood", "state_day": NEW_YEAR}
    terms = {"recent_contacts": 4.2, "effective_days": 26.5, "likelihood": 0.2, "alpha": 0.15, "chance_never": 0.3}
    foreseen = dict.fromkeys(("predicted_on", "predicted_lo", "predicted_hi"), NEW_YEAR)
    Quarantine.objects.filter(pk=row.pk).update(**said, **terms, **foreseen)
    return row


def decision() -> QuarantineDecision:
    whole = ("age", "min_days", "threshold", "observed_days", "distinct_callers")
    contacts = [f"{channel}_{days}_days" for channel in ("voice", "sms", "otp") for days in (7, 30)]
    sums = ("recent_contacts", "effective_days", "mean", "background", "raw", "likelihood", "alpha")
    terms: dict[str, Any] = dict.fromkeys([*whole, *contacts], 1) | dict.fromkeys(sums, 0.5)
    return QuarantineDecision.objects.create(stay=stay(), day=NEW_YEAR, action="hold", rule="likelihood", **terms)


def fit() -> QuarantineModel:
    return QuarantineModel.objects.create(version="one", document={}, stays=1000, rows=9000, is_current=True)


def night() -> QuarantineNight:
    return QuarantineNight.objects.create(day=NEW_YEAR, first=1, last=9)


def override() -> QuarantineOverride:
    said: dict[str, Any] = {"until": NEW_YEAR, "expires_on": NEW_YEAR, "actor": "user:a", "reason": "nuisance calls"}
    return QuarantineOverride.objects.create(stay=stay(), action="force_hold", **said)


def feed_day() -> FeedDay:
    return FeedDay.objects.create(day=NEW_YEAR, healthy=True)


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


def review_policy() -> ReviewPolicy:
    return ReviewPolicy.objects.create(country="IE", valid_from=NEW_YEAR, set_by="user:ops")


def item_verdict() -> ItemVerdict:
    return ItemVerdict.objects.create(item=assigned_end_user(), seen={}, approved=True, judged_by=user())


def notice() -> Notice:
    payload: Any = {"to": "papers@example.com"}
    return Notice.objects.create(bundle=bundle(), kind=NoticeKind.EMAIL, event="approved", payload=payload)


def rollout_policy() -> RolloutPolicy:
    return RolloutPolicy.objects.create(country="IE", valid_from=NEW_YEAR, set_by="user:anna")


def recheck() -> Recheck:
    """Of a bundle that complies."""
    version = RegulationVersionFactory.create()
    bundle = BundleFactory.create(regulation=version.regulation, approved=True)
    return Recheck.objects.create(bundle=bundle, rulebook=version.rulebook)


def expiry_warning() -> ExpiryWarning:
    bundle = BundleFactory.create(approved=True)
    paper = SupportingDocument.objects.get(assignments__bundle=bundle)
    return ExpiryWarning.objects.create(bundle=bundle, document=paper, revision=1)


OTHER_WL = "'WL' || repeat('f', 32)"


def waitlist_entry() -> WaitlistEntry:
    tomorrow = timezone.now() + dt.timedelta(days=1)
    return WaitlistEntry.objects.create(account=account(), **US_LOCAL, quantity=2, mode="notify", expires_at=tomorrow)


def waitlist_serving() -> WaitlistServing:
    return WaitlistServing.objects.create(entry=waitlist_entry())


def waitlist_offer() -> WaitlistOffer:
    return WaitlistOffer.objects.create(serving=waitlist_serving(), number=NumberFactory.create())
