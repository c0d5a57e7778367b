"""Passports and tests as /lab/v1 shows them."""

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Annotated, Literal, TypedDict

from django.conf import settings

from api.available.payloads import KnownType
from api.bodies import CountryCode, Iso8601, Keyword, PhoneNumberText, Sid
from api.incoming.payloads import CapabilitiesBody, capabilities
from api.rendering import iso8601
from inventory.models import PhoneNumber
from inventory.services.testing import retest_due
from testing_lab.models import Outcome, Passport, Result, RunState, SuiteRun
from testing_lab.registry import LabTest, all_tests

Verdict = Literal["passed", "failed"]
Status = Literal["queued", "in-progress", "completed", "stuck", "dropped"]
STATUS: dict[str, Status] = {
    RunState.DUE: "queued",
    RunState.CLAIMED: "in-progress",
    RunState.DONE: "completed",
    RunState.STUCK: "stuck",
    RunState.DROPPED: "dropped",
}


class ResultBody(TypedDict):
    """One test: what it measured, its limit, and where that comes from."""

    code: str
    title: str
    outcome: Annotated[str, Keyword("enum", tuple(Outcome.values))]
    value: float | None
    unit: str | None
    limit: str
    route: str | None
    evidence_sid: Sid | None
    date_measured: Iso8601 | None
    date_next_due: Iso8601 | None


class ThreeCapabilitiesBody(TypedDict):
    """What its provider says, what the suite has proved, and what came in that no test waited for."""

    declared: CapabilitiesBody
    tested: CapabilitiesBody
    observed: CapabilitiesBody


class PassportBody(TypedDict):
    """The last full suite of a number, test by test."""

    phone_number: PhoneNumberText
    iso_country: CountryCode
    type: KnownType
    verdict: Verdict
    capabilities: ThreeCapabilitiesBody
    date_issued: Iso8601 | None
    date_expires: Iso8601 | None
    date_next_due: Iso8601 | None
    tests: list[ResultBody]
    url: str
    page_url: str


class TestBody(TypedDict):
    """A suite that a customer ordered."""

    sid: Sid
    account_sid: Sid
    phone_number: PhoneNumberText
    status: Status
    verdict: Verdict | None
    date_created: Iso8601 | None
    date_started: Iso8601 | None
    date_completed: Iso8601 | None
    url: str


class TestResultsBody(TestBody):
    """The same with its results, which are there once it is completed."""

    tests: list[ResultBody]


def passport(paper: Passport, results: Iterable[Result], page_url: str) -> PassportBody:
    """The document; its number and run are read already."""
    number, due = paper.number, next_due(paper)
    return {
        "phone_number": str(number),
        "iso_country": number.country,
        "type": number.number_type,
        "verdict": verdict(paper.run) or "failed",
        "capabilities": three(paper, number),
        "date_issued": iso8601(paper.issued_at),
        "date_expires": iso8601(paper.expires_at),
        "date_next_due": iso8601(due),
        "tests": [result(each, paper.issued_at, due) for each in results],
        "url": f"{settings.PUBLIC_URL}/lab/v1/Passports/{number}",
        "page_url": page_url,
    }


def next_due(paper: Passport) -> datetime | None:
    """When the suite is run again; None for a number that did not pass, which waits for staff."""
    return paper.expires_at and retest_due(paper.number, paper.expires_at)


def three(paper: Passport, number: PhoneNumber) -> ThreeCapabilitiesBody:
    """The first two as they were when the passport was issued."""
    return {
        "declared": capabilities(paper.declared),
        "tested": capabilities(paper.tested),
        "observed": capabilities(number.observed_capabilities),
    }


def test(run: SuiteRun, account_sid: str) -> TestBody:
    """A customer's order and how far it is."""
    return {
        "sid": run.sid,
        "account_sid": account_sid,
        "phone_number": str(run.number),
        "status": STATUS[run.state],
        "verdict": verdict(run),
        "date_created": iso8601(run.created_at),
        "date_started": iso8601(run.started_at),
        "date_completed": iso8601(run.finished_at),
        "url": f"{settings.PUBLIC_URL}/lab/v1/Tests/{run.sid}",
    }


def test_results(run: SuiteRun, account_sid: str, results: Iterable[Result]) -> TestResultsBody:
    """The same with its results."""
    return {**test(run, account_sid), "tests": [result(each, run.finished_at, None) for each in results]}


def result(row: Result, at: datetime | None, due: datetime | None) -> ResultBody:
    """One test. What the far end said stays in the evidence, which is staff's."""
    known = by_code().get(row.code)
    return {
        "code": row.code,
        "title": known.title if known else "",
        "outcome": row.outcome,
        "value": row.value,
        "unit": row.unit or None,
        "limit": row.limit,
        "route": row.route or None,
        "evidence_sid": row.evidence.sid if row.evidence else None,
        "date_measured": iso8601(at),
        "date_next_due": iso8601(due),
    }


@cache
def by_code() -> dict[str, LabTest]:
    """The lab's tests."""
    return {each.code: each for each in all_tests()}


def verdict(run: SuiteRun) -> Verdict | None:
    """None until there is one."""
    if run.passed is None:
        return None
    return "passed" if run.passed else "failed"
