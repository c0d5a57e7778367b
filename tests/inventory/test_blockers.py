"""Why a number is not for sale: all of it, and nothing for one that is."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from compliance.models import AgingRule, NumberTypeRule
from compliance.unmet import BundleMissing
from inventory.blockers import MOVED_ON_BY, Blocker, Clears, blockers
from inventory.history.explained import explained
from inventory.lifecycle import HELD, MEANING, State
from inventory.models import BlockReason, PhoneNumber
from inventory.models.quarantine import QuarantineSource
from inventory.quarantine.stays import enter
from inventory.services import assignments, blocks, drift_cases, reservations, sale_stops
from tests.architecture import rows
from tests.factories import AccountFactory, DidFactory, HoldFactory, NumberFactory, ProviderFactory

pytestmark = pytest.mark.django_db

NOW = timezone.now()
YESTERDAY = NOW - timedelta(days=1)


def whats(number: PhoneNumber, **asked: Any) -> list[str]:
    return [blocker.what for blocker in blockers(number, NOW, **asked)]


def test_a_number_on_sale_has_none_and_no_other_table_is_read() -> None:
    number = NumberFactory.create()
    with CaptureQueriesContext(connection) as queries:
        assert blockers(number, NOW) == []
    assert len(queries) == 0


def test_on_sale_with_a_passport_that_ran_out_is_not_for_sale() -> None:
    [blocker] = blockers(NumberFactory.create(passport_expires_at=YESTERDAY), NOW)
    assert (blocker.what, blocker.since) == ("its test passport has run out", YESTERDAY)


@pytest.mark.parametrize("state", [state for state in State if state != State.AVAILABLE and state not in HELD])
def test_off_sale_is_a_blocker_since_the_state_began(state: State) -> None:
    number = NumberFactory.create(state=state)
    number.refresh_from_db()
    [blocker] = blockers(number, NOW)
    assert (blocker.what, blocker.since, blocker.until) == (MEANING[state], number.state_since, number.due_at)


def test_a_number_in_quarantine_stays_there_by_the_rule_of_its_stay() -> None:
    number = NumberFactory.create(quarantined=True)
    stay = enter(number, source=QuarantineSource.ONBOARDED_USED, since=YESTERDAY)
    [state, verdict] = blockers(number, NOW)
    assert (state.rule, state.until) == (stay.rule, number.due_at)
    assert verdict.what == "it is not known to be clean"


def test_what_was_just_received_lacks_both_papers_too() -> None:
    number = NumberFactory.create(sourced=True)
    assert whats(number) == [MEANING[State.SOURCED], "it has no test passport", "it is not known to be clean"]


def test_every_open_block_is_told_with_its_reason_and_note() -> None:
    number = NumberFactory.create(passport_expires_at=YESTERDAY)
    fraud = blocks.place(number=number, reason=BlockReason.FRAUD, actor="user:a", note="robocalls")
    blocks.place(number=number, reason=BlockReason.LEGAL_HOLD, actor="user:a")
    assert whats(number) == ["its test passport has run out", "blocked: fraud (robocalls)", "blocked: legal hold"]
    blocks.clear(block=fraud, actor="user:b", note="a mistake")
    assert whats(number) == ["its test passport has run out", "blocked: legal hold"]


def test_a_number_marked_as_blocked_is_not_sold_even_if_no_block_is_found() -> None:
    assert whats(NumberFactory.create(blocked=True)) == ["blocked, and no open block says why"]


def test_a_hold_stands_in_the_way_of_all_but_its_holder() -> None:
    hold = HoldFactory.create()
    held, holder = hold.number, hold.reservation.account
    assert whats(held, buyer=holder) == []
    assert whats(held) == whats(held, buyer=AccountFactory.create()) == [MEANING[State.RESERVED]]


def test_nothing_else_is_the_holders_to_buy() -> None:
    did = DidFactory.create()
    assert whats(did.number, buyer=did.account) == [MEANING[State.IN_SERVICE]]
    assignments.release(did=did, actor="user:staff")
    released = PhoneNumber.objects.get(pk=did.number.pk)
    assert whats(released, buyer=did.account) == [MEANING[State.RELEASED], "it is not known to be clean"]


def test_each_names_its_rule() -> None:
    number = NumberFactory.create(quarantined=True, passport_expires_at=YESTERDAY, blocked=True)
    found = blockers(number, NOW)
    assert all(isinstance(blocker, Blocker) and blocker.rule for blocker in found)
    assert len({blocker.rule for blocker in found}) == len(found) == 4


def test_each_says_who_can_clear_it() -> None:
    number = NumberFactory.create(quarantined=True, passport_expires_at=YESTERDAY, blocked=True)
    assert [each.clears for each in blockers(number, NOW)] == [Clears.TIME, Clears.LAB, Clears.TIME, Clears.STAFF]
    assert set(MOVED_ON_BY) == set(State) - {State.AVAILABLE}


def test_of_a_life_that_is_over_nobody_clears_anything() -> None:
    number = NumberFactory.create(state=State.RETURNED, passport_expires_at=None, cleared_at=None, blocked=True)
    assert {each.clears for each in blockers(number, NOW)} == {Clears.NOBODY}


def test_the_rows_that_show_it_are_named() -> None:
    provider = ProviderFactory.create()
    number = NumberFactory.create(quarantined=True, provider=provider)
    stay = enter(number, source=QuarantineSource.ONBOARDED_USED, since=YESTERDAY)
    block = blocks.place(number=number, reason=BlockReason.FRAUD, actor="user:a")
    stop = sale_stops.place(provider=provider, country="US", actor="user:a", reason="outage")
    evidence = [each.evidence for each in blockers(number, NOW)]
    assert evidence == [{"quarantine": stay.pk}, {}, {"block": block.pk}, {"sale_stop": stop.pk}]


def test_explained_says_who_has_it_and_since_when_a_paper_is_missing() -> None:
    number = NumberFactory.create()
    did = assignments.buy(account=AccountFactory.create(), e164=number.e164, settings={})
    [in_service] = explained(PhoneNumber.objects.get(pk=number.pk))
    assert in_service.evidence == {"account_sid": did.account.sid, "number_sid": did.sid}
    assignments.release(did=did, actor="user:staff")
    PhoneNumber.objects.filter(pk=number.pk).update(passport_expires_at=None)
    row = PhoneNumber.objects.get(pk=number.pk)
    released, no_passport, not_clean = explained(row)
    assert released.evidence == in_service.evidence
    assert row.created_at < (not_clean.since or YESTERDAY) < (no_passport.since or YESTERDAY)
    assert not_clean.since == number.ledger.get(verb="release").at


def test_explained_names_the_reservation() -> None:
    number, account = NumberFactory.create(), AccountFactory.create()
    basket = reservations.reserve(account=account, numbers=[number.e164])
    [held] = explained(PhoneNumber.objects.get(pk=number.pk))
    assert held.evidence == {"account_sid": account.sid, "reservation_sid": basket.sid}
    assert (held.until, held.clears) == (basket.expires_at, Clears.HOLDER)


def test_what_was_never_tested_lacks_its_papers_since_its_birth() -> None:
    number = NumberFactory.create(sourced=True)
    number.refresh_from_db()
    assert [each.since for each in explained(number)] == [number.state_since, number.created_at, number.created_at]


def test_explained_names_what_the_engine_decided_last() -> None:
    decision = rows.decision()
    state = explained(decision.stay.number)[0]
    assert state.evidence == {"quarantine": decision.stay.pk, "decision": decision.pk}


def test_explained_names_the_word_of_a_person_that_is_in_force() -> None:
    override = rows.override()
    state = explained(override.stay.number)[0]
    assert state.evidence == {"quarantine": override.stay.pk, "override": override.pk}


def test_what_nobody_has_written_rules_for_is_sold_to_nobody() -> None:
    number = NumberFactory.create()
    assert explained(number) == []
    NumberTypeRule.objects.all().delete()
    [unknown] = explained(number)
    assert unknown.what == "nobody has written down what is asked for local numbers of US"
    assert (unknown.clears, unknown.evidence) == (Clears.STAFF, {"country": "US"})
    with pytest.raises(BundleMissing):
        assignments.buy(account=AccountFactory.create(), e164=number.e164, settings={})


def test_what_was_released_cannot_be_clean_before_its_legal_minimum() -> None:
    AgingRule.objects.create(
        country="US", previous_use="any", minimum_days=45, valid_from=date(2020, 1, 1), source="47 CFR 52.15"
    )
    number = NumberFactory.create()
    did = assignments.buy(account=AccountFactory.create(), e164=number.e164, settings={})
    assignments.release(did=did, actor="user:staff")
    released, unclean = explained(PhoneNumber.objects.get(pk=number.pk))
    at = number.ledger.get(verb="release").at
    assert released.until and unclean.until == at + timedelta(days=45) > released.until


def test_a_drift_names_the_case_with_which_its_block_goes() -> None:
    case = rows.drift_case()
    drift_cases.keep_off_sale([case.number])
    [blocked] = [each for each in explained(PhoneNumber.objects.get(pk=case.number_id)) if "block" in each.evidence]
    assert blocked.evidence["drift_case"] == case.pk
