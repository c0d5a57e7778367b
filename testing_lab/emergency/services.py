"""Where the address behind a number can be tried out, country by country: `data/emergency.yaml`."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml
from phonenumbers import country_code_for_region

FILE = Path(__file__).parents[1] / "data" / "emergency.yaml"
TEST_URN = "urn:service:test.sos"  # RFC 6881 15; RFC 5031 4.2 registers what may follow `sos`
_NATIONAL = re.compile(r"sip:(\d+);phone-context=\+(\d+)@[^@;?]+(;user=phone)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class EmergencyRow:
    """One country: the `rule` that wants an address registered, the national `test_code` or "", and an address there.

    `address` is where the lab registers its numbers while it tests them, by field as carriers take them.
    """

    country: str
    rule: str
    address: tuple[tuple[str, str], ...]
    test_code: str = ""

    def target(self, host: str, port: int) -> str:
        """The Request-URI of a test call: the national code, said to be national (RFC 3966 5.1.5), or the URN."""
        if not self.test_code:
            return TEST_URN
        context = country_code_for_region(self.country)
        return f"sip:{self.test_code};phone-context=+{context}@{host}:{port};user=phone"


def row_of(country: str) -> EmergencyRow | None:
    """The country's row, None where nobody demands an address as far as we know."""
    return _rows().get(country)


def is_test_service(target: str) -> bool:
    """Whether it is one of the services for test calls and nothing else."""
    if target.lower() == TEST_URN:
        return True
    match = _NATIONAL.fullmatch(target)
    return match is not None and (match[1], int(match[2][:4])) in _test_codes()


@cache
def _rows() -> dict[str, EmergencyRow]:
    rows = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return {
        country: EmergencyRow(country, row["rule"], tuple(row["address"].items()), row.get("test_code", ""))
        for country, row in rows.items()
    }


@cache
def _test_codes() -> frozenset[tuple[str, int]]:
    rows = _rows().values()
    return frozenset((row.test_code, country_code_for_region(row.country)) for row in rows if row.test_code)
