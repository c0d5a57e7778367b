"""The hand-over to the testing lab and back: who is to be tested, and what a verdict does to a number.

The lab finds the numbers in TESTING by itself and calls `record_verdict`; nothing here knows the lab.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from inventory import retests
from inventory.lifecycle import HELD, SOLD_OR_SELLABLE, State
from inventory.models import PhoneNumber, Provider
from inventory.models.quarantine import QuarantineSource
from inventory.quarantine.stays import enter
from inventory.querysets import NumberQuerySet
from inventory.services import drift
from inventory.services.transition import move, move_each

#: As many new numbers, and as many retests, wait at the lab at most. A number that waits there is off sale, and one
#: kind must not keep the other out.
BACKLOG = 100
#: A number that is there for longer is stuck: the lab needs some minutes for each of its attempts.
LONGEST = timedelta(hours=1)
#: So many stuck retests are the lab's trouble and not theirs: no more is taken off sale for it.
MOST_STUCK = 10 * BACKLOG

# From each kind straight to the next in `number_intake`, and of each so many as there is room: as many probes as there
# are kinds, however large a delivery waits before them.
_INTAKE = """
WITH RECURSIVE kind AS (
    (SELECT country, number_type FROM inventory_phonenumber
     WHERE state = 'SOURCED' ORDER BY country, number_type LIMIT 1)
    UNION ALL
    SELECT following.country, following.number_type FROM kind CROSS JOIN LATERAL (
        SELECT country, number_type FROM inventory_phonenumber AS n
        WHERE state = 'SOURCED' AND (n.country, n.number_type) > (kind.country, kind.number_type)
        ORDER BY country, number_type LIMIT 1
    ) AS following
), at_lab AS (
    SELECT country, number_type, count(*) AS numbers FROM inventory_phonenumber
    WHERE state = 'TESTING' AND cleared_at IS NULL AND state_since > %(since)s GROUP BY country, number_type
)
SELECT oldest.id FROM kind LEFT JOIN at_lab USING (country, number_type) CROSS JOIN LATERAL (
    SELECT id, state_since, row_number() OVER (ORDER BY state_since) AS turn FROM (
        SELECT id, state_since FROM inventory_phonenumber AS n
        WHERE state = 'SOURCED' AND n.country = kind.country AND n.number_type = kind.number_type
        ORDER BY state_since LIMIT %(room)s
    ) AS waiting
) AS oldest
ORDER BY turn + coalesce(at_lab.numbers, 0), state_since LIMIT %(room)s
"""


def send_to_lab(limit: int) -> int:
    """Hand up to `limit` received numbers to the lab, as its queue has room; returns how many.

    Every kind that waits has as many there as the others, the oldest of a kind first: a large delivery of one must not
    keep the others, of which nothing may be on sale, waiting for hours. Ask often and for few: else what comes first
    takes all the room before another kind is delivered.
    """
    room = min(limit, _room(_at_lab(retests=False)))
    if room <= 0:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_INTAKE, {"room": room, "since": timezone.now() - LONGEST})
        chosen = PhoneNumber.objects.filter(pk__in=[pk for (pk,) in cursor.fetchall()]).order_by("state_since")
    return len(move_each(chosen, "start_tests", limit=room, actor="sweep:sourced", reason="received"))


def start_retests(limit: int) -> int:
    """Take up to `limit` numbers whose retest is due off sale and hand them to the lab, as its queue has room;
    returns how many."""
    retests = _at_lab(retests=True)
    room = min(_room(retests), MOST_STUCK - retests[:MOST_STUCK].count())
    due = PhoneNumber.objects.due(State.AVAILABLE, timezone.now()).not_stopped()  # in an outage all would fail
    return len(move_each(due, "start_tests", limit=min(limit, room), actor="sweep:retests", reason="the retest is due"))


def retry_failed(
    provider: Provider, country: str, *, between: tuple[datetime, datetime], limit: int, actor: str
) -> bool:
    """Hand those of the provider's numbers in the country that failed in this time, an outage, to the lab once more, up
    to `limit` and as its queue has room. Returns whether that were all."""
    failed = PhoneNumber.objects.filter(state=State.FAILED, state_since__range=between)
    failed = failed.filter(provider=provider, country=country).order_by("state_since")
    room = min(limit, _room(_at_lab(retests=True)))
    if room > 0:
        move_each(failed, "start_tests", limit=room, actor=actor, reason="it failed in an outage that is over")
    return not failed.exists()


def doubt(number_id: int, *, failing: Sequence[str], actor: str, evidence: dict[str, Any] | None = None) -> bool:
    """A test of a number that the lab does not have, such as a sample, has failed. On sale: it goes to the lab, to be
    tested for good. In quarantine: its passport is void, so that it is tested before it is sold. Anywhere else, and
    while the sale of its provider is stopped, nothing happens. Returns whether it went to the lab."""
    doubted = PhoneNumber.objects.filter(pk=number_id).not_stopped()
    doubted.filter(state=State.QUARANTINED).update(passport_expires_at=None)
    data = {**(evidence or {}), "failing": list(failing)}
    reason = f"failed {', '.join(failing)} while on sale"[:300]
    on_sale = doubted.filter(state=State.AVAILABLE)
    return bool(move_each(on_sale, "start_tests", limit=1, actor=actor, reason=reason, data=data))


def _at_lab(*, retests: bool) -> NumberQuerySet:
    """Numbers at the lab are retests if they are still clean."""
    return PhoneNumber.objects.filter(state=State.TESTING, cleared_at__isnull=not retests)


def _room(at_lab: NumberQuerySet) -> int:
    """Counts no further than it needs to. Those that are stuck wait for staff, and keep nobody out."""
    waiting = at_lab.filter(state_since__gt=timezone.now() - LONGEST)
    return BACKLOG - waiting[:BACKLOG].count()


def retest_due(number: PhoneNumber, passport_expires_at: datetime) -> datetime:
    """When a number that goes on sale with this passport is tested again: a tenth of its kind's interval before the
    passport ends, so that nothing on sale has run out. It is the `due_at` of every number that enters AVAILABLE."""
    return passport_expires_at - retests.margin(number.country, number.number_type, timezone.now().date())


def retest_clock() -> dict[str, Any]:
    """The same, computed by the database: the `changes` of a move that puts numbers back on sale from a hold."""
    return {"due_at": F("passport_expires_at") - retests.margin_in_sql(timezone.now().date())}


@dataclass(frozen=True, slots=True)
class Measured:
    """What a full suite found, in columns of the number.

    `capabilities` are those that it proved, `passed_tests` has a bit for each test that passed, as the lab numbers
    them; `mos` is 1 to 5, `post_dial_delay` in seconds.
    """

    capabilities: int = 0
    passed_tests: int = 0
    mos: float | None = None
    post_dial_delay: float | None = None


def record_verdict(
    number_id: int,
    *,
    passed: bool,
    failing: Sequence[str] = (),
    measured: Measured | None = None,
    is_whole: bool = True,
    actor: str,
    reason: str = "",
    evidence: dict[str, Any] | None = None,
) -> PhoneNumber:
    """What the lab found. `failing` are the codes of the failed tests ("V05"), `evidence` goes into the ledger, and so
    does `reason` where it was a person who gave the verdict.

    `measured` is of a full suite; without it nothing is proved. One that was broken off after a failure (no `is_whole`)
    says nothing of the rest, and opens no drift case. A number that has already left TESTING, or was never sent there,
    is not moved: a verdict may be delivered twice, and a customer or staff may ask for a suite. One that is sold or on
    sale has its passport renewed by a full suite that it passed.
    Raises PhoneNumber.DoesNotExist, and ValueError for a pass with failing tests.
    """
    if passed and failing:
        raise ValueError(f"passed, and yet failing {', '.join(failing)}")
    data = (evidence or {}) | ({"failing": list(failing)} if failing else {})
    with transaction.atomic():
        waiting = PhoneNumber.objects.select_related("provider").select_for_update(of=("self",), no_key=True)
        number = waiting.get(pk=number_id)
        if number.state == State.TESTING:
            papers = asdict(measured or Measured()) | {"tested_at": timezone.now()}
            decide = _pass if passed else _fail
            number = decide(number, papers, actor=actor, reason=reason, data=data)
        elif passed and measured:
            number = _renew(number, measured)
        if measured and is_whole:
            drift.note_suite(number, measured.capabilities, passed=passed)
    return number


def _fail(number: PhoneNumber, papers: dict[str, Any], *, actor: str, reason: str, data: dict[str, Any]) -> PhoneNumber:
    reason = reason or f"failed {', '.join(data.get('failing', ['the suite']))}"
    no_passport = papers | {"passport_expires_at": None}
    return move(number.pk, "fail_tests", actor=actor, reason=reason[:300], data=data, changes=no_passport)


def _pass(number: PhoneNumber, papers: dict[str, Any], *, actor: str, reason: str, data: dict[str, Any]) -> PhoneNumber:
    """To the shop window when the cleanliness verdict is still there, else to quarantine first."""
    expires = _expiry(number, papers["tested_at"])
    passport = papers | {"passport_expires_at": expires}
    if number.cleared_at:
        passport["due_at"] = retest_due(number, expires)
        return move(number.pk, "pass_retest", actor=actor, reason=reason or "still clean", data=data, changes=passport)
    stay = enter(number, source=QuarantineSource(number.origin), since=number.created_at)
    passport["due_at"] = stay.earliest_at
    return move(number.pk, "pass_tests", actor=actor, reason=reason, rule=stay.rule, data=data, changes=passport)


def _renew(number: PhoneNumber, measured: Measured) -> PhoneNumber:
    """A suite that was passed while the number is sold or on sale does what a retest would have done."""
    if number.state in SOLD_OR_SELLABLE:
        now = timezone.now()
        papers = asdict(measured) | {"tested_at": now, "passport_expires_at": _expiry(number, now)}
        if number.state in HELD:  # what was accepted as enough meanwhile takes nothing from who has it
            papers["capabilities"] |= number.capabilities
        if number.state == State.AVAILABLE:
            papers["due_at"] = retest_due(number, papers["passport_expires_at"])
        PhoneNumber.objects.filter(pk=number.pk).update(**papers)
        for column, value in papers.items():
            setattr(number, column, value)
    return number


def _expiry(number: PhoneNumber, tested_at: datetime) -> datetime:
    """When a passport of that time runs out."""
    return tested_at + retests.interval(number.country, number.number_type, tested_at.date())
