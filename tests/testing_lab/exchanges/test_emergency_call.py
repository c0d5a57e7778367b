"""C5 against services that a test plays: what is registered meanwhile, and what is left of it."""

from dataclasses import dataclass, field, replace

import pytest

from inventory.providers.base import CivicAddress, ProviderUnavailable
from numbering.e164 import E164
from testing_lab.emergency import addresses, services
from testing_lab.equipment import Equipment
from testing_lab.exchanges.emergency_call import EmergencyTestCall
from testing_lab.line import Line
from testing_lab.models import Outcome
from testing_lab.registry import all_tests
from testing_lab.sip import IncomingCall, UserAgent
from testing_lab.suite_runner import SuiteReport, run_suite
from testing_lab.trunks.limits import OwnLimits
from testing_lab.trunks.route import Route
from tests.testing_lab.sip.peer import SOME_SDP, ScriptedPeer

CUSTOMER = CivicAddress("1 Market Street", "San Francisco", "94105", "US", region="CA")


@dataclass
class Register:
    """A provider's register of addresses."""

    standing: CivicAddress | None = None
    away: bool = False
    keeps_all: bool = False
    history: list[str] = field(default_factory=list)

    def emergency_address(self, number: E164) -> CivicAddress | None:
        if self.away:
            raise ProviderUnavailable("away")
        return self.standing

    def register_emergency_address(self, number: E164, address: CivicAddress) -> None:
        self.standing = address
        self.history.append(str(address))

    def withdraw_emergency_address(self, number: E164) -> None:
        if self.keeps_all:
            raise ProviderUnavailable("away")
        self.standing = None


class RegisterInCapitals(Register):
    """It writes what it is given as the post does (USPS Publication 28)."""

    def register_emergency_address(self, number: E164, address: CivicAddress) -> None:
        street, unit = (text.upper().replace("PLACE", "PL") for text in (address.street, address.unit))
        Register.register_emergency_address(self, number, replace(address, street=street, unit=unit))


async def suite(line: Line, lab: Equipment, register: Register) -> SuiteReport:
    with_register = replace(lab, emergency_addresses=lambda number: register)
    return await run_suite(line, with_register, [test for test in all_tests() if test.code == "E01"])


def seen_in(report: SuiteReport) -> EmergencyTestCall:
    [seen] = report.observations["EmergencyTestCall"]
    assert isinstance(seen, EmergencyTestCall)
    return seen


async def test_the_lab_registers_an_address_of_its_own_and_withdraws_it(
    trunk: UserAgent, lab: Equipment, line: Line
) -> None:
    register, asked = Register(), list[IncomingCall]()

    async def take(call: IncomingCall) -> None:
        asked.append(call)
        await call.reject(404)

    trunk.on_invite = take
    report = await suite(line, lab, register)
    assert report.findings["E01"].outcome == Outcome.FAIL
    [row] = [services.row_of("US")]
    assert row is not None
    assert register.history == [str(addresses.of_the_lab(row, line.seed))]
    assert register.standing is None
    assert [call.called for call in asked] == ["933"]
    assert asked[0].request.uri.startswith("sip:933;phone-context=+1@")
    assert (asked[0].caller, asked[0].asserted_identity) == (str(line.number), str(line.number))


async def test_elsewhere_the_urn_of_the_test_service_is_called(trunk: UserAgent, lab: Equipment, line: Line) -> None:
    asked: list[str] = []

    async def take(call: IncomingCall) -> None:
        asked.append(call.request.uri)
        await call.reject(404)

    trunk.on_invite = take
    await suite(replace(line, number=E164.parse("+442079460123")), lab, Register())
    assert asked == ["urn:service:test.sos"]


async def test_a_customers_address_is_left_alone(trunk: UserAgent, lab: Equipment, line: Line) -> None:
    register = Register(CUSTOMER)
    trunk.on_invite = lambda call: call.reject(404)
    seen = seen_in(await suite(line, lab, register))
    assert (seen.registered, register.standing, register.history) == (str(CUSTOMER), CUSTOMER, [])


@pytest.mark.parametrize("kind", [Register, RegisterInCapitals])
async def test_what_a_dead_run_left_registered_is_replaced(
    trunk: UserAgent, lab: Equipment, line: Line, kind: type[Register]
) -> None:
    row = services.row_of("US")
    assert row is not None
    register = kind()
    register.register_emergency_address(line.number, addresses.of_the_lab(row, "a run that died"))
    trunk.on_invite = lambda call: call.reject(404)
    await suite(line, lab, register)
    assert (len(register.history), register.standing) == (2, None)


@pytest.mark.parametrize("seed_of_a_dead_run", [None, "a run that died"])
async def test_no_address_is_made_up_for_a_number_that_a_customer_has(
    trunk: UserAgent, lab: Equipment, line: Line, seed_of_a_dead_run: str | None
) -> None:
    row = services.row_of("US")
    assert row is not None
    register = Register(addresses.of_the_lab(row, seed_of_a_dead_run) if seed_of_a_dead_run else None)
    trunk.on_invite = lambda call: call.reject(404)
    report = await suite(replace(line, is_held=True), lab, register)
    assert (register.history, register.standing) == ([], None)
    assert report.findings["E01"].outcome == Outcome.NOT_APPLICABLE


async def test_an_address_that_a_customer_registers_meanwhile_is_not_withdrawn(
    trunk: UserAgent, lab: Equipment, line: Line
) -> None:
    async def take(call: IncomingCall) -> None:
        register.standing = CUSTOMER
        await call.reject(404)

    register = Register()
    trunk.on_invite = take
    await suite(line, lab, register)
    assert register.standing == CUSTOMER


async def test_a_number_whose_address_could_not_be_taken_back_does_not_pass(
    trunk: UserAgent, lab: Equipment, line: Line
) -> None:
    trunk.on_invite = lambda call: call.reject(404)
    report = await suite(line, lab, Register(keeps_all=True))
    assert (report.findings["E01"].outcome, report.our_trouble) == (Outcome.INCONCLUSIVE, True)
    assert "404" in seen_in(report).trace


@pytest.mark.parametrize("kind", [Register, RegisterInCapitals])
async def test_without_a_test_service_the_labs_address_is_looked_up_and_nobody_is_called(
    trunk: UserAgent, lab: Equipment, line: Line, kind: type[Register]
) -> None:
    """A carrier without one answers 404, or 501, to urn:service:test.sos."""
    asked: list[IncomingCall] = []

    async def take(call: IncomingCall) -> None:
        asked.append(call)
        await call.reject(404)

    register = kind()
    trunk.on_invite = take
    finding = (await suite(replace(line, emergency_tests=False), lab, register)).findings["E01"]
    assert (finding.outcome, finding.value, asked) == (Outcome.PASS, 0, [])
    assert (register.standing, len(register.history)) == (None, 1)


async def test_a_customers_address_that_can_only_be_looked_up_proves_nothing(lab: Equipment, line: Line) -> None:
    register = Register(CUSTOMER)
    finding = (await suite(replace(line, emergency_tests=False), lab, register)).findings["E01"]
    assert (finding.outcome, register.standing, register.history) == (Outcome.NOT_APPLICABLE, CUSTOMER, [])


async def test_a_register_that_keeps_nothing_fails_though_nobody_is_called(lab: Equipment, line: Line) -> None:
    register = Register()
    register.register_emergency_address = lambda number, address: None  # type: ignore[method-assign]  # it forgets
    finding = (await suite(replace(line, emergency_tests=False), lab, register)).findings["E01"]
    assert (finding.outcome, finding.value) == (Outcome.FAIL, 0)


async def test_an_answer_without_text_fails_and_is_hung_up_at_once(
    trunk: UserAgent, lab: Equipment, line: Line
) -> None:
    async def take(call: IncomingCall) -> None:
        await call.answer(SOME_SDP)
        await call.ended.wait()
        ended.append(call.ended_by)

    ended: list[str | None] = []
    trunk.on_invite = take
    report = await suite(line, lab, Register())
    assert report.findings["E01"].outcome == Outcome.FAIL, report.findings
    assert ended == ["remote"]


async def test_a_provider_that_is_away_is_our_trouble_and_nothing_is_dialled(
    trunk: UserAgent, lab: Equipment, line: Line
) -> None:
    asked: list[IncomingCall] = []

    async def take(call: IncomingCall) -> None:
        asked.append(call)
        await call.reject(404)

    trunk.on_invite = take
    report = await suite(line, lab, Register(away=True))
    assert (report.findings["E01"].outcome, report.our_trouble, report.sick) == (Outcome.INCONCLUSIVE, True, False)
    assert not asked


@pytest.mark.parametrize("status", [407, 486, 500, 503])
async def test_a_trunk_that_fails_and_a_busy_service_fail_no_number(
    trunk: UserAgent, lab: Equipment, line: Line, status: int
) -> None:
    register = Register()
    trunk.on_invite = lambda call: call.reject(status)
    report = await suite(line, lab, register)
    assert report.findings["E01"].outcome == Outcome.INCONCLUSIVE
    assert register.standing is None


async def test_a_trunk_that_says_nothing_is_our_trouble(lab: Equipment, line: Line, far_end: ScriptedPeer) -> None:
    register = Register()
    report = await suite(line, lab.over(Route("silent", far_end.address, OwnLimits(1000))), register)
    assert (report.verdict, report.our_trouble, register.standing) == (None, True, None)
