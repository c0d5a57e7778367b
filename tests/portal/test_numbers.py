"""My numbers: the list, its file, and a number's page."""

import csv
import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Account, AccountStatus
from inventory.lifecycle import State
from inventory.models import Did, PhoneNumber, Tariff
from inventory.portfolio import listing
from inventory.services import assignments, protection
from numbering.types import Capability, NumberType
from testing_lab.models import Incident, Outcome, Passport, Purpose, Result, RunState, SuiteRun
from tests.factories import (
    AccountFactory,
    AddressFactory,
    BundleFactory,
    DidFactory,
    NumberFactory,
    ProviderFactory,
)
from tests.portal.number_pages import CALLS, shown

Text = Callable[..., str]
PATHS = ("", "/give-back", "/take-back", "/protect", "/unprotect", "/move")


# --- whose it is


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["get", "post"])
def test_anothers_number_is_as_unknown_as_none(ada: Client, path: str, method: str) -> None:
    other = DidFactory.create()
    for sid in (other.sid, "PN" + "0" * 32):
        answer = getattr(ada, method)(f"/numbers/{sid}{path}")
        assert answer.status_code == (405 if method == "get" and path in ("/take-back", "/protect") else 404)
    other.refresh_from_db()
    assert (other.ended_at, other.protected_since) == (None, None)


def test_a_number_that_was_moved_away_is_anothers(ada: Client, account: Account, did: Did) -> None:
    child = AccountFactory.create(parent=account)
    assignments.transfer(did=did, to=child, by=account)
    assert ada.get(f"/numbers/{did.sid}").status_code == 404
    assert str(did.number) not in ada.get("/numbers").content.decode()


@pytest.mark.parametrize("do", ["give-back", "protect", "setting"])
def test_together_passes_over_anothers_numbers(ada: Client, did: Did, do: str) -> None:
    other = DidFactory.create()
    form = {"do": do, "did": [did.sid, other.sid], "setting": "voice_url", "value": CALLS, "sure": "yes"}
    page = ada.post("/numbers/together", form).content.decode()
    assert other.sid not in page
    assert f"+{other.number.e164}" not in page
    other.refresh_from_db()
    assert (other.ended_at, other.protected_since, other.voice_url) == (None, None, "")


@pytest.mark.parametrize("path", ["", "/list.csv", "/together"])
def test_strangers_are_asked_to_sign_in(client: Client, db: None, path: str) -> None:
    answer = client.post("/numbers/together") if path == "/together" else client.get(f"/numbers{path}")
    assert answer["Location"].startswith("/sign-in?next=")


@pytest.mark.parametrize("path", ["/give-back", "/protect", "/unprotect", "/move", ""])
def test_a_suspended_account_changes_nothing(ada: Client, account: Account, did: Did, path: str) -> None:
    Account.objects.filter(pk=account.pk).update(status=AccountStatus.SUSPENDED)
    assert ada.post(f"/numbers/{did.sid}{path}", {"typed": str(did.number)[-4:]}).status_code == 403
    assert Did.objects.filter(pk=did.pk, ended_at=None, protected_since=None).exists()


# --- the list


def test_the_list_is_in_the_order_of_the_numbers_and_says_what_each_is(text_of: Text, account: Account) -> None:
    for e164 in (14155550122, 14155550121):
        NumberFactory.create(e164=e164)
        assignments.buy(account=account, e164=e164, settings={"friendly_name": f"Desk {e164}"})
    Tariff.objects.create(
        country="US", number_type="local", setup_price=0, monthly_price=Decimal("1.15"), currency="USD"
    )
    page = text_of("/numbers")
    assert shown(page) == ["+14155550121", "+14155550122"]
    for words in (
        "(415) 555-0121",
        "Desk 14155550121",
        "United States",
        "Calls, Messages (SMS), Pictures (MMS), Fax",
        "1.15 USD",
    ):
        assert words in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, [0, 1, 2]),
        ({"country": "GB"}, [2]),
        ({"type": "mobile"}, [1]),
        ({"carries": "SMS"}, [0, 1]),
        ({"q": "front"}, [0]),
        ({"q": "+4420"}, [2]),
        ({"q": "(415) 555"}, [0]),
        ({"q": "020 7946"}, [2]),
        ({"q": "+14155550121"}, [0]),
        ({"q": "+20"}, []),
        ({"q": "front 55"}, []),
        ({"q": "100%"}, []),
        ({"country": "XX"}, [0, 1, 2]),
        ({"country": "US", "type": "mobile", "carries": "VOICE", "q": "51"}, [1]),
    ],
    ids=lambda value: "-".join(f"{k}={v}" for k, v in value.items()) if isinstance(value, dict) else "",
)
def test_filters(text_of: Text, account: Account, query: dict[str, str], found: list[int]) -> None:
    e164s = [14155550121, 15105550122, 442079460123]
    made: list[dict[str, object]] = [
        {"friendly_name": "Front desk"},
        {"number__number_type": NumberType.MOBILE},
        {"number__capabilities": int(Capability.VOICE)},
    ]
    for e164, fields in zip(e164s, made, strict=True):
        DidFactory.create(account=account, number__e164=e164, **fields)
    DidFactory.create(number__e164=14155550129)
    assert shown(text_of("/numbers", **query)) == [f"+{e164s[i]}" for i in found]


def test_pages_follow_each_other_and_lead_back(text_of: Text, account: Account) -> None:
    DidFactory.create_batch(listing.SIZE + 7, account=account)
    first = text_of("/numbers", country="US")
    link = unescape(re.search(r'href="(\?[^"]*after=[^"]*)"', first)[1])  # type: ignore[index]
    second = text_of(f"/numbers{link}")
    assert (len(shown(first)), len(shown(second))) == (listing.SIZE, 7)
    assert shown(first) + shown(second) == sorted({*shown(first), *shown(second)})
    assert "before=" not in first
    back = unescape(re.search(r'href="(\?[^"]*before=[^"]*)"', second)[1])  # type: ignore[index]
    assert shown(text_of(f"/numbers{back}")) == shown(first)
    assert "country=US" in back


@pytest.mark.parametrize("token", ["x", "-1", "9" * 400, "%00", "١٢"])
def test_a_forged_page_is_the_first(text_of: Text, did: Did, token: str) -> None:
    assert shown(text_of("/numbers", after=token)) == [str(did.number)]


def test_an_empty_list_teaches(text_of: Text, account: Account) -> None:
    assert "You have no number yet" in text_of("/numbers")
    assert "No number of yours is like that" in text_of("/numbers", q="zebra")
    assert "Nothing given back of late" in text_of("/numbers", state="RELEASED")


def test_the_list_costs_the_same_for_one_and_for_fifty(
    ada: Client, account: Account, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    DidFactory.create_batch(50, account=account)
    ada.get("/numbers")
    with django_assert_num_queries(5):  # session, user, accounts, which numbers, their rows; kinds are remembered
        ada.get("/numbers")


def test_names_are_shown_as_they_are_written(text_of: Text, account: Account) -> None:
    did = DidFactory.create(account=account, friendly_name="<script>alert(1)</script>")
    for path in ("/numbers", f"/numbers/{did.sid}", f"/numbers/{did.sid}/give-back"):
        assert "<script>alert" not in text_of(path)


# --- the file


def test_the_file_has_what_the_filter_lets_through_and_runs_no_formulas(ada: Client, account: Account) -> None:
    evil = DidFactory.create(account=account, friendly_name='=HYPERLINK("https://evil.example")', voice_url=CALLS)
    DidFactory.create(account=account, friendly_name="@SUM(A1)", number__number_type=NumberType.MOBILE)
    answer = ada.get("/numbers/list.csv", {"type": "local"})
    rows = list(csv.DictReader(b"".join(answer.streaming_content).decode().splitlines()))  # type: ignore[attr-defined]
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert [(row["number"], row["sid"], row["voice_url"]) for row in rows] == [
        (f"+{evil.number.e164}", evil.sid, CALLS)
    ]
    assert rows[0]["name"] == '\'=HYPERLINK("https://evil.example")'
    everything = b"".join(ada.get("/numbers/list.csv").streaming_content).decode()  # type: ignore[attr-defined]
    assert "'@SUM(A1)" in everything


def test_a_long_file_is_read_in_parts(
    ada: Client, account: Account, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    DidFactory.create_batch(7, account=account)
    monkeypatch.setattr(listing, "AT_ONCE", 3)
    assert b"".join(ada.get("/numbers/list.csv").streaming_content)  # type: ignore[attr-defined]
    with django_assert_num_queries(3 + 3 * 2):
        lines = b"".join(ada.get("/numbers/list.csv").streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert len(lines) == 1 + 7


# --- a number's page


def test_the_page_says_what_a_number_is(text_of: Text, did: Did) -> None:
    Tariff.objects.create(
        country="US", number_type="local", setup_price=0, monthly_price=Decimal("1.15"), currency="USD"
    )
    page = text_of(f"/numbers/{did.sid}")
    for words in ("(415) 4", str(did.number), "Desk", "United States", "in service", "1.15 USD", did.sid, "Bought"):
        assert words in page
    assert "The law asks for no papers" in page


def test_the_life_of_a_number_is_the_one_with_its_holder(ada: Client, text_of: Text, account: Account) -> None:
    number = NumberFactory.create(provider=ProviderFactory.create())
    stranger = AccountFactory.create()
    before = assignments.buy(account=stranger, e164=number.e164, settings={"friendly_name": "Nobody's business"})
    SuiteRun.objects.create(
        number=number,
        state=RunState.DONE,
        passed=False,
        finished_at=timezone.now(),
        purpose=Purpose.CUSTOMER,
        asked_by=stranger,
    )
    assignments.release(did=before, actor="user:staff", reason="a secret of theirs")
    PhoneNumber.objects.filter(pk=number.pk).update(due_at=timezone.now())
    _rested(number)
    did = assignments.buy(account=account, e164=number.e164, settings={})
    SuiteRun.objects.create(
        number=number, state=RunState.DONE, passed=True, finished_at=timezone.now(), purpose="sample"
    )
    ada.post(f"/numbers/{did.sid}/protect")
    page = text_of(f"/numbers/{did.sid}")
    for words in ("Bought", "Tested: passed", "Protected", "ada@example.com"):
        assert words in page
    for words in ("secret of theirs", stranger.sid, "Given back", "Tested: failed"):
        assert words not in page
    assert page.count("<strong>Bought</strong>") == 1


def _rested(number: PhoneNumber) -> None:
    """Through quarantine and back on sale, without waiting for it."""
    import pgtrigger

    with pgtrigger.ignore("inventory.PhoneNumber:lifecycle", "inventory.PhoneNumber:claims_are_as_the_state"):
        PhoneNumber.objects.filter(pk=number.pk).update(
            state=State.AVAILABLE, holder=None, cleared_at=timezone.now(), due_at=timezone.now() + timedelta(days=9)
        )


def test_a_number_that_came_from_another_account_tells_nothing_of_its_time_there(
    text_of: Text, account: Account
) -> None:
    child = AccountFactory.create(parent=account)
    did = assignments.buy(account=child, e164=NumberFactory.create().e164, settings={})
    protection.protect(did=did, actor="user:0")
    did = protection.unprotect(did=did, actor="user:0")
    moved = assignments.transfer(did=did, to=account, by=account)
    page = text_of(f"/numbers/{moved.sid}")
    assert "Moved to you" in page
    assert "Bought" not in page
    assert "Protection taken off" not in page


def test_outages_of_its_carrier_are_told_without_a_name(text_of: Text, account: Account) -> None:
    carrier = ProviderFactory.create(name="Secret Carrier")
    did = DidFactory.create(account=account, number__provider=carrier)
    now = timezone.now()
    told = {"statistic": 5.0, "threshold": 4.0, "evidence": []}
    Incident.objects.create(provider=carrier, country="US", began_at=now, **told)
    Incident.objects.create(
        provider=carrier,
        country="US",
        began_at=now,
        opened_at=now - timedelta(days=9),
        closed_at=now - timedelta(days=8),
        closed_by="lab",
        closed_note="over",
        **told,
    )
    page = text_of(f"/numbers/{did.sid}")
    assert page.count("began to fail our tests") == 1
    assert "pass our tests again" not in page
    assert "Secret Carrier" not in page


def test_the_passport_has_a_square_for_each_test(text_of: Text, did: Did) -> None:
    run = SuiteRun.objects.create(
        number=did.number, state=RunState.DONE, passed=True, attempt=1, finished_at=timezone.now()
    )
    Result.objects.create(
        run=run, attempt=1, code="V02", outcome=Outcome.PASS, value=1.25, unit="s", limit="<= 3 national"
    )
    Passport.objects.create(
        number=did.number,
        run=run,
        declared=15,
        tested=15,
        issued_at=timezone.now(),
        expires_at=timezone.now() + timedelta(days=30),
    )
    page = text_of(f"/numbers/{did.sid}")
    assert page.count('<li class="ny-square ') == 25
    assert "V02 Post-dial delay: pass, 1.250 s (limit: ≤ 3 national)" in unescape(page)
    assert "/passports/" in page


def test_papers_and_their_end_are_said(text_of: Text, account: Account) -> None:
    address = AddressFactory.create(account=account)
    until = timezone.now() + timedelta(days=20)
    bundle = BundleFactory.create(account=account, approved=True, address=address, valid_until=until)
    did = DidFactory.create(
        account=account, number__e164=4930123456, number__country="DE", bundle_sid=bundle.sid, address_sid=address.sid
    )
    page = text_of(f"/numbers/{did.sid}")
    for words in (bundle.sid, bundle.friendly_name, "Unter den Linden 77", "The rules have changed"):
        assert words in page


def test_anothers_papers_are_not_shown(text_of: Text, account: Account) -> None:
    address = AddressFactory.create(street="Geheimweg 1")
    did = DidFactory.create(account=account, address_sid=address.sid, emergency_address_sid=address.sid)
    assert "Geheimweg" not in text_of(f"/numbers/{did.sid}")


def test_a_page_takes_a_fixed_number_of_queries(
    ada: Client, did: Did, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(3):
        ada.post(f"/numbers/{did.sid}/protect")
        ada.post(f"/numbers/{did.sid}/unprotect", {"typed": str(did.number)[-4:]})
    ada.get(f"/numbers/{did.sid}")
    with django_assert_num_queries(11):
        ada.get(f"/numbers/{did.sid}")
