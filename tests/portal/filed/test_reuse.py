"""Documents, people and addresses: where each is used, and how each is let go."""

import json
import re
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Account
from compliance.lifecycle import BundleState
from compliance.models import Address, DocumentStatus, EndUser, Erasure, LegalHold, Regulation, SupportingDocument
from compliance.services import end_users
from tests.compliance.review import waiting
from tests.factories import AddressFactory, BundleFactory, DidFactory, DocumentFactory, EndUserFactory
from tests.portal.filed.papers import item_of

BERLIN = {"customer_name": "Musterfirma", "street": "Unter den Linden 78", "city": "Berlin", "postal_code": "10117"}


def shown_by(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def do(client: Client, path: str, **given: str) -> str:
    answer = client.post(path, given, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("path", ["documents", "people", "addresses"])
def test_empty_lists_teach(ada: Client, path: str) -> None:
    assert "ny-empty" in shown_by(ada, f"/papers/{path}")


def test_a_document_says_where_it_is_used_and_until_when_it_is_valid(
    ada: Client, account: Account, germany: Regulation
) -> None:
    bundle = waiting.draft(of=germany, account=account, friendly_name="Berlin office")
    paper = item_of(bundle, "commercial_registrar_excerpt").document
    assert paper
    paper.attributes |= {"expiration_date": "2031-05-04"}
    paper.save(update_fields=["attributes"])
    listed = shown_by(ada, "/papers/documents")
    assert all(words in listed for words in ("Extract from the commercial register", "valid until 4 May 2031"))
    shown = shown_by(ada, f"/papers/documents/{paper.sid}")
    assert all(words in shown for words in ("Berlin office", "put another document in its place there"))
    assert "is assigned to a bundle" in do(ada, f"/papers/documents/{paper.sid}/delete")


def test_a_document_that_nothing_holds_is_deleted(ada: Client, account: Account) -> None:
    paper = DocumentFactory.create(account=account)
    assert "The paper was deleted." in do(ada, f"/papers/documents/{paper.sid}/delete")
    assert ada.get(f"/papers/documents/{paper.sid}").status_code == 404


def test_why_a_document_was_rejected_stands_on_its_page(ada: Client, account: Account) -> None:
    words = {"reason": "illegible", "reason_sentence": "Too dark.", "fix_hint": "Scan it in colour."}
    paper = DocumentFactory.create(account=account, status=DocumentStatus.REJECTED, **words)
    shown = shown_by(ada, f"/papers/documents/{paper.sid}")
    assert "Too dark." in shown
    assert "Scan it in colour." in shown


def test_a_person_s_copy_is_a_zip_with_everything(ada: Client, account: Account) -> None:
    person = EndUserFactory.create(account=account)
    answer = ada.get(f"/papers/people/{person.sid}/export")
    assert answer["Content-Disposition"] == f'attachment; filename="{person.sid}.zip"'
    assert "no-store" in answer["Cache-Control"]
    package = ZipFile(BytesIO(answer.getvalue()))
    assert json.loads(package.read("person.json"))["end_user"]["attributes"]["last_name"] == "Mustermann"


def test_a_person_is_erased_after_being_told_what_goes(ada: Client, account: Account, germany: Regulation) -> None:
    bundle = waiting.draft(of=germany, account=account, friendly_name="Berlin office")
    person = item_of(bundle, "end_user").end_user
    assert person
    shown = shown_by(ada, f"/papers/people/{person.sid}/erase")
    assert "the papers “Berlin office”" in shown
    assert "This field is required" in do(ada, f"/papers/people/{person.sid}/erase", reason="")
    assert "Erased, and read back" in do(ada, f"/papers/people/{person.sid}/erase", reason="case 17")
    proof = Erasure.objects.get()
    assert (proof.actor, proof.reason) == (f"account:{account.sid}", "case 17")
    assert EndUser.objects.get(pk=person.pk).attributes == {}
    assert ada.get(f"/papers/people/{person.sid}").status_code == 404


def test_an_erasure_that_the_law_forbids_says_so(ada: Client, account: Account) -> None:
    bundle = BundleFactory.create(account=account, approved=True)
    person = item_of(bundle, "end_user").end_user
    assert person
    DidFactory.create(account=account, bundle_sid=bundle.sid)
    assert "17(3)(b)" in do(ada, f"/papers/people/{person.sid}/erase", reason="case 17")
    other = EndUserFactory.create(account=account)
    LegalHold.objects.create(subject_sid=other.sid, reason="court", placed_by="user:anna")
    assert "17(3)(e)" in do(ada, f"/papers/people/{other.sid}/erase", reason="case 18")
    assert not Erasure.objects.exists()


def test_a_reason_that_names_the_person_is_refused(ada: Client, account: Account) -> None:
    person = EndUserFactory.create(account=account)
    shown = do(ada, f"/papers/people/{person.sid}/erase", reason="Erika Mustermann asked")
    assert "give a case number, no names" in shown


def test_a_person_who_was_deleted_may_still_ask(ada: Client, account: Account) -> None:
    person = EndUserFactory.create(account=account, friendly_name="Erika")
    end_users.delete(end_user=person)
    assert "Erika" not in shown_by(ada, "/papers/people")
    assert "You deleted this" in shown_by(ada, f"/papers/people/{person.sid}")


def test_a_person_in_papers_is_not_taken_out_of_the_list(ada: Client, account: Account) -> None:
    bundle = BundleFactory.create(account=account)
    person = item_of(bundle, "end_user").end_user
    assert person
    assert "is assigned to a bundle" in do(ada, f"/papers/people/{person.sid}/delete")
    free = EndUserFactory.create(account=account)
    assert "Deleted." in do(ada, f"/papers/people/{free.sid}/delete")


@pytest.mark.parametrize(
    ("country", "words"),
    [("US", ("State", "ZIP code")), ("IE", ("County", "Eircode", "A65 F4E2")), ("JP", ("Prefecture", "154-0023"))],
)
def test_an_address_is_asked_for_as_its_country_writes_it(ada: Client, country: str, words: tuple[str, ...]) -> None:
    shown = shown_by(ada, f"/papers/addresses/new?country={country}")
    assert [word for word in words if word not in shown] == []


def test_an_address_is_added_changed_and_deleted(ada: Client, account: Account) -> None:
    shown = do(ada, "/papers/addresses/new?country=DE", **BERLIN, friendly_name="Office")
    address = Address.objects.get(account=account)
    assert (address.iso_country, address.validated) == ("DE", True)
    assert "Musterfirma, Unter den Linden 78, 10117 Berlin, DE" in shown
    do(ada, f"/papers/addresses/{address.sid}", **{**BERLIN, "postal_code": "10118"}, friendly_name="Office")
    address.refresh_from_db()
    assert address.postal_code == "10118"
    assert "The address was deleted." in do(ada, f"/papers/addresses/{address.sid}/delete")
    assert ada.get(f"/papers/addresses/{address.sid}").status_code == 404


def test_a_wrong_postal_code_is_said_beside_it(ada: Client, account: Account) -> None:
    shown = do(ada, "/papers/addresses/new?country=DE", **{**BERLIN, "postal_code": "1"})
    assert "The postal code does not fit the country" in shown
    assert 'id="id_postal_code_error"' in shown
    assert not Address.objects.filter(account=account).exists()


def test_an_address_with_numbers_stays_and_its_name_changes(ada: Client, account: Account) -> None:
    address = AddressFactory.create(account=account, customer_name="Musterfirma", street="Unter den Linden 78")
    DidFactory.create(account=account, address_sid=address.sid)
    path = f"/papers/addresses/{address.sid}"
    assert "make another address" in do(ada, path, **{**BERLIN, "street": "Unter den Linden 1"})
    assert "make another address" in do(ada, f"{path}/delete")
    do(ada, path, **BERLIN, friendly_name="Old office")
    address.refresh_from_db()
    assert (address.friendly_name, address.street) == ("Old office", "Unter den Linden 78")


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_nobody_is_sent_to_another_site_after_a_correction(ada: Client, account: Account, elsewhere: str) -> None:
    address = AddressFactory.create(account=account)
    answer = ada.post(f"/papers/addresses/{address.sid}?next={elsewhere}", BERLIN)
    assert answer["Location"] == "/papers/addresses"
    assert f'href="{elsewhere}"' not in shown_by(ada, f"/papers/addresses/{address.sid}?next={elsewhere}")


def test_lists_go_on_page_by_page(ada: Client, account: Account) -> None:
    DocumentFactory.create_batch(45, account=account)
    seen: list[str] = []
    path = "/papers/documents"
    for _ in range(3):
        shown = shown_by(ada, path)
        found = [sid for sid in SupportingDocument.objects.values_list("sid", flat=True) if f"documents/{sid}" in shown]
        seen += found
        following = re.search(r'href="(\?before=[^"]*)"', shown)
        path = f"/papers/documents{following[1]}" if following else ""
    assert path == ""
    assert len(seen) == len(set(seen)) == 45


def test_a_bundle_that_was_deleted_uses_nothing(ada: Client, account: Account) -> None:
    bundle = BundleFactory.create(account=account, state=BundleState.DRAFT, friendly_name="gone")
    bundle.deleted_at = timezone.now()
    bundle.save(update_fields=["deleted_at"])
    paper = item_of(bundle, "business_address").document
    assert paper
    assert "In no papers now." in shown_by(ada, f"/papers/documents/{paper.sid}")


@pytest.mark.parametrize(("path", "queries"), [("documents", 6), ("people", 5), ("addresses", 6)])
def test_lists_cost_a_few_queries(
    *,
    ada: Client,
    account: Account,
    germany: Regulation,
    django_assert_num_queries: DjangoAssertNumQueries,
    path: str,
    queries: int,
) -> None:
    for _ in range(4):
        waiting.draft(of=germany, account=account)
    with django_assert_num_queries(queries):
        shown_by(ada, f"/papers/{path}")
