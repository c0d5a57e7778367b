"""One thing done to many numbers: the dry run, the second person, the going through, the way back."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.utils import timezone

from accounts.models import User
from inventory.bulk import runs, stretches
from inventory.bulk.deeds import CHOOSABLE
from inventory.lifecycle import State
from inventory.models import BlockReason, BulkItem, BulkRun, BulkVerb, LifecycleEntry, NumberBlock, PhoneNumber
from inventory.refusals import NotToBeBegun, NotUndoable, OwnRun
from inventory.services import blocks
from tests.factories import DidFactory, NumberFactory, ProviderFactory, UserFactory

pytestmark = pytest.mark.django_db
WHY = "the carrier is leaving"


@pytest.fixture
def ann() -> User:
    return UserFactory.create(email="ann@example.com", is_staff=True)


@pytest.fixture
def ben() -> User:
    return UserFactory.create(email="ben@example.com", is_staff=True)


def numbers(count: int, **fields: Any) -> list[int]:
    return [number.pk for number in NumberFactory.create_batch(count, **fields)]


def begun(verb: BulkVerb, ids: list[int], user: User, kind: str = "") -> BulkRun:
    return runs.confirm(run=runs.draft(verb=verb, numbers=ids, user=user), user=user, reason=WHY, kind=kind)


def finished(run: BulkRun) -> BulkRun:
    stretches.stretch(run.pk)
    run.refresh_from_db()
    return run


def outcomes(run: BulkRun) -> list[tuple[str, str]]:
    return list(run.items.order_by("number_id").values_list("outcome", "why"))


def test_a_dry_run_says_what_would_be_left_and_touches_nothing(ann: User) -> None:
    good, gone = numbers(2), numbers(1, sourced=True, state=State.RETURNED)
    run = runs.draft(verb=BulkVerb.BLOCK, numbers=[*good, *gone], user=ann)
    assert outcomes(run) == [("open", ""), ("open", ""), ("left", "is returned")]
    assert (run.state, run.numbers, NumberBlock.objects.count()) == ("draft", 3, 0)


def test_it_takes_no_more_than_a_run_holds(ann: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "MOST", 2)
    run = runs.draft(verb=BulkVerb.BLOCK, numbers=numbers(3), user=ann)
    assert (run.numbers, run.is_capped, run.items.count()) == (2, True, 2)


def test_blocking_many_leaves_what_is_blocked_for_that_already(ann: User) -> None:
    ids = numbers(2)
    blocks.place(number=PhoneNumber.objects.get(pk=ids[0]), reason=BlockReason.FRAUD, actor="user:other")
    run = finished(begun(BulkVerb.BLOCK, ids, ann, "fraud"))
    assert outcomes(run) == [("left", "is blocked for this already"), ("done", "")]
    block = NumberBlock.objects.get(number=ids[1])
    assert (block.placed_by, block.note, run.state) == ("user:ann@example.com", WHY, "done")


@pytest.mark.parametrize(
    ("verb", "state"), [(BulkVerb.START_TESTS, State.TESTING), (BulkVerb.RETIRE, State.RETURNED)], ids=str
)
def test_each_number_moves_by_the_verb_with_the_reason_and_the_name(ann: User, verb: BulkVerb, state: State) -> None:
    ids = numbers(2, provider=ProviderFactory.create())
    finished(begun(verb, ids, ann))
    assert set(PhoneNumber.objects.filter(pk__in=ids).values_list("state", flat=True)) == {state}
    entries = LifecycleEntry.objects.filter(number__in=ids, verb=verb)
    assert set(entries.values_list("actor", "reason")) == {("user:ann@example.com", WHY)}


def test_numbers_are_taken_from_their_customers(ann: User) -> None:
    dids = DidFactory.create_batch(2)
    run = finished(begun(BulkVerb.RELEASE, [did.number_id for did in dids], ann))
    assert outcomes(run) == [("done", "")] * 2
    assert set(PhoneNumber.objects.values_list("state", flat=True)) == {State.RELEASED}


def test_what_moved_between_the_dry_run_and_its_turn_is_left_with_the_reason(ann: User) -> None:
    ids = numbers(2)
    run = begun(BulkVerb.START_TESTS, ids, ann)
    PhoneNumber.objects.filter(pk=ids[0]).update(state=State.TESTING)
    finished(run)
    (outcome, why), other = outcomes(run)
    assert (outcome, other) == ("left", ("done", ""))
    assert "cannot start_tests while TESTING" in why


def test_a_run_that_was_cut_short_goes_on_where_it_was_and_does_nothing_twice(
    ann: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = begun(BulkVerb.BLOCK, numbers(3), ann, "fraud")
    do, done = stretches._do, list[int]()

    def dies_at_the_second(item: int) -> bool:
        if len(done) == 1:
            raise KeyboardInterrupt
        done.append(item)
        return do(item)

    monkeypatch.setattr(stretches, "_do", dies_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        stretches.stretch(run.pk)
    monkeypatch.setattr(stretches, "_do", do)
    assert stretches.run_due(10) == 0  # its lease still holds
    BulkRun.objects.filter(pk=run.pk).update(next_attempt_at=timezone.now())
    assert stretches.run_due(10) == 1
    run.refresh_from_db()
    assert (run.state, outcomes(run)) == ("done", [("done", "")] * 3)
    assert NumberBlock.objects.count() == 3


def test_what_nobody_foresaw_stops_one_number_and_not_the_others(ann: User, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = numbers(2)
    run = begun(BulkVerb.BLOCK, ids, ann, "fraud")
    place = blocks.place

    def breaks(**given: Any) -> NumberBlock:
        if given["number"].pk == ids[0]:
            raise RuntimeError("a fault of ours")
        return place(**given)

    monkeypatch.setattr(blocks, "place", breaks)
    finished(run)
    assert [outcome for outcome, _ in outcomes(run)] == ["failed", "done"]
    assert run.state == "done"


def test_a_run_that_takes_long_gives_others_a_turn(ann: User) -> None:
    run = begun(BulkVerb.BLOCK, numbers(2), ann, "fraud")
    stretches.stretch(run.pk, longest=timedelta(seconds=-1))
    run.refresh_from_db()
    assert (run.state, runs.open_items(run)) == ("running", 2)
    assert run.next_attempt_at is not None
    assert run.next_attempt_at <= timezone.now()
    assert finished(run).state == "done"


def test_staff_stop_a_run_and_what_is_not_begun_stays_as_it_is(ann: User) -> None:
    run = begun(BulkVerb.BLOCK, numbers(2), ann, "fraud")
    runs.stop(run=run, remark="wrong list")
    finished(run)
    assert (run.state, runs.open_items(run), NumberBlock.objects.count()) == ("stopped", 2, 0)


def test_who_made_the_dry_run_begins_it_soon_and_once(ann: User, ben: User) -> None:
    run = runs.draft(verb=BulkVerb.START_TESTS, numbers=numbers(1), user=ann)
    with pytest.raises(NotToBeBegun):
        runs.confirm(run=run, user=ben, reason=WHY)
    with pytest.raises(NotToBeBegun, match="anew"):
        _old(ann)
    runs.confirm(run=run, user=ann, reason=WHY)
    with pytest.raises(NotToBeBegun):
        runs.confirm(run=run, user=ann, reason=WHY)


def _old(user: User) -> None:
    long_ago = timezone.now() - runs.DRAFT_LIFETIME - timedelta(seconds=1)
    run = BulkRun.objects.create(verb=BulkVerb.RETIRE, numbers=1, requested_by=user, created_at=long_ago)
    BulkItem.objects.create(run=run, number=NumberFactory.create())
    runs.confirm(run=run, user=user, reason=WHY)


def test_there_is_no_run_about_nothing_nor_of_a_verb_that_only_undoes(ann: User) -> None:
    for verb, ids in ((BulkVerb.RETIRE, []), (BulkVerb.LIFT, numbers(1)), (BulkVerb.PUT_BACK, numbers(1))):
        with pytest.raises(NotToBeBegun):
            runs.draft(verb=verb, numbers=ids, user=ann)
    with pytest.raises(NotToBeBegun, match="none"):
        begun(BulkVerb.CLEAR_BLOCKS, numbers(1), ann)


@pytest.mark.parametrize("verb", [BulkVerb.RETIRE, BulkVerb.RELEASE], ids=str)
def test_a_mass_release_takes_two_people(ann: User, ben: User, settings: LazySettings, verb: BulkVerb) -> None:
    settings.BULK_RELEASES_ALONE = 2
    ids = numbers(3) if verb == BulkVerb.RETIRE else [did.number_id for did in DidFactory.create_batch(3)]
    run = begun(verb, ids, ann)
    assert (run.state, run.needs_approval) == ("waiting", True)
    finished(run)
    assert runs.open_items(run) == 3
    with pytest.raises(OwnRun):
        runs.approve(run=run, user=ann, remark="fine")
    runs.approve(run=run, user=ben, remark="I rang the carrier")
    finished(run)
    assert (run.state, run.decided_by, runs.open_items(run)) == ("done", ben, 0)


def test_small_runs_of_one_day_count_together(ann: User, ben: User, settings: LazySettings) -> None:
    settings.BULK_RELEASES_ALONE = 3
    assert begun(BulkVerb.RETIRE, numbers(2), ann).state == "running"
    assert begun(BulkVerb.RETIRE, numbers(2), ann).state == "waiting"
    assert begun(BulkVerb.RETIRE, numbers(2), ben).state == "running"
    assert begun(BulkVerb.BLOCK, numbers(4), ann, "fraud").state == "running"


def test_a_second_person_refuses_and_nothing_is_done(ann: User, ben: User, settings: LazySettings) -> None:
    settings.BULK_RELEASES_ALONE = 0
    run = begun(BulkVerb.RETIRE, numbers(1), ann)
    runs.refuse(run=run, user=ben, remark="we still need them")
    finished(run)
    assert (run.state, run.remark, runs.open_items(run)) == ("refused", "we still need them", 1)
    with pytest.raises(NotToBeBegun):
        runs.approve(run=run, user=ben, remark="or not")


def test_undoing_a_block_clears_what_it_placed_and_nothing_else(ann: User, ben: User) -> None:
    ids = numbers(3)
    run = finished(begun(BulkVerb.BLOCK, ids, ann, "fraud"))
    other = blocks.place(number=PhoneNumber.objects.get(pk=ids[0]), reason=BlockReason.LEGAL_HOLD, actor="user:other")
    blocks.clear(block=NumberBlock.objects.get(number=ids[1]), actor="user:other", note="all well")
    undoing = finished(runs.undo(run=run, user=ben, reason="the wrong list"))
    assert (undoing.verb, undoing.undoes, undoing.requested_by) == (BulkVerb.LIFT, run, ben)
    assert outcomes(undoing) == [("done", ""), ("left", "somebody has cleared it meanwhile"), ("done", "")]
    assert list(NumberBlock.objects.filter(cleared_at=None)) == [other]
    with pytest.raises(NotUndoable):
        runs.undo(run=run, user=ben, reason="again")


def test_undoing_a_clearing_places_the_same_blocks_again(ann: User) -> None:
    ids = numbers(1)
    number = PhoneNumber.objects.get(pk=ids[0])
    for kind in (BlockReason.FRAUD, BlockReason.LEGAL_HOLD):
        blocks.place(number=number, reason=kind, actor="user:other")
    run = finished(begun(BulkVerb.CLEAR_BLOCKS, ids, ann))
    number.refresh_from_db()
    assert not number.blocked
    finished(runs.undo(run=run, user=ann, reason="they were right"))
    open_blocks = NumberBlock.objects.filter(cleared_at=None).values_list("reason", flat=True)
    assert sorted(open_blocks) == ["fraud", "legal_hold"]


@pytest.mark.parametrize("verb", [BulkVerb.RETIRE, BulkVerb.START_TESTS], ids=str)
def test_where_there_is_no_way_back_none_is_offered(ann: User, verb: BulkVerb) -> None:
    run = finished(begun(verb, numbers(1), ann))
    assert runs.way_back(run) is None
    with pytest.raises(NotUndoable):
        runs.undo(run=run, user=ann, reason="oh")


def test_what_may_be_chosen_is_what_does_not_undo() -> None:
    assert set(BulkVerb) - set(CHOOSABLE) == {BulkVerb.LIFT, BulkVerb.PUT_BACK}
