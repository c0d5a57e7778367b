"""The table of faults is complete, and every number gets its row by seed."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
import yaml

from sandbox.catalogue import CAPABILITIES, load
from sandbox.faults import STOCK, NumberFault
from sandbox.faults import load as load_faults
from sandbox.mms.picture_faults import MECHANISMS as PICTURE_MECHANISMS
from sandbox.settings import DATA
from sandbox.sip.call_faults import MECHANISMS as CALL_MECHANISMS
from sandbox.sms.message_faults import MECHANISMS as MESSAGE_MECHANISMS
from tests.carrier import ROOT
from tests.sandbox.conftest import Client

TABLE = load_faults()
NUMBERS = [f"+1415555{i:05}" for i in range(12_000)]
TESTS = {*(f"V{n:02}" for n in range(1, 18)), *(f"S{n:02}" for n in range(1, 6)), "M01", "F01", "E01"}


def fault_of(number: str, seed: int = 1, capabilities: tuple[str, ...] = ("voice", "sms", "mms", "fax")) -> str | None:
    row = TABLE.of_number(number, seed=seed, share=0.1, capabilities=capabilities)
    return f"{row.kind}/{row.severity}" if row else None


@pytest.mark.parametrize("row", TABLE.numbers, ids=lambda row: f"{row.kind}/{row.severity}")
def test_a_row_is_whole(row: NumberFault) -> None:
    mechanisms = {
        "voice": CALL_MECHANISMS,
        "sms": MESSAGE_MECHANISMS,
        "mms": PICTURE_MECHANISMS,
        "fax": CALL_MECHANISMS,
    }[row.needs]
    assert row.mechanism in mechanisms
    assert row.weight > 0
    assert row.fails
    assert {*row.fails, *row.may_fail} <= TESTS
    assert not set(row.fails) & set(row.may_fail)
    assert row.needs in CAPABILITIES


def test_rows_have_names_of_their_own_and_every_mechanism_is_used() -> None:
    names = [(row.kind, row.severity) for row in TABLE.numbers]
    assert len(names) == len(set(names))
    known = CALL_MECHANISMS.keys() | MESSAGE_MECHANISMS.keys() | PICTURE_MECHANISMS.keys()
    assert {row.mechanism for row in TABLE.numbers} == known


def test_so_many_numbers_are_faulty_as_was_asked() -> None:
    faulty = [fault_of(number) for number in NUMBERS if fault_of(number)]
    assert 0.09 < len(faulty) / len(NUMBERS) < 0.11
    assert len(Counter(faulty)) == len(TABLE.numbers), "every kind occurs"


def test_faults_are_the_same_for_the_same_seed_only() -> None:
    first = [fault_of(number) for number in NUMBERS]
    assert first == [fault_of(number) for number in NUMBERS]
    assert first != [fault_of(number, seed=2) for number in NUMBERS]


def test_a_landline_has_no_message_faults() -> None:
    kinds = {fault_of(number, capabilities=("voice",)) for number in NUMBERS} - {None}
    assert kinds
    assert not any(str(kind).startswith("sms") for kind in kinds)


def test_the_share_can_be_nothing_or_everything() -> None:
    def count(share: float) -> int:
        rows = (TABLE.of_number(n, seed=1, share=share, capabilities=("voice",)) for n in NUMBERS[:500])
        return sum(row is not None for row in rows)

    assert (count(0.0), count(1.0)) == (0, 500)


def test_an_own_row_completes_itself_from_the_stock_or_brings_a_new_kind(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    new = {
        "kind": "echo",
        "severity": "loud",
        "needs": "voice",
        "mechanism": "silence",
        "parameters": {"direction": "both"},
    }
    path.write_text(yaml.safe_dump({"numbers": [{"kind": "packet_loss", "severity": "heavy", "weight": 7}, new]}))
    heavy, echo = load_faults(path).numbers
    assert (heavy.mechanism, heavy.weight, heavy.parameters) == ("lose_at_random", 7, {"share": 0.15})
    assert (echo.kind, echo.weight, echo.fails) == ("echo", 1, ())


def test_the_carrier_tells_the_truth_about_a_number(http: Client) -> None:
    number = http.offers(limit=1)[0]
    path = f"/sandbox/v1/numbers/{number}"
    healthy = {"number": number, "carrier": "tern", "held": False, "reference": False, "fault": None}
    assert http.get(path).json() == healthy
    http.give_fault(number, "jitter")
    assert http.get(path).json()["fault"] == {
        "kind": "jitter", "severity": "strong", "mechanism": "delay_unevenly", "needs": "voice",
        "fails": ["V07"], "may_fail": ["V05", "V12"], "parameters": {"seconds": 0.12},
    }  # fmt: skip
    http.put(f"{path}/fault", json={"kind": "jitter", "parameters": {"seconds": 0.1}}).raise_for_status()
    assert http.get(path).json()["fault"]["parameters"] == {"seconds": 0.1}
    http.delete(f"{path}/fault").raise_for_status()
    assert http.get(path).json() == healthy
    http.give_fault(number, "jitter")
    assert http.get(path).json()["fault"]["parameters"] == {"seconds": 0.12}
    http.delete(f"{path}/fault").raise_for_status()
    assert http.put(f"{path}/fault", json={"kind": "jitter", "parameters": [1]}).status_code == 400
    assert http.put(f"{path}/fault", json={"kind": "gremlins"}).status_code == 400


def test_the_page_lists_every_fault_setting_and_carrier() -> None:
    page = (ROOT / "docs" / "sandbox.md").read_text()
    rows = set(re.findall(r"^\| `(\w+)` ", page, re.MULTILINE))
    numbers = {row.kind for row in TABLE.numbers}
    sources = (ROOT / "sandbox" / name for name in ("settings.py", "__main__.py"))
    settings = {name for source in sources for name in re.findall(r'"(SANDBOX_\w+)"', source.read_text())}
    carriers = set(load(DATA / "carriers.yaml", seed=1).carriers)
    assert rows == numbers | set(TABLE.service) | settings | carriers
    severities = {row.severity for row in load_faults(STOCK).numbers}
    assert all(f"`{severity}`" in page for severity in severities)
