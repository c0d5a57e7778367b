"""Suite runs in the lab's own queue: opened for numbers with a known fault, awaited, and read off."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

from django.db.models import F

from bench.lab.carrier import Carrier
from bench.lab.results import Seen
from bench.lab.truth import Case
from config.stack.progress import say
from inventory.models import PhoneNumber
from numbering.types import Capability, NumberType
from testing_lab.models import Outcome, Purpose, Result, RunState, SuiteRun

SOLD = Capability.VOICE | Capability.SMS | Capability.MMS
LOOK_S, TELL_S = 1.0, 5.0
OVER = (RunState.DONE, RunState.STUCK)


class Numbers:
    """Numbers that no run has had yet, all held at the carriers."""

    def __init__(self, carriers: Sequence[Carrier], count: int) -> None:
        self.carriers = carriers
        had = PhoneNumber.objects.count()  # by the parts before: all carriers of a run offer the same ones
        offered = carriers[0].on_offer(had + count)[had:]
        if len(offered) < count:
            raise RuntimeError(f"the carrier offers {len(offered)} numbers, and {count} are wanted")
        for carrier in carriers:
            carrier.buy(offered)
        self._left: Iterator[str] = iter(offered)

    def open_runs(self, cases: Sequence[Case]) -> dict[int, Case]:
        """Give each case a number, break it, and ask for its suite; returns the runs by their key."""
        numbers = [next(self._left) for _ in cases]
        for number, case in zip(numbers, cases, strict=True):
            for carrier in self.carriers:
                carrier.strike(number, case)
        rows = PhoneNumber.objects.bulk_create(_row(number) for number in numbers)
        runs = SuiteRun.objects.bulk_create(SuiteRun(number=row, purpose=Purpose.STAFF) for row in rows)
        return {run.pk: case for run, case in zip(runs, cases, strict=True)}


def wait(label: str, runs: Mapping[int, Case], seconds: float, look: Callable[[], None] = lambda: None) -> float:
    """Return when all are over, or `seconds` have passed; how many passed. Says now and then how it goes."""
    began = told = time.monotonic()
    while True:
        look()
        states = Counter(SuiteRun.objects.filter(pk__in=runs).values_list("state", flat=True))
        over = sum(states[state] for state in OVER)
        now = time.monotonic()
        if over == len(runs) or now - began > seconds:
            return now - began
        if now - told >= TELL_S:
            told = now
            tried = SuiteRun.objects.filter(pk__in=runs, attempt__gt=1).count()
            say(f"{label}: {over}/{len(runs)} over, {states[RunState.CLAIMED]} at work, {tried} tried again")
        time.sleep(LOOK_S)


def drop(runs: Mapping[int, Case]) -> None:
    """Take back what is not over."""
    SuiteRun.objects.filter(pk__in=runs).exclude(state__in=OVER).update(
        state=RunState.STUCK, lease_until=None, claimed_by=""
    )


def read(runs: Mapping[int, Case]) -> list[Seen]:
    """What the daemon wrote down."""
    last = Result.objects.filter(run__in=runs, attempt=F("run__attempt"))
    found: dict[int, list[tuple[str, str, str]]] = {}
    for run_id, code, outcome, detail in last.values_list("run_id", "code", "outcome", "detail"):
        found.setdefault(run_id, []).append((code, outcome, detail))
    verdicts, troubles = _verdicts(runs), _troubles(runs)
    return [
        Seen(
            case=runs[run.pk],
            passed=run.passed,
            daemon=run.claimed_by,
            attempts=run.attempt,
            verdicts=tuple(verdicts.get(run.pk, ())),
            outcomes={code: outcome for code, outcome, _ in found.get(run.pk, ())},
            details={code: detail for code, _, detail in found.get(run.pk, ())},
            started=run.started_at,
            finished=run.finished_at,
            trouble=troubles.get(run.pk, ""),
        )
        for run in SuiteRun.objects.filter(pk__in=runs)
    ]


def _verdicts(runs: Mapping[int, Case]) -> dict[int, list[str]]:
    """Of every attempt that was recorded: "fail", "inconclusive" or "pass"."""
    outcomes: dict[tuple[int, int], set[str]] = {}
    for run, attempt, outcome in Result.objects.filter(run__in=runs).values_list("run_id", "attempt", "outcome"):
        outcomes.setdefault((run, attempt), set()).add(outcome)
    verdicts: dict[int, list[str]] = {}
    for (run, _), seen in sorted(outcomes.items()):
        verdicts.setdefault(run, []).append(_verdict(seen))
    return verdicts


def _troubles(runs: Mapping[int, Case]) -> dict[int, str]:
    first = Result.objects.filter(run__in=runs, attempt=1, outcome=Outcome.INCONCLUSIVE)
    return dict(first.values_list("run_id", "detail"))


def _verdict(outcomes: set[str]) -> str:
    worst = (Outcome.FAIL, Outcome.INCONCLUSIVE)
    return next((outcome.value for outcome in worst if outcome in outcomes), Outcome.PASS.value)


def _row(number: str) -> PhoneNumber:
    return PhoneNumber(
        e164=int(number),
        country="US",
        number_type=NumberType.LOCAL,
        area_code=number[2:5],
        declared_capabilities=int(SOLD),
    )
