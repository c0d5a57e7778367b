"""The docs page of each lab test: it has the form, and quotes the limits, faults and titles as they are."""

import re

import pytest

from testing_lab.registry import LabTest, all_tests
from tests.architecture import lab_pages

TESTS = [pytest.param(test, id=test.code) for test in all_tests()]


def page(code: str) -> str:
    path = lab_pages.PAGES / f"{code}.md"
    return path.read_text(encoding="utf-8") if path.exists() else ""


@pytest.mark.parametrize("test", TESTS)
def test_each_has_a_page_in_the_form(test: LabTest) -> None:
    text = page(test.code)
    assert text.startswith(f"# {test.code} {test.title}\n")
    assert tuple(re.findall(r"^## (.+)$", text, re.MULTILINE)) == lab_pages.SECTIONS
    assert [heading for heading in lab_pages.SECTIONS if not lab_pages.section(text, heading).strip()] == []


@pytest.mark.parametrize("test", TESTS)
def test_its_limits_are_those_of_the_file(test: LabTest) -> None:
    assert lab_pages.table_of(lab_pages.section(page(test.code), "Limits")) == lab_pages.limit_rows(test.code)


@pytest.mark.parametrize("test", TESTS)
def test_what_it_says_of_quantities_elsewhere_is_of_its_own(test: LabTest) -> None:
    """A quantity that was renamed leaves no old name in the prose."""
    said = set(re.findall(r"`([a-z]+_(?:s|ms|percent|bits|16))`", page(test.code)))
    assert said <= set(test.quantities)


@pytest.mark.parametrize("test", TESTS)
def test_the_faults_it_finds_are_those_of_the_truth_table(test: LabTest) -> None:
    found = lab_pages.list_of(lab_pages.section(page(test.code), "Sandbox faults"))
    assert found == lab_pages.fault_lines(test.code)
    assert found, "a test that no fault can fail proves nothing"


@pytest.mark.parametrize("test", TESTS)
def test_writing_the_quoted_parts_anew_changes_nothing(test: LabTest) -> None:
    assert lab_pages.renewed(test.code, page(test.code)) == page(test.code)


def test_the_parts_are_renewed_where_a_page_has_none_or_old_ones() -> None:
    bare = "# V02 x\n\n## Limits\n\nWords.\n\n## Sandbox faults\n"
    old = bare.replace("Words", f"{lab_pages.LIMITS_HEAD}\n| `old` | 1 |\n\nWords") + "\n- `gone`: `fault`\n"
    for text in (lab_pages.renewed("V02", before) for before in (bare, old)):
        assert lab_pages.table_of(lab_pages.section(text, "Limits")) == lab_pages.limit_rows("V02")
        assert lab_pages.list_of(lab_pages.section(text, "Sandbox faults")) == lab_pages.fault_lines("V02")
        assert "Words." in text


def test_no_page_is_left_over() -> None:
    pages = {path.stem for path in lab_pages.PAGES.glob("[A-Z][0-9][0-9].md")}
    assert pages <= {test.code for test in all_tests()}


def test_the_pages_index_has_the_form_and_leads_to_each() -> None:
    text = (lab_pages.PAGES / "README.md").read_text(encoding="utf-8")
    assert tuple(re.findall(r"^\| `## (.+?)` \|", text, re.MULTILINE)) == lab_pages.SECTIONS
    assert [test.code for test in all_tests() if f"[{test.code}]({test.code}.md)" not in text] == []
