"""What happened to a number while the account had it: nothing from before, nothing from between, nothing from after."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Account, User
from inventory.lifecycle import State
from inventory.models import Assignment, Did, LifecycleEntry, UnwantedTraffic
from testing_lab.models import Incident, Purpose, RunState, SuiteRun
from testing_lab.models.incident import IncidentKind

MOST = 100
_VERBS = ("assign", "release", "reclaim", "transfer")


class Event(NamedTuple):
    """`state` gives the sign and the colour; `who` and `more` are words, blank where there is nothing to say."""

    at: datetime
    what: str
    state: str = State.IN_SERVICE
    who: str = ""
    more: str = ""


class Period(NamedTuple):
    """The account had it from then to then; None: it still has it."""

    since: datetime
    until: datetime | None

    def holds(self, at: datetime) -> bool:
        """Whether that was then."""
        return self.since <= at and (self.until is None or at <= self.until)


def timeline(did: Did, account: Account) -> list[Event]:
    """The newest first, in a fixed number of queries."""
    assignments = list(Assignment.objects.filter(did=did).order_by("pk"))
    periods = _periods(assignments, account)
    if not periods:
        return []
    acted = [*_moves(did, account, held=assignments[0].account_id == account.pk), *_protections(did, periods)]
    events = [*_named(acted), *_tests(did, account, periods), *_outages(did, periods), *_reports(did, account)]
    if not any(event.state == State.IN_SERVICE for event in events):
        events.append(Event(periods[0].since, _("Yours since then")))  # older than the ledger
    return sorted(events, key=lambda event: event.at, reverse=True)[:MOST]


def _periods(assignments: list[Assignment], account: Account) -> list[Period]:
    return [Period(row.valid.lower, row.valid.upper) for row in assignments if row.account_id == account.pk]


def _moves(did: Did, account: Account, *, held: bool) -> Iterator[Event]:
    """From the ledger: those that began or ended a time in which the account had it; `held`: it was the first one."""
    rows = LifecycleEntry.objects.filter(number=did.number_id, verb__in=_VERBS, data__did=did.sid)
    for entry in rows.order_by("at", "pk"):
        begins = _begins(entry, account)
        if begins or held:
            yield _move(entry, account)
        held = begins or (held and not _ends(entry, account))


def _begins(entry: LifecycleEntry, account: Account) -> bool:
    if entry.verb == "transfer":
        return bool(entry.data.get("to") == account.sid)
    return entry.verb in ("assign", "reclaim") and entry.actor == f"account:{account.sid}"


def _ends(entry: LifecycleEntry, account: Account) -> bool:
    return entry.verb == "release" or bool(entry.data.get("from") == account.sid)


def _move(entry: LifecycleEntry, account: Account) -> Event:
    if entry.verb == "transfer" and entry.data.get("to") == account.sid:
        return Event(entry.at, _("Moved to you"), more=_("from account %s") % entry.data["from"])
    if entry.verb == "transfer":
        return Event(entry.at, _("Moved to another account"), State.RELEASED, more=str(entry.data["to"]))
    said: dict[str, tuple[str, str]] = {
        "assign": (_("Bought"), State.IN_SERVICE),
        "reclaim": (_("Taken back, as if it had never been given back"), State.IN_SERVICE),
        "release": (_("Given back"), State.RELEASED),
    }
    what, state = said[entry.verb]
    return Event(entry.at, what, state, entry.actor, entry.reason)


def _protections(did: Did, periods: list[Period]) -> Iterator[Event]:
    for entry in did.protections.order_by("-pk")[:MOST]:
        if any(period.holds(entry.at) for period in periods):
            what = _("Protected") if entry.is_on else _("Protection taken off")
            yield Event(entry.at, what, State.RESERVED, entry.actor)


def _named(events: list[Event]) -> Iterator[Event]:
    """People by their addresses, as far as they still are there; a program by how it came."""
    ids = {event.who.removeprefix("user:") for event in events if event.who.startswith("user:")}
    users = User.objects.filter(pk__in=[pk for pk in ids if pk.isdecimal()])
    people = {f"user:{user.pk}": user.email for user in users.only("email")} if ids else {}
    return (event._replace(who=_who(event.who, people)) for event in events)


def _who(actor: str, people: Mapping[str, str]) -> str:
    if actor.startswith("account:"):
        return _("with the account's credentials")
    if actor.startswith("user:"):
        return people.get(actor, _("by our staff, or by somebody who has left"))
    return _("by the platform") if actor else ""


def _tests(did: Did, account: Account, periods: list[Period]) -> Iterator[Event]:
    runs = SuiteRun.objects.filter(number=did.number_id, state=RunState.DONE, finished_at__gte=periods[0].since)
    runs = runs.filter(~Q(purpose=Purpose.CUSTOMER) | Q(asked_by=account))
    for run in runs.order_by("-pk")[:MOST]:
        if run.finished_at and any(period.holds(run.finished_at) for period in periods):
            what = _("Tested: passed") if run.passed else _("Tested: failed")
            asked = _("as you asked") if run.purpose == Purpose.CUSTOMER else ""
            yield Event(run.finished_at, what, State.TESTING if run.passed else State.FAILED, more=asked)


def _outages(did: Did, periods: list[Period]) -> Iterator[Event]:
    """Of its carrier in its country, which is not named: from when to when its numbers failed."""
    number = did.number
    if number.provider_id is None:
        return
    rows = Incident.objects.filter(provider=number.provider_id, country=number.country, kind=IncidentKind.OUTAGE)
    over = Q(closed_at__isnull=True) | Q(closed_at__gte=periods[0].since)
    for row in rows.filter(over, opened_at__lte=periods[-1].until or timezone.now()).order_by("-pk")[:MOST]:
        if any(period.holds(row.opened_at) for period in periods):
            yield Event(row.opened_at, _("Numbers like this one began to fail our tests"), State.FAILED)
        if row.closed_at and any(period.holds(row.closed_at) for period in periods):
            yield Event(row.closed_at, _("Numbers like this one pass our tests again"), State.TESTING)


def _reports(did: Did, account: Account) -> Iterator[Event]:
    for row in UnwantedTraffic.objects.filter(did=did, account=account):
        kind: dict[str, Any] = {"kind": _(row.get_kind_display()), "a_day": row.a_day}
        yield Event(row.reported_at, _("You reported what is not for you"), State.FAILED, more=_said(kind))


def _said(kind: dict[str, Any]) -> str:
    return _("%(kind)s, about %(a_day)s a day") % kind
