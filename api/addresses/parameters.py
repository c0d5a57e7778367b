"""What POST Addresses takes (contract 2.5). Whatever can't be read is 21238."""

from api.parameters import Format, Parameter, boolean, country, text

_LINE = text(255)
_NAMED = text(255, min_length=1)


def _address(name: str, field: str, format: Format, *, required: bool = False, help: str = "") -> Parameter:
    return Parameter(name, field, format, code=21238, required=required, help=help)


_OPTIONAL = [
    _address("FriendlyName", "friendly_name", text(64), help="At most 32 characters with EmergencyEnabled."),
    _address("StreetSecondary", "street_secondary", _LINE),
    _address("EmergencyEnabled", "emergency_enabled", boolean),
    _address("AutoCorrectAddress", "correct", boolean, help="Put right what is certain; true unless given."),
]


def _parts(*, required: bool) -> list[Parameter]:
    return [
        _address("CustomerName", "customer_name", _NAMED, required=required),
        _address("Street", "street", _NAMED, required=required),
        _address("City", "city", _LINE, required=required),
        _address("Region", "region", _LINE, required=required, help="May be empty where the country's addresses are."),
        _address("PostalCode", "postal_code", _LINE, required=required, help="As Region."),
    ]


NEW = [*_parts(required=True), _address("IsoCountry", "iso_country", country, required=True), *_OPTIONAL]
CHANGED = [*_parts(required=False), *_OPTIONAL]
