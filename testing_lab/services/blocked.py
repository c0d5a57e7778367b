"""Why a number is not for sale, with what only the lab knows: which tests a failed number failed."""

from collections.abc import Sequence

from inventory.blockers import STATE_RULE, Blocker
from inventory.history.explained import explained
from inventory.lifecycle import State
from inventory.models import PhoneNumber
from testing_lab.models import Outcome, Result, SuiteRun
from testing_lab.registry import titles


def failed_tests(number: PhoneNumber) -> tuple[SuiteRun | None, list[Result]]:
    """The last run of a failed number that has a verdict, and what failed in its last attempt."""
    if number.state != State.FAILED:
        return None, []
    run = number.suite_runs.filter(passed__isnull=False).order_by("-pk").first()
    if run is None:
        return None, []
    return run, list(run.results.filter(attempt=run.attempt, outcome=Outcome.FAIL).order_by("code"))


def why_not_for_sale(number: PhoneNumber, failed: Sequence[Result]) -> list[Blocker]:
    """Every blocker; that of a failed number says which tests failed and what they found."""
    found = explained(number)
    if number.state != State.FAILED or not failed:
        return found
    what = f"failed {'; '.join(map(_in_words, failed))}"
    return [each._replace(what=what) if is_of_its_tests(each, number) else each for each in found]


def is_of_its_tests(blocker: Blocker, number: PhoneNumber) -> bool:
    """Whether it is this that its tests have found."""
    return number.state == State.FAILED and blocker.rule == STATE_RULE


def reason(result: Result) -> str:
    """What a test that failed has found, in one line."""
    return result.detail or titles().get(result.code, "")


def _in_words(result: Result) -> str:
    """A test that failed, in one line: its code, its title, and what it found."""
    found = f" ({result.detail})" if result.detail else ""
    return f"{result.code} {titles().get(result.code, '')}{found}"
