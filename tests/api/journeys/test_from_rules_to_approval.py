"""From what a country asks to an approved bundle, step by step, for the countries that customers ask for most."""

import pytest
from twilio.base.exceptions import TwilioRestException  # type: ignore[import-untyped]  # it ships no types

from compliance.lifecycle import BundleState
from tests.api.journeys.conftest import Begin
from tests.api.journeys.desk import Desk

pytestmark = pytest.mark.django_db(transaction=True)

REGULATIONS = [
    ("DE", "local", "business"),
    ("GB", "mobile", "individual"),
    ("GB", "local", "business"),
    ("FR", "local", "individual"),
    ("FR", "local", "business"),
    ("IE", "local", "business"),
    ("ES", "local", "individual"),
    ("IT", "local", "individual"),
    ("DK", "mobile", "individual"),  # an address anywhere in the world
]


@pytest.mark.parametrize(("country", "number_type", "end_user_type"), REGULATIONS)
def test_what_the_regulation_says_is_enough(
    begin: Begin, desk: Desk, country: str, number_type: str, end_user_type: str
) -> None:
    program = begin(country)
    regulation = program.regulation(country, number_type, end_user_type)
    asked, bundle = program.asked(regulation), program.bundle(regulation)
    (party,) = regulation.requirements["end_user"]

    empty = program.evaluate(bundle)
    assert (empty.status, [each["error_code"] for each in empty.results]) == (
        "noncompliant",
        [22214, *[22216] * len(asked)],
    )
    assert [each["requirement_name"] for each in empty.results] == [
        party["requirement_name"],
        *[each.requirement for each in asked],
    ]

    missing = party["fields"][0]
    person = program.end_user(regulation, without=missing)
    program.assign(bundle, person.sid, *map(program.paper, asked))
    early = program.evaluate(bundle)
    first = early.results[0]
    assert [(each["object_field"], each["error_code"]) for each in first["invalid"]] == [(missing, 22215)]
    assert [each["passed"] for each in early.results] == [False, *[True] * len(asked)]
    with pytest.raises(TwilioRestException) as refused:
        program.submit(bundle)
    assert (refused.value.status, refused.value.code) == (400, 22215)
    assert [each["passed"] for each in refused.value.details["results"]] == [False, *[True] * len(asked)]

    whole = person.attributes | {missing: program.who.tell(missing)}
    program.papers.end_users(person.sid).update(attributes=whole)
    compliant = program.evaluate(bundle)
    assert (compliant.status, [each["invalid"] for each in compliant.results]) == (
        "compliant",
        [[] for _ in compliant.results],
    )
    assert program.submit(bundle).status == "pending-review"
    assert desk.approve(bundle.sid) == BundleState.APPROVED
    assert program.status(bundle) == "twilio-approved"
