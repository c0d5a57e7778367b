"""Country files that are wrong in one way each: what is said of them, and on which line."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from compliance.rulebook.country_files import COUNTRY_FILES, paths_of
from compliance.rulebook.linter import lint, strangers
from compliance.rulebook.sound_files import BadCountryFiles, read_all

GERMANY = (COUNTRY_FILES / "de.yaml").read_text(encoding="utf-8")
LOCAL = "address_requirement: local\n    confidence: "


def findings(content: str | bytes, name: str = "de.yaml") -> list[str]:
    content = content.encode() if isinstance(content, str) else content
    return [str(finding) for finding in lint(content, name).findings]


def german(old: str, new: str) -> list[str]:
    """What is said of Germany's file after one change of its text."""
    assert old in GERMANY
    return findings(GERMANY.replace(old, new, 1))


def line_of(text: str, content: str = GERMANY) -> int:
    return content[: content.index(text)].count("\n") + 1


def test_nothing_is_said_against_our_own_files() -> None:
    assert len(read_all()) == len(paths_of(COUNTRY_FILES)) == 138


#: What Germany's file says, what a hasty hand writes instead, and what is said of it.
MISTAKES = [
    ("fields: [business_name, business_reg", "fields: [busines_name, business_reg", "mean “business_name”?"),
    ("type: trade_license", "type: trading_license", "did you mean “trade_license”?"),
    ("type: trade_license", "type: work_permit", "is no document type for an end user of type business"),
    ("fields: [address_sids]", "fields: [birth_date]", "does not show “birth_date”"),
    ("stdnum.de.vat]", "stdnum.de.vta]", "did you mean “stdnum.de.vat”?"),
    ("stdnum.de.vat]", "os.system]", "is no module of python-stdnum"),
    ("severity: hard", "severity: harsh", "did you mean “hard”?"),
    ("  vat_number:", "  vat_nmber:", "did you mean “vat_number”?"),
    ("enforced: true", "enforced: yes", "true or false is wanted here, not “yes”; write true"),
    (
        LOCAL + "documented",
        LOCAL + "inferred",
        "the confidence is inferred, so this can't be enforced; write false",
    ),
    (LOCAL + "documented", LOCAL + "certain", "is no degree of confidence"),
    ("address_scope: area_code", "address_scope: any", "contradicts address_requirement: local, which means"),
    ("address_scope: area_code", "address_scope: area", "did you mean “area_code”?"),
    ("po_box_allowed: false", "po_box_alowed: false", "did you mean “po_box_allowed”?"),
    ("name: business_address_proof_info", "name: business_name_info", "stands in the list twice"),
    ("requirement_name: business_info", "requirement_name: individual_info", "it must be “business_info”"),
    ("requirement_name: business_name_info", "requirement_name: Business name", "is not a machine name"),
    ("snapshot_date: '2026-11-20'", "snapshot_date: '2026-02-30'", "is no day"),
    ("snapshot_date: '2026-11-20'", "snapshot_date: 20.11.2026", "is no day"),
    ("effective_from: '2017-07-01'", "effective_from: July 2017", "is no day, month or year"),
    ("country: DE", "country: FR", "the file's name says DE"),
    ("country_name: Germany", "country_name: France", "“France” is FR; DE is Germany"),
    ("country_code: DE", "country_code: AT", "this is the file of DE"),
    (r"postal_code_pattern: ^\d{5}$", r"postal_code_pattern: ^\d{5$(", "can't be read as a regular expression"),
    (r"postal_code_pattern: ^\d{5}$", r"postal_code_pattern: ^(\d+)+$", "can take very long"),
    (r"postal_code_pattern: ^\d{5}$", r"postal_code_pattern: ^\d{6}$", "does not accept “26133”"),
    ("match_mode: fullmatch", "match_mode: search", "a pattern must match the whole postal code"),
    ("sources: [twilio-de, rec-de]", "sources: [twilio-de, rec-dee]", "did you mean “rec-de”?"),
    ("max_age_months: 3", "max_age_months: three", "a whole number of months is wanted here"),
    ("max_age_months: 3", "max_age_months: 300", "300 months can't be meant"),
    ("max_age_months: 3", "max_age_months_by_type: {passport: 3}", "is not among the accepted papers"),
    ("typical_business_days: [2, 3]", "typical_business_days: [3, 2]", "the lower one first"),
    ("constraint_issuing_country: same_or_eu", "constraint_issuing_country: XX", "is no country"),
    ("available: false", "available: maybe", "is no availability"),
    ("accepted_list_basis: documented", "accepted_list_basis: guessed", "is no basis of a list"),
    ("mode: manual", "mode: automatic", "is no mode of review"),
    ("regulator: Bundesnetzagentur (BNetzA)", "regulator: ''", "the text is blank"),
    ("optional_fields: [comments]", "optional_fields: [first_name]", "“first_name” is required already"),
    ("optional_fields: [comments]", "optional_fields: comments", "a list is wanted here, not “comments”"),
    ("minimum_days: null", "minimum_days: 45", "days are given, so this must be, too"),
]


@pytest.mark.parametrize(("old", "new", "said"), MISTAKES)
def test_what_is_said_of_a_mistake(old: str, new: str, said: str) -> None:
    found = german(old, new)
    assert any(said in finding for finding in found), found


def test_a_finding_names_file_line_and_place() -> None:
    (finding,) = german("type: trade_license", "type: trading_license")
    place = "number_types > local > end_user_types > business > supporting_documents > no. 1 > accepted > no. 2 > type"
    assert finding.startswith(f"de.yaml:{line_of('type: trade_license')}: {place}: “trading_license” is no document")


def test_everything_is_said_at_once_from_top_to_bottom() -> None:
    broken = GERMANY.replace("schema_version: 1", "schema_version: 2").replace("severity: soft", "severity: mild")
    broken = broken.replace("mode: manual", "mode: none")
    found = lint(broken.encode(), "de.yaml").findings
    assert len(found) == 1 + GERMANY.count("severity: soft") + GERMANY.count("mode: manual")
    assert [finding.line for finding in found] == sorted(finding.line for finding in found)


Change = Callable[[dict[str, Any]], object]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda it: it["number_types"].pop("local"), "nothing is said of local"),
        (lambda it: it["not_described"].append("local"), "it can't be both"),
        (lambda it: it["not_described"].append("fax"), "is no number type"),
        (lambda it: it.pop("sources"), "the key “sources” is missing"),
        (lambda it: it.update(source=[]), "did you mean “sources”?"),
        (lambda it: it["aging"].update(minimum_days=60, maximum_days=45), "no hold could ever end"),
        (lambda it: it["aging"].update(by_previous_use={"fax": {}}), "is no previous use"),
        (lambda it: it["number_types"]["local"]["end_user_types"].pop("individual"), "“individual” is missing"),
        (lambda it: local_business(it).pop("supporting_documents"), "if nothing is asked, write []"),
        (lambda it: local_business(it).update(available=False), "nobody can give it"),
        (lambda it: local_business(it).update(confidence="inferred"), "write available: unknown"),
        (lambda it: local_business(it)["supporting_documents"][0].update(accepted=[]), "the list is empty"),
        (lambda it: accepted(it).append(accepted(it)[0] | {"fields": []}), "stands in the list twice"),
        (lambda it: accepted(it)[0].update(file_required=False), "needs its file"),
        (lambda it: it["sources"].append(dict(it["sources"][0])), "stands in the list twice"),
        (lambda it: it["sources"][0].update(address="javascript:alert(1)"), "is not a web address"),
        (lambda it: it.update(number_types=[]), "a group of keys is wanted here, not a list"),
        (lambda it: it.update(country_name=49), "put it in quotes: '49'"),
    ],
)
def test_what_is_said_of_a_change(change: Change, said: str) -> None:
    document = yaml.safe_load(GERMANY)
    change(document)
    found = findings(yaml.safe_dump(document, allow_unicode=True))
    assert any(said in finding for finding in found), found


def local_business(document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = document["number_types"]["local"]["end_user_types"]["business"]
    return found


def accepted(document: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = local_business(document)["supporting_documents"][0]["accepted"]
    return found


@pytest.mark.parametrize(
    ("content", "line", "said"),
    [
        (b"", 1, "the file is empty"),
        (b"- a\n- b\n", 1, "a group of keys is wanted here"),
        (b"country: DE\nnotes: [1,\n", 3, "not YAML"),
        (b"country: DE\nnotes: \xff\n", 2, "not UTF-8"),
        (b"country: DE\ncountry: FR\n", 2, "for the second time; first on line 1"),
        (b"a: &bomb [x]\nb: *bomb\n", 1, "anchors"),
        (b"a: !!python/object/apply:os.system ['true']\n", 1, "the tag"),
        (b"a: !!str 1\n", 1, "the tag"),
        (b"a: 1\n---\nb: 2\n", 2, "a second document"),
        (b"? [a, b]\n: 1\n", 1, "a key must be a word"),
        (b'a: "\\0"\n', 1, "control character U+0000"),
        (b"a: \x00\n", 1, "not YAML"),
        (b"a:\n " + b"[" * 30 + b"]" * 30, 2, "nested more than 20 deep"),
        (b"- " * 5_000, 1, "nested more than 20 deep"),
        (b"a: " + b"x" * 300_000, 1, "a country file has at most"),
        (b"{" * 100_000, 1, "a key must be a word"),
    ],
)
def test_hostile_and_broken_files(content: bytes, line: int, said: str) -> None:
    (finding, *_) = findings(content)
    assert finding.startswith(f"de.yaml:{line}:"), finding
    assert said in finding


def test_words_that_other_readers_take_for_something_else_stay_words() -> None:
    norway = "country: NO\nschema_version: 010\nsnapshot_date: 2026-11-20\n"
    assert lint(norway.encode(), "no.yaml").document == {
        "country": "NO",
        "schema_version": "010",
        "snapshot_date": "2026-11-20",
    }


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_no_content_is_too_strange_to_lint(content: bytes) -> None:
    assert lint(content, "de.yaml").findings


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(st.data())
def test_a_sound_file_with_one_part_replaced_by_anything_is_linted(data: st.DataObject) -> None:
    document = yaml.load(GERMANY, Loader=yaml.CSafeLoader)
    part: Any = document
    while True:
        key = data.draw(st.sampled_from(sorted(part) if isinstance(part, dict) else range(len(part))))
        if not part[key] or not isinstance(part[key], dict | list) or data.draw(st.integers(0, 3)) == 0:
            part[key] = data.draw(VALUES)
            break
        part = part[key]
    content = yaml.dump(document, Dumper=yaml.CSafeDumper, allow_unicode=True)
    for finding in lint(content.encode(), "de.yaml").findings:
        assert 1 <= finding.line <= content.count("\n") + 1


def test_a_file_whose_name_is_no_countrys_is_found(tmp_path: Path) -> None:
    for name in ("germany.yaml", "de.yaml", "FR.yaml", "address_rules.yaml"):
        (tmp_path / name).touch()
    assert [finding.file for finding in strangers(tmp_path.iterdir())] == ["FR.yaml", "germany.yaml"]


def test_a_folder_with_a_bad_file_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "de.yaml").write_text(GERMANY)
    (tmp_path / "zz.yaml").write_text("country: [\n")
    with pytest.raises(BadCountryFiles, match=r"zz\.yaml:2: not YAML"):
        read_all(tmp_path)


def test_the_command_says_what_is_wrong_and_ends_with_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = tmp_path / "de.yaml"
    bad.write_text(GERMANY.replace("schema_version: 1", "schema_version: 9"))
    with pytest.raises(CommandError, match=r"^1 finding in 1 country file$") as ended:
        call_command("lint_regulations", bad)
    assert ended.value.returncode == 1
    assert "de.yaml:2: schema_version:" in capsys.readouterr().out


def test_the_command_has_nothing_to_say_of_our_own_files(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("lint_regulations")
    assert "138 country files: nothing is wrong" in capsys.readouterr().out
