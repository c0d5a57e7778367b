"""Routes that the lab's authors did not have in mind: what no ear minds fails no number, what every ear minds does.

The table is `faults.STRANGE`; each kind is a number of a carrier that shares no code with the lab or the sandbox.
"""

from testing_lab.exchanges.inbound_call import InboundCall
from testing_lab.models import Outcome
from testing_lab.registry import all_tests
from testing_lab.suite_runner import SuiteReport
from tests.testing_lab.strangers.faults import STRANGE, Strange
from tests.testing_lab.strangers.lab import lab_at_a_strange_trunk
from tests.testing_lab.test_against_a_carrier import reports_of, told

JUDGES = [test for test in all_tests() if test.exchanges == (InboundCall,)]


def is_right(report: SuiteReport, strange: Strange) -> bool:
    failing = set(report.failing)
    unclear = any(finding.outcome == Outcome.INCONCLUSIVE for finding in report.findings.values())
    return strange.fails <= failing <= strange.fails | strange.may and (bool(failing) or not unclear)


async def test_what_no_ear_minds_passes_and_what_every_ear_minds_fails() -> None:
    numbers = {f"+141555501{index:02}": strange for index, strange in enumerate(STRANGE)}
    async with lab_at_a_strange_trunk() as lab:
        reports = await reports_of(dict.fromkeys(numbers, JUDGES), lab)
    wrong = [
        f"{strange.name}: should fail {sorted(strange.fails)}: {told(reports[number])}"
        for number, strange in numbers.items()
        if not is_right(reports[number], strange)
    ]
    assert not wrong, "\n".join(wrong)
