"""The docs say what the code says: every state, verb, lab test, error code and setting has its line, word for word.

A line that is missing is printed as it should stand in the page.
"""

import re
from collections.abc import Iterable

import pytest

from api.bundles.spelling import STATUS_OF
from api.errors import CATALOGUE
from compliance import lifecycle as bundles
from inventory.lifecycle import MEANING, MOVES, State
from testing_lab import registry
from testing_lab.registry import all_tests
from tests.architecture import lab_pages
from tests.architecture.sizes import ROOT

DOCS = ROOT / "docs"
MADE_BY_US = re.compile(r'env\.\w+\(\s*"([A-Z_]+)"')


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def row(*cells: object) -> str:
    return "| " + " | ".join(str(cell).replace("|", r"\|") for cell in cells) + " |"


def names(states: Iterable[State]) -> str:
    return ", ".join(f"`{state.value}`" for state in State if state in states)


def verbs_from(state: State) -> str:
    return ", ".join(f"`{verb}`" for verb, move in MOVES.items() if state in move.sources) or "nothing: it is the end"


def rows_of(text: str, first_cell: str) -> set[str]:
    """The table lines whose first cell looks like this."""
    return set(re.findall(rf"^\| {first_cell} \|.*\|$", text, re.MULTILINE))


def test_every_state_stands_in_the_page_of_the_lifecycle() -> None:
    wanted = {row(f"`{s.value}`", s.label, MEANING[s], verbs_from(s)) for s in State}
    assert rows_of(page("lifecycle.md"), "`[A-Z_]+`") == wanted


def test_every_verb_stands_in_the_page_of_the_lifecycle() -> None:
    lines = page("lifecycle.md")
    wanted = {f"| `{verb}` | {names(move.sources)} | `{move.target.value}` |" for verb, move in MOVES.items()}
    assert {line for line in wanted if line not in lines} == set()
    assert {found.split("`")[1] for found in rows_of(lines, "`[a-z_]+`")} == set(MOVES)


def test_every_state_and_verb_of_a_bundle_stands_in_the_page_of_compliance() -> None:
    lines = page("compliance.md")
    states = {row(f"`{s.value}`", STATUS_OF[s], bundles.MEANING[s], _bundle_verbs_from(s)) for s in bundles.BundleState}
    assert {line for line in states if line not in lines} == set()
    verbs = {
        f"| `{verb}` | {_bundle_states(move.sources)} | `{move.target.value}` |" for verb, move in bundles.MOVES.items()
    }
    assert {line for line in verbs if line not in lines} == set()
    known = {s.value for s in bundles.BundleState} | set(bundles.MOVES)
    assert {found.split("`")[1] for found in rows_of(lines, "`[a-z_]+`")} == known


def _bundle_verbs_from(state: bundles.BundleState) -> str:
    return ", ".join(f"`{verb}`" for verb, move in bundles.MOVES.items() if state in move.sources)


def _bundle_states(states: Iterable[bundles.BundleState]) -> str:
    return ", ".join(f"`{state.value}`" for state in bundles.BundleState if state in states)


def test_every_lab_test_stands_in_the_page_of_the_lab() -> None:
    assert rows_of(page("testing-lab.md"), r"\[?[A-Z]\d\d.*?") == set(lab_pages.overview())


def test_the_example_of_a_new_lab_test_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {test.code: test for test in all_tests()}
    monkeypatch.setattr(registry, "_TESTS", dict(known))
    block = re.findall(r"^```python\n(.*?)^```", page("testing-lab.md"), re.MULTILINE | re.DOTALL)[0]
    exec(compile(block, "testing-lab.md", "exec"), {"__name__": "example"})  # noqa: S102 - our own page
    assert set(registry._TESTS) - set(known) == {"V99"}


def test_every_error_code_stands_in_the_page_of_errors() -> None:
    wanted = {row(code, entry.status, entry.message, entry.remedy) for code, entry in CATALOGUE.items()}
    assert rows_of(page("errors.md"), r"\d{5}") == wanted


def test_every_setting_stands_in_the_page_of_settings() -> None:
    source = (ROOT / "config" / "environment.py").read_text(encoding="utf-8")
    read = set(MADE_BY_US.findall(source)) | set(re.findall(r'dj_db_url\("([A-Z_]+)"', source))
    assert len(read) > 20
    assert {found.split("`")[1] for found in rows_of(page("settings.md"), "`[A-Z_]+`")} == read


PAGES = sorted([*DOCS.rglob("*.md"), ROOT / "README.md"])


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_between_our_pages_lead_somewhere(path: object) -> None:
    here = next(one for one in PAGES if one == path)
    targets = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", here.read_text(encoding="utf-8"))
    assert [target for target in targets if not (here.parent / target).exists()] == []


def test_every_page_is_linked_from_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [path.name for path in DOCS.glob("*.md") if f"docs/{path.name}" not in readme] == []
    assert {"docs/adr/README.md", "docs/tests/README.md"} <= set(re.findall(r"\((docs/\S+?)\)", readme))


def test_every_decision_is_listed() -> None:
    listed = page("adr/README.md")
    assert [path.name for path in DOCS.glob("adr/0*.md") if f"({path.name})" not in listed] == []
