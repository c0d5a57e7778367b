"""The service for emergency test calls: tells the caller which address is registered for its number.

`urn:service:test.sos` (RFC 6881 15), and 933 where North Americans dial it. It answers as NENA-STA-010 wants a PSAP to:
200 with a text of three lines, who answers, the service, the location; 404 where no address is known.
There is no way from here to anybody who could help.
"""

from __future__ import annotations

import json
import re
import secrets
from collections import deque
from collections.abc import Callable
from typing import Any

from sandbox.ledger import Ledger
from sandbox.log import event
from sandbox.sip.call_faults import CallPlan
from sandbox.sip.message import Message, respond
from sandbox.sip.proxy import Context

TEST_URN = "urn:service:test.sos"
NAME = "Sandbox emergency test service"
FIELDS = ("street", "unit", "locality", "region", "postal_code", "country")
MOST_CALLS = 1000  # whose end is still known
_NATIONAL = re.compile(r"sip:933;phone-context=\+1@", re.IGNORECASE)

Address = dict[str, str]


class AddressBook:
    """The addresses that our customers registered for their numbers."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def of(self, number: str) -> Address | None:
        row = self._ledger.row("select address from emergency_addresses where number = ?", number)
        return json.loads(row["address"]) if row else None

    def register(self, number: str, address: Address) -> None:
        self._ledger.write("insert or replace into emergency_addresses values (?, ?)", number, json.dumps(address))

    def withdraw(self, number: str) -> None:
        self._ledger.write("delete from emergency_addresses where number = ?", number)


class TestService:
    """Takes the calls, and the requests inside them; `held` tells whether a number is a customer's."""

    def __init__(self, addresses: AddressBook, held: Callable[[str], bool]) -> None:
        self._addresses, self._held = addresses, held
        self._calls: deque[str] = deque(maxlen=MOST_CALLS)

    def is_called(self, request: Message) -> bool:
        """Whether this is a call for us, or belongs to one."""
        wanted = request.uri.lower() == TEST_URN or _NATIONAL.match(request.uri)
        return bool(wanted) or request.require("call-id") in self._calls

    def answer(self, context: Context, request: Message, caller: str, plan: CallPlan, here: str) -> None:
        """Answer a request; `here` is our host and port."""
        if request.method != "INVITE":
            context.respond(200, "OK")
            return
        address = self._addresses.of(caller) if self._held(caller) else None
        status, reason = plan.emergency_refusal or ((200, "OK") if address else (404, "Not Found"))
        event("emergency.test", caller=caller, status=status)
        if address is None or status != 200:
            context.respond(status, reason)
            return
        self._calls.append(request.require("call-id"))
        context.send_back(_answer(context, here, None if plan.emergency_aloud else _text(plan, address)))


def _text(plan: CallPlan, address: Address) -> str:
    lines = [NAME, TEST_URN, plan.emergency_location(one_line(address))]
    return "".join(f"{line}\r\n" for line in lines)


def one_line(address: Address) -> str:
    """The address as it is told: its fields in their order, comma separated."""
    return ", ".join(address[field] for field in FIELDS if address.get(field))


def read_address(document: dict[str, Any]) -> Address | None:
    """A civic address of known fields, none of them empty but the unit; None for anything else."""
    address = {field: document.get(field) or "" for field in FIELDS}
    whole = all(isinstance(value, str) and len(value) <= 100 and value.isprintable() for value in address.values())
    needed = all(address[field] for field in FIELDS if field not in ("unit", "region"))
    return address if whole and needed and document.keys() <= set(FIELDS) else None


def _answer(context: Context, here: str, text: str | None) -> Message:
    """A 200 with our (mute) description and, beside it, the text (RFC 5621)."""
    response = respond(context.received, 200, "OK", tag=context.tag)
    host = here.partition(":")[0]
    description = (
        f"v=0\r\no=- 1 1 IN IP4 {host}\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\na=inactive\r\n"
    )
    response.headers += [("Contact", f"<sip:{here}>"), ("Content-Type", "application/sdp")]
    response.body = description.encode()
    if text is not None:
        boundary = secrets.token_hex(8)
        parts = (("application/sdp", description), ("text/plain; charset=utf-8", text))
        body = "".join(f"--{boundary}\r\nContent-Type: {kind}\r\n\r\n{part}\r\n" for kind, part in parts)
        response.replace("Content-Type", f"multipart/mixed;boundary={boundary}")
        response.body = f"{body}--{boundary}--\r\n".encode()
    return response
