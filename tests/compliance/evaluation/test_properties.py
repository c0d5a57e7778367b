"""What holds for every case: any JSON at all, in any order."""

import json
from dataclasses import asdict, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.evaluation import evaluate
from compliance.evaluation.case import AddressRecord, Area, Case, Paper, Party
from compliance.rulebook.catalogue import catalogue
from compliance.rulebook.rules import Availability
from tests.compliance.evaluation.cases import ON, countries, rules_of, told, valid_case

REGULATIONS = [
    (country, number_type, end_user_type)
    for country in countries()
    for number_type, rules in rules_of(country).number_types.items()
    for end_user_type, wanted in rules.end_users.items()
    if wanted.available == Availability.YES and not wanted.asks_nothing
]
SIDS = ["AD1", "AD2"]

texts = st.text(alphabet=st.characters(exclude_categories=()), max_size=40)  # with lone surrogates
jsons = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | texts
    | st.sampled_from(["", " ", "2026-11-21", "+4989123456"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=4,
)
names = st.sampled_from(sorted(catalogue().fields)) | texts
attributes = st.dictionaries(names, jsons | st.lists(st.sampled_from(SIDS), max_size=2), max_size=5)
types = st.sampled_from(sorted(catalogue().document_types)) | texts
requirement_names = st.sampled_from(["", "", "proof_of_address", "business_name_info", "nothing"])
papers = st.builds(Paper, texts, types, attributes, st.booleans(), requirement_names)
parties = st.builds(Party, st.sampled_from(["individual", "business", "robot"]), attributes)
addresses = st.builds(
    AddressRecord,
    st.sampled_from(SIDS),
    *[texts] * 5,
    st.sampled_from(["DE", "GB", "US", "JP", "", "\ud800", "ZZ"]),
    texts,
)
areas = st.none() | st.builds(Area, st.lists(texts, max_size=3).map(tuple))
cases = st.builds(
    Case,
    st.none() | parties,
    st.lists(papers, max_size=3).map(tuple),
    st.lists(addresses, max_size=2).map(lambda records: {record.sid: record for record in records}),
    areas,
)
regulations = st.sampled_from(REGULATIONS)


@given(regulation=regulations, case=cases)
@settings(max_examples=60)
def test_no_json_makes_it_raise_and_every_requirement_has_its_result(
    regulation: tuple[str, str, str], case: Case
) -> None:
    country, number_type, end_user_type = regulation
    outcome = evaluate(rules_of(country), number_type, end_user_type, case, ON)
    wanted = rules_of(country).of(number_type).of(end_user_type)
    assert [result.requirement_name for result in outcome.results] == [
        wanted.requirement_name,
        *(requirement.requirement_name for requirement in wanted.documents),
    ]
    assert outcome == evaluate(rules_of(country), number_type, end_user_type, case, ON)
    json.dumps(told(outcome)).encode()


@given(number_type=texts, end_user_type=texts, case=cases)
@settings(max_examples=10)
def test_what_nobody_knows_is_not_confirmed(number_type: str, end_user_type: str, case: Case) -> None:
    outcome = evaluate(rules_of("DE"), number_type, end_user_type, case, ON)
    assert not outcome.compliant
    assert not outcome.confirmed


@pytest.mark.parametrize("value", [7, True, [], ["AD1"], {"a": {}}, "x" * 10**6, " " * 10**6, "\ud800"])
def test_a_value_of_any_kind_in_every_field_is_a_finding(value: object) -> None:
    for country, number_type, end_user_type in REGULATIONS:
        whole = valid_case(rules_of(country), number_type, end_user_type)
        assert whole.end_user is not None
        party = replace(whole.end_user, attributes=dict.fromkeys(whole.end_user.attributes, value))
        marked = tuple(replace(paper, attributes=dict.fromkeys(paper.attributes, value)) for paper in whole.papers)
        outcome = evaluate(
            rules_of(country), number_type, end_user_type, replace(whole, end_user=party, papers=marked), ON
        )
        for result in outcome.results:
            fields = {finding.field for finding in (*result.valid, *result.invalid)} - {"address_sids"}
            assert fields <= {finding.field for finding in result.invalid}


@given(regulation=regulations, data=st.data())
@settings(max_examples=40)
def test_the_order_of_the_papers_does_not_matter(regulation: tuple[str, str, str], data: st.DataObject) -> None:
    country, number_type, end_user_type = regulation
    whole = valid_case(rules_of(country), number_type, end_user_type)
    more = data.draw(st.lists(papers, max_size=3))
    mixed = [*_changed(data, whole.papers), *(replace(paper, sid=f"RX{index}") for index, paper in enumerate(more))]
    first = evaluate(rules_of(country), number_type, end_user_type, replace(whole, papers=tuple(mixed)), ON)
    shuffled = replace(whole, papers=tuple(data.draw(st.permutations(mixed))))
    assert evaluate(rules_of(country), number_type, end_user_type, shuffled, ON) == first


@given(regulation=regulations, data=st.data())
@settings(max_examples=40)
def test_what_is_added_and_valid_never_breaks_what_was_compliant(
    regulation: tuple[str, str, str], data: st.DataObject
) -> None:
    """From the whole case without some things to the whole case, one thing after the other."""
    country, number_type, end_user_type = regulation
    rules = rules_of(country)
    whole = valid_case(rules, number_type, end_user_type)
    kept = data.draw(st.sets(st.integers(0, len(whole.papers)), max_size=len(whole.papers)))
    less = replace(whole, papers=tuple(paper for index, paper in enumerate(whole.papers) if index not in kept))
    was = evaluate(rules, number_type, end_user_type, less, ON)
    for index in sorted(kept - {len(whole.papers)}):
        less = replace(less, papers=(*less.papers, whole.papers[index]))
        now = evaluate(rules, number_type, end_user_type, less, ON)
        passed_before = {result.requirement_name for result in was.results if result.passed}
        assert passed_before <= {result.requirement_name for result in now.results if result.passed}
        was = now
    assert was.compliant
    again = replace(whole, papers=(*whole.papers, *(replace(paper, sid=f"{paper.sid}b") for paper in whole.papers)))
    assert evaluate(rules, number_type, end_user_type, again, ON).compliant


@given(regulation=regulations, data=st.data())
@settings(max_examples=40)
def test_no_value_of_the_customers_is_ever_repeated(regulation: tuple[str, str, str], data: st.DataObject) -> None:
    country, number_type, end_user_type = regulation
    secret = "Zyxwvut987"
    whole = valid_case(rules_of(country), number_type, end_user_type)
    assert whole.end_user is not None
    party = replace(whole.end_user, attributes={**dict.fromkeys(whole.end_user.attributes, secret), secret: secret})
    marked = tuple(
        replace(
            paper, attributes={**dict.fromkeys(paper.attributes, secret), secret: [secret], "address_sids": ["AD1"]}
        )
        for paper in whole.papers
    )
    record = whole.addresses["AD1"]
    parts = data.draw(st.sets(st.sampled_from(["street", "city", "region", "postal_code", "iso_country"])))
    case = Case(party, marked, {"AD1": replace(record, **dict.fromkeys(parts, secret))}, whole.area)
    outcome = evaluate(rules_of(country), number_type, end_user_type, case, ON)
    assert secret not in repr((told(outcome), asdict(outcome)))


def _changed(data: st.DataObject, whole: tuple[Paper, ...]) -> list[Paper]:
    """Some papers lose what they show or their file, or are of another type."""
    fates: list[dict[str, Any]] = [{}, {"attributes": {}}, {"has_file": False}, {"type": "photo_with_id"}]
    return [replace(paper, **data.draw(st.sampled_from(fates))) for paper in whole]
