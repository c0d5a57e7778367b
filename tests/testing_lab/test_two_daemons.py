"""Two daemons at two addresses share one carrier and one queue: every number is tested once, and passes."""

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from asgiref.sync import async_to_sync
from django.db import connection
from django.db.backends.postgresql.base import DatabaseWrapper

from inventory.lifecycle import State
from inventory.models import PhoneNumber
from testing_lab.models import SuiteRun
from tests.carrier import start_carrier
from tests.patience import eventually
from tests.ports import reserve
from tests.testing_lab import daemons
from tests.testing_lab.test_against_a_carrier import buy_numbers
from tests.testing_lab.test_daemon import in_testing

pytestmark = pytest.mark.django_db(transaction=True)
REFERENCES = ["+12025550142", "+13025550142"]
NUMBERS = 6


@pytest.fixture(autouse=True)
def _leave_no_connection() -> Iterator[None]:
    yield
    cast("DatabaseWrapper", connection).close_pool()


def test_two_daemons_share_a_trunk_and_a_queue_and_test_no_number_twice(tmp_path: Path) -> None:
    addresses = [("127.0.0.1", reserve()) for _ in REFERENCES]
    doors = ",".join("{}:{}".format(*address) for address in addresses)
    with start_carrier(
        tmp_path, reference_numbers=REFERENCES, SANDBOX_INBOUND_SIP=doors, SANDBOX_SMPP_SYSTEM_ID="lab1,lab2"
    ) as carrier:
        numbers = async_to_sync(buy_numbers)(carrier, NUMBERS)
        with daemons.running(tmp_path, carrier, addresses, REFERENCES, most_each=NUMBERS // 2) as logs:
            eventually(lambda: all("SIP on" in log.read_text() for log in logs), seconds=120)
            for number in numbers:
                in_testing(number)
            eventually(lambda: not PhoneNumber.objects.filter(state=State.TESTING).exists(), seconds=600)
    told = "\n".join(log.read_text() for log in logs)
    runs = SuiteRun.objects.filter(passed=True)
    assert sorted(runs.values_list("number__e164", flat=True)) == sorted(map(int, numbers)), told
    assert set(runs.values_list("claimed_by", flat=True)) == {"lab-1", "lab-2"}, told
    assert PhoneNumber.objects.filter(state=State.QUARANTINED).count() == NUMBERS, told
