"""The address behind a number while it is tested: what its provider has registered, or one of the lab's own."""

import asyncio
import contextlib
import random
import re
import unicodedata
from collections.abc import AsyncIterator, Callable
from typing import ParamSpec, TypeVar

from inventory.models import PhoneNumber
from inventory.providers.base import CivicAddress, EmergencyAddresses, ProviderError
from inventory.providers.registry import adapter_of
from numbering.e164 import E164
from testing_lab.asking import in_thread
from testing_lab.emergency.services import EmergencyRow
from testing_lab.findings import ProviderTrouble
from testing_lab.line import Line

P = ParamSpec("P")
T = TypeVar("T")
ROOM = "Numberyard test room"
_OURS = re.compile(r"numberyard\W*test\W*[^\W\d]*\W*(\d{6})(?!\d)")  # registers write RM for room


def registrar_of(number: E164) -> EmergencyAddresses | None:
    """The provider's adapter, None where it registers no addresses or we have the number from nobody."""
    provider = PhoneNumber.objects.live().select_related("provider").get(e164=number.digits).provider
    adapter = adapter_of(provider) if provider and provider.adapter else None
    return adapter if isinstance(adapter, EmergencyAddresses) else None


def of_the_lab(row: EmergencyRow, seed: str) -> CivicAddress:
    """An address in the country, with a room that no other run has: whose address is told, and since when, shows."""
    room = f"{ROOM} {random.Random(f'emergency:{seed}').randrange(10**6):06}"  # noqa: S311  # a mark, not a secret
    return CivicAddress(**dict(row.address), country=row.country, unit=room)


def room_in(address: str) -> str:
    """The number of the lab's room, "" where the address is another's. Registers write an address in their own way: in
    capitals, shortened, the room in the line of the street."""
    found = _OURS.search(unicodedata.normalize("NFKC", address).casefold())
    return found[1] if found else ""


@contextlib.asynccontextmanager
async def registered(
    registrar: EmergencyAddresses, line: Line, row: EmergencyRow
) -> AsyncIterator[CivicAddress | None]:
    """The address registered for the line's number: a customer's is left alone, where there is none the lab's is
    registered while the block runs. One that a run of ours left behind counts as none.

    None for a number that somebody has and that has no address: whoever calls for help from it meanwhile must not be
    looked for in a town hall. Raises OurTrouble, also when the lab's address could not be taken back.
    """
    standing = await _ask(registrar.emergency_address, line.number)
    if standing is not None and not room_in(str(standing)):
        yield standing
        return
    if line.is_held:
        if standing is not None:
            await _ask(_take_back, registrar, line.number, standing)
        yield None
        return
    ours = of_the_lab(row, line.seed)
    try:
        await _ask(registrar.register_emergency_address, line.number, ours)  # one that fails may have been done
        yield ours
    finally:
        await asyncio.shield(_ask(_take_back, registrar, line.number, ours))


async def look_up(registrar: EmergencyAddresses, line: Line) -> str:
    """What its provider has registered for the number, in one line; "" where that is nothing. Raises OurTrouble."""
    return str(await _ask(registrar.emergency_address, line.number) or "")


def _take_back(registrar: EmergencyAddresses, number: E164, ours: CivicAddress) -> None:
    """Withdraw the lab's address, if it is still what is registered: the number may have been sold meanwhile, and its
    customer have registered one."""
    standing = registrar.emergency_address(number)
    if standing is not None and room_in(str(standing)) == room_in(str(ours)):
        registrar.withdraw_emergency_address(number)


async def _ask(question: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    try:
        return await in_thread(question, *args, **kwargs)
    except ProviderError as error:
        raise ProviderTrouble(f"the carrier's register of addresses: {error}") from error
