"""Who fills in the regulatory form in these tests, and what they give."""

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import Account, Membership
from compliance.models import Bundle, Regulation
from compliance.rulebook.described import sid_of
from compliance.services import drafting
from numbering.models import Place, PlacePrefix
from numbering.models.place import Granularity
from numbering.recent import forget_everything
from tests.compliance.vault.papers import pdf
from tests.compliance.vault.pictures import png
from tests.factories import AccountFactory, UserFactory


def customer(account: Account | None = None) -> tuple[Client, Account]:
    """Signed in, a member of an account of their own."""
    account = account or AccountFactory.create(friendly_name="Ada's shop")
    user, client = UserFactory.create(), Client()
    Membership.objects.create(user=user, account=account)
    client.force_login(user)
    return client, account


def draft(account: Account, country: str, number_type: str, who: str, **settings: Any) -> Bundle:
    """A draft for that regulation, begun as the first step begins it."""
    regulation = Regulation.objects.get(sid=sid_of(country, number_type, who))
    given = {"friendly_name": "Papers", "email": "ada@example.com", **settings}
    return drafting.begin(account=account, regulation=regulation, settings=given, actor=f"account:{account.sid}")


COMPANY = {
    "business_name": "Musterfirma GmbH",
    "business_registration_number": "Berlin (Charlottenburg) HRB 11223 B",
    "business_website": "https://www.musterfirma.de",
    "first_name": "Erika",
    "last_name": "Mustermann",
    "email": "erika@musterfirma.de",
}
BERLIN = {
    "country": "DE",
    "customer_name": "Musterfirma GmbH",
    "street": "Unter den Linden 77",
    "postal_code": "10117",
    "city": "Berlin",
}
BERLINS_NUMBER = 4930901820


def berlin() -> None:
    """The town that +49 30 belongs to."""
    place = Place.objects.create(
        id=49_030,
        country="DE",
        name="Berlin",
        normalised_name="berlin",
        granularity=Granularity.LOCALITY,
        source="libphonenumber",
    )
    PlacePrefix.objects.create(prefix=4930, country="DE", place=place)
    forget_everything()


def scan(kind: str = "png", content: bytes = b"") -> SimpleUploadedFile:
    """A file as a browser sends it."""
    content = content or (png() if kind == "png" else pdf())
    return SimpleUploadedFile(f"Scan of Erika.{kind}", content, content_type="application/octet-stream")


def put_in_order(client: Client, bundle: Bundle) -> None:
    """Everything that a German local number asks of a business, page by page."""
    at = f"/papers/{bundle.sid}"
    client.post(f"{at}/you", COMPANY)
    client.post(f"{at}/addresses", BERLIN)
    for name, fields in (
        ("business_name_info", {"business_name": COMPANY["business_name"]}),
        ("business_address_proof_info", {}),
        ("business_reg_no_info", {"business_registration_number": COMPANY["business_registration_number"]}),
    ):
        given = {f"{name}-{field}": value for field, value in fields.items()}
        client.post(f"{at}/documents/{name}", {"type": "commercial_registrar_excerpt", "File": scan(), **given})
