"""All numbers that match at once, other papers for one, and a subaccount to move it to."""

import re
from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import Account, Membership, Role
from compliance.models import Bundle, Regulation
from inventory.models import Did
from portal.numbers import together
from tests.factories import AccountFactory, BundleFactory, DidFactory, RegulationFactory, UserFactory

Text = Callable[..., str]


@pytest.fixture
def dids(account: Account, monkeypatch: pytest.MonkeyPatch) -> list[Did]:
    """Five numbers of the account, where two are done at once."""
    monkeypatch.setattr(together, "MOST", 2)
    return [DidFactory.create(account=account, number__e164=14155550101 + n) for n in range(5)]


def hidden(page: str, name: str) -> list[str]:
    return re.findall(rf'type="hidden" name="{name}" value="([^"]*)"', page)


def test_all_that_match_are_done_a_part_at_a_time(ada: Client, dids: list[Did]) -> None:
    DidFactory.create()
    form, done = {"do": "protect", "all": "yes", "filters": "q=555"}, []
    for batch in (2, 2, 1):
        tried = ada.post("/numbers/together", form).content.decode()
        assert f"This would be done for {batch} of {batch}" in tried
        sure = {"do": "protect", "did": hidden(tried, "did"), "filters": "q=555", "rest": hidden(tried, "rest")}
        page = ada.post("/numbers/together", sure | {"sure": "yes"}).content.decode()
        done.append(Did.objects.filter(protected_since__isnull=False).count())
        form |= {"after": "".join(hidden(page, "after"))}
    assert done == [2, 4, 5]
    assert "Go on with the next ones" not in page


def test_all_that_match_are_no_others(ada: Client, dids: list[Did]) -> None:
    page = ada.post("/numbers/together", {"do": "protect", "all": "yes", "filters": "q=0103"}).content.decode()
    assert hidden(page, "did") == [dids[2].sid]
    answer = ada.post("/numbers/together", {"do": "protect", "all": "yes", "filters": "q=nobody"}, follow=True)
    assert "No number was chosen" in answer.content.decode()
    assert answer.redirect_chain == [("/numbers?q=nobody", 302)]


def test_a_list_of_several_pages_offers_all_of_them(ada: Client, text_of: Text, account: Account) -> None:
    DidFactory.create_batch(51, account=account)
    assert "Choose all of my numbers, on every page" in text_of("/numbers")
    assert "Choose all that match, on every page" in text_of("/numbers?country=US")
    assert 'name="all"' not in text_of("/numbers?q=14155550100")


# --- papers

GONE = "BU" + 32 * "0"


@pytest.fixture
def german(account: Account) -> Did:
    """A number for which papers are asked, on a bundle of the account."""
    return DidFactory.create(
        account=account,
        number__country="DE",
        number__number_type="voip",
        bundle_sid=_approved(account, "Old ones").sid,
    )


def _approved(account: Account, name: str) -> Bundle:
    regulation = Regulation.objects.filter(country="DE", number_type="voip").first()
    about = regulation or RegulationFactory.create(number_type="voip")
    return BundleFactory.create(account=account, approved=True, regulation=about, friendly_name=name)


def test_a_number_is_hung_on_other_papers(ada: Client, text_of: Text, account: Account, german: Did) -> None:
    new = _approved(account, "New ones")
    path = f"/numbers/{german.sid}/papers"
    assert f'href="{path}"' in text_of(f"/numbers/{german.sid}")
    page = text_of(path)
    assert "Old ones" in page
    assert "New ones" in page
    assert re.search(rf'value="{german.bundle_sid}-"[^>]*checked', page), "those it hangs on"
    answer = ada.post(path, {"papers": f"{new.sid}-"}, follow=True)
    assert "The number hangs on these papers now." in answer.content.decode()
    german.refresh_from_db()
    assert german.bundle_sid == new.sid


@pytest.mark.parametrize("given", ["", "-", "BU0-AD0"])
def test_papers_that_would_not_do_are_not_taken(ada: Client, account: Account, german: Did, given: str) -> None:
    strangers = _approved(AccountFactory.create(), "A stranger's")
    path = f"/numbers/{german.sid}/papers"
    assert "A stranger" not in ada.get(path).content.decode()
    for chosen in (given, f"{strangers.sid}-"):
        page = ada.post(path, {"papers": chosen}).content.decode()
        assert "Choose the papers that the number shall hang on." in page
    before = german.bundle_sid
    german.refresh_from_db()
    assert german.bundle_sid == before


def test_without_fitting_papers_the_page_says_how_to_get_them(text_of: Text, account: Account) -> None:
    did = DidFactory.create(account=account, number__country="DE", number__number_type="voip", bundle_sid=GONE)
    page = text_of(f"/numbers/{did.sid}/papers")
    assert "None of your papers would do for it" in page
    assert "/papers/new?country=DE&amp;type=voip" in page


def test_papers_of_a_strangers_number_are_not_changed(ada: Client) -> None:
    assert ada.get(f"/numbers/{DidFactory.create().sid}/papers").status_code == 404


# --- a subaccount to move it to


def test_a_subaccount_is_opened_where_there_is_none(ada: Client, text_of: Text, account: Account, did: Did) -> None:
    path = f"/numbers/{did.sid}/move"
    assert "Open a subaccount" in text_of(path)
    answer = ada.post(f"{path}/open-account", {"name": "Branch in Kiel"}, follow=True)
    assert "Branch in Kiel is open." in answer.content.decode()
    child = Account.objects.get(parent=account)
    assert f'value="{child.sid}"' in answer.content.decode(), "it can be moved there now"
    assert Membership.objects.get(account=child).role == Role.OWNER
    unnamed = ada.post(f"{path}/open-account", {"name": " "}).content.decode()
    assert f'value="{child.sid}"' in unnamed, "nor is it lost from a page that asks for a name"
    assert unnamed.count("This field is required.") == 1
    ada.post(path, {"to": child.sid})
    ada.post("/act-for", {"account": child.sid})
    assert did.number.number.national_format in text_of("/numbers")


@pytest.mark.parametrize("role", [Role.MEMBER, Role.VIEWER])
def test_only_owners_open_one(ada: Client, account: Account, did: Did, role: Role) -> None:
    Membership.objects.create(user=UserFactory.create(), account=account, role=Role.OWNER)
    Membership.objects.filter(user__email="ada@example.com").update(role=role)
    assert ada.post(f"/numbers/{did.sid}/move/open-account", {"name": "Branch"}).status_code == 403
    assert not Account.objects.filter(parent=account).exists()


def test_a_subaccount_needs_a_name_and_has_none_below_it(ada: Client, account: Account, did: Did) -> None:
    path = f"/numbers/{did.sid}/move/open-account"
    assert "This field is required." in ada.post(path, {"name": " "}).content.decode()
    Account.objects.filter(pk=account.pk).update(parent=AccountFactory.create())
    assert ada.post(path, {"name": "Branch"}).status_code == 409
    assert Account.objects.filter(friendly_name="Branch").count() == 0
