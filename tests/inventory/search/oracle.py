"""Each filter read naively, one number at a time: what the search must agree with."""

from math import asin, cos, radians, sin, sqrt

from django.utils import timezone

from inventory.lifecycle import State
from inventory.models import PhoneNumber
from inventory.search.criteria import Criteria, Near


def meets(number: PhoneNumber, asked: Criteria) -> bool:
    """Whether the number is for sale and what was asked for."""
    return (
        _for_sale(number)
        and _is_of_kind(number, asked)
        and _lies_there(number, asked)
        and (not asked.asks_for_papers or _has_papers(number, asked))
    )


def _for_sale(number: PhoneNumber) -> bool:
    current = number.passport_expires_at is not None and number.passport_expires_at > timezone.now()
    return number.state == State.AVAILABLE and not number.blocked and current


def _is_of_kind(number: PhoneNumber, asked: Criteria) -> bool:
    return (
        (number.country, number.number_type) == (asked.country, asked.number_type)
        and number.capabilities & asked.capabilities == asked.capabilities
        and (asked.with_beta or not number.beta)
        and (asked.pattern is None or asked.pattern.matches(str(number.e164)))
        and (asked.area_code is None or number.area_code == asked.area_code)
        and (asked.region is None or number.region == ("CA" if asked.region == "california" else asked.region))
    )


def _has_papers(number: PhoneNumber, asked: Criteria) -> bool:
    if number.tested_at is None or number.passed_tests & asked.must_pass != asked.must_pass:
        return False
    return asked.tested_within is None or number.tested_at >= timezone.now() - asked.tested_within


def _lies_there(number: PhoneNumber, asked: Criteria) -> bool:
    where, place = asked.whereabouts, number.place
    if asked.places is None and not where and asked.near is None:
        return True
    if place is None:
        return False
    return (
        (asked.places is None or place.pk in asked.places)
        and (where.locality is None or where.locality.lower() in (place.normalised_name, *place.other_names))
        and (where.postal_code is None or place.postal_code == where.postal_code)
        and (where.lata is None or place.lata == where.lata)
        and (where.rate_centre is None or place.rate_centre == where.rate_centre)
        and (asked.near is None or miles(number, asked.near) <= asked.near.miles)
    )


def miles(number: PhoneNumber, near: Near) -> float:
    """Great-circle distance of the number's place; infinite where it has no point."""
    place = number.place
    if place is None or place.latitude is None or place.longitude is None:
        return float("inf")
    north, east = radians(place.latitude - near.latitude), radians(place.longitude - near.longitude)
    half = sin(north / 2) ** 2 + cos(radians(place.latitude)) * cos(radians(near.latitude)) * sin(east / 2) ** 2
    return 2 * 3958.8 * asin(sqrt(half))
