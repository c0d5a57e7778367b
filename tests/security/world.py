"""Two customers who have never met: Ada, who has one of everything, and Mallory, who wants it."""

from base64 import b64encode
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, NamedTuple

from django.apps import apps
from django.test import Client
from django.utils import timezone

from accounts.models import Account, Membership, Role, User
from accounts.services import auth_tokens, invitations, subaccounts
from accounts.services.credentials import issue_key
from compliance.models import DocumentStatus, Regulation
from compliance.services import evaluations
from inventory.models import Did, UnwantedKind, WaitlistEntry
from inventory.quarantine import reports
from inventory.services import assignments
from testing_lab.models import Passport, RunState, SuiteRun
from testing_lab.services import customer_tests, passports
from tests.compliance.private.papers import paper
from tests.compliance.review import waiting
from tests.factories import (
    AccountFactory,
    AddressFactory,
    EndUserFactory,
    HoldFactory,
    NumberFactory,
    ReservationFactory,
    UserFactory,
)

#: Stands in everything that Ada named, and on no page of anybody else's.
MARK = "Hagebuttenweg"


class World(NamedTuple):
    """`hers`: by the argument of a path, what of Ada's stands for it; `mallorys` likewise."""

    ada: Account
    mallory: Account
    hers: Mapping[str, str]
    mallorys: Mapping[str, str]


def two_customers(mark: str = MARK) -> World:
    """Ada's shop with a subaccount, and Mallory's; each with owner, member and viewer. `mark`: how Ada names things."""
    regulation = waiting.regulation()
    ada, mallory = (AccountFactory.create(friendly_name=name) for name in (f"{mark} shop"[:64], "Mallory's"))
    hers, mallorys = _everything_of(ada, regulation, mark), _everything_of(mallory, regulation, "Mallory")
    return World(ada, mallory, hers, mallorys)


def person(account: Account, role: str) -> User:
    """The member of that role."""
    found: User = Membership.objects.select_related("user").filter(account=account, role=role)[0].user
    return found


def browser(account: Account, role: str = Role.OWNER) -> Client:
    """Signed in as that member; an error of ours is an answer, 500."""
    client = Client(raise_request_exception=False)
    client.force_login(person(account, role))
    return client


def signed(account: Account) -> Client:
    """A program that calls the API with the account's auth token."""
    token = b64encode(f"{account.sid}:{account.auth_token}".encode()).decode()
    return Client(raise_request_exception=False, headers={"Authorization": f"Basic {token}"})


def every_row(*but: str) -> dict[str, Any]:
    """All that the database holds, by model, without sessions and these models."""
    left_out = {"sessions.Session", *but}
    models = [model for model in apps.get_models() if model._meta.label not in left_out]
    return {model._meta.label: sorted(map(str, model._default_manager.values_list())) for model in models}


def changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Which models have other rows."""
    return [label for label in before if before[label] != after[label]]


def _everything_of(account: Account, regulation: Regulation, mark: str) -> dict[str, str]:
    """One of each thing that an account can have, by the arguments of paths that stand for it."""
    said = {
        "<account_sid:account_sid>": account.sid,
        "<country:country>": "US",
        "<type_sid:sid>": "OY" + "0" * 32,
        "<regulation_sid:sid>": regulation.sid,
        "<int:code>": "20404",
        "<slug:slug>": "no-such-provider",
        "documents/(?P<name>[a-z0-9_]+)": "business_address_info",
    }
    people = _people(account, mark)
    return {**said, **people, **_papers(account, regulation, mark), **_numbers(account, mark)}


def _people(account: Account, mark: str) -> dict[str, str]:
    members = [
        Membership.objects.create(user=UserFactory.create(), account=account, role=role)
        for role in (Role.OWNER, Role.MEMBER, Role.VIEWER)
    ]
    waits = invitations.invite(
        account=account, email=f"invited-{account.pk}@example.com", role=Role.MEMBER, invited_by=members[0].user
    )
    auth_tokens.make_secondary(account=account)
    key = issue_key(account, f"{mark} key").key
    subaccounts.open_subaccount(parent=account, friendly_name=f"{mark} branch")
    return {
        "team/members/<int:pk>": str(members[1].pk),
        "team/invitations/<int:pk>": str(waits.pk),
        "join/<str:token>": invitations.token_of(waits),
        "keys/<str:sid>": key.sid,
        "<key_sid:sid>": key.sid,
        "account/passkeys/<int:pk>": "1",
    }


def _papers(account: Account, regulation: Regulation, mark: str) -> dict[str, str]:
    bundle = waiting.draft(of=regulation, account=account, friendly_name=f"{mark} papers")
    handed_in = waiting.submitted(waiting.draft(of=regulation, account=account, friendly_name=f"{mark} handed in"))
    item = bundle.items.filter(document__isnull=False).order_by("-pk")[0]
    loose = paper(account, friendly_name=f"{mark} register", type="business_address", status=DocumentStatus.APPROVED)
    address = AddressFactory.create(account=account, friendly_name=mark)
    end_user = EndUserFactory.create(account=account, friendly_name=mark)
    evaluation = evaluations.run(bundle)
    assert handed_in.pk
    return {
        **dict.fromkeys(("(?P<sid>BU[0-9a-f]{32})", "<papers_bundle:sid>", "<bundle_sid:sid>"), bundle.sid),
        "<bundle_sid:bundle_sid>": bundle.sid,
        **dict.fromkeys(("<papers_item:item_sid>", "<item_sid:sid>"), item.sid),
        **dict.fromkeys(("<papers_document:sid>", "<document_sid:sid>"), loose.sid),
        **dict.fromkeys(("<papers_person:sid>", "<end_user_sid:sid>"), end_user.sid),
        **dict.fromkeys(("<papers_address:sid>", "<address_sid:sid>"), address.sid),
        "<evaluation_sid:sid>": evaluation.sid,
    }


def _numbers(account: Account, mark: str) -> dict[str, str]:
    did, over = (_bought(account, f"{mark} {name}") for name in ("desk", "old"))
    assignments.release(did=over, actor=f"account:{account.sid}")
    reports.report(did=did, kind=UnwantedKind.CALLS, a_day=3)
    held = HoldFactory.create(reservation=ReservationFactory.create(account=account)).reservation
    entry = WaitlistEntry.objects.create(
        account=account,
        country="US",
        number_type="local",
        locality=mark,
        quantity=2,
        mode="notify",
        expires_at=timezone.now() + timedelta(days=1),
    )
    run = _tested(account, did)
    return {
        **dict.fromkeys(("numbers/<slug:sid>", "<number_sid:sid>"), did.sid),
        "numbers/<slug:sid>/take-back": over.sid,
        "find/passport/<int:e164>": str(did.number.e164),
        "<e164:phone_number>": f"+{did.number.e164}",
        **dict.fromkeys(("cart/<str:sid>", "<reservation_sid:sid>"), held.sid),
        **dict.fromkeys(("find/waitlist/<str:sid>", "<waitlist_sid:sid>"), entry.sid),
        "<test_sid:sid>": run.sid,
        "passports/<str:link>": passports.link_of(did.number),
    }


def _bought(account: Account, name: str) -> Did:
    """As customers buy, so that the ledger tells of it."""
    return assignments.buy(account=account, e164=NumberFactory.create().e164, settings={"friendly_name": name})


def _tested(account: Account, did: Did) -> SuiteRun:
    """A run that its holder ordered, and the number's passport."""
    number, now = did.number, timezone.now()
    done = SuiteRun.objects.create(number=number, state=RunState.DONE, passed=True, attempt=1, finished_at=now)
    Passport.objects.create(
        number=number, run=done, declared=15, tested=15, issued_at=now, expires_at=now + timedelta(days=30)
    )
    return customer_tests.order(account=account, number=number)
