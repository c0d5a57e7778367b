"""The time machine against a diary: whatever a number lived through, each day of it can be told afterwards."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

import pgtrigger
import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule, run_state_machine_as_test

from accounts.models import Account
from compliance.models import EndUserType
from inventory.history.moment import moment
from inventory.lifecycle import HELD, State
from inventory.models import Assignment, BlockReason, Did, PastCapabilities, PastPapers, PhoneNumber
from inventory.services import assignments, blocks
from inventory.services.transition import record_birth
from numbering.places import forget_prefixes
from tests.factories import AccountFactory, BundleFactory, NumberFactory, RegulationFactory, anywhere_in_life, loaded
from tests.inventory.test_life_of_a_number import DIGITS, LifeOfANumber

pytestmark = pytest.mark.django_db


class Page(NamedTuple):
    """What was so at an instant."""

    at: datetime
    row: int
    state: State
    holder: str
    declared: int
    tested: int


class RememberedLife(LifeOfANumber):
    """The same lives, in a family of accounts, with a diary that is compared when they are over."""

    def __init__(self) -> None:
        self.diary: list[Page] = []
        self.before = clock()
        super().__init__()
        self.accounts[1].parent = self.accounts[0]
        self.accounts[1].save(update_fields=["parent"])

    @precondition(lambda self: self.state == State.IN_SERVICE)
    @rule()
    def it_moves_within_the_family(self) -> None:
        other = next(each for each in self.accounts if each != self.holder)
        did = Did.objects.get(number=self.number, ended_at=None)
        assignments.transfer(did=did, to=other, by=self.accounts[0])
        self.sids[other.pk] = did.sid
        self.becomes(State.IN_SERVICE, other)

    @rule(mask=st.integers(0, 15))
    def it_can_do_something_else(self, mask: int) -> None:
        """However that came to be written."""
        PhoneNumber.objects.filter(pk=self.number.pk).update(declared_capabilities=15, capabilities=mask)

    @invariant()
    def it_is_written_down(self) -> None:
        row = PhoneNumber.objects.get(pk=self.number.pk)
        page = Page(
            clock(),
            row.pk,
            self.state,
            self.holder.sid if self.holder else "",
            row.declared_capabilities,
            row.capabilities,
        )
        self.diary.append(page)

    def teardown(self) -> None:
        try:
            assert moment(DIGITS, self.before) is None
            assert [told(page.at) for page in self.diary] == self.diary
        finally:
            super().teardown()


def clock() -> datetime:
    """The database's, which runs on within a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        now: datetime = cursor.fetchone()[0]
    return now


def told(at: datetime) -> Page:
    found = moment(DIGITS, at)
    assert found is not None
    assert found.abilities is not None
    holder = found.holding.account_sid
    assert (holder != "") == (found.state in HELD)
    return Page(at, found.number.pk, found.state, holder, found.abilities.declared, found.abilities.tested)


def test_every_instant_of_a_long_life_is_told_as_the_diary_has_it() -> None:
    forget_prefixes()
    run_state_machine_as_test(
        RememberedLife,
        settings=settings(
            max_examples=15, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
        ),
    )


@pytest.fixture
def on_sale() -> PhoneNumber:
    """Its birth is in the ledger, and no more."""
    number: PhoneNumber = NumberFactory.create(e164=493212345678, country="DE", number_type="voip")
    loaded("DE")
    number.state = State.SOURCED
    record_birth([number], actor="import:test", reason="")
    number.refresh_from_db()
    return number


def papers(account: Account) -> dict[str, Any]:
    regulation = RegulationFactory.create(country="DE", number_type="voip", end_user_type=EndUserType.BUSINESS)
    return {"bundle_sid": BundleFactory.create(account=account, regulation=regulation, approved=True).sid}


def test_the_papers_are_those_of_the_instant_and_of_who_had_the_number(on_sale: PhoneNumber) -> None:
    """Bought, put on other papers, moved to a subaccount and back, released: each bundle in its own time."""
    parent = AccountFactory.create()
    child = AccountFactory.create(parent=parent)
    given = [papers(parent), papers(parent), papers(child), papers(parent)]
    did = assignments.buy(account=parent, e164=on_sale.e164, settings=given[0])
    instants = [clock()]
    for settings_, to in ((given[1], None), (given[2], child), (given[3], parent)):
        did = assignments.change(did=did, settings=settings_, to=to, by=parent)
        instants.append(clock())
    assignments.release(did=did, actor="user:test")
    seen = [moment(on_sale.e164, at) for at in [*instants, clock()]]
    assert [(each.holding.account_sid, each.holding.bundle_sid) for each in seen if each] == [
        (parent.sid, given[0]["bundle_sid"]),
        (parent.sid, given[1]["bundle_sid"]),
        (child.sid, given[2]["bundle_sid"]),
        (parent.sid, given[3]["bundle_sid"]),
        (parent.sid, ""),
    ]
    assert all(each is not None and each.holding.did_sid == did.sid for each in seen)


def test_in_no_microsecond_of_a_transfer_one_sees_the_others_papers(on_sale: PhoneNumber) -> None:
    parent = AccountFactory.create()
    child = AccountFactory.create(parent=parent)
    hers = {parent.sid: papers(parent), child.sid: papers(child)}
    did = assignments.buy(account=parent, e164=on_sale.e164, settings=hers[parent.sid])
    assignments.change(did=did, settings=hers[child.sid], to=child, by=parent)
    [change] = PastPapers.objects.filter(did=did, account=parent).values_list("until", flat=True)
    handed_over = Assignment.objects.get(did=did, account=child).valid.lower
    for at in (handed_over + (change - handed_over) * share / 4 for share in range(-2, 7)):
        found = moment(on_sale.e164, at)
        assert found is not None
        assert found.holding.bundle_sid in ("", hers[found.holding.account_sid]["bundle_sid"])


def test_a_double_that_went_back_at_once_does_not_hide_the_life_that_goes_on(on_sale: PhoneNumber) -> None:
    with anywhere_in_life():
        double = NumberFactory.create(e164=on_sale.e164, state=State.RETURNED, country="DE", due_at=None)
    record_birth([double], actor="sweep:orders", reason="a double")
    found = moment(on_sale.e164, clock())
    assert found is not None
    assert (found.number, found.life, found.state) == (on_sale, 1, State.SOURCED)


def test_the_blocks_are_those_that_were_open(on_sale: PhoneNumber) -> None:
    block = blocks.place(number=on_sale, reason=BlockReason.FRAUD, actor="user:a")
    open_ = clock()
    blocks.clear(block=block, actor="user:a", note="a mistake")
    found = [moment(on_sale.e164, at) for at in (open_, clock() + timedelta(seconds=1))]
    assert [[each.pk for each in at.blocks()] for at in found if at] == [[block.pk], []]


def test_what_was_proved_before_traces_were_kept_is_not_made_up(on_sale: PhoneNumber) -> None:
    with pgtrigger.ignore("inventory.PhoneNumber:past_capabilities_stay"):  # as it was before the migration
        PhoneNumber.objects.filter(pk=on_sale.pk).update(tested_at=timezone.now() + timedelta(hours=1))
    found = moment(on_sale.e164, clock())
    assert found is not None
    assert found.abilities is None


def test_what_is_past_stays_as_it_is(on_sale: PhoneNumber) -> None:
    PhoneNumber.objects.filter(pk=on_sale.pk).update(capabilities=1)
    trace = PastCapabilities.objects.get(number=on_sale)
    assert trace.tested == on_sale.capabilities
    for change in (trace.delete, trace.save):
        with pytest.raises(Exception, match="Cannot update or delete rows"), transaction.atomic():
            change()


def test_an_instant_costs_as_many_questions_after_a_long_life_as_after_a_short_one(on_sale: PhoneNumber) -> None:
    account = AccountFactory.create()
    settings_ = papers(account)
    asked = []
    for _ in range(6):
        did = assignments.buy(account=account, e164=on_sale.e164, settings=settings_)
        with CaptureQueriesContext(connection) as queries:
            moment(on_sale.e164, clock())
        asked.append(len(queries))
        assignments.release(did=did, actor="user:test")
    assert asked == [asked[0]] * 6
