"""Who the customers are: what a person or a company of a country knows of itself, and no word of what is asked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

_TODAY = datetime.now(UTC).date()
_EVERYBODY = {
    "first_name": "Maria",
    "last_name": "Keller",
    "email": "maria@keller.example",
    "birth_date": "1983-11-18",
    "birth_place": "Manarola",
    "gender": "female",
    "document_number": "X1234567",
    "issue_date": (_TODAY - timedelta(days=20)).isoformat(),
    "expiration_date": (_TODAY + timedelta(days=1500)).isoformat(),
    "business_name": "Keller & Daughters",
    "business_website": "https://www.keller.de",
    "business_identity": "DIRECT_CUSTOMER",
    "is_subassigned": "NO",
    "service_description": "Appointments of a joiner's workshop",
}


@dataclass(frozen=True)
class Customer:
    """A person or company: `knows`, by the names that regulations use; `lives`, as the API names the parts."""

    country: str
    lives: Mapping[str, str]
    knows: Mapping[str, str] = field(default_factory=dict)

    def tell(self, name: str) -> str:
        """What is asked for; a KeyError is a question that the customer can't answer."""
        return {**_EVERYBODY, "nationality": self.country, "issuing_country": self.country, **self.knows}[name]


def _at(street: str, city: str, code: str, country: str, region: str = "") -> dict[str, str]:
    parts = {"street": street, "city": city, "postal_code": code, "region": region, "iso_country": country}
    return {"customer_name": "Maria Keller", "friendly_name": "Workshop"} | parts


BERLIN = _at("Unter den Linden 77", "Berlin", "10117", "DE")
MUNICH = _at("Marienplatz 8", "München", "80331", "DE")
CUSTOMERS = {
    "US": Customer("US", _at("1 Market Street", "San Francisco", "94105", "US", "CA")),
    "DE": Customer("DE", BERLIN, {"business_registration_number": "HRB 86891"}),
    "GB": Customer(
        "GB",
        _at("221B Baker Street", "London", "NW1 6XE", "GB"),
        {
            "phone_number": "+442079460018",
            "business_registration_number": "00445790",
            "business_registration_identifier": "00445790",
        },
    ),
    "FR": Customer(
        "FR",
        _at("12 Rue de Rivoli", "Paris", "75004", "FR"),
        {"phone_number": "+33140205050", "business_registration_number": "552008443"},
    ),
    "IE": Customer(
        "IE",
        _at("1 Grafton Street", "Dublin", "D02 X285", "IE"),
        {"phone_number": "+35316793333", "business_registration_number": "123456"},
    ),
    "ES": Customer("ES", _at("Calle Mayor 1", "Madrid", "28013", "ES", "Madrid"), {"fiscal_number": "54362315K"}),
    "IT": Customer(
        "IT",
        _at("Via del Corso 300", "Roma", "00186", "IT", "RM"),
        {"gender": "male", "fiscal_code": "RCCMNL83S18D969H", "vat_number": "00743110157"},
    ),
    "DK": Customer("DK", BERLIN, {"phone_number": "+4533926000"}),  # abroad: an address anywhere will do
}
