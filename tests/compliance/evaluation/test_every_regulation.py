"""Each of the shipped regulations can be met, and says what is missing when nothing is given."""

import pytest

from compliance.evaluation.case import Case
from compliance.evaluation.outcome import Code
from compliance.rulebook.rules import Availability
from tests.compliance.evaluation.cases import countries, faults, rules_of, valid_case, verdict

REGULATIONS = [
    (country, number_type, end_user_type, wanted)
    for country in countries()
    for number_type, rules in rules_of(country).number_types.items()
    for end_user_type, wanted in rules.end_users.items()
]
AVAILABLE = [each[:3] for each in REGULATIONS if each[3].available == Availability.YES]
STOPPED = [each[:3] for each in REGULATIONS if each[3].available != Availability.YES]


def test_the_shipped_files_have_502_regulations_that_can_be_met() -> None:
    assert (len(AVAILABLE), len(STOPPED)) == (502, 102)


@pytest.mark.parametrize("country", countries())
def test_a_case_with_everything_is_compliant(country: str) -> None:
    for _, number_type, end_user_type in (each for each in AVAILABLE if each[0] == country):
        case = valid_case(rules_of(country), number_type, end_user_type)
        outcome = verdict(country, number_type, end_user_type, case)
        assert faults(outcome) == set(), (number_type, end_user_type)
        assert outcome.compliant
        assert outcome.warnings == ()


@pytest.mark.parametrize("country", countries())
def test_without_anything_each_requirement_is_listed_with_all_its_fields(country: str) -> None:
    for _, number_type, end_user_type in (each for each in AVAILABLE if each[0] == country):
        wanted = rules_of(country).of(number_type).of(end_user_type)
        outcome = verdict(country, number_type, end_user_type, Case())
        if wanted.asks_nothing:
            assert outcome.results == ()
            continue
        party, *papers = outcome.results
        assert party.code == Code.END_USER_MISSING
        assert tuple(finding.field for finding in party.invalid) == wanted.fields
        for requirement, paper in zip(wanted.documents, papers, strict=True):
            assert paper.requirement_name == requirement.requirement_name
            assert paper.code == Code.DOCUMENT_MISSING
            assert {finding.field for finding in paper.invalid} >= set(requirement.accepted[0].fields)


@pytest.mark.parametrize(("country", "number_type", "end_user_type"), STOPPED)
def test_what_is_not_sold_or_not_known_stops_at_once(country: str, number_type: str, end_user_type: str) -> None:
    outcome = verdict(country, number_type, end_user_type, Case())
    available = rules_of(country).of(number_type).of(end_user_type).available
    not_sold = available == Availability.NO
    assert [result.code for result in outcome.results] == [
        Code.END_USER_TYPE_NOT_AVAILABLE if not_sold else Code.REGULATION_NOT_CONFIRMED
    ]
    assert outcome.confirmed is not_sold
    assert not outcome.compliant
