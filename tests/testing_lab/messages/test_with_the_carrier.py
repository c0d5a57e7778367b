"""The link against the sandbox carrier: numbers bought over HTTP, messages in and out over SMPP."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from testing_lab.messages.link import RECEIPT_REQUESTED, SmscLink, SmscSettings, Submission
from tests.carrier import RunningCarrier, start_carrier
from tests.patience import PATIENCE, eventually

REFERENCE, NOBODYS = "+12025550142", "+14155550199"


def _buy_sms_number(carrier: RunningCarrier) -> str:
    """One number that takes messages, ordered as any customer of the carrier would; returns its E.164."""
    with httpx.Client(base_url=f"{carrier.http_url}/carriers", headers=carrier.authorization) as http:
        slug = "/tern/v1"
        offers = http.get(f"{slug}/offers", params={"country": "US", "limit": 100}).raise_for_status().json()["offers"]
        number: str = next(offer["number"] for offer in offers if "sms" in offer["capabilities"])
        order = http.post(f"{slug}/orders", json={"client_reference": "link", "numbers": [number]}).raise_for_status()
        eventually(lambda: http.get(f"{slug}/orders/{order.json()['id']}").json()["state"] == "complete")
    return number


@pytest.fixture
def carrier(tmp_path: Path) -> Iterator[RunningCarrier]:
    with start_carrier(tmp_path, reference_numbers=[REFERENCE]) as carrier:
        yield carrier


@pytest.fixture
async def link(carrier: RunningCarrier) -> AsyncIterator[SmscLink]:
    host, port = carrier.smpp_address
    settings = SmscSettings(host, port, carrier.system_id, carrier.password, first_backoff=0.1, messages_per_second=50)
    async with SmscLink(settings) as link:
        assert await link.wait_bound(PATIENCE)
        yield link


async def test_messages_go_in_and_out_of_a_number_and_receipts_tell_the_truth(
    carrier: RunningCarrier, link: SmscLink
) -> None:
    number = await asyncio.to_thread(_buy_sms_number, carrier)
    for source, destination, text in (
        (REFERENCE, number, "S01 in, 3 € [a1]"),
        (number, REFERENCE, "S02 out 你好 [b2]"),
    ):
        waiting = link.expect(destination, token=text[-4:])
        result = await link.send(source, destination, text, registered_delivery=RECEIPT_REQUESTED)
        assert result.outcome is Submission.ACCEPTED
        delivery = await asyncio.wait_for(waiting, PATIENCE)
        assert (delivery.text, delivery.source.removeprefix("+")) == (text, source[1:])
        assert (await asyncio.wait_for(link.expect_receipt(result.message_id), PATIENCE)).delivered


async def test_the_receipt_of_a_message_to_nobody_is_negative(link: SmscLink) -> None:
    result = await link.send(REFERENCE, NOBODYS, "negative control", registered_delivery=RECEIPT_REQUESTED)
    receipt = await asyncio.wait_for(link.expect_receipt(result.message_id), PATIENCE)
    assert (receipt.delivered, receipt.state) == (False, "UNDELIV")


async def test_a_carrier_that_crashes_is_found_again(carrier: RunningCarrier, link: SmscLink) -> None:
    carrier.kill()
    async with asyncio.timeout(PATIENCE):
        while link.bound:
            await asyncio.sleep(0.02)
    await asyncio.to_thread(carrier.restart)
    assert await link.wait_bound(PATIENCE)
    result = await link.send(REFERENCE, NOBODYS, "are you back?")
    assert result.outcome is Submission.ACCEPTED
