"""Whoever is not the account's finds nothing there, and what people write is shown as they wrote it."""

import re
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import get_resolver
from django.urls.resolvers import URLPattern, URLResolver

from accounts.models import Account, AccountStatus, User
from compliance.models import Bundle, DocumentStatus, Regulation
from tests.compliance.review import waiting
from tests.factories import AccountFactory, AddressFactory, DocumentFactory, EndUserFactory
from tests.portal.filed.papers import item_of, rejected

EVIL = "<script>alert(1)</script>"
ROOM = "portal.filed"
#: What is nobody's in particular.
WITHOUT_SID = {"papers", "papers-documents", "papers-people", "papers-addresses", "papers-address-new"}


def routes(found: URLResolver | None = None, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Name and pattern of each page of this room."""
    for each in (found or get_resolver()).url_patterns:
        if isinstance(each, URLResolver):
            yield from routes(each, prefix + str(each.pattern))
        elif isinstance(each, URLPattern) and each.callback.__module__.startswith(ROOM):
            yield str(each.name), "/" + prefix + str(each.pattern)


ROUTES = dict(routes())


def path_of(name: str, bundle: Bundle) -> str:
    """The page about that bundle, or about what it holds."""
    paper = item_of(bundle, "business_address")
    assert paper.document
    end_user = item_of(bundle, "end_user").end_user
    assert end_user
    values = {
        "<papers_bundle:sid>": bundle.sid,
        "<papers_item:item_sid>": paper.sid,
        "<papers_document:sid>": paper.document.sid,
        "<papers_person:sid>": end_user.sid,
        "<papers_address:sid>": paper.document.addresses.get().sid,
    }
    path = ROUTES[name]
    for part, value in values.items():
        path = path.replace(part, value)
    assert "<" not in path
    return path


@pytest.fixture
def theirs(germany: Regulation) -> Bundle:
    """Of somebody else."""
    return waiting.draft(of=germany, friendly_name="secret plans")


def test_all_routes_are_known() -> None:
    assert len(ROUTES) == 24
    assert ROUTES.keys() > WITHOUT_SID


@pytest.mark.parametrize("name", sorted(ROUTES.keys() - WITHOUT_SID))
def test_somebody_else_s_is_not_there(ada: Client, theirs: Bundle, name: str) -> None:
    answers = [method(path_of(name, theirs)) for method in (ada.get, ada.post)]
    codes = {answer.status_code for answer in answers}
    assert codes <= {404, 405}
    assert 404 in codes
    assert not any("secret plans" in answer.content.decode() for answer in answers)
    theirs.refresh_from_db()
    assert (theirs.state, theirs.deleted_at) == ("draft", None)


def test_an_item_of_another_s_bundle_is_not_mended_through_one_s_own(
    ada: Client, account: Account, germany: Regulation, theirs: Bundle
) -> None:
    mine = waiting.draft(of=germany, account=account)
    answer = ada.post(f"/papers/{mine.sid}/mend/{item_of(theirs, 'end_user').sid}")
    assert answer.status_code == 404


@pytest.mark.parametrize("name", sorted(ROUTES))
def test_strangers_are_sent_to_sign_in(client: Client, theirs: Bundle, name: str) -> None:
    path = path_of(name, theirs)
    for answer in (client.get(path), client.post(path)):
        assert answer.status_code in (302, 405)
        assert answer.status_code == 405 or answer["Location"].startswith("/sign-in")


@pytest.mark.parametrize("name", sorted(ROUTES))
def test_a_suspended_account_looks_and_changes_nothing(
    ada: Client, account: Account, germany: Regulation, name: str
) -> None:
    mine = waiting.draft(of=germany, account=account)
    Account.objects.filter(pk=account.pk).update(status=AccountStatus.SUSPENDED)
    path = path_of(name, mine)
    assert ada.post(path).status_code in (403, 405)
    assert ada.get(path).status_code in (200, 405)


@pytest.mark.parametrize("name", sorted(ROUTES))
def test_a_forged_request_changes_nothing(ada: Client, account: Account, germany: Regulation, name: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = ada.cookies
    assert strict.post(path_of(name, waiting.draft(of=germany, account=account))).status_code in (403, 405)


def test_what_people_write_is_text(ada: Client, account: Account, germany: Regulation, rosa: User) -> None:
    bundle = waiting.draft(of=germany, account=account, friendly_name=EVIL, email="a@example.com")
    for item in bundle.items.select_related("end_user", "document"):
        held = item.end_user or item.document
        assert held
        held.friendly_name = EVIL
        held.save(update_fields=["friendly_name"])
    end_user = item_of(bundle, "end_user").end_user
    paper = item_of(bundle, "business_address").document
    assert end_user
    assert paper
    end_user.attributes = {**waiting.COMPANY, "first_name": EVIL, EVIL: EVIL}
    end_user.save(update_fields=["attributes"])
    address = paper.addresses.get()
    address.friendly_name = address.customer_name = address.street = EVIL
    address.save()
    reusable = DocumentFactory.create(
        account=account, type="business_address", friendly_name=EVIL, status=DocumentStatus.APPROVED
    )
    rejected(waiting.submitted(bundle), rosa, "end_user", "business_address", sentence=EVIL, fix_hint=EVIL)
    paths = [path_of(name, bundle) for name in sorted(ROUTES)] + [f"/papers/documents/{reusable.sid}"]
    shown = {path: ada.get(path) for path in paths if not path.endswith("/export")}
    assert [path for path, answer in shown.items() if EVIL in answer.content.decode()] == []
    assert "&lt;script&gt;" in shown[f"/papers/{bundle.sid}"].content.decode()


def test_addresses_of_pages_name_sids_only(ada: Client, account: Account, germany: Regulation) -> None:
    bundle = waiting.draft(of=germany, account=account)
    for name in sorted(ROUTES):
        answer = ada.get(path_of(name, bundle))
        if answer.status_code == 200 and not answer.streaming:
            links = " ".join(re.findall(r'(?:href|action)="([^"]*)"', answer.content.decode()))
            assert not re.search("Muster|Erika|Linden|Berlin|10117", links)


def test_other_accounts_of_the_same_person_are_kept_apart(ada: Client, account: Account, germany: Regulation) -> None:
    other = AccountFactory.create()
    EndUserFactory.create(account=other, friendly_name="of the other")
    AddressFactory.create(account=other, friendly_name="of the other")
    DocumentFactory.create(account=other, friendly_name="of the other")
    for path in ("people", "addresses", "documents"):
        assert "of the other" not in ada.get(f"/papers/{path}").content.decode()
