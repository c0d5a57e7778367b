"""The rules change under a number in service: what staff see before, what the customer hears, and how it stays."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.test import Client as Browser
from django.urls import reverse
from twilio.base.exceptions import TwilioRestException  # type: ignore[import-untyped]  # it ships no types

from compliance.services import rollout, rulebooks
from tests.api.journeys.conftest import Begin
from tests.api.journeys.desk import Desk
from tests.api.journeys.post import Post
from tests.api.journeys.program import Program
from tests.compliance.country_folder import folder_of, rewrite
from tests.factories import NumberFactory

pytestmark = pytest.mark.django_db(transaction=True)

NUMBER = "+447400123456"


def and_a_birth_date(document: dict[str, Any]) -> None:
    """One field more for who wants a British mobile number."""
    person = document["number_types"]["mobile"]["end_user_types"]["individual"]["end_user"]
    person["fields"].append("birth_date")


@pytest.fixture
def in_service(begin: Begin, desk: Desk, post: Post) -> tuple[Program, Any]:
    """A British mobile number that was bought on an approved bundle, and that bundle."""
    program = begin("GB")
    regulation = program.regulation("GB", "mobile", "individual")
    bundle = program.filled(regulation, status_callback=post.url)
    program.submit(bundle)
    desk.approve(bundle.sid)
    NumberFactory.create(e164=int(NUMBER[1:]), country="GB", number_type="mobile")
    papers = {"address_sid": program.address, "bundle_sid": bundle.sid}
    assert program.client.incoming_phone_numbers.create(phone_number=NUMBER, **papers).status == "in-use"
    return program, bundle


def test_a_number_outlives_a_change_of_its_rules(
    in_service: tuple[Program, Any], desk: Desk, post: Post, governor: Browser, tmp_path: Path
) -> None:
    program, bundle = in_service
    with pytest.raises(TwilioRestException) as refused:
        program.papers.bundles(bundle.sid).bundle_copies.create()
    assert refused.value.code == 22223
    _activated(governor, tmp_path, bundle.sid)

    (ending,) = program.papers.bundles.list(has_valid_until_date=True)
    assert (ending.sid, ending.status, ending.valid_until > datetime.now(UTC)) == (bundle.sid, "twilio-approved", True)
    last = post.callbacks(bundle.sid)[-1]
    assert (last.status, "rules" in last.reason) == ("twilio-approved", True)
    assert post.letters(bundle.sid)[-1][0] == "The rules have changed for your papers"

    copy = program.papers.bundles(bundle.sid).bundle_copies.create(friendly_name="With a birth date")
    assert (copy.status, copy.regulation_sid) == ("draft", bundle.regulation_sid)
    assert [each.sid for each in program.papers.bundles(bundle.sid).bundle_copies.list()] == [copy.sid]
    with pytest.raises(TwilioRestException) as refused:
        program.submit(copy)
    assert (refused.value.code, _faulty(refused.value.details["results"])) == (22215, ["birth_date"])
    _filled_in(program, copy)
    with pytest.raises(TwilioRestException) as refused:
        _replace(program, bundle, copy)
    assert refused.value.code == 22224
    assert program.submit(copy).status == "pending-review"
    desk.approve(copy.sid)

    replaced = _replace(program, bundle, copy)
    assert (replaced.sid, replaced.status, replaced.valid_until) == (bundle.sid, "twilio-approved", None)
    (number,) = program.client.incoming_phone_numbers.list()
    assert (number.phone_number, number.bundle_sid, number.status) == (NUMBER, bundle.sid, "in-use")
    assert program.evaluate(bundle).status == "compliant"
    assert program.papers.bundles(copy.sid).delete()
    assert number.update(friendly_name="Still mine").bundle_sid == bundle.sid


def _activated(governor: Browser, folder: Path, sid: str) -> None:
    """A second version of the country's file; staff see what it does, and put it in force at the console."""
    rewrite(folder_of(folder, "GB"), "GB", and_a_birth_date)
    (book,) = rulebooks.load(folder).waiting
    shown = " ".join(governor.get(reverse("admin:compliance_rulebook_change", args=[book.pk])).content.decode().split())
    assert "field added: birth_date" in shown
    assert "1 of 1 bundles, with 1 number in service." in shown
    assert sid in shown
    activation = {"effective_from": datetime.now(UTC).date().isoformat(), "reason": "The regulator's letter"}
    governor.post(reverse("admin:compliance_rulebook_verb", args=[book.pk, "activate"]), activation)
    assert rollout.recheck_due() == 1


def _faulty(results: list[dict[str, Any]]) -> list[str]:
    return [field["object_field"] for each in results for field in each["invalid"]]


def _filled_in(program: Program, bundle: Any) -> None:
    """What the rules ask for now, told by the end user of the copy."""
    items = program.papers.bundles(bundle.sid).item_assignments.list()
    person = program.papers.end_users(next(each.object_sid for each in items if each.object_sid[:2] == "IT"))
    person.update(attributes=person.fetch().attributes | {"birth_date": program.who.tell("birth_date")})
    assert program.evaluate(bundle).status == "compliant"


def _replace(program: Program, bundle: Any, copy: Any) -> Any:
    return program.papers.bundles(bundle.sid).replace_items.create(from_bundle_sid=copy.sid)


def test_an_approval_that_nobody_renewed_ends_and_the_number_stays(
    in_service: tuple[Program, Any], post: Post, governor: Browser, tmp_path: Path
) -> None:
    program, bundle = in_service
    _activated(governor, tmp_path, bundle.sid)
    ends = program.papers.bundles(bundle.sid).fetch().valid_until
    with time_machine.travel(ends):
        rollout.expire_due()
    assert program.status(bundle) == "twilio-rejected"
    assert [each.status for each in post.callbacks(bundle.sid)][-2:] == ["twilio-approved", "twilio-rejected"]
    assert post.letters(bundle.sid)[-1][0] == "The approval of your papers has ended"
    (number,) = program.client.incoming_phone_numbers.list()
    assert (number.status, number.bundle_sid) == ("in-use", bundle.sid)
