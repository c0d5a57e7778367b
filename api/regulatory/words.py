"""Twilio's spelling of what the compliance room says in its own words."""

from django.conf import settings

from api.parameters import Format
from compliance.models import EndUserType
from numbering.types import NumberType

BASE = "/v2/RegulatoryCompliance"


def address_of(path: str) -> str:
    """The absolute URL of a resource below `BASE`."""
    return f"{settings.PUBLIC_URL}{BASE}/{path}"


def hyphened(word: str) -> str:
    """`toll-free`, `pending-review`."""
    return word.replace("_", "-")


def _number_type(value: str) -> NumberType:
    """Twilio spells one and the same thing `toll-free`, `toll_free`, `TollFree`, `toll free` and `TOLL-FREE`."""
    by_letters = {_letters(name): NumberType(name) for name in NumberType.values}
    found = by_letters.get(_letters(value))
    if found is None:
        raise ValueError(f"expected one of {', '.join(map(hyphened, NumberType.values))}")
    return found


def _letters(name: str) -> str:
    return "".join(filter(str.isalpha, name)).lower()


def _end_user_type(value: str) -> EndUserType:
    if value.lower() not in EndUserType.values:
        raise ValueError(f"expected one of {', '.join(EndUserType.values)}")
    return EndUserType(value.lower())


number_type = Format(_number_type, {"type": "string", "enum": [hyphened(name) for name in NumberType.values]})
end_user_type = Format(_end_user_type, {"type": "string", "enum": list(EndUserType.values)})
