"""A number at an instant, and why it is not sold, as /inventory/v1 shows them."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, NotRequired, TypedDict

from django.conf import settings

from api.available.payloads import KnownType
from api.bodies import CountryCode, Instant, Iso8601, Keyword, PhoneNumberText, Sid
from api.incoming.payloads import CapabilitiesBody, capabilities
from api.rendering import exact, iso8601
from inventory.blockers import Blocker, Clears
from inventory.history.moment import Abilities, Moment
from inventory.lifecycle import State
from inventory.models import LifecycleEntry, NumberBlock, PhoneNumber, UnwantedKind, UnwantedTraffic
from inventory.models.phone_number import Origin
from testing_lab.models import Result, SuiteRun
from testing_lab.services import blocked

KnownState = Annotated[str, Keyword("enum", tuple(State.values))]


class AbilitiesBody(TypedDict):
    """What its provider said then, and what the last full suite before had proved."""

    declared: CapabilitiesBody
    tested: CapabilitiesBody
    date_tested: Iso8601 | None
    date_passport_expires: Iso8601 | None


class EntryBody(TypedDict):
    """The move that had brought it there."""

    verb: str
    source: str
    actor: str
    reason: str
    rule: str
    data: dict[str, Any]


class BlockBody(TypedDict):
    """A block that was open."""

    id: int
    reason: str
    note: str
    placed_by: str
    date_placed: Iso8601 | None


class BehindItBody(TypedDict):
    """What the operator alone is told."""

    life: int
    origin: Annotated[str, Keyword("enum", tuple(Origin.values))]
    provider: str | None
    entry: EntryBody
    blocks: list[BlockBody]


class MomentBody(TypedDict):
    """A number as it was at an instant."""

    phone_number: PhoneNumberText
    date_at: Instant | None
    state: KnownState
    date_since: Instant | None
    verb: str
    iso_country: CountryCode
    type: KnownType
    area_code: str | None
    region: str | None
    account_sid: Sid | None
    number_sid: Sid | None
    bundle_sid: Sid | None
    address_sid: Sid | None
    capabilities: NotRequired[AbilitiesBody]
    operator: NotRequired[BehindItBody]
    url: str


class BlockerBody(TypedDict):
    """One reason why a number is not sold. `evidence`: the rows that show it, by name."""

    what: str
    rule: str
    clears: Annotated[str, Keyword("enum", tuple(Clears))]
    date_since: Iso8601 | None
    date_until: Iso8601 | None
    evidence: dict[str, Any]


class BlockersBody(TypedDict):
    """All of them; none: it is for sale."""

    phone_number: PhoneNumberText
    state: KnownState
    sellable: bool
    blockers: list[BlockerBody]
    url: str


class UnwantedTrafficBody(TypedDict):
    """What the owner of a number reported of it. `per_day`: calls and messages."""

    sid: Sid
    account_sid: Sid
    number_sid: Sid
    phone_number: PhoneNumberText
    kind: Annotated[str, Keyword("enum", tuple(UnwantedKind.values))]
    per_day: int
    since: Annotated[str, Keyword("format", "date")]
    note: str | None
    date_purchased: Iso8601 | None
    date_reported: Iso8601 | None
    url: str


def unwanted_traffic(row: UnwantedTraffic) -> UnwantedTrafficBody:
    """With the SID of the account that reported it."""
    return {
        "sid": row.sid,
        "account_sid": row.account.sid,
        "number_sid": row.did.sid,
        "phone_number": f"+{row.number.e164}",
        "kind": row.kind,
        "per_day": row.a_day,
        "since": row.since.isoformat(),
        "note": row.note or None,
        "date_purchased": iso8601(row.had_since),
        "date_reported": iso8601(row.reported_at),
        "url": f"{settings.PUBLIC_URL}/inventory/v1/Numbers/+{row.number.e164}/UnwantedTraffic",
    }


def moment(found: Moment, *, to_the_operator: bool) -> MomentBody:
    """`capabilities` are left out where nobody knows any more."""
    number, holding = found.number, found.holding
    body: MomentBody = {
        "phone_number": str(number),
        "date_at": exact(found.at),
        "state": found.state,
        "date_since": exact(found.entry.at),
        "verb": found.entry.verb,
        "iso_country": number.country,
        "type": number.number_type,
        "area_code": number.area_code or None,
        "region": number.region or None,
        "account_sid": holding.account_sid or None,
        "number_sid": holding.did_sid or None,
        "bundle_sid": holding.bundle_sid or None,
        "address_sid": holding.address_sid or None,
        "url": f"{settings.PUBLIC_URL}/inventory/v1/Numbers/{number}?At={exact(found.at)}",
    }
    if found.abilities:
        body["capabilities"] = _abilities(found.abilities)
    if to_the_operator:
        body["operator"] = _behind(found)
    return body


def blockers(
    number: PhoneNumber, found: Sequence[Blocker], run: SuiteRun | None, failed: Sequence[Result]
) -> BlockersBody:
    """`run`: the one at the lab that shows what it has to clear, or has found; `failed`: what it found."""
    return {
        "phone_number": str(number),
        "state": number.state,
        "sellable": not found,
        "blockers": [_blocker(each, _tested(each, number, run, failed)) for each in found],
        "url": f"{settings.PUBLIC_URL}/inventory/v1/Numbers/{number}/Blockers",
    }


def _tested(blocker: Blocker, number: PhoneNumber, run: SuiteRun | None, failed: Sequence[Result]) -> dict[str, Any]:
    of_its_tests = blocked.is_of_its_tests(blocker, number)
    if run is None or not (of_its_tests or blocker.clears == Clears.LAB):
        return {}
    tests = [{"code": each.code, "reason": blocked.reason(each)} for each in failed]
    return {"run_sid": run.sid, "failed_tests": tests} if of_its_tests and tests else {"run_sid": run.sid}


def _blocker(blocker: Blocker, tested: Mapping[str, Any]) -> BlockerBody:
    return {
        "what": blocker.what,
        "rule": blocker.rule,
        "clears": blocker.clears,
        "date_since": iso8601(blocker.since),
        "date_until": iso8601(blocker.until),
        "evidence": {**blocker.evidence, **tested},
    }


def _abilities(found: Abilities) -> AbilitiesBody:
    return {
        "declared": capabilities(found.declared),
        "tested": capabilities(found.tested),
        "date_tested": iso8601(found.tested_at),
        "date_passport_expires": iso8601(found.passport_expires_at),
    }


def _behind(found: Moment) -> BehindItBody:
    number = found.number
    return {
        "life": found.life,
        "origin": number.origin,
        "provider": number.provider.slug if number.provider else None,
        "entry": _entry(found.entry),
        "blocks": [_block(each) for each in found.blocks()],
    }


def _entry(entry: LifecycleEntry) -> EntryBody:
    return {
        "verb": entry.verb,
        "source": entry.source,
        "actor": entry.actor,
        "reason": entry.reason,
        "rule": entry.rule,
        "data": entry.data,
    }


def _block(block: NumberBlock) -> BlockBody:
    return {
        "id": block.pk,
        "reason": block.reason,
        "note": block.note,
        "placed_by": block.placed_by,
        "date_placed": iso8601(block.since),
    }
