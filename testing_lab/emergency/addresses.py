"""The address behind a number while it is tested: what its provider has registered, or one of the lab's own."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator

from inventory.models import PhoneNumber
from inventory.providers.base import CivicAddress, EmergencyAddresses, ProviderError
from inventory.providers.registry import adapter_of
from numbering.e164 import E164
from testing_lab.asking import in_thread
from testing_lab.emergency.services import EmergencyRow
from testing_lab.findings import OurTrouble

ROOM = "Numberyard test room"


def registrar_of(number: E164) -> EmergencyAddresses | None:
    """The provider's adapter, None where it registers no addresses or we have the number from nobody."""
    provider = PhoneNumber.objects.live().select_related("provider").get(e164=number.digits).provider
    adapter = adapter_of(provider) if provider and provider.adapter else None
    return adapter if isinstance(adapter, EmergencyAddresses) else None


def of_the_lab(row: EmergencyRow, seed: str) -> CivicAddress:
    """An address in the country, with a room that no other run has: whose address is told, and since when, shows."""
    room = f"{ROOM} {random.Random(f'emergency:{seed}').randrange(10**6):06}"  # noqa: S311  # a mark, not a secret
    return CivicAddress(**dict(row.address), country=row.country, unit=room)


@contextlib.asynccontextmanager
async def registered(
    registrar: EmergencyAddresses, number: E164, row: EmergencyRow, seed: str
) -> AsyncIterator[CivicAddress]:
    """The address registered for the number: a customer's is left alone, where there is none the lab's is registered
    while the block runs. One that a run of ours left behind counts as none. Raises OurTrouble.
    """
    try:
        standing = await in_thread(registrar.emergency_address, number)
        if standing is not None and not standing.unit.startswith(ROOM):
            yield standing
            return
        ours = of_the_lab(row, seed)
        await in_thread(registrar.register_emergency_address, number, ours)
    except ProviderError as error:
        raise OurTrouble(f"the carrier registers no address now: {error}") from error
    try:
        yield ours
    finally:
        with contextlib.suppress(ProviderError):  # then the next run finds it, and knows it by its room
            await asyncio.shield(in_thread(registrar.withdraw_emergency_address, number))
