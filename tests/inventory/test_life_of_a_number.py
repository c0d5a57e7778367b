"""The lifecycle as a state machine: whatever customers, staff, the lab and the sweeps do in whatever order, our model
of one number and the database agree, and the database finds nothing to object to."""

import io
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import Count, Q
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from accounts.models import Account
from inventory.importing.lines import LineReader
from inventory.importing.load import import_numbers
from inventory.lifecycle import HELD, MOVES, IllegalMove, State
from inventory.models import (
    BlockReason,
    Did,
    Hold,
    LifecycleEntry,
    NumberBlock,
    PhoneNumber,
    ProviderRelease,
    ReleaseState,
)
from inventory.quarantine import sweeps as quarantine
from inventory.refusals import Refused
from inventory.services import assignments, blocks, provider_releases, reservations, testing
from inventory.services.transition import move
from numbering.places import forget_prefixes
from tests.factories import AccountFactory, ProviderFactory, freely_assigned

DIGITS = 14155550123
STAFF = "user:staff"
WHO = st.sampled_from([0, 1])
#: Each sweep by the state that it takes numbers from.
SWEEPS: dict[State, Callable[[], int]] = {
    State.SOURCED: lambda: testing.send_to_lab(10),
    State.AVAILABLE: lambda: testing.start_retests(10),
    State.RESERVED: lambda: reservations.lapse_due(limit=10),
    State.RELEASED: lambda: quarantine.expire_due(10),
    State.QUARANTINED: lambda: quarantine.clear_due(10),
}


class LifeOfANumber(RuleBasedStateMachine):
    """One number and its next lives, two accounts, staff, the lab, the provider and the sweeps."""

    def __init__(self) -> None:
        super().__init__()
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()
        freely_assigned("US", "local")
        self.accounts: list[Account] = AccountFactory.create_batch(2)
        self.provider = ProviderFactory.create(demo_aging=timedelta(0))
        self.blocked = False
        self.born()
        self.goes_on_sale()

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

    def brought_in(self) -> int:
        """How many numbers an import of this one loads."""
        line = f"number,provider\n+{DIGITS},{self.provider.slug}"
        return import_numbers(io.StringIO(line), LineReader(), actor="import:test").loaded

    def born(self) -> None:
        assert self.brought_in() == 1
        self.number = PhoneNumber.objects.live().get(e164=DIGITS)
        self.becomes(State.SOURCED)
        self.tested = self.clean = self.blocked = False
        self.sids: dict[int, str] = {}

    @property
    def sellable(self) -> bool:
        return self.tested and self.clean and not self.blocked

    # Customers

    @rule(who=WHO)
    def buy(self, who: int) -> None:
        account = self.accounts[who]
        mine = self.holder == account
        allowed = (
            (self.state == State.AVAILABLE and self.sellable)
            or (mine and self.state == State.RESERVED and self.sellable)
            or (mine and self.state == State.RELEASED and not self.blocked)
            or (mine and self.state == State.IN_SERVICE)
        )
        did = self.attempt(lambda: assignments.buy(account=account, e164=DIGITS, settings={}), allowed=allowed)
        if did is None:
            return
        if self.state in (State.IN_SERVICE, State.RELEASED):
            assert did.sid == self.sids[account.pk]
        self.sids[account.pk] = did.sid
        self.clean = True  # who takes it back finds it as it was: nobody else has had it
        self.becomes(State.IN_SERVICE, account)

    @rule(who=WHO)
    def reserve(self, who: int) -> None:
        account = self.accounts[who]
        allowed = self.state == State.AVAILABLE and self.sellable
        act = lambda: reservations.reserve(account=account, numbers=[DIGITS])  # noqa: E731 - tried, or refused
        if self.attempt(act, allowed=allowed):
            self.becomes(State.RESERVED, account)

    def the_holder_buys(self) -> None:
        """Or takes back what it has released."""
        self.buy(self.accounts.index(self.holder))  # type: ignore[arg-type]  # asked only of a number that is held

    def give_up_the_hold(self) -> None:
        reservations.release(reservation=Hold.objects.get(number=self.number, ended="").reservation)
        self.becomes(State.AVAILABLE)

    def release(self) -> None:
        assignments.release(did=Did.objects.get(number=self.number, ended_at=None), actor=STAFF)
        self.clean = False
        self.becomes(State.RELEASED, self.holder)

    @precondition(lambda self: self.state == State.IN_SERVICE)
    @rule()
    def release_an_old_did(self) -> None:
        for old in Did.objects.filter(number=self.number).exclude(ended_at=None):
            self.attempt(lambda old=old: assignments.release(did=old, actor=STAFF), allowed=False)  # type: ignore[misc]  # a default binds it

    # Time and the lab

    @rule(source=st.sampled_from(sorted(SWEEPS)))
    def a_sweep_comes_by(self, source: State) -> None:
        """When the clock of the state that it looks after has run out."""
        of_this_state = PhoneNumber.objects.filter(pk=self.number.pk, state=source).exclude(due_at=None)
        of_this_state.update(due_at=timezone.now() - timedelta(seconds=1))
        assert SWEEPS[source]() == (self.state == source)
        if self.state != source:
            return
        match source:
            case State.SOURCED | State.AVAILABLE:
                self.becomes(State.TESTING)
            case State.RESERVED:
                self.becomes(State.AVAILABLE)
            case State.RELEASED:
                self.tested = False  # before reuse it is tested again
                self.becomes(State.QUARANTINED)
            case State.QUARANTINED:
                self.clean = True
                self.becomes(State.AVAILABLE if self.tested else State.TESTING)

    @rule()
    def the_passport_runs_out(self) -> None:
        passports = PhoneNumber.objects.filter(pk=self.number.pk).exclude(passport_expires_at=None)
        passports.update(passport_expires_at=timezone.now() - timedelta(seconds=1))
        self.tested = False

    @rule(passed=st.booleans())
    def the_lab_judges(self, passed: bool) -> None:
        """A verdict may also come late, or twice: then it changes nothing."""
        failing = () if passed else ("V05",)
        testing.record_verdict(self.number.pk, passed=passed, failing=failing, actor="lab:suite")
        if self.state != State.TESTING:
            return
        self.tested = passed
        good = State.AVAILABLE if self.clean else State.QUARANTINED
        self.becomes(good if passed else State.FAILED)

    # Staff and the provider

    @rule()
    def staff_have_it_tested(self) -> None:
        act = lambda: move(self.number.pk, "start_tests", actor=STAFF, reason="repaired")  # noqa: E731 - tried, or refused
        if self.attempt(act, allowed=self.state in MOVES["start_tests"].sources):
            self.becomes(State.TESTING)

    @rule()
    def retire(self) -> None:
        act = lambda: provider_releases.retire(self.number.pk, actor=STAFF, reason="")  # noqa: E731 - tried, or refused
        if self.attempt(act, allowed=self.state in MOVES["retire"].sources):
            self.becomes(State.RETURNED)

    @rule()
    def it_comes_again(self) -> None:
        """Only when the provider has really taken it back: an import before that is refused."""
        assert self.brought_in() == 0
        if self.state == State.RETURNED:
            closed = {"state": ReleaseState.CONFIRMED, "next_attempt_at": None}
            ProviderRelease.objects.filter(number=self.number).update(**closed)
            self.born()

    @rule()
    def block(self) -> None:
        blocks.place(number=self.number, reason=BlockReason.FRAUD, actor=STAFF)
        self.blocked = True

    @rule()
    def clear_the_blocks(self) -> None:
        for block in NumberBlock.objects.filter(number=self.number, cleared_at=None):
            blocks.clear(block=block, actor=STAFF, note="looked into")
        self.blocked = False

    # What usually comes next. Without these, most steps would be refusals, and most runs lost among tests

    @precondition(lambda self: self.state not in (State.AVAILABLE, *HELD))
    @rule()
    def goes_on_sale(self) -> None:
        while self.state != State.AVAILABLE:
            self.usual_steps()[0]()

    @rule(choice=st.integers(0, 11))
    def goes_on(self, choice: int) -> None:
        steps = self.usual_steps()
        steps[choice % len(steps)]()

    @rule(choices=st.tuples(st.integers(0, 11), st.integers(0, 11), st.integers(0, 11)))
    def goes_on_and_on(self, choices: tuple[int, ...]) -> None:
        for choice in choices:
            self.goes_on(choice)

    def usual_steps(self) -> list[Callable[[], None]]:
        """What may happen to the number in its state; first what brings it nearer to the shop window."""
        steps: dict[State, list[Callable[[], None]]] = {
            State.SOURCED: [self.its_sweep, self.retire],
            State.TESTING: [partial(self.the_lab_judges, passed=True), partial(self.the_lab_judges, passed=False)],
            State.QUARANTINED: [self.its_sweep, self.its_sweep, self.retire],
            State.FAILED: [self.staff_have_it_tested, self.retire],
            State.AVAILABLE: [partial(self.buy, 0), partial(self.reserve, 1), partial(self.buy, 1), self.its_sweep],
            State.RESERVED: [self.the_holder_buys, self.give_up_the_hold, self.its_sweep],
            State.IN_SERVICE: [self.release],
            State.RELEASED: [self.its_sweep, self.the_holder_buys],
            State.RETURNED: [self.it_comes_again],
        }
        return steps[self.state]

    def its_sweep(self) -> None:
        self.a_sweep_comes_by(self.state)

    @invariant()
    def the_row_is_as_the_model(self) -> None:
        row = PhoneNumber.objects.get(pk=self.number.pk)
        assert (row.state, row.holder_id, row.blocked) == (self.state, self.holder and self.holder.pk, self.blocked)
        assert (row.holder_id is not None) == (row.state in HELD)
        assert (row.cleared_at is not None) == self.clean
        assert PhoneNumber.objects.live().filter(e164=DIGITS).count() == (self.state != State.RETURNED)

    @invariant()
    def the_claims_are_as_the_state(self) -> None:
        """Each state with a claim has exactly that one, and no other state has any."""
        claims = PhoneNumber.objects.filter(pk=self.number.pk).aggregate(
            holds=Count("holds", filter=Q(holds__ended=""), distinct=True),
            dids=Count("dids", filter=Q(dids__ended_at=None), distinct=True),
            assignments=Count("assignments", filter=Q(assignments__valid__upper_inf=True), distinct=True),
            stays=Count("quarantines", filter=Q(quarantines__ended_at=None), distinct=True),
            releases=Count("provider_release", distinct=True),
        )
        state_of = {"holds": State.RESERVED, "stays": State.QUARANTINED, "releases": State.RETURNED}
        assert claims == {claim: int(self.state == state_of.get(claim, State.IN_SERVICE)) for claim in claims}

    @invariant()
    def the_ledger_is_an_unbroken_chain(self) -> None:
        entries = LifecycleEntry.objects.filter(number=self.number).order_by("id").values_list("source", "target")
        states = ["", *(target for _, target in entries)]
        assert [source for source, _ in entries] == states[:-1]
        assert states[-1] == self.state

    @invariant()
    def no_constraint_is_waiting_to_fail(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")


@pytest.mark.django_db
def test_the_life_of_a_number() -> None:
    forget_prefixes()
    run_state_machine_as_test(
        LifeOfANumber,
        settings=settings(
            max_examples=25, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
        ),
    )
