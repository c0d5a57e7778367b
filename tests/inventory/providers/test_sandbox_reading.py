"""What a carrier answers is checked before it is used: whatever it says, the worst outcome is BadAnswer."""

import contextlib
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.providers.base import LineStatus, Wanted
from inventory.providers.checks import BadAnswer
from inventory.providers.sandbox import reading
from numbering.types import Capability, NumberType

WANTED = Wanted("US", NumberType.LOCAL)
OFFER = {
    "number": "+14155550123",
    "country": "US",
    "type": "local",
    "area_code": "415",
    "locality": "San Francisco",
    "region": "CA",
    "capabilities": ["voice", "sms"],
    "setup_cost": "0.50",
    "monthly_cost": "0.80",
    "currency": "USD",
}
LINE = {"number": "+14155550123", "state": "filled", "reason": None}
ORDER = {"id": "ord_1", "client_reference": "ny-1", "state": "complete", "lines": [LINE]}

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


def test_a_sound_offer_is_read() -> None:
    offer = reading.offer(OFFER, WANTED)
    assert (str(offer.number), offer.capabilities) == ("+14155550123", Capability.VOICE | Capability.SMS)
    assert (offer.locality, offer.region, offer.monthly_cost) == ("San Francisco", "CA", Decimal("0.80"))


def test_null_names_of_places_are_blank() -> None:
    assert reading.offer(OFFER | {"locality": None, "region": None}, WANTED).locality == ""


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("number", "14155550123"),
        ("number", "+1 415 555 0123"),
        ("number", "+0155550123"),
        ("number", "+1415555012345678"),
        ("number", "+99955501234"),
        ("number", "+1٤155550123"),
        ("number", 14155550123),
        ("number", "+442079460018"),
        ("country", "GB"),
        ("country", "us"),
        ("type", "mobile"),
        ("type", "landline"),
        ("capabilities", "voice"),
        ("capabilities", ["voice", "telepathy"]),
        ("capabilities", [None]),
        ("monthly_cost", 0.5),
        ("monthly_cost", "-1"),
        ("monthly_cost", "NaN"),
        ("monthly_cost", "1e9"),
        ("monthly_cost", "cheap"),
        ("currency", "usd"),
        ("locality", "x" * 121),
        ("locality", "San\x00Francisco"),
        ("region", ["CA"]),
    ],
)
def test_an_unsound_offer_is_refused_with_a_reason(field: str, value: Any) -> None:
    with pytest.raises(BadAnswer, match=r".+"):
        reading.offer(OFFER | {field: value}, WANTED)


@pytest.mark.parametrize("field", ["number", "country", "type", "capabilities", "monthly_cost", "currency"])
def test_an_offer_without_a_needed_field_is_refused(field: str) -> None:
    with pytest.raises(BadAnswer, match=field):
        reading.offer({name: value for name, value in OFFER.items() if name != field}, WANTED)


def test_toll_free_numbers_may_be_sold_for_canada() -> None:
    document = OFFER | {"number": "+18335550123", "country": "CA", "type": "toll_free"}
    assert reading.offer(document, Wanted("CA", NumberType.TOLL_FREE)).country == "CA"


def test_a_sound_order_is_read() -> None:
    order = reading.order(ORDER)
    assert (order.reference, order.key, order.lines[0].status) == ("ord_1", "ny-1", LineStatus.FILLED)


@pytest.mark.parametrize(
    ("state", "settled"), [("pending", False), ("partial", True), ("complete", True), ("failed", True)]
)
def test_an_order_is_settled_when_nothing_more_will_come_of_it(state: str, settled: bool) -> None:
    assert reading.order(ORDER | {"state": state}).settled is settled


@pytest.mark.parametrize(
    "change",
    [
        {"lines": None},
        {"lines": [LINE, LINE]},
        {"lines": [LINE | {"state": "lost"}]},
        {"id": ""},
        {"state": "lost"},
        {"state": None},
        {"client_reference": 7},
    ],
)
def test_an_unsound_order_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(BadAnswer):
        reading.order(ORDER | change)


@given(document=JSON, field=st.sampled_from(sorted(OFFER)))
def test_no_offer_can_crash_the_reader(document: Any, field: str) -> None:
    for offered in (document, OFFER | {field: document}):
        with contextlib.suppress(BadAnswer):
            reading.offer(offered, WANTED)


@given(document=JSON, field=st.sampled_from(sorted(ORDER)))
def test_no_order_can_crash_the_reader(document: Any, field: str) -> None:
    for order in (document, ORDER | {field: document}, ORDER | {"lines": [document]}):
        with contextlib.suppress(BadAnswer):
            reading.order(order)
