"""C5: the number calls the carrier's service for emergency test calls, and never an emergency service.

The call goes lab, as the number -> trunk -> test service (RFC 6881 15), which answers with a text: who it is, the
service, and the location that an emergency service would have been told (NENA-STA-010). Nothing is said aloud; the
lab hangs up as soon as it is answered.
"""

from dataclasses import dataclass
from email.parser import BytesParser
from typing import Any, ClassVar

from inventory.providers.base import EmergencyAddresses
from testing_lab.asking import in_thread
from testing_lab.emergency import addresses, services
from testing_lab.emergency.services import EmergencyRow
from testing_lab.equipment import Equipment
from testing_lab.evidence import dialogue
from testing_lab.exchanges.lanes import Lane
from testing_lab.exchanges.release import is_forgotten
from testing_lab.exchanges.routed_call import speaks_of_the_trunk
from testing_lab.findings import BrokenOff
from testing_lab.line import Line
from testing_lab.sip import sdp
from testing_lab.sip.call import Heard
from testing_lab.sip.outgoing import OutgoingCall

ANSWER_LIMIT_S = 20.0
DISCARD_PORT = 9  # no audio is wanted
ACCEPTED = ("Accept", "text/plain, multipart/mixed")


@dataclass(slots=True)
class EmergencyTestCall:
    """`registered` is the address that the carrier has for the number, "" where nobody registers one, or the lab may
    not: then no call was placed. `said` is the text of the answer, None when the answer had none.

    Where there is no service to call, `looked_up` is what the carrier's register says of the address that the lab has
    registered, None where there is one. A customer's is `registered` "" then: what its register says nothing can be
    held against.
    """

    line: Line
    registered: str = ""
    final_status: int | None = None
    said: str | None = None
    looked_up: str | None = None
    our_trouble: bool = False
    trace: str = ""
    lane: ClassVar[Lane] = Lane.CALL

    @classmethod
    async def perform(cls, line: Line, lab: Equipment) -> "EmergencyTestCall":
        """See to it that an address is registered, call, read the answer. Raises BrokenOff and OurTrouble."""
        seen = cls(line)
        row = services.row_of(line.home)
        registrar = await in_thread(lab.emergency_addresses, line.number) if row else None
        if row is None or registrar is None:
            return seen
        try:
            async with addresses.registered(registrar, line, row) as address:
                if address is not None and (line.emergency_tests or addresses.room_in(str(address))):
                    seen.registered = str(address)
                    await seen._ask(registrar, row, lab)
        except Exception as error:
            raise BrokenOff(seen) from error
        return seen

    @property
    def packets(self) -> dict[str, Any]:
        """No media."""
        return {}

    async def _ask(self, registrar: EmergencyAddresses, row: EmergencyRow, lab: Equipment) -> None:
        if self.line.emergency_tests:
            await self._ask_the_service(row, lab)
        else:
            self.looked_up = await addresses.look_up(registrar, self.line)

    async def _ask_the_service(self, row: EmergencyRow, lab: Equipment) -> None:
        call = await self._dial(row, lab)
        try:
            await self._hear(call)
        finally:
            self.trace = dialogue.of_call("caller", call.trace)

    async def _dial(self, row: EmergencyRow, lab: Equipment) -> OutgoingCall:
        async with lab.route.leave() as leave:
            return await lab.invite(
                self.line.number,
                leave,
                target=row.target(*lab.route.address),
                caller=str(self.line.number),
                sdp=sdp.offer(lab.host, DISCARD_PORT, direction="inactive"),
                headers=[("P-Asserted-Identity", f"<sip:{self.line.number}@{lab.host}>"), ACCEPTED],
            )

    async def _hear(self, call: OutgoingCall) -> None:
        try:
            final = await call.final(ANSWER_LIMIT_S)
            self.final_status = final.status
            self.said = text_of(final) if final.status < 300 else None
            self.our_trouble = speaks_of_the_trunk(final.status)
        finally:
            self.our_trouble |= await is_forgotten(call)


def text_of(answer: Heard) -> str | None:
    """The first text/plain part of an answer's body, None when it has none."""
    head = f"Content-Type: {answer.header('Content-Type') or 'application/octet-stream'}\r\n\r\n"
    message = BytesParser().parsebytes(head.encode("utf-8", "replace") + answer.body)
    for part in message.walk():
        if part.get_content_type() == "text/plain":
            octets = part.get_payload(decode=True)
            return octets.decode("utf-8", "replace") if isinstance(octets, bytes) else ""
    return None
