"""The command: files in, one file out, or nothing."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

NUMBER = {"number": "+14155550123", "entered_on": "2026-01-01"}
EVENT = {"number": "+14155550123", "day": "2026-01-05", "voice": 1}


def run(folder: Path, numbers: str, *options: Any) -> Path:
    (folder / "numbers.jsonl").write_text(numbers, encoding="utf-8")
    with gzip.open(folder / "events.jsonl.gz", "wt", encoding="utf-8") as events:
        events.write(json.dumps(EVENT) + "\n")
    files = ("--numbers", folder / "numbers.jsonl", "--events", folder / "events.jsonl.gz")
    out = folder / "out.jsonl"
    call_command("quarantine_decide", *map(str, (*files, "--out", out, "--as-of", "2026-03-01", *options)))
    return out


def test_each_number_gets_its_line(tmp_path: Path) -> None:
    found = [json.loads(line) for line in run(tmp_path, json.dumps(NUMBER)).read_text(encoding="utf-8").splitlines()]
    assert [(each["number"], each["action"], each["model_version"]) for each in found] == [
        ("+14155550123", "release", "default")
    ]


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        (f"{json.dumps(NUMBER)}\n{{", "numbers.jsonl, line 2: is not JSON"),
        (json.dumps(NUMBER | {"min_days": "x"}), "numbers 1: min_days"),
        (f"{json.dumps(NUMBER)}\n\n{json.dumps(NUMBER)}", "numbers.jsonl, line 2: is blank"),
    ],
)
def test_a_mistake_is_named_and_nothing_is_written(tmp_path: Path, numbers: str, said: str) -> None:
    (tmp_path / "out.jsonl").write_text("before", encoding="utf-8")
    with pytest.raises(CommandError, match=said):
        run(tmp_path, numbers)
    assert (tmp_path / "out.jsonl").read_text(encoding="utf-8") == "before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["events.jsonl.gz", "numbers.jsonl", "out.jsonl"]


def test_a_saved_model_decides_again(tmp_path: Path) -> None:
    model = str(tmp_path / "model.json")
    first = run(tmp_path, json.dumps(NUMBER), "--save-model", model).read_bytes()
    assert run(tmp_path, json.dumps(NUMBER), "--model", model).read_bytes() == first
