"""What stands under one key is one order, however many the vendor keeps."""

from inventory.providers.base import LineStatus, OrderLine, OrderStatus
from inventory.providers.orders import merged
from numbering.e164 import E164

ONE, TWO = E164.parse("+14155550001"), E164.parse("+14155550002")


def status(reference: str, *, settled: bool, **lines: LineStatus) -> OrderStatus:
    numbers = {"one": ONE, "two": TWO}
    return OrderStatus(reference, "ny-1", settled, tuple(OrderLine(numbers[name], was) for name, was in lines.items()))


def test_of_no_order_comes_none() -> None:
    assert merged([]) is None


def test_one_order_is_itself() -> None:
    alone = status("a", settled=True, one=LineStatus.FILLED, two=LineStatus.REFUSED)
    assert merged([alone]) == alone


def test_a_number_is_ours_when_one_of_two_orders_brought_it() -> None:
    refused = status("a", settled=True, one=LineStatus.REFUSED, two=LineStatus.FILLED)
    filled = status("b", settled=True, one=LineStatus.FILLED, two=LineStatus.REFUSED)
    for pair in ([refused, filled], [filled, refused]):
        both = merged(pair)
        assert both
        assert {line.number: line.status for line in both.lines} == dict.fromkeys((ONE, TWO), LineStatus.FILLED)
        assert both.settled


def test_two_orders_are_settled_when_both_are() -> None:
    over, under_way = status("a", settled=True, one=LineStatus.REFUSED), status("b", settled=False)
    both = merged([over, under_way])
    assert both
    assert not both.settled
    assert both.reference == "a"
