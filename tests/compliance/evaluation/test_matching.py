"""Which paper serves which requirement."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import permutations
from types import MappingProxyType

from compliance.evaluation import evaluate
from compliance.evaluation.case import Case, Paper, Party
from compliance.evaluation.outcome import Code, NoteCode, Outcome
from compliance.rulebook.rules import (
    AcceptedDocument,
    AddressScope,
    Availability,
    CountryRules,
    DocumentRequirement,
    EndUserRules,
    NumberTypeRules,
)
from tests.compliance.evaluation.cases import ON


def requirement(name: str, *types: str) -> DocumentRequirement:
    return DocumentRequirement(name, name, tuple(AcceptedDocument(kind, ()) for kind in types))


def outcome_of(
    requirements: list[DocumentRequirement], *papers: Paper, attributes: Mapping[str, object] = MappingProxyType({})
) -> Outcome:
    """Of a country that asks for these papers, and of the business for what is given of it."""
    fields = tuple(attributes)
    wanted = EndUserRules(Availability.YES, "documented", "business_info", fields, documents=tuple(requirements))
    rules = NumberTypeRules("local", enforced=True, address_scope=AddressScope.ANY, end_users={"business": wanted})
    country = CountryRules("ZZ", "Nowhere", "", "", {"local": rules}, {}, (), "", "")
    return evaluate(country, "local", "business", Case(Party("business", attributes), papers), ON)


def served(outcome: Outcome) -> list[str | None]:
    return [result.object_sid for result in outcome.results[1:]]


def paper(sid: str, kind: str, meant_for: str = "") -> Paper:
    return Paper(sid, kind, {}, has_file=True, requirement=meant_for)


def test_as_many_requirements_as_possible_are_met() -> None:
    """The first paper would do for both; it moves to the second, for only the first takes the other one."""
    wanted = [requirement("who", "passport", "utility_bill"), requirement("where", "utility_bill")]
    outcome = outcome_of(wanted, paper("RD1", "utility_bill"), paper("RD2", "passport"))
    assert served(outcome) == ["RD2", "RD1"]
    assert outcome.compliant


def test_papers_move_along_a_chain() -> None:
    wanted = [
        requirement(name, *types) for name, *types in (("a", "1", "2"), ("b", "2", "3"), ("c", "3", "4"), ("d", "1"))
    ]
    papers = [paper(f"RD{kind}", kind) for kind in "1234"]
    for order in permutations(papers):
        assert served(outcome_of(wanted, *order)) == ["RD2", "RD3", "RD4", "RD1"]


def test_one_paper_serves_one_requirement_only() -> None:
    outcome = outcome_of([requirement("a", "passport"), requirement("b", "passport")], paper("RD1", "passport"))
    assert served(outcome) == ["RD1", None]
    assert outcome.results[2].code == Code.DOCUMENT_MISSING
    assert outcome.results[2].sentence.endswith("one paper serves one requirement, its file may be uploaded once more.")


def test_a_paper_serves_the_requirement_that_it_names_and_no_other() -> None:
    wanted = [requirement("a", "passport"), requirement("b", "passport")]
    assert served(outcome_of(wanted, paper("RD1", "passport", "b"), paper("RD2", "passport"))) == ["RD2", "RD1"]
    assert served(outcome_of(wanted, paper("RD1", "passport", "b"))) == [None, "RD1"]


def test_a_detail_that_differs_tells_which_requirement_a_paper_is_for() -> None:
    """France and Germany ask twice for the register: for the name on it, and for the address."""
    kind = "commercial_registrar_excerpt"
    wanted = [
        DocumentRequirement("name", "name", (AcceptedDocument(kind, ("business_name",)),)),
        DocumentRequirement("where", "where", (AcceptedDocument(kind, ("address_sids",)),)),
    ]
    address = paper("RD1", kind)
    other_name = replace(paper("RD2", kind), attributes={"business_name": "Muster AG"})
    outcome = outcome_of(wanted, address, other_name, attributes={"business_name": "Muster GmbH"})
    assert served(outcome) == ["RD2", "RD1"]
    assert outcome.results[1].invalid[0].code == Code.DOCUMENT_FIELD_MISMATCH


def test_of_two_papers_for_one_requirement_the_one_that_meets_it_serves() -> None:
    wanted = [requirement("a", "passport")]
    good, bad = paper("RD2", "passport", "a"), paper("RD1", "utility_bill", "a")
    outcome = outcome_of(wanted, bad, good)
    assert served(outcome) == ["RD2"]
    assert [(note.code, note.object_sid) for note in outcome.warnings] == [(NoteCode.PAPER_SERVES_NOTHING, "RD1")]


def test_of_papers_that_fail_the_one_with_the_least_faults_is_shown() -> None:
    wanted = [requirement("a", "passport")]
    old = replace(paper("RD1", "passport"), has_file=False, attributes={"expiration_date": "2001-01-01"})
    near = replace(paper("RD2", "passport"), has_file=False)
    assert served(outcome_of(wanted, old, near)) == ["RD2"]


def test_a_paper_that_is_accepted_nowhere_is_put_to_the_first_open_requirement() -> None:
    wanted = [requirement("a", "passport"), requirement("b", "utility_bill"), requirement("c", "title_deed")]
    outcome = outcome_of(wanted, paper("RD1", "passport"), paper("RD2", "photo_with_id"))
    assert served(outcome) == ["RD1", "RD2", None]
    assert [result.code for result in outcome.results[1:]] == [
        None,
        Code.DOCUMENT_TYPE_NOT_ACCEPTED,
        Code.DOCUMENT_MISSING,
    ]


def test_a_paper_too_many_is_a_warning() -> None:
    outcome = outcome_of([requirement("a", "passport")], paper("RD1", "passport"), paper("RD2", "passport"))
    assert outcome.compliant
    assert [(note.code, note.object_sid) for note in outcome.warnings] == [(NoteCode.PAPER_SERVES_NOTHING, "RD2")]


def test_a_paper_for_a_requirement_that_does_not_exist_is_a_warning() -> None:
    outcome = outcome_of([requirement("a", "passport")], paper("RD1", "passport", "other"))
    assert outcome.results[1].code == Code.DOCUMENT_MISSING
    assert [(note.code, note.object_sid) for note in outcome.warnings] == [(NoteCode.REQUIREMENT_NOT_KNOWN, "RD1")]


def test_another_spelling_of_a_type_is_taken() -> None:
    outcome = outcome_of([requirement("a", "rental_receipt")], paper("RD1", "rent_receipt"))
    assert outcome.compliant
    assert outcome.results[1].object_type == "rental_receipt"


def test_hundreds_of_papers_do_not_matter() -> None:
    wanted = [requirement(str(index), str(index), str(index + 1)) for index in range(20)]
    papers = [paper(f"RD{index:04}", str(index % 21)) for index in range(2_000)]
    assert outcome_of(wanted, *papers).compliant
