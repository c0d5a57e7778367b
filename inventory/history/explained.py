"""Why a number is not for sale, with what a reader wants to look at next: since when a paper is missing, who has it,
and whether its country's rules let anybody have it.

A purchase asks `inventory.blockers` alone, which reads no more than it must, and the gate about the rules.
"""

from collections.abc import Iterator
from datetime import datetime

from django.utils import timezone

from compliance.asked import asked
from compliance.rulebook.rules import Availability
from inventory.blockers import CLEAN_RULE, PASSPORT_RULE, Blocker, blockers
from inventory.history.holders import holding
from inventory.lifecycle import HELD, State
from inventory.models import (
    LifecycleEntry,
    PastCapabilities,
    PhoneNumber,
    QuarantineDecision,
    QuarantineOverride,
)
from inventory.models.quarantine import QuarantineSource
from inventory.quarantine.limits import limits

LAW_RULE = "a number is assigned by the rules that are in force for its country and type"


def explained(number: PhoneNumber) -> list[Blocker]:
    """Every blocker of this moment, in the order of `blockers`, each with all that is known of it."""
    now = timezone.now()
    return [_explained(each, number, now) for each in [*blockers(number, now), *_law(number, now)]]


def _law(number: PhoneNumber, now: datetime) -> Iterator[Blocker]:
    """What would refuse every buyer, whatever papers he gives."""
    if number.state == State.RETURNED:
        return
    rules, evidence = asked(number.country, number.number_type, now.date()), {"country": number.country}
    kind = f"{number.get_number_type_display().lower()} numbers of {number.country}"
    if not rules.is_known:
        yield Blocker(f"nobody has written down what is asked for {kind}", LAW_RULE, evidence=evidence)
    elif rules.regulations and all(each.available == Availability.NO for each in rules.regulations):
        yield Blocker(f"the rules give {kind} to nobody", LAW_RULE, evidence=evidence)


def _explained(blocker: Blocker, number: PhoneNumber, now: datetime) -> Blocker:
    if blocker.since is None and blocker.rule == PASSPORT_RULE:
        return blocker._replace(since=_passport_lost(number))
    if blocker.since is None and blocker.rule == CLEAN_RULE:
        return _unclean(blocker, number)
    if stay := blocker.evidence.get("quarantine"):
        return blocker._replace(evidence={**blocker.evidence, **_of_nights(int(stay))})
    is_its_state = blocker.since == number.state_since and not blocker.evidence
    return blocker._replace(evidence=_of_holder(number, now)) if is_its_state and number.state in HELD else blocker


def _passport_lost(number: PhoneNumber) -> datetime:
    """When the last one that it had was taken from it; since its birth, if it never had one."""
    had = PastCapabilities.objects.filter(number=number, passport_expires_at__isnull=False).order_by("-until")
    return had.values_list("until", flat=True).first() or number.created_at


def _unclean(blocker: Blocker, number: PhoneNumber) -> Blocker:
    """A release makes the verdict void, and nothing else does; the next can't come before the legal minimum is over."""
    releases = LifecycleEntry.objects.filter(number=number, verb="release").order_by("-at")
    released = releases.values_list("at", flat=True).first()
    until = blocker.until
    if released and number.state == State.RELEASED:
        until = released + limits(number, QuarantineSource.RELEASED, released).minimum
    return blocker._replace(since=released or number.created_at, until=until)


def _of_nights(stay: int) -> dict[str, str | int]:
    """What the engine decided last, and the word of a person that stands against it."""
    decision = QuarantineDecision.objects.filter(stay=stay).order_by("-day", "-pk").values_list("pk", flat=True).first()
    override = QuarantineOverride.objects.filter(stay=stay, withdrawn_at=None).values_list("pk", flat=True).first()
    return {name: pk for name, pk in (("decision", decision), ("override", override)) if pk}


def _of_holder(number: PhoneNumber, now: datetime) -> dict[str, str | int]:
    """Under which names its holder has it; nothing where the ledger does not reach back so far."""
    entry = LifecycleEntry.objects.filter(number=number).order_by("-at", "-pk").first()
    if entry is None:
        return {}
    held = holding(entry, now)
    named = {"account_sid": held.account_sid, "number_sid": held.did_sid, "bundle_sid": held.bundle_sid}
    reserved = {"reservation_sid": str(entry.data.get("reservation", ""))}
    return {name: sid for name, sid in (named | reserved).items() if sid}
