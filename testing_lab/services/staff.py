"""What staff may do about a run: have the number tested again, or set the verdict themselves."""

from django.db import IntegrityError, transaction
from django.utils import timezone

from inventory.lifecycle import HELD, MOVES, State
from inventory.models import PhoneNumber
from inventory.services import testing
from inventory.services.testing import Measured
from inventory.services.transition import move
from testing_lab.models import Purpose, RunState, SuiteRun, VerdictOverride
from testing_lab.models.suite_run import OPEN_RUN
from testing_lab.refusals import NotTheLatestRun, OutOfTheLabsReach, RunIsOpen, VerdictStands
from testing_lab.services import claims, passports

#: To the lab by `start_tests`: elsewhere a run is knowledge, and the number stays where it is. One on sale stays there
#: too; who wants it off sale sends the number itself to the lab.
_SENT_TO_THE_LAB = (State.SOURCED, State.FAILED)


def run_again(run: SuiteRun, *, actor: str, reason: str) -> SuiteRun:
    """Have the number of a run that is over, or stuck, tested once more; returns the run that does it.

    A number that is new or failed goes to the lab and will move by the verdict. Raises RunIsOpen, OutOfTheLabsReach for
    a number that is gone, and IllegalMove.
    """
    if run.state == RunState.STUCK:
        claims.rerun(run, actor=actor)
        return run
    number = run.number
    if number.state == State.RETURNED:
        raise OutOfTheLabsReach("a test", number.get_state_display())
    with transaction.atomic():
        opened = _open(number, note=f"rerun of {run.pk} by {actor}: {reason}")
        if number.state in _SENT_TO_THE_LAB:
            move(number.pk, "start_tests", actor=actor, reason=reason, data={"suite_run": opened.pk})
    return opened


def _open(number: PhoneNumber, *, note: str) -> SuiteRun:
    try:
        with transaction.atomic():
            return SuiteRun.objects.create(number=number, purpose=Purpose.STAFF, note=note[:300])
    except IntegrityError:  # suite_run_one_open
        raise RunIsOpen(SuiteRun.objects.filter(number=number, state__in=OPEN_RUN).latest("pk").pk) from None


@transaction.atomic
def override(run: SuiteRun, *, passed: bool, actor: str, reason: str) -> VerdictOverride:
    """Set the verdict of a run that is over, or stuck, and move the number as the lab's own verdict would.

    A number in stock moves with its run: through the lab and out of it again, two entries in its ledger, by `actor` and
    with `reason`. One that a customer has stays his; the run and what is read from it say otherwise from now on.
    Raises RunIsOpen, NotTheLatestRun, VerdictStands, OutOfTheLabsReach for a number that no verb takes there, and
    IllegalMove.
    """
    run = SuiteRun.objects.select_for_update(of=("self",)).select_related("number").get(pk=run.pk)
    if run.state not in (RunState.DONE, RunState.STUCK):
        raise RunIsOpen(run.pk)
    if SuiteRun.objects.filter(number=run.number_id, pk__gt=run.pk).exists():
        raise NotTheLatestRun
    if run.passed is passed:
        raise VerdictStands("passed" if passed else "failed")
    row = VerdictOverride.objects.create(run=run, passed=passed, was=run.passed, actor=actor, reason=reason)
    SuiteRun.objects.filter(pk=run.pk).update(
        state=RunState.DONE, passed=passed, finished_at=run.finished_at or timezone.now()
    )
    _move(run, passed=passed, actor=actor, reason=reason, data={"suite_run": run.pk, "override": row.pk})
    return row


def _move(run: SuiteRun, *, passed: bool, actor: str, reason: str, data: dict[str, object]) -> None:
    """Where the verdict takes the number, if it is ours to move. Its passport and its drift case follow wherever it is;
    what was found over one route is the route's."""
    if run.purpose == Purpose.ROUTE:
        return
    number, state = run.number, State(run.number.state)
    if state != State.TESTING and not _stays(state, passed=passed):
        if state not in MOVES["start_tests"].sources:
            raise OutOfTheLabsReach("this verdict", state.label)
        move(number.pk, "start_tests", actor=actor, reason=reason, data=data)
    found = passports.vouched_for(run) if passed else Measured()
    moved = testing.record_verdict(number.pk, passed=passed, measured=found, actor=actor, reason=reason, evidence=data)
    passports.issue(run, moved, found, passed=passed)


def _stays(state: State, *, passed: bool) -> bool:
    """A customer has it, or it is where the verdict would take it."""
    return state in HELD or state in ((State.QUARANTINED, State.AVAILABLE) if passed else (State.FAILED,))
