"""Numbers that wait for the lab, and a line to test."""

from collections.abc import Callable

import pytest

from inventory.models import PhoneNumber
from numbering.e164 import E164
from numbering.types import Capability
from testing_lab.line import Line
from tests.factories import NumberFactory

VOICE_AND_SMS = Capability.VOICE | Capability.SMS


@pytest.fixture
def line() -> Line:
    """A US number that is sold for voice and SMS."""
    return Line(E164.parse("+14155550123"), E164.parse("+12025550142"), VOICE_AND_SMS, "seed")


@pytest.fixture
def in_testing() -> Callable[..., PhoneNumber]:
    """Make a number that the lab has."""

    def make(e164: int = 14155550123, capabilities: Capability = VOICE_AND_SMS) -> PhoneNumber:
        number: PhoneNumber = NumberFactory.create(
            testing=True, e164=e164, declared_capabilities=int(capabilities), capabilities=0
        )
        return number

    return make
