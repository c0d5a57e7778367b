"""`lab-results.md`: what was measured, beside what is to be reached."""

import os
import platform
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from bench.lab import goals, truth
from bench.lab.processes import DATA
from bench.lab.results import Results, Seen, verdicts
from bench.lab.score import Score, Share, score

HERE = Path(__file__).resolve().parents[1]
MOST_MISTAKES = 40


def write(results: Results) -> Path:
    """Write the page; a draft, or a quick run, goes beside the data and not into the tree."""
    is_whole = not results.options.is_draft and not results.options.is_quick
    path = (HERE if is_whole else DATA) / "lab-results.md"
    parts = (_head, _accuracy, _tests, _seeds, _mistakes, _curves, _throughput, _together, _beside)
    path.write_text("\n".join(filter(None, (part(results) for part in parts))), encoding="utf-8")
    return path


def _head(results: Results) -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, {memory:.0f} GiB"
    loads = ", ".join(f"{noise.load:.1f}" for noise in results.noise)
    shares = ", ".join(f"{noise.share:.0%}" for noise in results.noise)
    seeds = ",".join(map(str, results.options.seeds))
    draft = " **A draft: the truth table was not committed.**" if results.options.is_draft else ""
    return f"""# Results of `make bench-lab`

{datetime.now(UTC):%d %B %Y %H:%M} UTC. {machine}; Python {platform.python_version()}. The lab daemon of `make run` \
with its PostgreSQL, against the sandbox carrier over real SIP, RTP, SMPP and MM4, all on these cores; every suite \
whole, the long call included.

**Seeds** {seeds}, which nobody had seen: they were drawn when the run began, unless somebody gave them. Try others: \
`make bench-lab`, or the same: `make bench-lab ARGS="--seeds {seeds}"`. **Truth table** `{truth.fingerprint()}`: \
`sandbox/data/faults.yaml` and `bench/lab/truth.yaml`, as committed before the run.{draft}

**Noise.** Between the parts two busy processes got {shares} of the two cores' time that they asked for. Load average: \
{loads}.
"""


def _accuracy(results: Results) -> str:
    if not results.judged:
        return ""
    found = score(results.judged)
    total = found.total
    wronged = Share(found.healthy_failed, found.healthy)
    rows = [
        ("recall", _share(total.recall), f">= {goals.RECALL}", goals.verdict(total.recall.value >= goals.RECALL)),
        ("precision", _share(total.precision), f">= {goals.PRECISION}",
         goals.verdict(total.precision.value >= goals.PRECISION)),
        ("healthy numbers wrongly failed", _share(wronged, digits=4), f"<= {goals.WRONGED:.4f}",
         goals.verdict(wronged.value <= goals.WRONGED)),
    ]  # fmt: skip
    kinds = {(run.case.kind, run.case.name) for run in results.judged if run.case.where in ("table", "drawn")}
    return f"""## Accuracy

{found.faulty} numbers with a fault, {len(kinds)} severities of {len({kind for kind, _ in kinds})} kinds, \
and {found.healthy} healthy ones, in no order, {results.options.at_once} at once. Each seed has every row of the \
sandbox's table, and of most kinds one severity more, which no table has: the seed draws it. A test is right where it \
fails a number whose fault it must find by the truth table, and wrong where it fails another. What a fault merely \
*may* fail counts neither way. A fault that stays undecided counts as missed. In brackets Wilson's interval at 95 %.

{_table(("", "", "to reach", ""), rows)}

{found.faulty_failed} of {found.faulty} faulty numbers failed; of the healthy ones {found.healthy_passed} of \
{found.healthy} passed each test that applies to them, which together are all 25.
"""


def _tests(results: Results) -> str:
    if not results.judged:
        return ""
    rows = [
        (code, _share(tally.recall), f"{tally.wronged} of {tally.wronged + tally.clear:,}", _share(tally.precision))
        for code, tally in score(results.judged).tests.items()
    ]
    return f"""### By test

{_table(("test", "recall", "wrongly failed", "precision"), rows)}
"""


def _seeds(results: Results) -> str:
    rows = [
        _seed_row(seed, score(run for run in results.judged if run.case.seed == seed)) for seed in results.options.seeds
    ]
    if not results.judged:
        return ""
    return f"""### By seed

{_table(("seed", "recall", "precision", "healthy wrongly failed"), rows)}
"""


def _seed_row(seed: int, found: Score) -> tuple[str, ...]:
    total = found.total
    return str(seed), _share(total.recall), _share(total.precision), f"{found.healthy_failed} of {found.healthy}"


def _mistakes(results: Results) -> str:
    mistakes = score(results.judged).mistakes
    if not results.judged:
        return ""
    told = "\n".join(f"- {each}" for each in mistakes[:MOST_MISTAKES]) or "None."
    more = f"\n- and {len(mistakes) - MOST_MISTAKES} more" if len(mistakes) > MOST_MISTAKES else ""
    return f"### Every mistake\n\n{told}{more}\n"


def _curves(results: Results) -> str:
    at_limits = [run for run in results.judged if run.case.where == "curve"]
    if not at_limits:
        return ""
    told = [
        f"{curve.test}, limit {curve.limit}:\n\n{_table((curve.unit, 'failed', ''), list(_curve(curve, at_limits)))}\n"
        for curve in truth.curves()
    ]
    return "## Beside the limits\n\nHow often a test fails, whatever else does. Not scored.\n\n" + "\n".join(told)


def _curve(curve: truth.Curve, runs: Sequence[Seen]) -> Iterator[tuple[str, ...]]:
    for value in curve.values:
        outcomes = [
            run.outcomes.get(curve.test)
            for run in runs
            if run.case.kind == curve.kind and run.case.parameters.get(curve.parameter) == value
        ]
        share = Share(outcomes.count("fail"), outcomes.count("fail") + outcomes.count("pass"))
        yield f"{value * curve.scale:g}", _share(share), "█" * round(20 * share.value)


def _throughput(results: Results) -> str:
    if not results.paces:
        return ""
    rows = [
        (
            *(str(pace.at_once), str(len(pace.runs)), f"{pace.an_hour:,.0f}"),
            *(f"{pace.cpu_each:.2f} s", f"{pace.far_cpu / len(pace.runs):.2f} s", f"{pace.memory:.0f} MiB"),
            f"{verdicts(pace.runs)}{_again(pace.runs)}",
            goals.verdict(pace.cpu_each <= goals.CPU_EACH and not any(run.passed is False for run in pace.runs)),
        )
        for pace in results.paces
    ]
    columns = ("at once", "numbers", "numbers/h", "CPU each", "carrier's", "memory", "verdicts", "")
    return f"""## Throughput

Healthy numbers; each gets one long and three shorter calls, an emergency test call, eight messages and two pictures. \
"CPU each" is the daemon and its calculator, for each suite; the sandbox carrier's comes on top, and would be \
elsewhere. Memory is the peak of the proportional share of both. To reach: no false failure, at most {goals.CPU_EACH} \
s of CPU, at most {goals.MEMORY_EACH:.0f} MB for each number more at once.

{_table(columns, rows)}

{_slope(results)}
"""


def _again(runs: Sequence[Seen]) -> str:
    """How many were tried again, and the commonest reason."""
    again = [run for run in runs if run.attempts > 1]
    reasons = Counter(run.trouble for run in again if run.trouble)
    commonest = f" ({reasons.most_common(1)[0][0]})" if reasons else ""
    return f"; {len(again)} tried again{commonest}" if again else ""


def _slope(results: Results) -> str:
    first, last = results.paces[0], results.paces[-1]
    if first.at_once == last.at_once:
        return ""
    slope = (last.memory - first.memory) / (last.at_once - first.at_once)
    reached = goals.verdict(slope * 2**20 / 1e6 <= goals.MEMORY_EACH)
    return f"From {first.at_once} to {last.at_once} at once: {slope:.2f} MiB for each number more ({reached})."


def _together(results: Results) -> str:
    if results.together is None:
        return ""
    return f"""## Two daemons, one queue

{results.together.told}. Each in a process of its own, with SIP address, trunk, bind and reference numbers of its own; \
both carriers hold every number, and the calls that they carried are compared \
({goals.verdict(results.together.twice == 0 and len(results.together.shares) == 2)}).
"""


def _beside(results: Results) -> str:
    found = results.beside
    if found is None:
        return ""
    rows = [(verdict, str(found.attempts.get(verdict, 0)), "") for verdict in ("pass", "inconclusive", "fail")]
    return f"""## Beside a CPU hog

{len(found.during)} healthy numbers at once while {found.hogs} processes of the same priority do nothing but spin. \
What their attempts came to ({goals.verdict(not found.attempts.get("fail"))}: a busy machine fails no number):

{_table(("attempt", "count", ""), rows)}

With the hogs gone, and a pause later: {verdicts(found.after)}.
"""


def _share(share: Share, digits: int = 3) -> str:
    if not share.of:
        return "-"
    low, high = share.interval
    return f"{share.value:.{digits}f} ({share.hits}/{share.of}; {low:.{digits}f}-{high:.{digits}f})"


def _table(columns: Sequence[str], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [columns, ["---", *["---:"] * (len(columns) - 2), "---"], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
