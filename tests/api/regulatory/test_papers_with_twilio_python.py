"""The official twilio-python with addresses, end users, documents and regulations; and an upload by hand."""

import httpx
import pytest
from django.conf import LazySettings
from pytest_django.live_server_helper import LiveServer
from twilio.base.exceptions import TwilioRestException  # type: ignore[import-untyped]  # it ships no types
from twilio.rest import Client  # type: ignore[import-untyped]  # as above

from accounts.models import Account
from tests.api.regulatory.papers import ADA, DOCUMENTS, png
from tests.factories import AccountFactory, BundleFactory, DidFactory, EndUserFactory, RegulationVersionFactory
from tests.patience import PATIENCE

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def customer(transactional_db: None) -> Account:
    return AccountFactory.create(friendly_name="Ada")


@pytest.fixture
def client(live_server: LiveServer, customer: Account, settings: LazySettings) -> Client:
    settings.PUBLIC_URL = live_server.url  # the SDK follows next_page_url as it stands
    client = Client(customer.sid, customer.auth_token)
    client.api.base_url = client.numbers.base_url = live_server.url
    return client


def refusal(refused: pytest.ExceptionInfo[TwilioRestException]) -> tuple[int, int]:
    return refused.value.status, refused.value.code


def test_addresses(client: Client, customer: Account) -> None:
    berlin = {"street": "Unter den Linden 77", "city": "Berlin", "region": "", "postal_code": "10117"}
    made = client.addresses.create(customer_name="Ada", iso_country="DE", friendly_name="Office", **berlin)
    assert (made.validated, made.verified, made.emergency_enabled) == (True, False, False)
    assert client.addresses(made.sid).update(city="Potsdam", postal_code="14467").city == "Potsdam"
    with pytest.raises(TwilioRestException) as refused:
        client.addresses(made.sid).update(postal_code="1")
    assert refusal(refused) == (400, 21628)
    assert refused.value.details["failures"][0]["field"] == "postal_code"
    assert [each.sid for each in client.addresses.list(customer_name="Ada", iso_country="DE")] == [made.sid]


def test_an_address_with_a_number_in_service_stays(client: Client, customer: Account) -> None:
    berlin = {"street": "Unter den Linden 77", "city": "Berlin", "region": "", "postal_code": "10117"}
    made = client.addresses.create(customer_name="Ada", iso_country="DE", friendly_name="Office", **berlin)
    number = DidFactory.create(account=customer, address_sid=made.sid)
    (dependent,) = client.addresses(made.sid).dependent_phone_numbers.list()
    assert (dependent.sid, dependent.capabilities["SMS"]) == (number.sid, True)
    for change in (made.delete, lambda: client.addresses(made.sid).update(city="Potsdam", postal_code="14467")):
        with pytest.raises(TwilioRestException) as refused:
            change()
        assert refusal(refused) == (409, 20409)
    assert client.addresses(made.sid).update(friendly_name="Home").friendly_name == "Home"


def test_what_is_asked_and_the_first_papers(client: Client, customer: Account, live_server: LiveServer) -> None:
    RegulationVersionFactory.create()
    papers = client.numbers.v2.regulatory_compliance
    (asked,) = papers.regulations.list(iso_country="DE", number_type="local", end_user_type="business")
    (party,) = asked.requirements["end_user"]
    assert papers.regulations(asked.sid).fetch(include_constraints=True).requirements["end_user"] != [party]
    kinds = {each.machine_name: each for each in papers.supporting_document_types.list(page_size=7)}
    assert papers.supporting_document_types(kinds["passport"].sid).fetch().friendly_name == "Passport"
    person = papers.end_users.create(friendly_name="Ada", type="individual", attributes=ADA)
    assert papers.end_users(person.sid).fetch().attributes == ADA
    assert papers.end_users(person.sid).update(friendly_name="Countess").friendly_name == "Countess"
    paper = papers.supporting_documents.create(friendly_name="Passport", type="passport", attributes=ADA)
    assert (paper.status, paper.attributes) == ("draft", ADA)
    sent = httpx.post(
        f"{live_server.url}/numbers-upload{DOCUMENTS}/{paper.sid}",
        files={"File": ("passport.png", png(), "image/png")},
        auth=(customer.sid, customer.auth_token),
        timeout=PATIENCE,
    )
    assert sent.status_code == 200
    assert papers.supporting_documents(paper.sid).fetch().mime_type == "image/png"
    assert [each.sid for each in papers.supporting_documents.list(page_size=1)] == [paper.sid]
    assert papers.supporting_documents(paper.sid).delete()
    assert papers.end_users(person.sid).delete()


def test_what_a_bundle_holds_can_not_be_deleted(client: Client, customer: Account) -> None:
    person = EndUserFactory.create(account=customer)
    BundleFactory.create(account=customer, items=[person])
    with pytest.raises(TwilioRestException) as refused:
        client.numbers.v2.regulatory_compliance.end_users(person.sid).delete()
    assert refusal(refused) == (400, 21644)
