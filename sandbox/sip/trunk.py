"""The trunk: routes calls to the numbers that we have sold, relays their media and applies their faults."""

from __future__ import annotations

import asyncio
import ipaddress
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from sandbox.draws import stream
from sandbox.faults import NumberFault
from sandbox.ledger import now
from sandbox.log import event
from sandbox.numbers import NumberFaults
from sandbox.orders import OrderBook
from sandbox.settings import Address
from sandbox.sip import sdp
from sandbox.sip.call_faults import MECHANISMS, CallPlan, show_caller
from sandbox.sip.emergency import TestService
from sandbox.sip.gate import Gate
from sandbox.sip.message import Message, goodbye, host_of, parameters, uri_of, user_of
from sandbox.sip.proxy import Context, Proxy, next_hop
from sandbox.sip.relay import CALLEE, CALLER, Relay
from sandbox.sip.stir import Signer, is_signed

TROUBLES = ("down", "unavailable", "slow")  # nothing is answered, or new requests are: 503, or late
SLOW_SECONDS = 6.0
LINGER = 1.0  # seconds for the last packets and the 200 of a BYE
IDLE_SECONDS = 90.0  # without media and without signalling
UNANSWERED_SECONDS = 200.0  # longer than timer C
ALLOW = "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, PRACK"


@dataclass(slots=True)
class CallRecord:
    """What the control API tells about a call."""

    call_id: str
    caller: str
    callee: str
    fault: str | None
    started_at: float
    status: int = 0
    packets_from_caller: int = 0
    packets_from_callee: int = 0
    ended: bool = False


@dataclass(slots=True)
class Call:
    record: CallRecord
    caller_tag: str
    plan: CallPlan
    relay: Relay
    ends: list[Address | None]
    contacts: list[str]
    callee_tag: str = ""
    is_over: bool = False  # a BYE has passed; only its answer and the last packets are still to come
    last_sign: float = field(default_factory=time.monotonic)

    def side_of(self, message: Message) -> int:
        """Which end sent this request."""
        return CALLER if _tag(message, "from") == self.caller_tag else CALLEE

    def notice(self) -> None:
        """Media seen since the last look counts as a sign of life."""
        packets = self.relay.packets
        if packets != (self.record.packets_from_caller, self.record.packets_from_callee):
            self.last_sign = time.monotonic()
            self.record.packets_from_caller, self.record.packets_from_callee = packets


class Trunk:
    """`inbound` are the customer's doors: a call that comes from one of them goes back to it, others to the first."""

    def __init__(
        self,
        name: str,
        *,
        book: OrderBook,
        faults: NumberFaults,
        inbound: Sequence[Address],
        signer: Signer,
        emergency: TestService,
        gate: Gate | None = None,
    ) -> None:
        self.name, self._book, self._faults, self._inbound = name, book, faults, inbound
        self._signer, self._emergency, self._gate = signer, emergency, gate
        self.trouble: str | None = None
        self.proxy = Proxy(self)
        self._calls: dict[tuple[str, str], Call] = {}
        self.history: deque[CallRecord] = deque(maxlen=1000)

    async def start(self, address: Address) -> None:
        loop = asyncio.get_running_loop()
        await loop.create_datagram_endpoint(lambda: self.proxy, local_addr=address)

    async def sweep(self) -> None:
        """Close the relays of calls that ended without a BYE. Runs until cancelled."""
        while True:
            await asyncio.sleep(5)
            for call in list(self._calls.values()):
                call.notice()
                patience = IDLE_SECONDS if call.record.status == 200 else UNANSWERED_SECONDS
                if time.monotonic() - call.last_sign > patience:
                    self._end(call)

    def calls(self) -> list[dict[str, Any]]:
        for call in self._calls.values():
            call.notice()
        return [asdict(record) for record in self.history]

    def is_deaf(self) -> bool:
        """Whether the trunk is down: it hears nothing and says nothing."""
        return self.trouble == "down"

    def handle(self, context: Context) -> None:
        """Let the customer in, and do what he asks for."""
        refusal = self._gate.refusal(context.received) if self._gate else None
        if refusal:
            context.on_response = lambda response: response.replace("Proxy-Authenticate", refusal)
            context.respond(407, "Proxy Authentication Required")
        elif _tag(context.received, "to"):
            self._handle(context)
        elif self.trouble == "unavailable":
            context.respond(503, "Service Unavailable")
        elif self.trouble == "slow":
            context.later(SLOW_SECONDS, self._handle, context)
        else:
            self._handle(context)

    def _handle(self, context: Context) -> None:
        request = context.received.copy()
        request.remove("Proxy-Authorization")  # it is for us (RFC 3261 22.3)
        route = request.first("route")
        if route and host_of(uri_of(route)) == self.proxy.address:
            request.pop("route")
        if self._emergency.is_called(request):
            self._test_emergency(context, request)
        elif _tag(request, "to"):
            self._forward_in_dialog(context, request)
        elif request.method == "INVITE":
            self._set_up(context, request)
        elif request.method == "OPTIONS":
            context.respond(200, "OK")
        else:
            context.on_response = lambda response: response.replace("Allow", ALLOW)
            context.respond(405, "Method Not Allowed")

    def acknowledge(self, ack: Message) -> Address | None:
        route = ack.first("route")
        if route and host_of(uri_of(route)) == self.proxy.address:
            ack.pop("route")
        call = self._call_of(ack)
        target = self._target(ack, call)
        if call and ack.body and target:
            _relay_description(ack, call, call.side_of(ack))
        return target

    def _forward_in_dialog(self, context: Context, request: Message) -> None:
        call = self._call_of(request)
        target = self._target(request, call)
        if call is None or target is None:  # also after a restart: the relay of its media is gone
            context.respond(481, "Call/Transaction Does Not Exist")
            return
        call.last_sign = time.monotonic()
        if request.method == "BYE" and call.plan.bye_lost:
            self._lose_bye(context, call)
        elif request.method == "BYE" and call.plan.bye_after:
            context.later(call.plan.bye_after, self._pass_in_call, context, request, call, target)
        else:
            self._strike_session(context, request, call)
            self._pass_in_call(context, request, call, target)

    def _lose_bye(self, context: Context, call: Call) -> None:
        """The first one: whoever is left on the line hangs up by himself."""
        call.plan.bye_lost = False
        if call.plan.bye_answered:
            context.respond(200, "OK")
        else:
            self.proxy.lose(context)

    def _strike_session(self, context: Context, request: Message, call: Call) -> None:
        """The faults of a call that is long up: at the refresh of its session (RFC 4028), and on hold."""
        plan = call.plan
        if request.method == "UPDATE" and plan.refresh_answer:
            context.respond(*plan.refresh_answer)
        elif request.method == "UPDATE" and plan.drop_at_refresh:
            context.respond(200, "OK")
            self._drop(call)
        elif request.method == "INVITE" and plan.t38_refusal and sdp.is_fax(request.body):
            context.respond(*plan.t38_refusal)
        elif request.method == "INVITE" and sdp.is_hold(request.body):
            plan.has_been_held = True
            if plan.drop_after_hold is not None:
                asyncio.get_running_loop().call_later(plan.drop_after_hold, self._drop, call)

    def _drop(self, call: Call) -> None:
        """Hang up both ends by ourselves."""
        if call.is_over:
            return
        call.is_over = True
        tags = (call.caller_tag, call.callee_tag)
        for side, address in enumerate(call.ends):
            if address is not None:
                bye = goodbye(call.record.call_id, call.contacts[side], to_tag=tags[side], from_tag=tags[1 - side])
                self.proxy.send_request(bye, address)
        asyncio.get_running_loop().call_later(LINGER, self._end, call)

    def _pass_in_call(self, context: Context, request: Message, call: Call, target: Address) -> None:
        if context.final:
            return
        side = call.side_of(request)
        if not _relay_description(request, call, side):
            context.respond(488, "Not Acceptable Here")
        context.on_response = lambda response: _pass_response(response, call, 1 - side)
        if request.method == "INVITE":
            self._record_route(request)
        if request.method == "BYE":
            call.is_over = True
            call.notice()
            _change_cause(request, call.plan)
            asyncio.get_running_loop().call_later(LINGER, self._end, call)
        if not context.final:
            self.proxy.forward(context, request, target)

    def _test_emergency(self, context: Context, request: Message) -> None:
        caller = _caller(request)
        plan = CallPlan(stream(self._faults.seed, "emergency", caller), number_is_callee=False)
        fault = self._faults.fault_of(caller) if self._book.holder(caller) else None
        if fault and fault.needs == "voice":
            MECHANISMS[fault.mechanism](plan, fault.parameters)
        self._emergency.answer(context, request, caller, plan, "{}:{}".format(*self.proxy.address))

    def _set_up(self, context: Context, invite: Message) -> None:
        callee, caller = _e164(user_of(invite.uri)), _caller(invite)
        known = callee in self._book.reference_numbers or self._has_voice(callee)
        fault = self._fault(callee, caller) if known else None
        call = self._open(context, invite, caller, callee, fault)
        event("call", call=call.record.call_id, caller=caller, callee=callee, fault=call.record.fault)
        if not known:
            context.respond(404, "Not Found")
        elif call.plan.answer:
            self._answer(context, call.plan, call.plan.answer)
        elif call.plan.channels is not None and self._channels(call) > call.plan.channels:
            context.respond(*call.plan.channels_full)
        else:
            context.later(call.plan.forward_after, self._forward_invite, context, invite, call)

    def _channels(self, call: Call) -> int:
        """Calls of the number under test, this one included."""
        number = call.record.callee if call.plan.number_is_callee else call.record.caller
        others = (each for each in self._calls.values() if not each.is_over)
        return sum(number in (each.record.callee, each.record.caller) for each in others)

    def _has_voice(self, number: str) -> bool:
        source = self._book.holder(number)
        return source is not None and "voice" in source.product.capabilities

    def _fault(self, callee: str, caller: str) -> NumberFault | None:
        """The fault of the number under test: the callee, unless that is one of the lab's own."""
        number = caller if callee in self._book.reference_numbers else callee
        return self._faults.fault_of(number) if self._book.holder(number) else None

    def _concerns(self, fault: NumberFault) -> bool:
        """Whether a fault whose parameters say `trunk: second` strikes here."""
        return fault.parameters.get("trunk") in (None, self.name)

    def _open(self, context: Context, invite: Message, caller: str, callee: str, fault: NumberFault | None) -> Call:
        call_id, tag = invite.require("call-id"), _tag(invite, "from")
        chance = stream(self._faults.seed, "call", caller, callee)
        plan = CallPlan(chance, number_is_callee=callee not in self._book.reference_numbers)
        if fault and fault.needs in ("voice", "fax") and plan.concerns(fault.parameters) and self._concerns(fault):
            MECHANISMS[fault.mechanism](plan, fault.parameters)
        name = f"{fault.kind}/{fault.severity}" if fault else None
        record = CallRecord(call_id, caller, callee, name, now())
        relay = Relay(self.proxy.address[0], (plan.from_caller, plan.from_callee))
        contacts = [uri_of(invite.first("contact") or invite.require("from")), ""]
        door = context.reply_to if context.reply_to in self._inbound else self._inbound[0]
        call = Call(record, tag, plan, relay, [context.reply_to, door], contacts)
        self._calls[call_id, tag] = call
        self.history.append(record)
        context.on_response = lambda response: self._note_answer(context, response, call)
        context.hold = lambda response: _held(response, plan)
        return call

    def _answer(self, context: Context, plan: CallPlan, answer: tuple[int, str]) -> None:
        if plan.ring_after is not None:
            context.later(plan.ring_after, context.respond, 180, "Ringing")
        if plan.answer_after:
            context.later(plan.answer_after, context.respond, *answer)
        else:
            context.respond(*answer)

    def _forward_invite(self, context: Context, invite: Message, call: Call) -> None:
        if not _relay_description(invite, call, CALLER):
            context.respond(488, "Not Acceptable Here")
            return
        if call.plan.rewrite_invite:
            call.plan.rewrite_invite(invite)
        self._treat_identity(invite, call)
        door = call.ends[CALLEE] or self._inbound[0]
        invite.uri = f"sip:{call.record.callee}@{door[0]}:{door[1]}"
        invite.start = f"INVITE {invite.uri} SIP/2.0"
        self._record_route(invite)
        self.proxy.forward(context, invite, door)

    def _treat_identity(self, invite: Message, call: Call) -> None:
        """Hide the caller where that is asked for (RFC 3325 7), and vouch for our customers (ATIS-1000074 5.2)."""
        if "id" in (invite.first("privacy") or "").lower().split(";"):
            header = call.plan.tells_withheld
            if header:
                show_caller(invite, header)
            if header.lower() != "p-asserted-identity":
                invite.remove("P-Asserted-Identity")
        elif not call.plan.number_is_callee and is_signed(call.record.caller, call.record.callee):
            identity = call.plan.vouch(self._signer, call.record.caller, call.record.callee)
            if identity:
                invite.push("Identity", identity)

    def _record_route(self, request: Message) -> None:
        """Both ends shall send what follows through us (RFC 3261 16.6 item 4)."""
        host, port = self.proxy.address
        request.push("Record-Route", f"<sip:{host}:{port};lr>")

    def _note_answer(self, context: Context, response: Message, call: Call) -> None:
        if call.plan.busy_becomes and response.status in (486, 600):
            status, reason = call.plan.busy_becomes
            response.status, response.start = status, f"SIP/2.0 {status} {reason}"
            response.remove("Reason")
            if call.plan.busy_cause is not None:
                response.replace("Reason", f"Q.850;cause={call.plan.busy_cause}")
        if call.plan.answers_early and 100 < response.status < 200 and response.body:
            response.status, response.start = 200, "SIP/2.0 200 OK"
        call.record.status = response.status
        call.callee_tag = _tag(response, "to")
        call.contacts[CALLEE] = uri_of(response.first("contact") or "")
        call.last_sign = time.monotonic()
        response.replace("From", context.received.require("from"))  # whatever CLI the far end was shown
        _pass_response(response, call, CALLEE)
        if response.status >= 300:
            self._end(call)

    def _end(self, call: Call) -> None:
        if not call.record.ended:
            call.notice()
            call.record.ended = True
            call.relay.close()
            self._calls.pop((call.record.call_id, call.caller_tag), None)
            event("call.end", call=call.record.call_id, status=call.record.status)

    def _call_of(self, message: Message) -> Call | None:
        call_id = message.require("call-id")
        return self._calls.get((call_id, _tag(message, "from"))) or self._calls.get((call_id, _tag(message, "to")))

    def _target(self, request: Message, call: Call | None) -> Address | None:
        """The next hop; a peer that sends in-dialog requests to our own address means the other end of its call."""
        hop = next_hop(request)
        if hop == self.proxy.address or hop is None:
            return call.ends[1 - call.side_of(request)] if call else None
        return _numeric(hop)


def _relay_description(message: Message, call: Call, side: int) -> bool:
    """Lead the media of an offer or answer through the relay; False if that is impossible."""
    if not message.body or "application/sdp" not in (message.first("content-type") or "").lower():
        return True
    call.plan.event_types |= sdp.event_types(message.body)
    try:
        if call.plan.strips_t38 and not message.is_request:
            message.body = sdp.without_fax(message.body)
        call.plan.is_fax |= sdp.is_fax(message.body)
        if call.plan.refused_codec:
            message.body = sdp.without(message.body, call.plan.refused_codec)
        message.body = call.relay.pass_description(message.body, side)
    except (OSError, ValueError) as error:
        event("call.no_relay", call=call.record.call_id, why=error)
        return False
    return True


def _held(response: Message, plan: CallPlan) -> float | None:
    """How long a response to the INVITE is held up; None: for ever."""
    plan.answered |= response.status == 200
    if plan.hides_ringing and response.status < 200:
        return None
    return plan.answer_held if response.status == 200 else 0.0


def _change_cause(bye: Message, plan: CallPlan) -> None:
    if plan.release_reason is not None:
        bye.remove("Reason")
    if plan.release_reason:
        bye.replace("Reason", plan.release_reason)


def _pass_response(response: Message, call: Call, side: int) -> None:
    if not call.record.ended:
        _relay_description(response, call, side)


def _numeric(hop: Address) -> Address | None:
    """We resolve no names: a trunk's peers give addresses."""
    try:
        return str(ipaddress.IPv4Address("127.0.0.1" if hop[0] == "localhost" else hop[0])), hop[1]
    except ValueError:
        return None


def _e164(user: str) -> str:
    return user if user.startswith("+") else f"+{user}"


def _caller(invite: Message) -> str:
    """The network's own idea of the caller first (RFC 3325), then From."""
    asserted = user_of(uri_of(invite.first("p-asserted-identity") or ""))
    return _e164(asserted or user_of(uri_of(invite.require("from"))) or "anonymous")


def _tag(message: Message, name: str) -> str:
    return parameters(message.require(name)).get("tag", "")
