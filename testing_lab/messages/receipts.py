"""Delivery receipts: what an SMSC claims about a message (SMPP 3.4 appendix B, and the TLVs that supersede it)."""

import asyncio
import logging
import re
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

log = logging.getLogger(__name__)

ESM_MESSAGE_TYPE = 0x3C
ESM_RECEIPT = 0x04
"""esm_class of a deliver_sm: mask of the message type and its value for a receipt, SMPP 3.4 section 5.2.12."""
TAG_RECEIPTED_MESSAGE_ID = 0x001E
TAG_MESSAGE_STATE = 0x0427

STATES = {
    1: "ENROUTE",
    2: "DELIVRD",
    3: "EXPIRED",
    4: "DELETED",
    5: "UNDELIV",
    6: "ACCEPTD",
    7: "UNKNOWN",
    8: "REJECTD",
}
"""message_state (section 5.2.28) by the word that stands for it in a receipt's text."""
FINAL = frozenset(STATES.values()) - {"ENROUTE", "ACCEPTD"}
_KEPT = 10_000

_ID = re.compile(rb"\bid:\s*(\S+)", re.IGNORECASE)
_STATE = re.compile(rb"\bstat:\s*([A-Z]{5,7})", re.IGNORECASE)
_ERROR = re.compile(rb"\berr:\s*(\w{1,8})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Receipt:
    """The SMSC's claim about one message, come `at` (UTC); `state` is a word of STATES, `error` its own code or ''."""

    message_id: str
    state: str
    error: str
    at: datetime

    @property
    def final(self) -> bool:
        """Whether no further receipt is due."""
        return self.state in FINAL

    @property
    def delivered(self) -> bool:
        """Whether the SMSC claims that the handset has the message."""
        return self.state == "DELIVRD"


def is_receipt(esm_class: int) -> bool:
    """Whether a deliver_sm of this esm_class carries a receipt and not a message."""
    return esm_class & ESM_MESSAGE_TYPE == ESM_RECEIPT


def parse(body: bytes, tlvs: Mapping[int, bytes], at: datetime) -> Receipt | None:
    """Read a receipt from its TLVs, else from its text; None when it names no message or no known state."""
    message_id = tlvs.get(TAG_RECEIPTED_MESSAGE_ID, b"").rstrip(b"\0") or _first(_ID, body)
    code = int.from_bytes(tlvs.get(TAG_MESSAGE_STATE, b""), "big")
    state = STATES.get(code) or _first(_STATE, body).decode("ascii").upper()
    if not message_id or state not in STATES.values():
        return None
    return Receipt(message_id.decode("latin-1"), state, _first(_ERROR, body).decode("latin-1"), at)


def _first(pattern: re.Pattern[bytes], body: bytes) -> bytes:
    found = pattern.search(body)
    return found[1] if found else b""


class ReceiptBook:
    """Final receipts by message id, and who waits for them. The first final claim about a message counts."""

    def __init__(self) -> None:
        self._receipts: OrderedDict[str, Receipt] = OrderedDict()
        self._waiters: dict[str, list[asyncio.Future[Receipt]]] = {}

    def expect(self, message_id: str) -> asyncio.Future[Receipt]:
        """The final receipt of a message, also one that has come already."""
        future: asyncio.Future[Receipt] = asyncio.get_running_loop().create_future()
        key = _key(message_id)
        if key in self._receipts:
            future.set_result(self._receipts[key])
            return future
        self._waiters.setdefault(key, []).append(future)
        future.add_done_callback(lambda _: self._forget(key, future))
        return future

    def take(self, body: bytes, tlvs: Mapping[int, bytes], at: datetime) -> None:
        """File the receipt in a deliver_sm; an unreadable one is logged, an intermediate one passed over."""
        receipt = parse(body, tlvs, at)
        if receipt is None:
            log.warning("unreadable delivery receipt: %r", body[:100])
            return
        if not receipt.final:
            return
        key = self._meant(_key(receipt.message_id))
        self._receipts.setdefault(key, receipt)
        while len(self._receipts) > _KEPT:
            self._receipts.popitem(last=False)
        for future in tuple(self._waiters.get(key, ())):
            if not future.done():
                future.set_result(receipt)

    def _meant(self, key: str) -> str:
        """The id that is waited for: many SMSCs answer with a hexadecimal one and write receipts in decimals, which
        appendix B asks for."""
        if key in self._waiters or not key.isdecimal():
            return key
        hexadecimal = f"{int(key):x}"
        return hexadecimal if hexadecimal in self._waiters else key

    def close(self) -> None:
        """Cancel every waiter."""
        for waiters in tuple(self._waiters.values()):
            for future in tuple(waiters):
                future.cancel()

    def _forget(self, key: str, future: asyncio.Future[Receipt]) -> None:
        self._waiters[key].remove(future)
        if not self._waiters[key]:
            del self._waiters[key]


def _key(message_id: str) -> str:
    return message_id.strip().lower().lstrip("0")  # SMSCs differ in case and padding between response and receipt
