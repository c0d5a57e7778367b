"""What the form calls things, in the customer's words. The machine names are those of the regulation data.

Whatever is not listed here is called as the data call it, so a new field or paper needs no line.
"""

from typing import TYPE_CHECKING, NamedTuple, Union

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from compliance.evaluation.address_formats import library_format
from compliance.models import EndUserType
from compliance.rulebook.catalogue import Field, catalogue
from numbering.countries import called, every, in_order
from numbering.types import NumberType

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise
#: A text, or one that is translated when it is shown.
Text = Union[str, "_StrPromise"]


class Words(NamedTuple):
    """`label`, a `hint` below it, and what a browser may fill in by itself (HTML's autocomplete)."""

    label: Text
    hint: Text = ""
    autocomplete: str = "off"


TYPES = {
    NumberType.LOCAL: Words(_("Local"), _("belongs to a town or an area")),
    NumberType.MOBILE: Words(_("Mobile"), _("looks like the number of a mobile phone")),
    NumberType.NATIONAL: Words(_("National"), _("belongs to the whole country and to no town")),
    NumberType.TOLL_FREE: Words(_("Toll-free"), _("free for who calls it, paid by who has it")),
    NumberType.SHARED_COST: Words(_("Shared cost"), _("who calls it pays a part")),
    NumberType.VOIP: Words(_("Internet telephony (VoIP)"), _("a range of its own for calls over the internet")),
    NumberType.MACHINE_TO_MACHINE: Words(_("Machine to machine"), _("for devices, not for people")),
}
WHO = {
    EndUserType.INDIVIDUAL: Words(_("A person"), _("the number is for yourself, or for one person")),
    EndUserType.BUSINESS: Words(_("A business"), _("a company, an association, an authority or a sole trader")),
}
FIELDS = {
    "first_name": Words(_("First name"), _("All first names, as on the identity paper."), "given-name"),
    "last_name": Words(_("Last name"), _("As on the identity paper."), "family-name"),
    "email": Words(_("E-mail address"), _("Where the person can be reached."), "email"),
    "phone_number": Words(
        _("Telephone number"), _("Where the person can be reached: with + and country code, like +49 30 901820."), "tel"
    ),
    "birth_date": Words(_("Date of birth"), "", "bday"),
    "birth_place": Words(_("Place of birth"), _("The town.")),
    "gender": Words(_("Gender"), _("As on the identity paper.")),
    "nationality": Words(_("Nationality"), "", "country"),
    "document_number": Words(_("Number of the identity paper"), _("It is printed on the passport or the card.")),
    "fiscal_number": Words(_("Tax number"), _("The one that the tax office of the country gave out.")),
    "fiscal_code": Words(_("Fiscal code"), _("The Italian codice fiscale: 16 letters and digits.")),
    "tax_identification_number": Words(_("Tax identification number"), _("As the tax office writes it.")),
    "business_name": Words(_("Name of the business"), _("As in the register, letter for letter."), "organization"),
    "business_registration_number": Words(
        _("Registration number"), _("The number under which the business is registered.")
    ),
    "business_registration_identifier": Words(
        _("Register"), _("Which register or office gave that number, like Companies House or the IRS (EIN).")
    ),
    "business_website": Words(
        _("Website"), _("Its own site, or its page on a social network: https://www.company.com"), "url"
    ),
    "business_description": Words(_("What the business does"), _("Two or three sentences.")),
    "business_identity": Words(_("Who files this"), _("Yourself for your own calls, or as a maker of software.")),
    "is_subassigned": Words(
        _("Will somebody else use the number?"), _("Yes, if you pass it on to a customer of yours.")
    ),
    "vat_number": Words(_("VAT number"), _("The number for value added tax, with the country's letters or without.")),
    "service_description": Words(
        _("What the number is for"), _("Who calls whom, and why. Two or three sentences will do.")
    ),
    "business_purpose": Words(_("What the business needs the number for")),
    "comments": Words(_("Anything else"), _("What the reviewer should know.")),
    "address_sids": Words(_("Address")),
    "issue_date": Words(_("Issued on"), _("The date on the paper.")),
    "expiration_date": Words(_("Valid until"), _("The last day on which it is valid.")),
    "issuing_country": Words(_("Issued by"), _("The country whose authority issued it.")),
}
CHOICES: dict[str, Text] = {
    "female": _("female"),
    "male": _("male"),
    "other": _("other"),
    "DIRECT_CUSTOMER": _("Ourselves, for our own calls"),
    "INDEPENDENT_SOFTWARE_VENDOR": _("A software company, for its customers"),
    "YES": _("Yes"),
    "NO": _("No"),
}


OPEN, NEEDS_YOU, READY, APPROVED = _("still open"), _("needs you"), _("ready"), _("approved")

#: What a good scan shows, by the category of the paper.
SAMPLES: dict[str, Text] = {
    "identity": _("The whole page or card with the photograph, both sides where it has two, all corners in sight."),
    "business": _("Every page, with the name of the business and the register or office that issued it."),
    "address": _("The page with the name, the address and the date, and who sent it."),
    "address_or_business": _("The page with the name, the address and the date, and the office that sent it."),
    "authority": _("Every page, signed by hand, with the date and the names of who gives and who gets the authority."),
    "form": _("Every page, filled in and signed, with the date."),
}


def sample(document_type: str) -> Text:
    """What a scan of such a paper should show."""
    about = catalogue().document_type(document_type)
    return SAMPLES.get(about.category, "") if about else ""


def local_name(document_type: str, country: str) -> str:
    """What a kind of paper is called in that country, in its own language."""
    about = catalogue().document_type(document_type)
    return about.local_names.get(country, "") if about else ""


def of_field(field: Field) -> Words:
    """What a field is called."""
    return FIELDS.get(field.machine_name) or Words(gettext(field.friendly_name), gettext(field.description or " "))


def field_name(name: str) -> Text:
    """The label of a field by its machine name."""
    return of_field(catalogue().field(name)).label


def of_type(number_type: str) -> Words:
    """What a number type is called."""
    return TYPES[NumberType(number_type)]


def of_who(end_user_type: str) -> Words:
    """What a kind of end user is called."""
    return WHO[EndUserType(end_user_type)]


def paper_name(document_type: str) -> str:
    """What a kind of paper is called."""
    return gettext(catalogue().document_name(document_type))


def country_name(country: str) -> str:
    """What a country is called in the language of the page."""
    return called(country)


def countries() -> list[tuple[str, str]]:
    """Every country that addresses lie in: code and name, in the order of the names."""
    known = [(code, country_name(code)) for code, _english in every() if library_format(code)]
    return sorted(known, key=lambda country: in_order(country[1]))
