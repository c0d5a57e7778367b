"""Cases as customers send them: every field filled in, papers that do not say what they are for, real postal codes."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

from compliance.evaluation.case import AddressRecord, Area, Case, Paper, Party
from compliance.rulebook.country_files import COUNTRY_FILES
from compliance.rulebook.reading import read
from compliance.rulebook.rules import CountryRules, country_rules


@dataclass(frozen=True)
class Named:
    """A case of a regulation, and whether it is compliant."""

    name: str
    country: str
    number_type: str
    end_user_type: str
    case: Case
    compliant: bool

    @property
    def rules(self) -> CountryRules:
        """The shipped rules of its country."""
        return _rules(self.country)

    @property
    def plain(self) -> Mapping[str, Any]:
        """The case as the JSON that it comes from."""
        return asdict(self.case)


def german(*, town: str) -> Case:
    """A business in Munich, or not: three papers, one address."""
    register = "München HRB 150149"
    return Case(
        Party(
            "business",
            {
                "business_name": "Löwenbräu Telefon GmbH",
                "business_registration_number": register,
                "first_name": "Jörg",
                "last_name": "Müller",
                "email": "j.mueller@loewenbraeu.de",
                "business_website": "https://www.loewenbraeu.de/kontakt",
            },
        ),
        (
            Paper("RD1", "commercial_registrar_excerpt", {"business_name": "Löwenbräu Telefon GmbH"}, has_file=True),
            Paper("RD2", "trade_license", {"address_sids": ["AD1"], "issue_date": "2026-08-03"}, has_file=True),
            Paper("RD3", "tax_document", {"business_registration_number": register}, has_file=True),
        ),
        {"AD1": AddressRecord("AD1", "Nymphenburger Straße 7", "Hinterhaus", town, "Bayern", "80335", "DE")},
        Area(("Munich", "Gräfelfing", "Haar", "Unterhaching", "Germering"), "+49 89"),
    )


def french() -> Case:
    """A business in Lyon: the same extract twice, one for each requirement."""
    extract = {"business_name": "Téléphonie du Rhône SAS", "business_registration_number": "552 008 443"}
    return Case(
        Party(
            "business",
            {
                **extract,
                "first_name": "Amélie",
                "last_name": "Durand",
                "email": "amelie.durand@tdr.fr",
                "business_website": "https://tdr.fr",
            },
        ),
        (
            Paper("RD1", "commercial_registrar_excerpt", extract, has_file=True),
            Paper("RD2", "commercial_registrar_excerpt", {"address_sids": ["AD1"]}, has_file=True),
        ),
        {"AD1": AddressRecord("AD1", "12 rue de la République", "", "Lyon", "", "69 002", "FR")},
        Area(("Lyon",), "+33 4"),
    )


def british() -> Case:
    """An individual with a mobile number: a passport and an address record."""
    who = {"first_name": "Emma", "last_name": "Taylor"}
    return Case(
        Party("individual", {**who, "email": "emma@taylor.co.uk", "phone_number": "+44 7400 123456"}),
        (
            Paper("RD1", "passport", {**who, "expiration_date": "2031-05-01"}, has_file=True),
            Paper("RD2", "individual_address", {"address_sids": ["AD1"]}, has_file=False),
        ),
        {"AD1": AddressRecord("AD1", "10 Old Street", "Flat 3", "London", "", "EC1Y 8SY", "GB")},
    )


CASES = (
    Named("DE local, business", "DE", "local", "business", german(town="Muenchen"), compliant=True),
    Named("DE local, business, wrong town", "DE", "local", "business", german(town="Nürnberg"), compliant=False),
    Named("DE local, business, nothing given", "DE", "local", "business", Case(), compliant=False),
    Named("FR local, business", "FR", "local", "business", french(), compliant=True),
    Named("GB mobile, individual", "GB", "mobile", "individual", british(), compliant=True),
)


@cache
def _rules(country: str) -> CountryRules:
    return country_rules(read((COUNTRY_FILES / f"{country.lower()}.yaml").read_bytes()).document)
