"""What the lab's docs pages quote from elsewhere: the registry, the file of limits, the sandbox's truth table.

`python -m tests.architecture.lab_pages` writes these parts anew; `test_lab_pages` finds where they differ.
"""

import os
import re
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from tests.architecture.sizes import ROOT

OVERVIEW, PAGES = ROOT / "docs" / "testing-lab.md", ROOT / "docs" / "tests"
FAULTS = ROOT / "sandbox" / "data" / "faults.yaml"
SECTIONS = (
    *("What it tells", "Procedure", "Measured", "Limits", "When it fails"),
    *("Inconclusive", "Cannot see", "Standards", "Sandbox faults"),
)
LIMITS_HEAD = "| quantity | value | for | from | meaning | source |\n| --- | --- | --- | --- | --- | --- |"


def row(*cells: object) -> str:
    """A line of a table."""
    return "| " + " | ".join(str(cell).replace("|", r"\|") for cell in cells) + " |"


def overview() -> list[str]:
    """A line for each registered test."""
    from testing_lab.registry import all_tests

    return [
        row(
            f"[{test.code}](tests/{test.code}.md)" if (PAGES / f"{test.code}.md").exists() else test.code,
            test.title,
            " + ".join(kind.__name__ for kind in test.exchanges),
            test.unit or "-",
            _limit_in_words(test),
            test.source,
        )
        for test in all_tests()
    ]


def _limit_in_words(test: Any) -> str:
    """The limit of a local number in a country that has none of its own; two where a border makes a difference."""
    from testing_lab import limits

    rows = limits.in_force(limits.stock(), date.max)
    texts = {scope: test.limit_for(limits.governing(rows, "", "local", scope)) for scope in limits.Scope}
    if len(set(texts.values())) == 1:
        return str(texts[limits.Scope.NATIONAL])
    return ", ".join(f"{text} {scope}" for scope, text in texts.items())


def limit_rows(code: str) -> list[str]:
    """A line for each row of the file."""
    from testing_lab import limits

    meanings = yaml.safe_load(limits.FILE.read_text(encoding="utf-8")).get(code, {})
    return [
        row(
            f"`{limit.quantity}`",
            limit.shown if limit.unit in ("required", "0..1") else f"{limit.shown} {limit.unit}",
            " ".join(filter(None, (limit.country, limit.number_type, limit.scope))) or "all",
            limit.effective_from,
            meanings[limit.quantity]["meaning"],
            limit.source,
        )
        for limit in limits.stock()
        if limit.code == code
    ]


def fault_lines(code: str) -> list[str]:
    """A line for each kind of fault that must make the test fail, with its severities."""
    kinds: dict[str, list[str]] = {}
    for fault in yaml.safe_load(FAULTS.read_text(encoding="utf-8"))["numbers"]:
        if code in fault["fails"]:
            kinds.setdefault(fault["kind"], []).append(f"`{fault['severity']}`")
    return [f"- `{kind}`: {', '.join(severities)}" for kind, severities in kinds.items()]


def section(text: str, heading: str) -> str:
    """What stands below a heading of the second level; nothing when there is none."""
    found = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    return found[1] if found else ""


def table_of(text: str) -> list[str]:
    """The lines of its tables, heads aside."""
    return [line for line in re.findall(r"^\|.*\|$", text, re.MULTILINE) if line not in LIMITS_HEAD.split("\n")]


def list_of(text: str) -> list[str]:
    """The lines of its lists that begin with a word of code."""
    return re.findall(r"^- `.*$", text, re.MULTILINE)


def renewed(code: str, text: str) -> str:
    """The page with its quoted parts as they should be."""
    table = "\n".join([LIMITS_HEAD, *limit_rows(code), ""]) if limit_rows(code) else ""
    text = _put(text, "Limits", r"(^\|.*\|\n)+", table)
    return _put(text, "Sandbox faults", r"(^- `.*\n?)+", "\n".join([*fault_lines(code), ""]))


def _put(text: str, heading: str, old: str, new: str) -> str:
    """Replace what looks like `old` in a section; without any there, the new comes first."""
    before = section(text, heading)
    after, replaced = re.subn(old, lambda _: new, before, count=1, flags=re.MULTILINE)
    if not replaced and new:
        after = f"\n{new}{before}"
    return text.replace(f"## {heading}\n{before}", f"## {heading}\n{after}")


def _renew_overview(text: str) -> str:
    return re.sub(
        r"(^\| (\[[A-Z]\d\d\]\(.*?\)|[A-Z]\d\d) \|.*\n)+", "\n".join([*overview(), ""]), text, flags=re.MULTILINE
    )


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
    import django

    django.setup()
    _write(OVERVIEW, _renew_overview(OVERVIEW.read_text(encoding="utf-8")))
    for page in PAGES.glob("[A-Z][0-9][0-9].md"):
        _write(page, renewed(page.stem, page.read_text(encoding="utf-8")))
