"""What who waited reads by e-mail: text only, in plain words."""

from typing import NamedTuple

from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from inventory.models import PhoneNumber, WaitlistEntry, WaitlistServing
from inventory.search.terms import Price, terms_of
from inventory.waitlist.serving import HEAD_START
from numbering.countries import called
from numbering.types import capability_names


class Letter(NamedTuple):
    """One line, and the text."""

    subject: str
    body: str


class _Line(NamedTuple):
    number: str
    carries: str
    price: Price | None


def letter(serving: WaitlistServing) -> Letter:
    """Tell of one serving: the numbers, what each can do and costs, until when they are held."""
    entry = serving.entry
    numbers = [_line(each.number) for each in serving.offers.select_related("number").order_by("number__e164")]
    context = {
        "entry": entry,
        "basket": serving.reservation,
        "numbers": numbers,
        "wish": wish_in_words(entry),
        "left": entry.quantity - entry.served,
        "head_start": int(HEAD_START.total_seconds() // 60),
    }
    body = render_to_string("mail/waitlist_served.txt", context).strip()
    return Letter(_subject(serving, len(numbers)), f"{body}\n")


def wish_in_words(entry: WaitlistEntry) -> str:
    """ "2 numbers: United States, local, area code 415, with sms"."""
    parts = [
        called(entry.country),
        _(entry.get_number_type_display().lower()),
        _("area code %(code)s") % {"code": entry.area_code} if entry.area_code else "",
        _("in %(town)s") % {"town": entry.locality} if entry.locality else "",
        _("like %(digits)s") % {"digits": entry.contains} if entry.contains else "",
        _("with %(capabilities)s") % {"capabilities": _(" and ").join(_carried(entry.capabilities))}
        if entry.capabilities
        else "",
    ]
    said = ngettext("%(numbers)s number: %(wish)s", "%(numbers)s numbers: %(wish)s", entry.quantity)
    return said % {"numbers": entry.quantity, "wish": ", ".join(filter(None, parts))}


def _subject(serving: WaitlistServing, numbers: int) -> str:
    if serving.reservation:
        said = ngettext(
            "%(numbers)s number that you wait for: held for you now",
            "%(numbers)s numbers that you wait for: held for you now",
            numbers,
        )
    else:
        said = ngettext(
            "%(numbers)s number that you wait for: on sale now",
            "%(numbers)s numbers that you wait for: on sale now",
            numbers,
        )
    return said % {"numbers": numbers}


def _carried(mask: int) -> list[str]:
    return [_(name) for name in capability_names(mask)]


def _line(number: PhoneNumber) -> _Line:
    carries = ", ".join(_carried(number.capabilities)) or _("no capability is proved")
    return _Line(str(number), carries, terms_of(number.country, number.number_type).price(number.provider_id))
