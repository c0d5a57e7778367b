"""`python -m bench.lab.measures`: the parts, one after the other; then the page. The servers run."""

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from random import Random

from django.core.management import call_command

from bench.lab import page
from bench.lab.carrier import Carrier
from bench.lab.measures import runs
from bench.lab.options import Options
from bench.lab.processes import DATA, Watched, carrier, daemon, hogs
from bench.lab.results import Beside, Pace, Results, Together
from bench.lab.truth import FAXES, SPEAKS, Case, curves, drawn, of_table
from bench.noise import listen
from config.stack import environment
from config.stack.progress import say, step

HEALTHY = Case("healthy")
LONGEST_S = 900.0
EACH_S = 3.0
"""Twice what a number of the accuracy part takes on two cores, with 50 at once."""


def main(arguments: Sequence[str]) -> None:
    """Measure the parts that are wanted and write the page."""
    with step("Making the tables"):
        call_command("migrate", verbosity=0)
    found = Results(Options.read(arguments))
    say(f"Seeds: {', '.join(map(str, found.options.seeds))}")
    parts: Mapping[str, Callable[[Results], None]] = {
        "throughput": _throughput, "two": _two, "hog": _hog, "accuracy": _accuracy,
    }  # fmt: skip
    for name in found.options.parts:
        found.noise.append(listen())
        parts[name](found)
    found.noise.append(listen())
    say(f"Written: {page.write(found)}")


def _throughput(found: Results) -> None:
    """Healthy numbers, so many at once: how fast, at what cost."""
    most = max(found.options.concurrencies)
    counts = {at_once: 2 * most if at_once == most else at_once for at_once in found.options.concurrencies}
    surroundings = _meeting(found.options.seeds[0])
    with carrier(surroundings) as far_end:
        numbers = runs.Numbers([_reach(surroundings)], [HEALTHY] * sum(counts.values()))
        for at_once, count in counts.items():
            with daemon(surroundings, at_once) as lab:
                found.paces.append(_pace(at_once, numbers.open_runs([HEALTHY] * count), lab, far_end))
            say(found.paces[-1].told)


def _pace(at_once: int, opened: Mapping[int, Case], lab: Watched, far_end: Watched) -> Pace:
    before, far_before, memory = lab.cpu_seconds(), far_end.cpu_seconds(), [0.0]
    runs.wait(f"{at_once} at once", opened, LONGEST_S, lambda: memory.append(lab.memory_mib()))
    cpu, far_cpu = lab.cpu_seconds() - before, far_end.cpu_seconds() - far_before
    return Pace(at_once, runs.read(opened), cpu, far_cpu, max(memory))


def _two(found: Results) -> None:
    """Two daemons with addresses, trunks, binds and reference numbers of their own, and one queue."""
    at_once = 25
    with ExitStack() as stack:
        carriers = []
        for index in (0, 1):
            surroundings = _meeting(found.options.seeds[0], index)
            stack.enter_context(carrier(surroundings, f"sandbox-{index}"))
            carriers.append(_reach(surroundings))
            stack.enter_context(daemon(surroundings, at_once, f"labd-{index}"))
        numbers = runs.Numbers(carriers, [HEALTHY] * (2 * at_once))
        opened = numbers.open_runs([HEALTHY] * (2 * at_once))
        runs.wait("two daemons", opened, LONGEST_S)
        carried = [each.numbers_called() for each in carriers]
    found.together = Together(runs.read(opened), len(carried[0] & carried[1]))
    say(found.together.told)


def _hog(found: Results) -> None:
    """Healthy numbers while other processes want every core: what is said of them, and once they are gone."""
    surroundings, count = _meeting(found.options.seeds[0]), 20
    with carrier(surroundings):
        numbers = runs.Numbers([_reach(surroundings)], [HEALTHY] * count)
        with daemon(surroundings, count):
            opened = numbers.open_runs([HEALTHY] * count)
            with hogs(found.options.hogs):
                runs.wait(f"beside {found.options.hogs} hogs", opened, 75.0)
                beside = runs.read(opened)
            runs.wait("without the hogs", opened, 240.0)
    found.beside = Beside(found.options.hogs, beside, runs.read(opened))
    say(found.beside.told)


def _accuracy(found: Results) -> None:
    """Every fault of the table and one drawn severity of each kind, for each seed, among healthy numbers."""
    options = found.options
    cases = [
        case for seed in options.seeds for case in (*of_table(seed), *drawn(seed), *_healthy(seed, options.healthy))
    ]
    cases += [case for curve in curves() for case in curve.cases(options.beside_limits)]
    Random(options.seeds[0]).shuffle(cases)
    surroundings = _meeting(options.seeds[0])
    with carrier(surroundings), step(f"Buying and breaking {len(cases)} numbers"):
        numbers = runs.Numbers([_reach(surroundings)], cases)
        with daemon(surroundings, options.at_once):
            opened = numbers.open_runs(cases)
            runs.wait("accuracy", opened, EACH_S * len(cases))
    found.judged = runs.read(opened)


def _healthy(seed: int, count: int) -> list[Case]:
    """One in eight is sold for fax too."""
    return [Case("healthy", seed=seed, line=FAXES if index % 8 == 0 else SPEAKS) for index in range(count)]


def _meeting(seed: int, index: int = 0) -> dict[str, str]:
    """Where a carrier and a daemon of ours meet: ports that are free now, and reference numbers of their own."""
    chosen = ("SANDBOX_", "LAB_")
    given = {key: value for key, value in os.environ.items() if not key.startswith(chosen)}
    secrets = {key: os.environ[key] for key in ("SECRET_KEY", "FIELD_ENCRYPTION_KEYS", "SANDBOX_API_KEY")}
    secrets["SMSC_PASSWORD"] = os.environ["LAB_SMSC_PASSWORD"]
    first, *others = (environment.REFERENCE_NUMBER, *environment.FURTHER_REFERENCE_NUMBERS)
    ours = (first, others[0]) if index == 0 else (others[1], others[2])
    state = DATA / f"sandbox-{index}-{os.urandom(4).hex()}.sqlite3"
    return environment.compose(DATA, secrets, given) | {
        "SANDBOX_STATE": str(state),
        "SANDBOX_SEED": str(seed),
        "SANDBOX_FAULTY_SHARE": "0",
        "SANDBOX_FILL_SECONDS": "0.02-0.1",
        "SANDBOX_REFERENCE_NUMBERS": ",".join(ours),
        "LAB_REFERENCE_NUMBER": ours[0],
        "LAB_FURTHER_REFERENCE_NUMBERS": ours[1],
        "SANDBOX_FAULTS": _no_service_faults(),
    }


def _no_service_faults() -> str:
    """The carrier's ordering goes wrong for nobody: that is the stock's matter, and not the lab's."""
    path = DATA / "faults.yaml"
    path.write_text("service: {}\n", encoding="utf-8")
    return str(path)


def _reach(surroundings: Mapping[str, str]) -> Carrier:
    reached = Carrier(surroundings["SANDBOX_URL"], surroundings["SANDBOX_API_KEY"])
    reached.wait()
    return reached


if __name__ == "__main__":
    main(sys.argv[1:])
