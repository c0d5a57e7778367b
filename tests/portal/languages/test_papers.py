"""The regulatory form, step by step, in another language."""

import pytest
from django.test import Client

from accounts.models import Account
from compliance.lifecycle import BundleState
from compliance.models import Bundle, DocumentStatus, SupportingDocument
from compliance.services import rulebooks
from inventory.models import Did
from tests.factories import AddressFactory, DocumentFactory, NumberFactory, advanced, loaded
from tests.portal.languages.walking import Walk
from tests.portal.papers_world import BERLIN, BERLINS_NUMBER, COMPANY, berlin, draft, put_in_order, scan
from tests.portal.test_papers_everywhere import STEPS, VISITED

PAGES = {
    *("papers-new", "papers-step", "papers-look", "papers-address-look", "papers-give", "papers-paper-look"),
    *("papers-reuse", "papers-take-out", "papers-take-back"),
}
WRONG = {
    "business_name": "x" * 600,
    "business_registration_number": "HRB",
    "business_website": "file:///etc",
    "first_name": "Erika 2",
    "last_name": "",
    "email": "nobody",
}


@pytest.mark.parametrize("country", [*VISITED, "ZA"])
def test_what_is_asked(walk: Walk, account: Account, country: str) -> None:
    loaded(country)
    kinds = {about.number_type for about in rulebooks.regulations(country)}
    walk.get("/papers/new")
    walk.get(f"/papers/new?country={country}")
    for kind in sorted(kinds):
        for who in ("individual", "business"):
            walk.get(f"/papers/new?country={country}&type={kind}&who={who}")
            walk.post(
                f"/papers/new?country={country}&type={kind}&who={who}", {"country": country, "type": kind, "who": who}
            )
    for bundle in Bundle.objects.filter(account=account):
        for step in STEPS:
            walk.get(f"/papers/{bundle.sid}/{step}")


def test_a_form_that_is_filled_in_badly(walk: Walk, account: Account) -> None:
    loaded("DE", "GB", "IT")
    berlin()
    bundle = draft(account, "DE", "local", "business", for_number=BERLINS_NUMBER)
    at = f"/papers/{bundle.sid}"
    walk.post(f"{at}/you", WRONG)
    walk.get(f"{at}/you")
    for field, value in WRONG.items():
        walk.post(f"{at}/you/look", {**WRONG, field: value, "field": field})
    for name, value in (("email", "a@example.com"), ("first_name", "Erika"), ("business_name", "Musterfirma")):
        walk.post(f"{at}/you/look", {**WRONG, name: value, "field": name})
    _addresses(walk, at)
    for kind in ("commercial_registrar_excerpt", "business_address"):
        given = {"type": kind, "File": scan(content=b"MZ no paper")}
        walk.post(f"{at}/documents/business_name_info", given)
    walk.post(f"{at}/documents/business_reg_no_info", {"type": "commercial_registrar_excerpt", "File": scan()})
    detail = {
        "type": "commercial_registrar_excerpt",
        "business_name_info-business_name": "Musterfirma",
        "field": "business_name",
    }
    walk.post(f"{at}/documents/business_name_info/look", detail)
    walk.post(f"{at}/documents/business_name_info/look", {**detail, "business_name_info-business_name": ""})
    for step in STEPS:
        walk.get(f"{at}/{step}")
    walk.post(f"{at}/check", {"friendly_name": "", "email": "nobody", "status_callback": "http://127.0.0.1/"})
    walk.post(f"{at}/check", {"friendly_name": "Half written", "email": "ada@example.com"})


def _addresses(walk: Walk, at: str) -> None:
    walk.get(f"{at}/addresses")
    for changed in (
        {"city": "Hamburg"}, {"postal_code": "1"}, {"postal_code": ""}, {"street": "Postfach 12"}, {"street": ""},
        {"customer_name": ""}, {"city": "B\u0435rlin"},
    ):  # fmt: skip
        walk.post(f"{at}/addresses", {**BERLIN, **changed})
        walk.post(f"{at}/addresses/look", {**BERLIN, **changed, "field": next(iter(changed))})
    walk.post(f"{at}/addresses/look", {**BERLIN, "field": "city"})
    walk.get(f"{at}/addresses")
    walk.get(f"{at}/check")


def test_a_form_that_is_in_order(walk: Walk, account: Account, ada: Client) -> None:
    loaded("DE")
    berlin()
    approved = DocumentFactory.create(
        account=account, type="commercial_registrar_excerpt", status=DocumentStatus.APPROVED,
        attributes={"business_name": COMPANY["business_name"]},
    )  # fmt: skip
    bundle = draft(account, "DE", "local", "business", for_number=BERLINS_NUMBER)
    at = f"/papers/{bundle.sid}"
    put_in_order(ada, bundle)
    for step in STEPS:
        walk.get(f"{at}/{step}")
    walk.post(f"{at}/documents/business_name_info/out")
    walk.post(f"{at}/documents/business_name_info/reuse", {"document": approved.sid})
    other = SupportingDocument.objects.filter(assignments__bundle=bundle, assignments__ended_at=None).latest("pk")
    walk.post(f"{at}/documents/business_name_info/reuse", {"document": other.sid})
    put_in_order(ada, bundle)
    walk.post(f"{at}/check", {"friendly_name": "Berlin office", "email": "ada@example.com"})
    for step in STEPS:
        walk.get(f"{at}/{step}")
    walk.post(f"{at}/you", COMPANY, 409)
    walk.post(f"{at}/take-back")
    bundle.refresh_from_db()
    for state in (BundleState.IN_REVIEW, BundleState.APPROVED, BundleState.REJECTED):
        walk.get(f"/papers/{advanced(draft(account, 'DE', 'local', 'business'), state).sid}/check")


def test_papers_for_a_number_of_the_cart(walk: Walk, account: Account) -> None:
    loaded("DE")
    berlin()
    NumberFactory.create(e164=BERLINS_NUMBER, country="DE")
    walk.get(f"/papers/new?number={BERLINS_NUMBER}")
    walk.get(f"/papers/new?number={BERLINS_NUMBER}&who=business")
    walk.get("/papers/new?country=XX&type=pigeon&who=nobody")
    assert not Did.objects.exists()


def test_an_address_elsewhere(walk: Walk, account: Account) -> None:
    loaded("GB", "AU")
    AddressFactory.create(account=account)
    for country, kind in (("GB", "local"), ("AU", "local")):
        for who in ("individual", "business"):
            at = f"/papers/{draft(account, country, kind, who).sid}"
            for lies_in in ("", "?country=JP", "?country=IE", "?country=US"):
                walk.get(f"{at}/addresses{lies_in}")
            walk.post(f"{at}/addresses", {"country": "IE", "customer_name": "Erika", "street": "x", "city": "Cork"})
