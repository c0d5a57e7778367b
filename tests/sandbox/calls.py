"""What several tests do over the trunk: a call that is answered and hung up, and the question whether it lives."""

from __future__ import annotations

from tests.carrier import Address
from tests.sandbox.conftest import Client
from tests.sandbox.phone import Invitation, Letter, Phone

REFERENCE = "+12025550142"


def connect(
    phone: Phone, inbound: Phone, trunk: Address, number: str, *, caller: str = REFERENCE, extra: str = ""
) -> tuple[Invitation, Letter, Letter]:
    """A call that is answered: the caller's invitation, the INVITE at the far end, the 200 at the caller."""
    call = phone.invite(trunk, number, caller, extra)
    invite = inbound.wait_for("INVITE", call.call_id)
    inbound.answer(invite, "180 Ringing")
    call.expect(180)
    inbound.answer(invite, "200 OK", inbound.description())
    ok = call.expect(200)
    call.acknowledge(ok)
    inbound.wait_for("ACK", call.call_id)
    return call, invite, ok


def end(call: Invitation, inbound: Phone, ok: Letter) -> None:
    call.hang_up(ok)
    bye = inbound.wait_for("BYE", call.call_id)
    inbound.answer(bye, "200 OK")
    call.expect(200)


def options(phone: Phone, trunk: Address) -> int:
    """The status that OPTIONS is answered with; what came for `phone` before is passed over."""
    call = Invitation(phone, trunk, "ping", REFERENCE, "")
    phone.send(call.request("OPTIONS", 1), trunk)
    return call.final().status


def relayed(http: Client, call: Invitation) -> tuple[int, int]:
    """How many RTP packets of a call the relay has passed on, from the caller and from the callee."""
    calls = http.get("/sandbox/v1/calls").json()["calls"]
    (record,) = [record for record in calls if record["call_id"] == call.call_id]
    return record["packets_from_caller"], record["packets_from_callee"]
