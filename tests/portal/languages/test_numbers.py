"""My numbers, each with its passport, its papers and its life, in another language."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.models import Account, User
from inventory.models import Did, PhoneNumber, Tariff
from inventory.services import assignments, protection
from numbering.types import Capability, NumberType
from testing_lab.models import Incident, Outcome, Passport, Purpose, Result, RunState, SuiteRun
from testing_lab.models.incident import IncidentKind
from testing_lab.registry import all_tests
from tests.factories import (
    AccountFactory,
    AddressFactory,
    BundleFactory,
    DidFactory,
    NumberFactory,
    ProviderFactory,
    loaded,
)
from tests.portal.languages.walking import Walk
from tests.portal.number_pages import settings_of

PAGES = {
    *("home", "numbers", "numbers-csv", "numbers-together", "number", "number-give-back", "number-take-back"),
    *("number-protect", "number-unprotect", "number-move", "number-move-open", "number-papers"),
}
UNITS = ("s", "dB", "MOS", "%", "")


@pytest.fixture
def tested(account: Account) -> Did:
    """Bought, priced, with a passport that has every kind of result, tested again, and hit by an outage."""
    prices = {"setup_price": 0, "monthly_price": Decimal("1.15"), "currency": "USD"}
    Tariff.objects.create(country="US", number_type="local", **prices)
    provider = ProviderFactory.create()
    number = NumberFactory.create(e164=14155550123, provider=provider)
    now = timezone.now()
    runs = [_run(number, passed=True), _run(number, passed=False, purpose=Purpose.CUSTOMER, asked_by=account)]
    _results(runs[0])
    dates = {"issued_at": now, "expires_at": now + timedelta(days=30)}
    Passport.objects.create(number=number, run=runs[0], declared=15, tested=15, **dates)
    did = assignments.buy(account=account, e164=number.e164, settings={"friendly_name": "Front desk"})
    SuiteRun.objects.update(finished_at=timezone.now())
    told = {"kind": IncidentKind.OUTAGE, "statistic": 9, "threshold": 7, "evidence": []}
    over = {"closed_at": timezone.now(), "closed_by": "lab", "closed_note": "over"}
    Incident.objects.create(provider=provider, country="US", began_at=now, opened_at=timezone.now(), **told, **over)
    return did


def _run(number: PhoneNumber, **more: object) -> SuiteRun:
    row: SuiteRun = SuiteRun.objects.create(
        number=number, state=RunState.DONE, attempt=1, finished_at=timezone.now(), **more
    )
    return row


def _results(run: SuiteRun) -> None:
    outcomes = list(Outcome)
    for nth, test in enumerate(all_tests()):
        given = {"outcome": outcomes[nth % len(outcomes)], "unit": UNITS[nth % len(UNITS)], "limit": "<= 3"}
        Result.objects.create(run=run, attempt=1, code=test.code, value=1.25, **given)


def test_a_number_and_what_is_done_with_it(walk: Walk, tested: Did, account: Account) -> None:
    path = f"/numbers/{tested.sid}"
    walk.get(path)
    walk.post(path, settings_of(tested, voice_url="ftp://x", trunk_sid="TK1", friendly_name=""))
    walk.post(path, settings_of(tested, voice_fallback_url="https://example.com/calls"))
    walk.post(path, settings_of(tested, voice_url="https://example.com/calls"))
    walk.get(f"{path}/give-back")
    walk.post(f"{path}/protect")
    walk.get(f"{path}/give-back")
    walk.post(f"{path}/give-back", status=409)
    walk.get(f"{path}/move")
    walk.post(f"{path}/move/open-account", {"name": ""})
    walk.post(f"{path}/move/open-account", {"name": "Branch"})
    walk.get(f"{path}/move")
    walk.post(f"{path}/move", {"to": account.sid})
    walk.post(f"{path}/move", {"to": Account.objects.get(parent=account).sid})
    walk.get(f"{path}/unprotect")
    walk.post(f"{path}/unprotect", {"typed": "9999"})
    walk.post(f"{path}/unprotect", {"typed": "0123"})
    walk.post(f"{path}/give-back")
    walk.get(path)
    walk.get("/")
    walk.post(f"{path}/take-back")
    walk.get(path)
    walk.post(f"{path}/move", {"to": Account.objects.get(parent=account).sid})


def test_a_list_without_numbers(walk: Walk) -> None:
    walk.get("/")
    walk.get("/numbers")


def test_the_list(walk: Walk, account: Account) -> None:
    did = DidFactory.create(account=account)
    DidFactory.create(account=account, number__e164=442079460123, number__number_type=NumberType.MOBILE)
    over = DidFactory.create(account=account)
    assignments.release(did=over, actor="user:1")
    for path in ("/numbers", "/numbers?state=RELEASED", "/numbers?q=zebra", "/numbers?country=US&carries=SMS"):
        walk.get(path)
    walk.get("/numbers/list.csv")
    for do in ("give-back", "protect", "setting"):
        walk.post("/numbers/together", {"do": do, "did": [did.sid]})
    bad = {"do": "setting", "did": [did.sid], "setting": "voice_url", "value": "ftp://x"}
    walk.post("/numbers/together", bad)
    walk.post("/numbers/together", {**bad, "value": "https://example.com/calls", "sure": "yes"})
    protection.protect(did=did, actor="user:1")
    walk.post("/numbers/together", {"do": "give-back", "did": [did.sid]})
    walk.post("/numbers/together", {"do": "give-back", "did": [did.sid], "sure": "yes"})
    walk.post(f"/numbers/{over.sid}/take-back")
    gone = DidFactory.create(account=account)
    assignments.release(did=gone, actor="user:1")
    PhoneNumber.objects.filter(pk=gone.number_id).update(blocked=True)
    walk.post(f"/numbers/{gone.sid}/take-back", status=409)


@pytest.mark.parametrize("country", ["DE", "GB", "IT"])
def test_a_number_that_hangs_on_papers(walk: Walk, account: Account, country: str) -> None:
    loaded("DE", "GB", "IT")
    address = AddressFactory.create(account=account)
    bundle = BundleFactory.create(
        account=account, friendly_name="Berlin office", approved=True, valid_until=timezone.now() + timedelta(days=9)
    )
    e164 = {"DE": 493012345678, "GB": 447400123456, "IT": 390612345678}[country]
    did = DidFactory.create(
        account=account,
        number__e164=e164,
        number__number_type=NumberType.MOBILE if country == "GB" else NumberType.LOCAL,
        number__capabilities=int(Capability.FAX),
        bundle_sid=bundle.sid,
        address_sid=address.sid,
        emergency_address_sid=address.sid,
    )
    bare = DidFactory.create(account=account, number__e164=e164 + 1, number__capabilities=0)
    child = AccountFactory.create(parent=account, friendly_name="Branch")
    for each in (did, bare):
        walk.get(f"/numbers/{each.sid}")
        walk.get(f"/numbers/{each.sid}/give-back")
        walk.get(f"/numbers/{each.sid}/papers")
        walk.post(f"/numbers/{each.sid}/papers", {"papers": "none"})
        walk.get(f"/numbers/{each.sid}/move")
        walk.post(f"/numbers/{each.sid}/move", {"to": child.sid})
    type(bundle).objects.filter(pk=bundle.pk).update(valid_until=timezone.now() - timedelta(days=1))
    walk.get("/")


def test_what_happened_is_told_by_who_did_it(walk: Walk, tested: Did, account: Account, ada_herself: User) -> None:
    for actor in (f"user:{ada_herself.pk}", "user:999999", f"account:{account.sid}", "sweep"):
        protection.protect(did=tested, actor=actor)
        protection.unprotect(did=tested, actor=actor)
    child = AccountFactory.create(parent=account, friendly_name="Branch")
    moved = assignments.transfer(did=tested, to=child, by=account)
    assignments.transfer(did=moved, to=account, by=account)
    walk.get(f"/numbers/{tested.sid}")
