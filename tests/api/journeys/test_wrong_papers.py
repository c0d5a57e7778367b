"""Customers who give the wrong thing: each mistake is named once, where it is, and mending it is enough."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException  # type: ignore[import-untyped]  # it ships no types

from tests.api.journeys.conftest import Begin
from tests.api.journeys.customers import BERLIN
from tests.api.journeys.program import Program
from tests.api.journeys.scans import pdf

pytestmark = pytest.mark.django_db(transaction=True)

LONG_AGO = (datetime.now(UTC).date() - timedelta(days=200)).isoformat()


def found(evaluation: Any) -> dict[str, list[tuple[str, int | None, str]]]:
    """By requirement: the field, Twilio's code and our reason of each mistake; a blank field: the paper as a whole."""
    mistakes = {each["requirement_name"]: list(_mistakes(each)) for each in evaluation.results}
    assert [each["passed"] for each in evaluation.results] == [not each for each in mistakes.values()]
    return {name: those for name, those in mistakes.items() if those}


def _mistakes(result: dict[str, Any]) -> Iterator[tuple[str, int | None, str]]:
    if result["numberyard"]["reason"]:
        yield "", result["error_code"], result["numberyard"]["reason"]
    for field in result["invalid"]:
        if field["numberyard"]["reason"]:
            yield field["object_field"], field["error_code"], field["numberyard"]["reason"]


def test_an_old_bill_an_expired_passport_and_a_home_abroad(begin: Begin) -> None:
    program = begin("FR")
    regulation = program.regulation("FR", "local", "individual")
    identity, home = program.asked(regulation)
    bundle, abroad = program.bundle(regulation), program.client.addresses.create(**BERLIN)
    passport = program.paper(identity, expiration_date=LONG_AGO, last_name="Kohler")
    bill = program.paper(home, issue_date=LONG_AGO, address_sids=[abroad.sid])
    program.assign(bundle, program.end_user(regulation).sid, passport, bill)
    assert found(program.evaluate(bundle)) == {
        "proof_of_identity": [
            ("last_name", 22218, "document_field_mismatch"),
            ("expiration_date", None, "document_expired"),
        ],
        "proof_of_address": [
            ("address_sids", 21615, "address_wrong_country"),
            ("issue_date", None, "document_too_old"),
        ],
    }
    with pytest.raises(TwilioRestException) as refused:
        program.submit(bundle)
    assert refused.value.code == 22218
    _mended(program, passport, last_name=program.who.tell("last_name"), expiration_date="2035-01-31")
    _mended(program, bill, issue_date=program.who.tell("issue_date"), address_sids=[program.address])
    assert program.submit(bundle).status == "pending-review"


def _mended(program: Program, sid: str, **right: Any) -> None:
    paper = program.papers.supporting_documents(sid)
    paper.update(attributes=paper.fetch().attributes | right)


def test_a_person_with_the_papers_of_a_company(begin: Begin) -> None:
    program = begin("GB")
    regulation = program.regulation("GB", "local", "individual")
    bundle, (_, home) = program.bundle(regulation), program.asked(regulation)
    certificate = program.upload("certificate_of_incorporation", {"business_name": "Keller & Daughters"}, pdf())
    program.assign(bundle, program.end_user(regulation).sid, certificate["sid"], program.paper(home))
    assert found(program.evaluate(bundle)) == {"proof_of_identity": [("", 18001, "document_type_not_accepted")]}
    company = program.papers.end_users.create(
        friendly_name="The firm", type="business", attributes={"business_name": "Keller & Daughters"}
    )
    with pytest.raises(TwilioRestException) as refused:
        program.assign(bundle, company.sid)
    assert (refused.value.status, refused.value.code) == (409, 20409)


def test_a_broken_tax_number_and_a_paper_without_its_file(begin: Begin) -> None:
    program = begin("IT")
    regulation = program.regulation("IT", "local", "business")
    bundle, asked = program.bundle(regulation), program.asked(regulation)
    bare = program.papers.supporting_documents.create(
        friendly_name="Extract",
        type=asked[0].type,
        attributes={"business_name": program.who.tell("business_name"), "issuing_country": "IT"},
    )
    person = program.end_user(regulation, vat_number="IT00743110158")
    program.assign(bundle, person.sid, bare.sid, *map(program.paper, asked[1:]))
    assert found(program.evaluate(bundle)) == {
        "business_info": [("vat_number", None, "invalid_vat_number")],
        "business_name_info": [("", None, "document_file_missing")],
    }
    with pytest.raises(TwilioRestException) as refused:
        program.submit(bundle)
    assert refused.value.code == 20001
    program.papers.end_users(person.sid).update(attributes=person.attributes | {"vat_number": "IT00743110157"})
    program.upload_again(bare.sid, pdf())
    assert program.submit(bundle).status == "pending-review"


def test_a_country_that_nobody_wrote_down_sells_nothing_to_anybody(begin: Begin) -> None:
    program = begin("DE")
    assert program.papers.regulations.list(iso_country="AQ") == []
    for group, code in ((("AQ", "local"), 22201), (("DE", "imaginary"), 22200)):
        with pytest.raises(TwilioRestException) as refused:
            program.papers.bundles.create(
                friendly_name="South",
                email="a@keller.example",
                iso_country=group[0],
                number_type=group[1],
                end_user_type="individual",
            )
        assert (refused.value.status, refused.value.code) == (400, code)
