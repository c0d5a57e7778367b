"""Why a number is not for sale: every reason at once, so that nobody removes one only to meet the next."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, time
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from accounts.models import Account
from inventory.lifecycle import HELD, MEANING, State
from inventory.models import BlockReason, DriftCase, DriftFinder, NumberBlock, PhoneNumber, Quarantine, SaleStop
from inventory.quarantine.actions import Override

WORD_RULE = "what a person says of a stay wins over the engine, and never over its minimum"
STATE_RULE = "only a number that is on sale is sold"
PASSPORT_RULE = "sold only while its test passport is current"
CLEAN_RULE = "sold only with a cleanliness verdict"
BLOCK_RULE = "a blocked number is not sold, whatever its state"
STOP_RULE = "nothing is sold of a provider in a country where its sale is stopped"


class Clears(StrEnum):
    """Who can put an end to it."""

    STAFF = "staff"
    LAB = "lab"
    HOLDER = "holder"
    TIME = "time"
    NOBODY = "nobody"


#: Who moves a number on from where it is.
MOVED_ON_BY: dict[State, Clears] = {
    State.SOURCED: Clears.LAB,
    State.TESTING: Clears.LAB,
    State.QUARANTINED: Clears.TIME,
    State.FAILED: Clears.STAFF,
    State.RESERVED: Clears.HOLDER,
    State.IN_SERVICE: Clears.HOLDER,
    State.RELEASED: Clears.TIME,
    State.RETURNED: Clears.NOBODY,
}


class Blocker(NamedTuple):
    """One reason: what it is, the rule by which that keeps the number off sale, since when, and when it can be over at
    the earliest (None: no clock says); who can clear it, and the rows that show it, by name."""

    what: str
    rule: str
    since: datetime | None = None
    until: datetime | None = None
    clears: Clears = Clears.STAFF
    evidence: Mapping[str, str | int] = MappingProxyType({})


def blockers(number: PhoneNumber, now: datetime, *, buyer: Account | None = None) -> list[Blocker]:
    """Everything that keeps the number from being sold now (to `buyer`, who may hold it); nothing: it is for sale.

    Of a number that is for sale only its own row and the stops of its provider are looked at, so a purchase asks here
    too.
    """
    papers = [*_passport(number, now), *_cleanliness(number)]
    found = [*_state(number, buyer, now), *papers, *_blocks(number), *_stop(number)]
    if number.state == State.RETURNED:  # whatever else there is: this life is over
        return [each._replace(clears=Clears.NOBODY) for each in found]
    return found


def _state(number: PhoneNumber, buyer: Account | None, now: datetime) -> Iterator[Blocker]:
    state = State(number.state)
    is_held = state == State.RESERVED and buyer is not None and number.holder_id == buyer.pk
    if state == State.AVAILABLE or is_held:
        return
    stay = Quarantine.objects.filter(number=number, ended_at=None).first() if state == State.QUARANTINED else None
    rule, evidence = (stay.rule, {"quarantine": stay.pk}) if stay else (STATE_RULE, {})
    yield Blocker(MEANING[state], rule, number.state_since, number.due_at, MOVED_ON_BY[state], evidence)
    yield from _word(stay, now) if stay else ()


def _word(stay: Quarantine, now: datetime) -> Iterator[Blocker]:
    """What a person said of the stay: a hold lasts until its day, a release or return waits for the minimum."""
    word = stay.overrides.filter(withdrawn_at=None).first()
    if word is None or not word.is_in_force(now.date()):
        return
    what, until = f"{word.get_action_display()} by {word.actor}: {word.reason}", stay.earliest_at
    if word.action == Override.HOLD:
        until = max(until, datetime.combine(word.ends_on, time.min, UTC))
    else:
        what += f", waits for its minimum, counts until {word.ends_on}"
    yield Blocker(what, WORD_RULE, word.created_at, until, evidence={"override": word.pk})


def _passport(number: PhoneNumber, now: datetime) -> Iterator[Blocker]:
    if number.passport_expires_at is None:
        yield Blocker("it has no test passport", PASSPORT_RULE, clears=Clears.LAB)
    elif number.passport_expires_at <= now:
        since = number.passport_expires_at
        yield Blocker("its test passport has run out", PASSPORT_RULE, since, clears=Clears.LAB)


def _cleanliness(number: PhoneNumber) -> Iterator[Blocker]:
    """The verdict is void on release, so its presence is enough."""
    if number.cleared_at is None:
        until = number.due_at if number.state == State.QUARANTINED else None
        yield Blocker("it is not known to be clean", CLEAN_RULE, until=until, clears=Clears.TIME)


def _blocks(number: PhoneNumber) -> Iterator[Blocker]:
    """Each open block; the number's own mark keeps it off sale even if none is found."""
    if not number.blocked:
        return
    found = NumberBlock.objects.filter(number=number, cleared_at=None).order_by("since", "pk")
    yield from map(_of_block, found) if found else [Blocker("blocked, and no open block says why", BLOCK_RULE)]


def _of_block(block: NumberBlock) -> Blocker:
    note = f" ({block.note})" if block.note else ""
    what = f"blocked: {block.get_reason_display()}{note}"
    return Blocker(what, BLOCK_RULE, block.since, evidence={"block": block.pk, **_case(block)})


def _case(block: NumberBlock) -> dict[str, int]:
    """The block of a drift goes with its case, and is not cleared by hand."""
    if block.reason != BlockReason.DRIFT:
        return {}
    found = DriftCase.objects.filter(number=block.number_id, found_by=DriftFinder.SUITE, resolution="")
    return {"drift_case": case.pk} if (case := found.first()) else {}


def _stop(number: PhoneNumber) -> Iterator[Blocker]:
    """Who has it, or holds it, keeps it."""
    if number.provider_id is None or number.state in HELD:
        return
    for stop in SaleStop.objects.filter(provider=number.provider_id, country=number.country, lifted_at=None):
        what = f"its sale is stopped: {stop.reason}"
        yield Blocker(what, STOP_RULE, stop.since, evidence={"sale_stop": stop.pk})
