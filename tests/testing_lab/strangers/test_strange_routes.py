"""Routes that the lab's authors did not have in mind: what nobody minds fails no number, what everybody minds does.

The tables are `faults.STRANGE` (audio) and `sip_routes.ROUTES` (signalling); each kind is a number of a carrier that
shares no code with the lab or the sandbox.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from numbering.e164 import E164
from testing_lab.exchanges import outbound_call
from testing_lab.exchanges.inbound_call import InboundCall
from testing_lab.exchanges.outbound_call import OutboundCall
from testing_lab.exchanges.withheld_call import WithheldCall
from testing_lab.line import Line
from testing_lab.media import instrument, speech
from testing_lab.media.instrument import Health
from testing_lab.models import Outcome
from testing_lab.registry import LabTest, all_tests
from testing_lab.suite_runner import SuiteReport
from tests.testing_lab.strangers.faults import STRANGE, Strange
from tests.testing_lab.strangers.few_words import compose_few
from tests.testing_lab.strangers.lab import lab_at_a_strange_trunk
from tests.testing_lab.strangers.signalling_faults import REFERENCE
from tests.testing_lab.strangers.sip_routes import ROUTES, TOLD
from tests.testing_lab.test_against_a_carrier import line, reports_of, told

OF_AUDIO = [test for test in all_tests() if test.exchanges == (InboundCall,)]
OF_SIGNALLING = [
    test
    for test in all_tests()
    if {InboundCall, WithheldCall, OutboundCall}.issuperset(test.exchanges)
    and test.code not in {"V04", "V05", "V06", "V07", "V08", "V09", "V15"}  # V15: the carrier signs nothing
]

HEALTHY = Health(0.0, 0.0, 0.0, 0.0, 0.0, 0, 0, ())


def is_unclear(report: SuiteReport) -> bool:
    return any(finding.outcome == Outcome.INCONCLUSIVE for finding in report.findings.values())


def is_right(report: SuiteReport, strange: Strange) -> bool:
    failing = set(report.failing)
    return strange.fails <= failing <= strange.fails | strange.may and (bool(failing) or not is_unclear(report))


async def wrongly_judged(numbers: Mapping[str, Strange], tests: Sequence[LabTest]) -> list[str]:
    def ours(number: str, attempt: int) -> Line:
        usual = line(number, attempt)
        return replace(usual, reference=E164.parse(REFERENCE)) if numbers[number] in TOLD else usual

    async with lab_at_a_strange_trunk() as lab:
        reports = await reports_of(dict.fromkeys(numbers, tests), lab, ours)
        # What could not be told, on a machine that was too busy, is asked once more, as the lab does.
        unclear = [
            each for each, report in reports.items() if is_unclear(report) and not is_right(report, numbers[each])
        ]
        reports |= await reports_of(dict.fromkeys(unclear, tests), lab, ours) if unclear else {}
    return [
        f"{strange.name}: should fail {sorted(strange.fails)}: {told(reports[number])}"
        for number, strange in numbers.items()
        if not is_right(reports[number], strange)
    ]


async def test_what_no_ear_minds_passes_and_what_every_ear_minds_fails() -> None:
    numbers = {f"+141555501{index:02}": strange for index, strange in enumerate(STRANGE)}
    wrong = await wrongly_judged(numbers, OF_AUDIO)
    assert not wrong, "\n".join(wrong)


async def test_what_a_network_may_write_passes_and_what_it_may_not_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speech, "compose", compose_few)  # what is said is the other test's matter
    monkeypatch.setattr(outbound_call, "TALK_S", 1.0)
    monkeypatch.setattr(instrument, "judge", lambda *_: HEALTHY)  # late audio is no late signalling
    numbers = {f"+162855501{index:02}": strange for index, strange in enumerate(ROUTES)}
    wrong = await wrongly_judged(numbers, OF_SIGNALLING)
    assert not wrong, "\n".join(wrong)
