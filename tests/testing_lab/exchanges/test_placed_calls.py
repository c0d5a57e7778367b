"""C2, C3 and C4 against trunks that behave badly: whose call it is stays known, and who is to blame is told apart."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest

from numbering.e164 import E164
from testing_lab.equipment import Equipment
from testing_lab.exchanges import placed_call
from testing_lab.exchanges.long_call import LongCall
from testing_lab.exchanges.outbound_call import OutboundCall
from testing_lab.exchanges.withheld_call import WithheldCall, judge_busy
from testing_lab.line import Line
from testing_lab.models import Outcome
from testing_lab.registry import all_tests
from testing_lab.sip import Heard, IncomingCall, OutgoingCall, UserAgent
from testing_lab.suite_runner import SuiteReport, run_suite
from testing_lab.trunks.limits import OwnLimits
from testing_lab.trunks.route import Route
from tests.testing_lab.exchanges.routes import Takes
from tests.testing_lab.sip.peer import SOME_SDP, ScriptedPeer

NO_AUDIO = SOME_SDP.replace(b"audio 4000", b"audio 0")
Headers = Sequence[tuple[str, str]]


async def suite(line: Line, lab: Equipment, *codes: str) -> SuiteReport:
    return await run_suite(line, lab, [test for test in all_tests() if test.code in codes])


async def onward(
    trunk: UserAgent, lab: Equipment, call: IncomingCall, shown: str, headers: Headers = ()
) -> OutgoingCall:
    """The trunk brings the lab's call back to the lab, as from `shown`."""
    target = f"sip:{call.called}@lab.example"
    return await trunk.invite(target, via=lab.agent.address, caller=shown, sdp=SOME_SDP, headers=headers)


async def brings_and_refuses(
    trunk: UserAgent, lab: Equipment, call: IncomingCall, shown: str, headers: Headers = ()
) -> None:
    """The trunk brings the call to the lab, and passes on how that refuses it."""
    final = await (await onward(trunk, lab, call, shown, headers)).final(60)
    await call.reject(final.status, headers=[("Reason", final.header("Reason") or "")])


def refuses_as_the_far_end_does(trunk: UserAgent, lab: Equipment, shown: str, headers: Headers = ()) -> Takes:
    return lambda call: brings_and_refuses(trunk, lab, call, shown, headers)


def connects(trunk: UserAgent, lab: Equipment, line: Line, then: Takes) -> Takes:
    """Connects the call; `then` has its near end, whose `on_end` takes the far end down too."""

    async def take(call: IncomingCall) -> None:
        far = await onward(trunk, lab, call, str(line.reference))
        await far.final(60)
        await call.answer(NO_AUDIO)
        await then(call)
        await far.hang_up()

    return take


async def test_calls_from_many_numbers_are_told_apart_though_all_show_a_wrong_caller(
    trunk: UserAgent, lab: Equipment, line: Line
) -> None:
    lines = [replace(line, number=E164.parse(f"+1415555012{n}"), seed=f"{n}") for n in range(5)]

    async def take(call: IncomingCall) -> None:
        await asyncio.sleep(float(call.caller[-1]))  # each later than the next would be
        await brings_and_refuses(trunk, lab, call, f"+1999555000{call.caller[-1]}")

    trunk.on_invite = take
    seen = await asyncio.gather(*(OutboundCall.perform(each, lab) for each in lines))
    assert [call.caller for call in seen] == [f"+1999555000{n}" for n in range(5)]


async def test_a_call_that_waits_for_a_trunk_keeps_no_other_from_calling_the_same_number(
    trunk: UserAgent, lab: Equipment, line: Line
) -> None:
    full = OwnLimits(1000, most_calls=1)
    seat = await full.take()
    trunk.on_invite = lambda call: brings_and_refuses(trunk, lab, call, call.caller)
    waiting = asyncio.create_task(OutboundCall.perform(line, lab.over(Route("full", trunk.address, full))))
    other = replace(line, number=E164.parse("+14155550124"))
    for _ in range(3):
        assert (await OutboundCall.perform(other, lab)).caller == str(other.number)
    assert not waiting.done()
    seat.give_back()
    assert (await waiting).caller == str(line.number)


async def test_a_call_that_comes_late_is_not_taken_for_the_next_number_s(
    trunk: UserAgent, lab: Equipment, line: Line
) -> None:
    """The carrier has lost the first call, and brings it when the second is on its way."""
    late: list[Heard] = []

    async def take(call: IncomingCall) -> None:
        if call.caller == str(line.number):
            await call.ended.wait()
            return
        late.append(await (await onward(trunk, lab, call, str(line.number))).final(60))
        await brings_and_refuses(trunk, lab, call, call.caller)

    trunk.on_invite = take
    second = replace(line, number=E164.parse("+14155550124"))
    seen = [await OutboundCall.perform(each, lab) for each in (line, second)]
    assert [call.arrivals for call in seen] == [0, 1]
    assert seen[1].caller == str(second.number)
    assert [answer.status for answer in late] == [486]


async def test_a_call_that_was_refused_is_not_waited_for_any_more(trunk: UserAgent, lab: Equipment, line: Line) -> None:
    """The provider shows one number for all its calls, and that number's own call is refused."""

    async def take(call: IncomingCall) -> None:
        if call.caller == str(line.number):
            await call.reject(404)
        else:
            await brings_and_refuses(trunk, lab, call, str(line.number))

    trunk.on_invite = take
    second = replace(line, number=E164.parse("+14155550124"))
    seen = [await OutboundCall.perform(each, lab) for each in (line, second)]
    assert [call.arrivals for call in seen] == [0, 1]
    assert seen[1].caller == str(line.number)


async def test_only_of_calls_to_the_lab_s_own_number_is_it_remembered_who_may_come_late(
    trunk: UserAgent, lab: Equipment, line: Line
) -> None:
    async def take(call: IncomingCall) -> None:
        await call.ended.wait()

    trunk.on_invite = take
    await OutboundCall.perform(line, lab)
    await LongCall.perform(line, lab)
    assert list(lab.switchboard.overdue(line.reference)) == [str(line.number.digits)]
    assert not lab.switchboard.overdue(line.number)


async def test_a_call_that_does_not_arrive_is_withdrawn_before_the_next_is_on_its_way(
    trunk: UserAgent, lab: Equipment, line: Line
) -> None:
    rung: list[IncomingCall] = []

    async def take(call: IncomingCall) -> None:
        rung.append(call)
        await call.ring()

    trunk.on_invite = take
    report = await suite(line, lab, "V12", "V14")
    assert report.findings["V12"].outcome == Outcome.FAIL
    assert "the caller heard 487" in report.findings["V12"].detail
    assert report.findings["V14"].outcome == Outcome.INCONCLUSIVE
    assert [call.ended_by for call in rung] == ["cancelled"] * 3
    assert placed_call.ARRIVAL_LIMIT_S < 30


@pytest.mark.parametrize(
    ("headers", "revealed"),
    [
        ([], []),
        ([("P-Asserted-Identity", "<sip:+12025550142@x>")], ["P-Asserted-Identity"]),
        ([("Remote-Party-ID", '"Lab" <tel:202-555-0142>;privacy=full')], ["Remote-Party-ID"]),
        ([("Diversion", "<sip:2025550142@x>;reason=unknown")], ["Diversion"]),
    ],
)
async def test_a_withheld_caller_that_is_told_in_any_header_is_found(
    trunk: UserAgent, lab: Equipment, line: Line, headers: Headers, revealed: list[str]
) -> None:
    trunk.on_invite = refuses_as_the_far_end_does(trunk, lab, "sip:anonymous@anonymous.invalid", headers)
    seen = await WithheldCall.perform(line, lab)
    assert seen.revealed == revealed
    assert (seen.final_status, seen.cause) == (486, 17)
    assert judge_busy(seen).outcome == Outcome.PASS


async def test_a_number_that_ends_as_the_withheld_caller_does_tells_nothing(
    trunk: UserAgent, lab: Equipment, line: Line
) -> None:
    alike = replace(line, number=E164.parse("+14125550142"))
    assert str(alike.number)[-8:] == str(alike.reference)[-8:]
    trunk.on_invite = refuses_as_the_far_end_does(trunk, lab, "sip:anonymous@anonymous.invalid")
    assert (await WithheldCall.perform(alike, lab)).revealed == []


async def test_the_withheld_caller_of_our_own_call_is_in_the_asserted_identity_alone(
    trunk: UserAgent, lab: Equipment, line: Line
) -> None:
    asked: list[IncomingCall] = []

    async def take(call: IncomingCall) -> None:
        asked.append(call)
        await call.reject(603)

    trunk.on_invite = take
    await WithheldCall.perform(line, lab)
    [request] = [call.request for call in asked]
    assert request.headers.get("Privacy") == "id"
    assert [name for name, value in request.headers if "2025550142" in value] == ["P-Asserted-Identity"]


async def test_a_call_that_is_hung_up_on_hold_fails_with_the_seconds_it_lived(
    trunk: UserAgent, lab: Equipment, line: Line
) -> None:
    async def then(call: IncomingCall) -> None:
        await asyncio.sleep(20)
        await call.bye()

    trunk.on_invite = connects(trunk, lab, line, then)
    report = await suite(line, lab, "V16")
    finding = report.findings["V16"]
    assert (finding.outcome, report.our_trouble) == (Outcome.FAIL, False), finding
    assert finding.value == pytest.approx(20, abs=1.5)


async def test_a_call_that_the_trunk_has_lost_is_inconclusive(trunk: UserAgent, lab: Equipment, line: Line) -> None:
    async def then(call: IncomingCall) -> None:
        await asyncio.sleep(20)
        call.drop()  # so the refresh, and the BYE after it, are answered 481
        await asyncio.sleep(3600)

    trunk.on_invite = connects(trunk, lab, line, then)
    report = await suite(line, lab, "V16")
    assert report.findings["V16"].outcome == Outcome.INCONCLUSIVE
    [seen] = report.observations["LongCall"]
    assert isinstance(seen, LongCall)
    assert seen.lost


async def test_the_session_of_a_held_call_is_refreshed_once(trunk: UserAgent, lab: Equipment, line: Line) -> None:
    async def then(call: IncomingCall) -> None:
        await call.ended.wait()

    trunk.on_invite = connects(trunk, lab, line, then)
    seen = await LongCall.perform(line, lab)
    assert (seen.hold_status, seen.resume_status) == (200, 200)
    assert (seen.refresh_due_s, seen.refreshes) == (45.0, 1)
    assert seen.alive_s == pytest.approx(51.0, abs=0.1)
    assert seen.most_at_once == 1
    assert seen.talk.bad_description == "the description refuses the audio: its port is 0"


async def test_a_request_of_the_network_that_ends_the_session_timer_leaves_no_refresh_to_wait_for(
    trunk: UserAgent, lab: Equipment, line: Line
) -> None:
    """An UPDATE without Session-Expires, as of connected identity (RFC 4916)."""

    async def then(call: IncomingCall) -> None:
        await asyncio.sleep(20)
        assert (await call.ask("UPDATE")).status == 200
        await call.ended.wait()

    trunk.on_invite = connects(trunk, lab, line, then)
    seen = await LongCall.perform(line, lab)
    assert (seen.hold_status, seen.resume_status) == (200, 200)
    assert (seen.refresh_due_s, seen.refreshes) == (None, 0)


async def test_calls_that_are_up_at_once_are_counted(trunk: UserAgent, lab: Equipment, line: Line) -> None:
    async def then(call: IncomingCall) -> None:
        await call.ended.wait()

    trunk.on_invite = connects(trunk, lab, line, then)
    held = asyncio.create_task(LongCall.perform(line, lab))
    await asyncio.sleep(5)
    second = asyncio.create_task(LongCall.perform(line, lab))
    assert ((await held).most_at_once, (await second).most_at_once) == (2, 2)


async def test_a_trunk_that_says_nothing_at_all_is_our_trouble(
    lab: Equipment, line: Line, far_end: ScriptedPeer
) -> None:
    report = await suite(
        line, lab.over(Route("silent", far_end.address, OwnLimits(1000))), "V12", "V13", "V14", "V15", "V16", "V17"
    )
    assert (report.verdict, report.our_trouble) == (None, True)


@pytest.mark.parametrize("status", [407, 500, 503])
async def test_a_trunk_that_fails_before_the_call_arrives_is_our_trouble(
    trunk: UserAgent, lab: Equipment, line: Line, status: int
) -> None:
    trunk.on_invite = lambda call: call.reject(status)
    report = await suite(line, lab, "V12", "V13", "V14", "V15", "V16")
    assert (report.verdict, report.our_trouble) == (None, True)
