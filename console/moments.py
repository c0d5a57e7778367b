"""One number, one line of life: everything that is written down about it, in one order, the latest first.

Each source is read by its own index of the number, and no further than `LATEST` rows, so a long life costs what a short
one does.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from django.db.models import Q
from django.urls import reverse

from console import spoken
from inventory.models import Assignment, PhoneNumber, ProtectionEntry, QuarantineOverride
from testing_lab.models import Incident, SuiteRun

LATEST = 100


class Moment(NamedTuple):
    """`state` has the icon of a state of life, or `kind` the colour of what else it is (`pass`, `fail`, `stuck`).
    `link` is what `url` leads to."""

    at: datetime
    title: str
    beside: str = ""
    text: str = ""
    who: str = ""
    state: str = ""
    kind: str = ""
    link: str = ""
    url: str = ""


def moments(number: PhoneNumber, assignments: Iterable[Assignment]) -> list[Moment]:
    """Seven queries, beside its assignments with their accounts."""
    found = [
        *_moves(number),
        *_runs(number),
        *_held(assignments),
        *_blocks(number),
        *_words(number),
        *_protections(number),
        *_cases(number),
        *_incidents(number),
    ]
    return sorted(found, key=lambda moment: moment.at, reverse=True)[:LATEST]


def _moves(number: PhoneNumber) -> Iterator[Moment]:
    for entry in number.ledger.order_by("-pk")[:LATEST]:
        was = f"was {entry.get_source_display()}, " if entry.source and entry.source != entry.target else ""
        by = spoken.actor(entry.actor)
        who = f"{by}, rule: {entry.rule}" if entry.rule else by
        moment = Moment(
            entry.at,
            entry.get_target_display().capitalize(),
            f"{was}{spoken.move(entry.verb)}",
            entry.reason,
            who,
            state=entry.target,
        )
        run = entry.data.get("suite_run")
        yield moment._replace(link=f"suite run {run}", url=_page("testing_lab_suiterun", run)) if run else moment


def _runs(number: PhoneNumber) -> Iterator[Moment]:
    """A finished one when it ended."""
    for run in number.suite_runs.order_by("-pk")[:LATEST]:
        where = {"link": f"suite run {run.pk}", "url": _page("testing_lab_suiterun", run.pk)}
        yield Moment(run.finished_at or run.created_at, *_verdict(run), text=run.note, kind=_kind(run), **where)


def _verdict(run: SuiteRun) -> tuple[str, str]:
    word = f"is {run.state.lower()}" if run.passed is None else "passed" if run.passed else "failed"
    return f"Suite {word}", run.get_purpose_display()


def _kind(run: SuiteRun) -> str:
    return run.state.lower() if run.passed is None else "pass" if run.passed else "fail"


def _held(assignments: Iterable[Assignment]) -> Iterator[Moment]:
    for held in assignments:
        where = {"link": held.account.friendly_name, "url": _page("accounts_account", held.account_id)}
        yield Moment(held.valid.lower, "Assigned", "to a customer", kind="held", **where)
        if held.valid.upper:
            yield Moment(held.valid.upper, "No longer assigned", kind="held", **where)


def _blocks(number: PhoneNumber) -> Iterator[Moment]:
    for block in number.blocks.order_by("-pk")[:LATEST]:
        yield Moment(
            block.since, "Blocked", block.get_reason_display(), block.note, spoken.actor(block.placed_by), kind="fail"
        )
        if block.cleared_at:
            who = spoken.actor(block.cleared_by)
            yield Moment(
                block.cleared_at, "Block cleared", block.get_reason_display(), block.cleared_note, who, kind="pass"
            )


def _words(number: PhoneNumber) -> Iterator[Moment]:
    """What people said against the engine, in the number's stays."""
    for word in QuarantineOverride.objects.filter(stay__number=number).order_by("-pk")[:LATEST]:
        title = word.get_action_display().capitalize()
        yield Moment(
            word.created_at, title, f"until {word.ends_on}", word.reason, spoken.actor(word.actor), kind="stuck"
        )
        if word.withdrawn_at:
            yield Moment(
                word.withdrawn_at,
                f"{title}: withdrawn",
                "",
                word.withdrawn_note,
                spoken.actor(word.withdrawn_by),
                kind="pass",
            )


def _protections(number: PhoneNumber) -> Iterator[Moment]:
    """The lock that its customer puts on against being given back by mistake."""
    for entry in ProtectionEntry.objects.filter(did__number=number).order_by("-pk")[:LATEST]:
        title = "Protected by its customer" if entry.is_on else "No longer protected"
        yield Moment(entry.at, title, who=spoken.actor(entry.actor), kind="held")


def _cases(number: PhoneNumber) -> Iterator[Moment]:
    for case in number.drift_cases.order_by("-pk")[:LATEST]:
        where = {"link": "drift case", "url": _page("inventory_driftcase", case.pk)}
        yield Moment(case.opened_at, "Drift", case.get_found_by_display(), kind="stuck", **where)
        if case.resolved_at:
            end = case.get_resolution_display()
            yield Moment(
                case.resolved_at,
                "Drift decided",
                end,
                case.reason,
                spoken.actor(case.resolved_by),
                kind="pass",
                **where,
            )


def _incidents(number: PhoneNumber) -> Iterator[Moment]:
    """Of its provider in its country, in its time with us: there are few."""
    after = Q(closed_at__isnull=True) | Q(closed_at__gte=number.created_at)
    rows = Incident.objects.filter(after, provider=number.provider_id, country=number.country)
    for incident in rows.select_related("provider").order_by("-pk")[:LATEST]:
        where = {"link": "incident", "url": _page("testing_lab_incident", incident.pk)}
        yield Moment(incident.began_at, "Its provider's numbers fail", str(incident), kind="fail", **where)
        if incident.closed_at:
            note, who = incident.closed_note, spoken.actor(incident.closed_by)
            yield Moment(incident.closed_at, "Incident closed", str(incident), note, who, kind="pass", **where)


def _page(model: str, pk: object) -> str:
    return reverse(f"admin:{model}_change", args=[pk])
