"""The second line of defence of the logs: what looks like personal data is not written, whoever logs it.

The first line is that nobody does: SIDs are logged, not rows; exceptions of ours name no names. What this catches is
the rest: a library that quotes what it could not read, PostgreSQL that shows the row it refused, an attribute that
somebody logs by its name.
"""

import re
from collections.abc import MutableMapping
from typing import Any

GONE = "[private]"

#: Fields of end users, papers and addresses, as they are named in compliance/data and in our columns.
# fmt: off
PRIVATE = frozenset((
    "first_name", "last_name", "customer_name", "business_name", "full_name", "friendly_name", "birth_date",
    "birth_place", "gender", "nationality", "email", "phone_number", "street", "street_secondary", "city",
    "postal_code", "document_number", "fiscal_number", "fiscal_code", "tax_identification_number",
    "vat_number", "business_registration_number", "business_registration_identifier", "business_website",
    "business_description", "business_purpose", "service_description", "comments", "attributes", "address",
))
# fmt: on
_EMAIL = re.compile(r"[\w.+%-]+@[\w-]+(\.[\w-]+)+")
#: PostgreSQL: "Failing row contains (…)", "Key (customer_name)=(…)"; a line of COPY or of a statement.
_ROW = re.compile(r"(Failing row contains |Key \([^)]*\)=|unnamed portal parameter |parameters?: ).*")
_QUOTED = re.compile(r"b?'(?:[^'\\]|\\.)*'|b?\"(?:[^\"\\]|\\.)*\"|\([^()]*\)|(?<=: )[^\s:]+$")


def redact(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """structlog's processor: last before the line is written, so after the traceback has become text."""
    return {key: _value(key, value) for key, value in event.items()}


def _value(key: str, value: Any) -> Any:
    if key in PRIVATE and value not in (None, "", {}, []):
        return GONE
    match value:
        case str():
            return traceback_without_values(value) if key == "exception" else _text(value)
        case dict():
            return {name: _value(str(name), each) for name, each in value.items()}
        case list() | tuple():
            return [_value("", each) for each in value]
    return value


def _text(value: str) -> str:
    return _ROW.sub(rf"\1{GONE}", _EMAIL.sub(GONE, value))


def traceback_without_values(text: str) -> str:
    """A traceback: its places and code as they are, of each exception its type and its words without what it quotes."""
    return "\n".join(line if _is_ours(line) else _words(line) for line in text.splitlines())


def _is_ours(line: str) -> bool:
    """Places and lines of code are indented; they are in the repository, not from a customer."""
    return line.startswith(("  ", "Traceback ", "During handling", "The above exception"))


def _words(line: str) -> str:
    return _QUOTED.sub(GONE, _text(line))
