"""Numbers in a few towns, told apart by their last digits, and ways to read a page."""

import re
from html import unescape
from typing import Any

from django.test import Client

from inventory.models import PhoneNumber
from numbering.models import Place
from numbering.types import Capability
from tests.api.available.window import NEW_YORK, OAKLAND, SAN_FRANCISCO
from tests.factories import NumberFactory

US_LOCAL = {"country": "US", "type": "local"}
VOICE, SMS, MMS, FAX = Capability.VOICE, Capability.SMS, Capability.MMS, Capability.FAX
_NUMBERS = [
    (14155550101, SAN_FRANCISCO, VOICE | SMS | MMS | FAX),
    (14155558294, SAN_FRANCISCO, VOICE),
    (15105550103, OAKLAND, VOICE | SMS),
    (12125550105, NEW_YORK, VOICE | FAX),
]


def stocked() -> dict[int, PhoneNumber]:
    """Four numbers in three towns, by their digits."""
    Place.objects.bulk_create([SAN_FRANCISCO, OAKLAND, NEW_YORK])
    return {
        e164: NumberFactory.create(
            e164=e164, place=place, region=place.region, capabilities=int(mask), declared_capabilities=int(mask)
        )
        for e164, place, mask in _NUMBERS
    }


def said(answer: Any) -> str:
    """The page as it is read: entities as what they stand for, white space as one blank."""
    return re.sub(r"\s+", " ", unescape(answer.content.decode()))


def page(client: Client, path: str, **query: str | list[str]) -> str:
    """What a page says."""
    return said(client.get(path, query))


def numbers_on(shown: str) -> set[int]:
    """The E.164 numbers that a page lists, without the marks in them."""
    plain = re.sub(r"</?mark>", "", shown)
    return {int(each) for each in re.findall(r"ny-e164[^>]*>\+(\d{7,15})", plain)}
