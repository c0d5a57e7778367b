"""The lifecycle as a state machine: whatever customers, the lab and the sweeps do in whatever order, our model of one
number and the database agree, and the database finds nothing to object to."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from accounts.models import Account
from inventory.lifecycle import CLOCKED, HELD, MOVES, IllegalMove, State
from inventory.models import Assignment, BlockReason, Did, Hold, LifecycleEntry, PhoneNumber
from inventory.models.block import NumberBlock
from inventory.refusals import Refused
from inventory.services import assignments, blocks, reservations
from inventory.services.transition import move
from tests.factories import AccountFactory, NumberFactory

WHO = st.sampled_from([0, 1])
PAPERS = {"passport_expires_at": timezone.now() + timedelta(days=365), "cleared_at": timezone.now()}
CLOCK = {"due_at": timezone.now() + timedelta(days=300)}
#: Verbs that only the services of customers may use, with what belongs to them.
OF_CUSTOMERS = {"reserve", "assign", "lapse", "release", "reclaim"}
BACK_ON_SALE = {State.FAILED: "start_tests", State.TESTING: "pass_tests", State.QUARANTINED: "clear"}


class LifeOfANumber(RuleBasedStateMachine):
    """One number, two accounts, the lab and the sweeps."""

    def __init__(self) -> None:
        super().__init__()
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()
        self.accounts: list[Account] = AccountFactory.create_batch(2)
        self.number: PhoneNumber = NumberFactory.create()
        self.state = State.AVAILABLE
        self.holder: Account | None = None
        self.blocked = False
        self.sids: dict[int, str] = {}

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.savepoint.__exit__(None, None, None)

    def attempt(self, act: Callable[[], Any], *, allowed: bool) -> Any:
        """Do it if the model allows it; otherwise it must be refused."""
        if allowed:
            return act()
        with pytest.raises((Refused, IllegalMove)):
            act()
        return None

    def becomes(self, state: State, holder: Account | None = None) -> None:
        self.state, self.holder = state, holder

    @rule(who=WHO)
    def buy(self, who: int) -> None:
        account = self.accounts[who]
        mine = self.holder == account
        allowed = (self.state == State.AVAILABLE and not self.blocked) or (
            mine and (self.state == State.IN_SERVICE or not self.blocked)
        )
        did = self.attempt(
            lambda: assignments.buy(account=account, e164=self.number.e164, settings={}), allowed=allowed
        )
        if did is None:
            return
        if mine and self.state in (State.IN_SERVICE, State.RELEASED):
            assert did.sid == self.sids[account.pk]
        self.sids[account.pk] = did.sid
        self.becomes(State.IN_SERVICE, account)

    @rule(who=WHO)
    def reserve(self, who: int) -> None:
        account = self.accounts[who]
        allowed = self.state == State.AVAILABLE and not self.blocked
        act = lambda: reservations.reserve(account=account, numbers=[self.number.e164])  # noqa: E731 - tried, or refused
        if self.attempt(act, allowed=allowed):
            self.becomes(State.RESERVED, account)

    @precondition(lambda self: self.state == State.RESERVED)
    @rule()
    def the_holder_buys(self) -> None:
        self.buy(self.accounts.index(self.holder))  # type: ignore[arg-type]  # a reserved number has a holder

    @precondition(lambda self: self.state in BACK_ON_SALE)
    @rule()
    def the_yard_puts_it_back_on_sale(self) -> None:
        """Without this, most runs would get lost among tests and quarantines."""
        while self.state != State.AVAILABLE:
            self.the_yard_moves_it(BACK_ON_SALE[self.state])

    @precondition(lambda self: self.state == State.RESERVED)
    @rule()
    def give_up_the_hold(self) -> None:
        reservations.release(reservation=Hold.objects.get(number=self.number, ended="").reservation)
        self.becomes(State.AVAILABLE)

    @precondition(lambda self: self.state == State.IN_SERVICE)
    @rule()
    def release(self) -> None:
        assignments.release(did=Did.objects.get(number=self.number, ended_at=None), actor="user:staff")
        self.becomes(State.RELEASED, self.holder)

    @precondition(lambda self: self.state == State.IN_SERVICE)
    @rule()
    def release_an_old_did(self) -> None:
        for old in Did.objects.filter(number=self.number).exclude(ended_at=None):
            self.attempt(lambda old=old: assignments.release(did=old, actor="user:staff"), allowed=False)  # type: ignore[misc]  # a default binds it

    @rule()
    def time_runs_out(self) -> None:
        """Hold and reclaim window end; the sweeps come by."""
        PhoneNumber.objects.filter(pk=self.number.pk).exclude(due_at=None).update(
            due_at=timezone.now() - timedelta(seconds=1)
        )
        reservations.lapse_due(limit=10)
        if self.state == State.RESERVED:
            self.becomes(State.AVAILABLE)
        if self.state == State.RELEASED:
            move(self.number.pk, "expire", actor="sweep:releases", changes=CLOCK)
            self.becomes(State.QUARANTINED)

    @rule(verb=st.sampled_from(sorted(set(MOVES) - OF_CUSTOMERS - {"retire"})))
    def the_yard_moves_it(self, verb: str) -> None:
        step = MOVES[verb]
        papers = (PAPERS if step.target == State.AVAILABLE else {}) | (CLOCK if step.target in CLOCKED else {})
        act = lambda: move(self.number.pk, verb, actor="lab:suite", changes=papers)  # noqa: E731 - tried, or refused
        if self.attempt(act, allowed=self.state in step.sources):
            self.becomes(step.target)

    @rule()
    def block(self) -> None:
        blocks.place(number=self.number, reason=BlockReason.FRAUD, actor="user:staff")
        self.blocked = True

    @rule()
    def clear_the_blocks(self) -> None:
        for block in NumberBlock.objects.filter(number=self.number, cleared_at=None):
            blocks.clear(block=block, actor="user:staff", note="looked into")
        self.blocked = False

    @invariant()
    def the_row_is_as_the_model(self) -> None:
        row = PhoneNumber.objects.get(pk=self.number.pk)
        assert (row.state, row.holder, row.blocked) == (self.state, self.holder, self.blocked)
        assert (row.holder is not None) == (row.state in HELD)

    @invariant()
    def the_claims_are_as_the_state(self) -> None:
        in_service, reserved = self.state == State.IN_SERVICE, self.state == State.RESERVED
        assert Did.objects.filter(number=self.number, ended_at=None).count() == in_service
        assert Assignment.objects.filter(number=self.number, valid__upper_inf=True).count() == in_service
        assert Hold.objects.filter(number=self.number, ended="").count() == reserved

    @invariant()
    def the_ledger_is_an_unbroken_chain(self) -> None:
        entries = LifecycleEntry.objects.filter(number=self.number).order_by("id").values_list("source", "target")
        states = [State.AVAILABLE, *(target for _, target in entries)]
        assert [source for source, _ in entries] == states[:-1]
        assert states[-1] == self.state

    @invariant()
    def no_constraint_is_waiting_to_fail(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")


@pytest.mark.django_db
def test_the_life_of_a_number() -> None:
    run_state_machine_as_test(
        LifeOfANumber,
        settings=settings(
            max_examples=25, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
        ),
    )
