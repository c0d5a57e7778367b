"""Receiving what a provider delivered: each filled line becomes a number in our stock, each refused one says why."""

import structlog
from django.db import IntegrityError, transaction

from inventory.lifecycle import State
from inventory.models import LineState, Origin, PhoneNumber, ProviderOrder, ProviderOrderLine
from inventory.providers.base import LineStatus, OrderStatus
from inventory.services import provider_releases
from inventory.services.transition import record_birth
from numbering.areas import area_code
from numbering.e164 import E164
from numbering.models import Place
from numbering.places import place_for, places_named

log = structlog.get_logger(__name__)
ALREADY_OURS = "already in our stock"
LEFT_OUT = "the provider has settled the order without it"


def receive(order: ProviderOrder, status: OrderStatus) -> None:
    """Take over the lines that the provider has settled. Call it in the transaction that locked the order.

    Lines that a settled order leaves pending, or out, are refused: to wait for them would keep their target from
    ordering others. Should one be delivered all the same, the next audit finds it as an orphan.
    """
    wanted = {line.e164: line for line in order.lines.filter(state=LineState.WANTED)}
    for reported in status.lines:
        line = wanted.get(reported.number.digits)
        if line is None or reported.status == LineStatus.PENDING:
            continue
        if reported.status == LineStatus.FILLED:
            _take(order, line)
        else:
            refuse(line, reported.reason or "refused without a reason", not_there=reported.not_there)
    if status.settled:
        for line in order.lines.filter(state=LineState.WANTED):
            refuse(line, LEFT_OUT)


def refuse(line: ProviderOrderLine, reason: str, *, not_there: bool = False) -> None:
    """This number will not come with this order; `not_there`: since it was never for sale, though listed."""
    line.state, line.reason, line.not_there = LineState.REFUSED, reason[:120], not_there
    line.save(update_fields=["state", "reason", "not_there"])


def _take(order: ProviderOrder, line: ProviderOrderLine) -> None:
    try:
        with transaction.atomic():
            line.number = _birth(order, line, State.SOURCED)
    except IntegrityError:
        _turn_away(order, line)
    else:
        line.state = LineState.RECEIVED
        line.save(update_fields=["state", "number"])


def _birth(order: ProviderOrder, line: ProviderOrderLine, state: State) -> PhoneNumber:
    number = _describe(order, line, state)
    number.save(force_insert=True)
    record_birth([number], actor=f"provider:{order.provider.slug}", reason=f"order {order.key}")
    return number


def _turn_away(order: ProviderOrder, line: ProviderOrderLine) -> None:
    """We hold the number already: by an import, or from another provider, which then bills us a second time.

    The double is born returned, so that giving it back is an intent like any other.
    """
    ours = PhoneNumber.objects.live().filter(e164=line.e164).first()
    if ours is None:
        raise  # noqa: PLE0704 - called while the violation of some other constraint is handled
    if ours.provider_id != order.provider_id:
        provider_releases.intend(_birth(order, line, State.RETURNED))
    refuse(line, ALREADY_OURS)


def _describe(order: ProviderOrder, line: ProviderOrderLine, state: State) -> PhoneNumber:
    number = E164.from_int(line.e164)
    place = place_named(line.e164, order.country, line.locality, line.region)
    return PhoneNumber(
        e164=line.e164,
        country=order.country,
        number_type=order.number_type,
        area_code=area_code(number),
        region=place.region if place else line.region,
        place=place,
        declared_capabilities=line.capabilities,
        origin=_origin(line.e164),
        provider=order.provider,
        monthly_cost=line.monthly_cost,
        currency=line.currency,
        state=state,
    )


def _origin(digits: int) -> Origin:
    """A number that had a life with us before is new to nobody, whatever its provider says of it."""
    before = PhoneNumber.objects.filter(e164=digits, state=State.RETURNED).exists()
    return Origin.ONBOARDED_USED if before else Origin.ONBOARDED_NEW


def place_named(digits: int, country: str, locality: str, region: str) -> Place | None:
    """The town that the provider named, if we know one of that name, else the place that its prefix lies in.

    Numbers carry known places only: a town whose prefixes were inferred stands for the one that serves it.
    """
    named = list(places_named(country, locality).select_related("nearest")) if locality else []
    same_region = [place for place in named if place.region == region]
    if found := max(same_region or named, key=lambda place: place.population or 0, default=None):
        return found.nearest or found
    place_id = place_for(digits)
    return Place.objects.filter(pk=place_id, country=country).first() if place_id else None
