"""`manage.py restock_decide`."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from inventory.restock import propose
from inventory.restock.fields import EVENT, SKU_FIELDS, described
from tests.inventory.restock.cases import DAY, first

EVENTS = [{"sku": "first", "at": "2026-11-21T09:00:00Z", "units_requested": 4, "units_filled": 1, "kind": "search"}]


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    _write(tmp_path / "skus", [first(as_of="2026-11-20"), {"sku": "new", "available": 0, "L": 3}])
    _write(tmp_path / "demand", EVENTS)
    return {"skus": str(tmp_path / "skus"), "demand": str(tmp_path / "demand"), "out": str(tmp_path / "out")}


def _write(path: Path, records: list[Any]) -> None:
    path.write_text("\n".join(json.dumps(record) for record in records), encoding="utf-8")


def _run(files: dict[str, str]) -> list[dict[str, Any]]:
    call_command("restock_decide", f"--day={DAY}", *(f"--{name}={path}" for name, path in files.items()))
    return [json.loads(line) for line in Path(files["out"]).read_text(encoding="utf-8").splitlines()]


def test_the_file_holds_what_the_function_says(files: dict[str, str]) -> None:
    wanted = propose(DAY, [first(as_of="2026-11-20"), {"sku": "new", "available": 0, "L": 3}], EVENTS)
    assert _run(files) == [each.record() for each in wanted]


def test_a_second_run_writes_the_same(files: dict[str, str]) -> None:
    assert _run(files) == _run(files)


@pytest.mark.parametrize(
    ("which", "line", "message"),
    [
        ("skus", '{"sku": "b", "available": -1, "L": 3}', r"skus, line 3: SKU 'b', field 'available': -1 is not"),
        ("skus", '{"sku": "b", "available": 0, "providers": [{}]}', r"skus, line 3: SKU 'b', field 'L': is missing"),
        ("skus", '{"sku": NaN}', r"skus, line 3: is not JSON"),
        ("demand", '{"sku": "b"}', r"demand, line 2: demand event 2, field 'at': is missing"),
    ],
)
def test_bad_input_is_told_by_line_and_field_and_nothing_is_written(
    files: dict[str, str], which: str, line: str, message: str
) -> None:
    Path(files["out"]).write_text("of yesterday", encoding="utf-8")
    with Path(files[which]).open("a", encoding="utf-8") as file:
        file.write(f"\n{line}\n\n")
    with pytest.raises(CommandError, match=message):
        _run(files)
    assert Path(files["out"]).read_text(encoding="utf-8") == "of yesterday"
    assert sorted(path.name for path in Path(files["out"]).parent.iterdir()) == ["demand", "out", "skus"]


def test_a_file_that_is_not_there_is_told(files: dict[str, str]) -> None:
    with pytest.raises(CommandError, match="No such file"):
        _run({**files, "skus": "nowhere"})


def test_the_help_explains_every_field() -> None:
    assert {name for name in SKU_FIELDS | set(EVENT) if f"\n  {name} " not in described()} == set()
