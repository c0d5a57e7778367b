"""Taking things away again: what is still needed stays, with the reason; in the right order everything goes."""

from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException  # type: ignore[import-untyped]  # it ships no types

from tests.api.journeys.conftest import Begin
from tests.api.journeys.desk import Desk

pytestmark = pytest.mark.django_db(transaction=True)


def kept(thing: Any) -> tuple[int, int]:
    """Try to delete it: status and code of the refusal."""
    with pytest.raises(TwilioRestException) as refused:
        thing.delete()
    return refused.value.status, refused.value.code


def test_what_is_needed_stays_and_then_everything_goes(begin: Begin, desk: Desk) -> None:
    program = begin("GB")
    regulation = program.regulation("GB", "mobile", "individual")
    bundle, person = program.bundle(regulation), program.end_user(regulation)
    sids = [program.paper(each) for each in program.asked(regulation)]
    program.assign(bundle, person.sid, *sids)
    passport = program.papers.supporting_documents(sids[0])
    assert [kept(person), kept(passport)] == [(400, 21644), (400, 21645)]

    program.submit(bundle)
    waiting = program.papers.bundles(bundle.sid)
    assert [kept(waiting), kept(passport), kept(person)] == [(400, 21647), (400, 21646), (400, 21644)]
    (item, *_) = waiting.item_assignments.list()
    assert kept(waiting.item_assignments(item.sid)) == (409, 20409)
    assert waiting.update(status="draft").status == "draft"
    program.submit(bundle)
    desk.approve(bundle.sid)
    assert [kept(passport), kept(person)] == [(400, 21645), (400, 21644)]
    with pytest.raises(TwilioRestException) as refused:
        waiting.update(status="twilio-approved")
    assert refused.value.code == 20403

    assert waiting.delete()
    with pytest.raises(TwilioRestException) as refused:
        waiting.fetch()
    assert (refused.value.status, refused.value.code) == (404, 20404)
    assert all(each.delete() for each in map(program.papers.supporting_documents, sids))
    assert program.papers.end_users(person.sid).delete()
    assert program.client.addresses(program.address).delete()
    for left in (program.papers.bundles, program.papers.end_users, program.papers.supporting_documents):
        assert left.list() == []
    assert program.client.addresses.list() == []


def test_items_of_a_draft_come_and_go(begin: Begin) -> None:
    program = begin("FR")
    regulation = program.regulation("FR", "local", "individual")
    bundle = program.filled(regulation)
    items = program.papers.bundles(bundle.sid).item_assignments
    for each in items.list(page_size=1):
        assert items(each.sid).delete()
    assert items.list() == []
    assert program.evaluate(bundle).results[0]["error_code"] == 22214
