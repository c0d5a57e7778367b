"""Steps 2 to 5 of the papers: what is given is kept, looked at by the evaluation, and handed in once it is in order."""

import json
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import Account
from compliance.lifecycle import BundleState
from compliance.models import Address, Bundle, DocumentStatus, EndUser, Evaluation, StoredFile, SupportingDocument
from compliance.rulebook.catalogue import catalogue
from compliance.services import drafting
from compliance.services.evaluations import look
from numbering.recent import forget_everything
from tests.compliance.vault.papers import pdf
from tests.compliance.vault.pictures import png
from tests.factories import AddressFactory, BundleFactory, DocumentFactory, EndUserFactory, loaded
from tests.portal.papers_world import BERLIN, BERLINS_NUMBER, COMPANY, berlin, customer, draft, put_in_order, scan

pytestmark = pytest.mark.django_db
NAME, ADDRESS, REGISTER = "business_name_info", "business_address_proof_info", "business_reg_no_info"
EXCERPT = "commercial_registrar_excerpt"
XSS = "<script>alert(1)</script>"


@pytest.fixture(autouse=True)
def _rules() -> Iterator[None]:
    loaded("DE", "GB")
    berlin()
    yield
    forget_everything()


@pytest.fixture
def world() -> tuple[Client, Account]:
    return customer()


@pytest.fixture
def client(world: tuple[Client, Account]) -> Client:
    return world[0]


@pytest.fixture
def german(world: tuple[Client, Account]) -> Bundle:
    """A draft for a number of Berlin."""
    return draft(world[1], "DE", "local", "business", for_number=BERLINS_NUMBER)


def text(client: Client, bundle: Bundle, step: str) -> str:
    answer = client.get(f"/papers/{bundle.sid}/{step}")
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def post(client: Client, bundle: Bundle, path: str, given: dict[str, Any]) -> str:
    """Where it leads, or the page that it shows."""
    answer = client.post(f"/papers/{bundle.sid}/{path}", given)
    assert answer.status_code in (200, 302), answer.content
    return answer.headers.get("Location", "") or unescape(answer.content.decode())


def test_the_whole_form_from_empty_to_handed_in(client: Client, german: Bundle) -> None:
    assert post(client, german, "you", COMPANY) == f"/papers/{german.sid}/addresses"
    assert post(client, german, "addresses", BERLIN) == f"/papers/{german.sid}/documents"
    put_in_order(client, german)
    page = text(client, german, "check")
    assert "4 of 4 ready" in page
    assert "The address on the paper must equal the address record" in page, "what a person will look at"
    given = {"friendly_name": "Berlin", "email": "news@musterfirma.de"}
    assert post(client, german, "check", given).startswith(f"/papers/{german.sid}")
    german.refresh_from_db()
    assert (german.state, german.friendly_name, german.email) == (
        BundleState.PENDING_REVIEW,
        "Berlin",
        "news@musterfirma.de",
    )
    assert Evaluation.objects.get().compliant


def test_to_hand_in_twice_is_to_hand_in_once(client: Client, german: Bundle) -> None:
    put_in_order(client, german)
    given = {"friendly_name": "Berlin", "email": "news@musterfirma.de"}
    post(client, german, "check", given)
    assert client.post(f"/papers/{german.sid}/check", given).status_code == 409
    assert [entry.verb for entry in german.ledger.order_by("pk")] == ["create", "submit"]


def test_what_is_not_in_order_is_not_handed_in_and_leads_back_to_its_field(client: Client, german: Bundle) -> None:
    post(client, german, "you", {**COMPANY, "email": "nobody"})
    page = text(client, german, "check")
    assert "0 of 4 ready" in page
    assert f'href="/papers/{german.sid}/you#id_email"' in page
    assert f'href="/papers/{german.sid}/documents#{NAME}"' in page
    assert ">Hand in</button>" not in page
    given = {"friendly_name": "Berlin", "email": "news@musterfirma.de", "status_callback": ""}
    assert "Nothing was handed in" in post(client, german, "check", given)
    german.refresh_from_db()
    assert (german.state, german.friendly_name) == (BundleState.DRAFT, "Berlin")


def test_every_step_is_kept_and_found_again(client: Client, german: Bundle) -> None:
    post(client, german, "you", {"business_name": "Musterfirma GmbH", "email": "nobody"})
    page = text(client, german, "you")
    assert 'value="Musterfirma GmbH"' in page
    assert "5 details still need you" in page
    assert "The email address is not valid" in page
    assert 'aria-invalid="true"' in page
    assert "This is asked for" in page
    assert EndUser.objects.get().attributes == {"business_name": "Musterfirma GmbH", "email": "nobody"}
    post(client, german, "you", {"business_name": "", "email": "erika@musterfirma.de"})
    assert EndUser.objects.get().attributes == {"email": "erika@musterfirma.de"}


def test_a_fresh_form_blames_nobody(client: Client, german: Bundle) -> None:
    assert 'ny-said ny-bad"' not in text(client, german, "you")
    assert 'ny-said ny-bad"' not in text(client, german, "addresses")
    assert 'ny-said ny-bad"' not in text(client, german, "documents")


def test_what_another_bundle_holds_too_is_not_changed_here(
    client: Client, world: tuple[Client, Account], german: Bundle
) -> None:
    shared = EndUserFactory.create(account=world[1])
    BundleFactory.create(account=world[1], items=[shared], state=BundleState.APPROVED)
    german.items.create(end_user=shared)
    post(client, german, "you", {"business_name": "Another GmbH"})
    shared.refresh_from_db()
    assert shared.attributes["business_name"] == "Musterfirma GmbH"
    own = german.items.get(ended_at=None, end_user__isnull=False).end_user
    assert own is not None
    assert own.attributes["business_name"] == "Another GmbH"


def test_one_begins_with_what_one_gave_before_and_not_with_anothers(
    client: Client, world: tuple[Client, Account], german: Bundle
) -> None:
    before = EndUserFactory.create(account=world[1], friendly_name="Earlier")
    other = EndUserFactory.create(friendly_name="Somebody else")
    page = text(client, german, "you")
    assert f"?from={before.sid}" in page
    assert "Somebody else" not in page
    assert 'value="HRB 86891"' in text(client, german, f"you?from={before.sid}")
    assert client.get(f"/papers/{german.sid}/you?from={other.sid}").status_code == 404


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("email", "nobody", "The email address is not valid"),
        ("email", "erika@musterfirma.de", "Looks right"),
        ("business_website", "musterfirma", "The website address is not valid"),
        ("business_website", "musterfirma.de", "Looks right"),
        ("business_registration_number", "HRB 1", "A reviewer will look at this"),
        ("first_name", "Erika2", "This cannot be used as it is: it must be without digits."),
        ("first_name", " ", "This is asked for"),
        ("no_such_field", "x", ""),
    ],
)
def test_a_field_is_looked_at_when_it_is_left(
    client: Client, german: Bundle, field: str, value: str, words: str
) -> None:
    said = post(client, german, "you/look", {**COMPANY, field: value, "field": field})
    assert words in said
    assert bool(said.strip()) is bool(words)
    assert not EndUser.objects.exists(), "nothing is kept"
    assert not Evaluation.objects.exists()


def test_no_answer_repeats_what_was_written(client: Client, german: Bundle) -> None:
    for field in COMPANY:
        said = client.post(f"/papers/{german.sid}/you/look", {**COMPANY, field: XSS, "field": field})
        assert "alert" not in said.content.decode()


def test_what_was_written_is_escaped_everywhere(client: Client, german: Bundle) -> None:
    post(client, german, "you", dict.fromkeys(COMPANY, XSS))
    client.post(f"/papers/{german.sid}/addresses", {**BERLIN, "customer_name": XSS, "street": XSS})
    client.post(f"/papers/{german.sid}/documents/{NAME}", {"type": EXCERPT, f"{NAME}-business_name": XSS})
    client.post(f"/papers/{german.sid}/check", {"friendly_name": XSS, "email": "a@b.de"})
    for step in ("where", "you", "addresses", "documents", "check"):
        assert XSS not in client.get(f"/papers/{german.sid}/{step}").content.decode()
    assert XSS not in client.get("/papers/new?country=DE&type=local&who=business").content.decode()


def test_the_area_of_the_number_is_named_and_counts(client: Client, german: Bundle) -> None:
    assert "It must lie in the area of the number, +49 30: Berlin." in text(client, german, "addresses")
    munich = {**BERLIN, "street": "Marienplatz 8", "postal_code": "80331", "city": "München"}
    assert post(client, german, "addresses", munich) == f"/papers/{german.sid}/addresses"
    page = text(client, german, "addresses")
    assert "this address will not do" in page
    assert "in the area served by the prefix of the number: Berlin." in page
    assert post(client, german, "addresses", BERLIN) == f"/papers/{german.sid}/documents"
    offered = text(client, german, "addresses")
    assert "Marienplatz 8" in offered
    assert "Unter den Linden 77" in offered


def test_an_address_is_written_as_its_country_writes_it(client: Client, german: Bundle) -> None:
    page = post(client, german, "addresses", {**BERLIN, "postal_code": "1011", "street": ""})
    assert "The postal code does not fit the country: Germany, for example 26133." in page
    assert "A part of the address is missing: Street." in page
    assert 'id="id_street_said"' in page
    assert not Address.objects.exists()


def test_a_small_correction_is_shown_before_it_is_made(client: Client, world: tuple[Client, Account]) -> None:
    bundle = draft(world[1], "GB", "mobile", "individual")
    home = {"country": "PL", "customer_name": "Ada", "street": "ul. Krucza 1", "city": "Warszawa"}
    page = post(client, bundle, "addresses", {**home, "postal_code": "00950"})
    assert "Is it meant like this?" in page
    assert "00-950 Warszawa" in page
    assert not Address.objects.exists()
    post(client, bundle, "addresses", {**home, "postal_code": "00950", "correct": "yes"})
    assert Address.objects.get().postal_code == "00-950"


def test_the_same_address_is_one_address(client: Client, german: Bundle) -> None:
    for _ in range(2):
        post(client, german, "addresses", BERLIN)
    assert Address.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("postal_code", "123", "The postal code does not fit the country"),
        ("postal_code", "10117", "Looks right"),
        ("city", "München", "in the area served by the prefix"),
        ("street", "Postfach 12", "post office box"),
        ("street", "", "A part of the address is missing"),
        ("street_secondary", "", ""),
    ],
)
def test_a_part_of_an_address_is_looked_at_when_it_is_left(
    client: Client, german: Bundle, field: str, value: str, words: str
) -> None:
    said = post(client, german, "addresses/look", {**BERLIN, field: value, "field": field})
    assert words in said
    assert bool(said.strip()) is bool(words)


def test_addresses_of_others_are_nobodys_to_use(client: Client, world: tuple[Client, Account], german: Bundle) -> None:
    own, other = AddressFactory.create(account=world[1]), AddressFactory.create(street="Somewhere else 1")
    page = text(client, german, "addresses")
    assert own.sid in page
    assert "Somewhere else" not in page
    assert client.post(f"/papers/{german.sid}/addresses", {"address": other.sid}).status_code == 404
    assert post(client, german, "addresses", {"address": own.sid}) == f"/papers/{german.sid}/documents"


def test_a_country_that_is_none_has_no_form(client: Client, world: tuple[Client, Account]) -> None:
    bundle = draft(world[1], "GB", "mobile", "individual")
    assert "Prefecture" in text(client, bundle, "addresses?country=JP")
    assert client.get(f"/papers/{bundle.sid}/addresses?country=ZZ").status_code == 404


def test_a_paper_is_kept_with_its_file_and_without_its_name(client: Client, german: Bundle) -> None:
    post(client, german, "you", COMPANY)
    there = post(client, german, f"documents/{NAME}", {"type": EXCERPT, "File": scan(), f"{NAME}-business_name": "X"})
    assert there == f"/papers/{german.sid}/documents#{NAME}"
    paper = SupportingDocument.objects.get()
    assert paper.file is not None
    assert (paper.type, paper.file.mime_type, paper.attributes) == (EXCERPT, "image/png", {"business_name": "X"})
    page = text(client, german, "documents")
    assert "Your file is here" in page
    assert "A detail on the paper differs from the end user" in page
    assert "Scan of Erika" not in json.dumps([page, paper.friendly_name, paper.file.name])


def test_what_one_wrote_stays_when_the_file_is_refused(client: Client, german: Bundle) -> None:
    bad = scan(content=png()[:200])
    page = post(client, german, f"documents/{NAME}", {"type": EXCERPT, "File": bad, f"{NAME}-business_name": "Kept"})
    assert "The file is damaged or incomplete." in page
    assert 'value="Kept"' in page
    assert not StoredFile.objects.exists()


def test_another_kind_takes_the_place_of_the_first(client: Client, german: Bundle) -> None:
    post(client, german, f"documents/{NAME}", {"type": EXCERPT, "File": scan()})
    first = SupportingDocument.objects.get()
    page = text(client, german, f"documents?for={NAME}&type=trade_license")
    assert "Gewerbeanmeldung" in page
    assert 'value="trade_license" checked' in page
    post(client, german, f"documents/{NAME}", {"type": "trade_license", "File": scan("pdf")})
    first.refresh_from_db()
    assert first.deleted_at is not None
    item = german.items.get(ended_at=None)
    assert item.document is not None
    assert (item.document.type, item.requirement_name) == ("trade_license", NAME)


def test_a_kind_that_is_not_accepted_is_not_offered(client: Client, german: Bundle) -> None:
    post(client, german, f"documents/{NAME}", {"type": "passport", "File": scan()})
    assert SupportingDocument.objects.get().type == EXCERPT, "the first that is accepted"
    assert client.post(f"/papers/{german.sid}/documents/no_such_thing", {"File": scan()}).status_code == 404


def test_an_upload_that_is_too_long_is_refused_unread(client: Client, german: Bundle) -> None:
    big = scan(content=b"\0" * (catalogue().files.max_bytes + 300_000))
    answer = client.post(f"/papers/{german.sid}/documents/{NAME}", {"type": EXCERPT, "File": big})
    assert answer.status_code == 400
    assert "The file is too big" in answer.content.decode()
    assert not SupportingDocument.objects.exists()


def test_an_upload_takes_the_token_of_its_own_page(world: tuple[Client, Account], german: Bundle) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = world[0].cookies
    path = f"/papers/{german.sid}/documents/{NAME}"
    assert strict.post(path, {"type": EXCERPT, "File": scan()}).status_code == 403
    token = strict.get(f"/papers/{german.sid}/documents").context["csrf_token"]
    given = {"type": EXCERPT, "File": scan(), "csrfmiddlewaretoken": str(token)}
    assert strict.post(path, given).status_code == 302
    assert SupportingDocument.objects.count() == 1


def test_the_file_of_one_paper_serves_another_requirement_too(client: Client, german: Bundle) -> None:
    post(client, german, "you", COMPANY)
    post(client, german, "addresses", BERLIN)
    name = {f"{NAME}-business_name": COMPANY["business_name"]}
    post(client, german, f"documents/{NAME}", {"type": EXCERPT, "File": scan(), **name})
    first = german.items.get(ended_at=None, requirement_name=NAME).document
    assert first is not None
    assert "The same file as for “Proof of business identity”" in text(client, german, "documents")
    for other in (REGISTER, ADDRESS):
        post(client, german, f"documents/{other}/reuse", {"document": first.sid})
    assert look(german).outcome.compliant
    assert StoredFile.objects.count() == 3, "each sealed by itself"


def test_an_approved_paper_is_used_again_by_one_press(
    client: Client, world: tuple[Client, Account], german: Bundle
) -> None:
    post(client, german, "you", COMPANY)
    fields = {"account": world[1], "type": EXCERPT, "addresses": [], "status": DocumentStatus.APPROVED}
    good = DocumentFactory.create(**fields, attributes={"business_name": "Musterfirma GmbH"}, file=stored())
    wrong = DocumentFactory.create(**fields, attributes={"business_name": "Another GmbH"}, file=stored())
    other = DocumentFactory.create(**{**fields, "account": BundleFactory.create().account}, file=stored())
    page = text(client, german, "documents")
    assert good.sid in page
    assert wrong.sid not in page
    assert post(client, german, f"documents/{NAME}/reuse", {"document": good.sid}).endswith(f"#{NAME}")
    assert "approved by a reviewer before" in text(client, german, "documents")
    assert client.post(f"/papers/{german.sid}/documents/{NAME}/reuse", {"document": other.sid}).status_code == 404
    post(client, german, f"documents/{NAME}/out", {})
    good.refresh_from_db()
    assert good.deleted_at is None
    assert not german.items.filter(ended_at=None, document__isnull=False).exists()


def stored() -> StoredFile:
    from compliance.vault import objects

    return objects.put(pdf(), mime_type="application/pdf")


def test_a_paper_that_names_no_requirement_is_shown_where_it_serves(
    client: Client, world: tuple[Client, Account], german: Bundle
) -> None:
    """As one that came over the API."""
    post(client, german, "you", COMPANY)
    register = {"business_registration_number": COMPANY["business_registration_number"]}
    paper = DocumentFactory.create(account=world[1], type=EXCERPT, addresses=[], attributes=register, file=stored())
    german.items.create(document=paper)
    page = text(client, german, "documents")
    assert page.split(f'id="{REGISTER}"')[1].count("Your file is here") == 1
    post(client, german, f"documents/{REGISTER}", {"type": EXCERPT, f"{REGISTER}-business_registration_number": "1"})
    assert german.items.filter(ended_at=None, document__isnull=False).count() == 1


def test_where_nobody_confirmed_the_rules_one_may_hand_in_what_one_has(
    client: Client, world: tuple[Client, Account]
) -> None:
    bundle = draft(world[1], "DE", "voip", "business")
    page = text(client, bundle, "you")
    assert "Nobody has confirmed yet" in page
    assert 'name="business_name"' in page
    post(client, bundle, "you", {"business_name": "Musterfirma GmbH"})
    post(client, bundle, "check", {"friendly_name": "VoIP", "email": "a@b.de"})
    bundle.refresh_from_db()
    assert bundle.state == BundleState.PENDING_REVIEW


@pytest.mark.parametrize(
    "url", ["http://10.0.0.1/", "https://user:secret@example.com/", "ftp://example.com", "nothing "]
)
def test_news_go_to_the_public_internet_only(client: Client, german: Bundle, url: str) -> None:
    put_in_order(client, german)
    post(client, german, "check", {"friendly_name": "B", "email": "a@b.de", "status_callback": url})
    german.refresh_from_db()
    assert (german.state, german.status_callback) == (BundleState.DRAFT, "")


PATHS = ["you/look", "addresses/look", f"documents/{NAME}", f"documents/{NAME}/look", f"documents/{NAME}/reuse"]


@pytest.mark.parametrize("path", [*PATHS, f"documents/{NAME}/out", "take-back"])
def test_nothing_of_somebody_elses_draft_can_be_reached(client: Client, path: str) -> None:
    other = BundleFactory.create()
    before = other.updated_at
    assert client.post(f"/papers/{other.sid}/{path}", {"type": EXCERPT, "field": "email"}).status_code == 404
    other.refresh_from_db()
    assert other.updated_at == before


@pytest.mark.parametrize("path", [*PATHS, f"documents/{NAME}/out"])
def test_nothing_is_written_into_what_is_being_reviewed(
    client: Client, world: tuple[Client, Account], path: str
) -> None:
    bundle = BundleFactory.create(account=world[1], state=BundleState.IN_REVIEW)
    assert client.post(f"/papers/{bundle.sid}/{path}", {"type": EXCERPT}).status_code == 409
    assert client.get(f"/papers/{bundle.sid}/{path}").status_code in (405, 200)


def test_begin_again_leaves_what_was_written(world: tuple[Client, Account], german: Bundle) -> None:
    drafting.set_end_user(bundle=german, attributes={"business_name": "Musterfirma GmbH"})
    again = draft(world[1], "DE", "local", "business", for_number=BERLINS_NUMBER)
    assert again.pk != german.pk


@pytest.mark.parametrize(
    ("step", "queries"), [("where", 8), ("you", 7), ("addresses", 9), ("documents", 9), ("check", 8)]
)
def test_a_page_takes_as_many_queries_whatever_is_asked(
    client: Client, german: Bundle, step: str, queries: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    put_in_order(client, german)
    text(client, german, step)
    with django_assert_num_queries(queries):
        text(client, german, step)
