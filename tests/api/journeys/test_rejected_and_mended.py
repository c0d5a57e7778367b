"""A German company whose papers are refused once: what is told, what must be mended, and what need not."""

from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException  # type: ignore[import-untyped]  # it ships no types

from compliance.lifecycle import BundleState
from tests.api.journeys.conftest import Begin
from tests.api.journeys.desk import Desk
from tests.api.journeys.post import Post
from tests.api.journeys.program import Program
from tests.api.journeys.scans import pdf

pytestmark = pytest.mark.django_db(transaction=True)

ANOTHER_STREET = {
    "reason": "address_mismatch",
    "sentence": "The paper shows another street.",
    "fix_hint": "Send the paper of your present office.",
}


def test_the_first_evaluation_says_everything_in_twilio_s_shape(begin: Begin) -> None:
    program = begin("DE")
    regulation = program.regulation("DE", "local", "business")
    bundle, (extract, *_) = program.bundle(regulation), program.asked(regulation)
    program.assign(
        bundle,
        program.end_user(regulation, email="nobody").sid,
        program.paper(extract, business_name="Somebody else GmbH"),
    )
    evaluation = program.evaluate(bundle)
    assert (evaluation.sid[:2], evaluation.status, evaluation.bundle_sid) == ("EL", "noncompliant", bundle.sid)
    person, name, address, registration = evaluation.results
    assert set(person) - {"numberyard"} == {
        "friendly_name",
        "object_type",
        "passed",
        "failure_reason",
        "error_code",
        "requirement_friendly_name",
        "requirement_name",
        "valid",
        "invalid",
    }
    assert (person["passed"], person["object_type"], faults(person)) == (
        False,
        "business",
        [("email", None, "The email address is not valid: like name@company.com.")],
    )
    assert (name["object_type"], faults(name)) == (
        "commercial_registrar_excerpt",
        [("business_name", 22218, "A detail on the paper differs from the end user: Business name.")],
    )
    assert (address["error_code"], address["failure_reason"]) == (
        22216,
        "A required paper is missing: Proof of address, "
        "by Extract from the commercial register, Trade licence or Tax paper; "
        "one paper serves one requirement, its file may be uploaded once more.",
    )
    assert [each["object_field"] for each in address["invalid"]] == ["address_sids"]
    assert [each["object_field"] for each in registration["invalid"]] == ["business_registration_number"]
    (kept,) = program.papers.bundles(bundle.sid).evaluations.list()
    assert kept.results == evaluation.results


def faults(result: dict[str, Any]) -> list[tuple[str, int | None, str]]:
    """Of one requirement, what is wrong with which field."""
    return [(each["object_field"], each["error_code"], each["failure_reason"]) for each in result["invalid"]]


def items(program: Program, bundle: Any) -> dict[str, str]:
    """Item SIDs, by what they are of."""
    return {each.object_sid: each.sid for each in program.papers.bundles(bundle.sid).item_assignments.list()}


def test_only_what_was_refused_is_mended_and_looked_at_again(begin: Begin, desk: Desk, post: Post) -> None:
    program = begin("DE")
    regulation = program.regulation("DE", "local", "business")
    bundle = program.bundle(regulation, status_callback=post.url)
    person, sids = program.end_user(regulation), [program.paper(each) for each in program.asked(regulation)]
    program.assign(bundle, person.sid, *sids)
    program.submit(bundle)
    frozen = program.papers.supporting_documents(sids[1])
    with pytest.raises(TwilioRestException) as refused:
        frozen.update(attributes={"address_sids": []})
    assert (refused.value.status, refused.value.code) == (409, 20409)

    assert desk.decide(bundle.sid, {items(program, bundle)[sids[1]]: ANOTHER_STREET}) == BundleState.REJECTED
    assert program.status(bundle) == "twilio-rejected"
    papers = [program.papers.supporting_documents(sid).fetch() for sid in sids]
    assert [each.status for each in papers] == ["approved", "rejected", "approved"]
    assert papers[1].failure_reason == "The paper shows another street."
    assert "Send the paper of your present office." in str(papers[1].errors)

    assert program.upload_again(sids[1], pdf(pages=2))["status"] == "draft"
    assert program.submit(bundle).status == "pending-review"
    assert desk.items_to_judge(bundle.sid) == [items(program, bundle)[sids[1]]]
    assert desk.approve(bundle.sid) == BundleState.APPROVED
    assert program.status(bundle) == "twilio-approved"
    assert {program.papers.supporting_documents(sid).fetch().status for sid in sids} == {"approved"}
    assert program.client.addresses(program.address).fetch().verified is True

    told = post.callbacks(bundle.sid)
    assert [each.status for each in told] == ["pending-review", "twilio-rejected", "pending-review", "twilio-approved"]
    assert [bool(each.reason) for each in told] == [False, True, False, False]
    assert "The paper shows another street. Send the paper of your present office." in told[1].reason
    subjects, letters = zip(*post.letters(bundle.sid), strict=True)
    assert subjects == (
        "Your papers wait for review",
        "Your papers were rejected",
        "Your papers wait for review",
        "Your papers are approved",
    )
    assert "The paper shows another street." in letters[1]
    assert not any(word in letter for letter in letters for word in ("Keller", "Linden"))


def test_a_test_bundle_is_rejected_by_itself(begin: Begin, post: Post) -> None:
    program = begin("GB")
    bundle = program.filled(program.regulation("GB", "mobile", "individual"), is_test=True, status_callback=post.url)
    program.submit(bundle)
    assert program.status(bundle) == "twilio-rejected"
    assert [each.status for each in post.callbacks(bundle.sid)] == ["pending-review", "twilio-rejected"]


def test_where_nobody_has_confirmed_the_rules_an_operator_decides(begin: Begin, desk: Desk) -> None:
    program = begin("GB")
    regulation = program.regulation("GB", "voip", "individual")
    bundle = program.bundle(regulation)
    (result,) = program.evaluate(bundle).results
    assert (result["passed"], result["numberyard"]["reason"]) == (False, "regulation_not_confirmed")
    program.assign(bundle, program.papers.end_users.create(friendly_name="Maria", type="individual").sid)
    assert program.submit(bundle).status == "pending-review"
    assert desk.decide(bundle.sid, {}, reason="The regulator confirmed by letter") == BundleState.APPROVED
    assert program.status(bundle) == "twilio-approved"
