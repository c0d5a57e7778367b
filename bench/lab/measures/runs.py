"""Suite runs in the lab's own queue: opened for numbers with a known fault, awaited, and read off."""

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from django.db.models import F

from bench.lab.carrier import PRODUCTS, Carrier, Product
from bench.lab.results import Seen
from bench.lab.truth import Case
from config.stack.progress import say
from inventory.models import PhoneNumber, Provider
from numbering.types import NumberType, capabilities_from_names
from testing_lab.models import Outcome, Purpose, Result, RunState, SuiteRun

LOOK_S, TELL_S = 1.0, 5.0
OVER = (RunState.DONE, RunState.STUCK)


class Numbers:
    """Numbers for so many cases that no run has had yet, all held at the carriers."""

    def __init__(self, carriers: Sequence[Carrier], cases: Sequence[Case]) -> None:
        self.carriers = carriers
        wanted = Counter(PRODUCTS[case.line] for case in cases)
        self._left = {product: iter(self._bought(product, count)) for product, count in wanted.items()}

    def open_runs(self, cases: Sequence[Case]) -> dict[int, Case]:
        """Give each case a number, break it, and ask for its suite; returns the runs by their key."""
        rows = []
        for case in cases:
            product = PRODUCTS[case.line]
            number = next(self._left[product])
            for carrier in self.carriers:
                carrier.strike(number, case)
            rows.append(_row(number, product))
        rows = PhoneNumber.objects.bulk_create(rows)
        runs = SuiteRun.objects.bulk_create(SuiteRun(number=row, purpose=Purpose.STAFF) for row in rows)
        return {run.pk: case for run, case in zip(runs, cases, strict=True)}

    def _bought(self, product: Product, count: int) -> list[str]:
        had = PhoneNumber.objects.filter(country=product.country).count()  # all carriers of a run offer the same ones
        offered = self.carriers[0].on_offer(product, had + count)[had:]
        if len(offered) < count:
            raise RuntimeError(f"the carrier offers {len(offered)} numbers of {product}, and {count} are wanted")
        for carrier in self.carriers:
            carrier.buy(product, offered)
        return offered


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


def _row(number: str, product: Product) -> PhoneNumber:
    return PhoneNumber(
        e164=int(number),
        country=product.country,
        number_type=NumberType.LOCAL,
        area_code=number[2:5],
        declared_capabilities=int(capabilities_from_names(product.capabilities)),
        provider=_provider(product.seller),
    )


def _provider(slug: str) -> Provider:
    basics = {"name": slug, "adapter": "sandbox", "emergency_tests": True}
    return Provider.objects.get_or_create(slug=slug, defaults=basics)[0]
