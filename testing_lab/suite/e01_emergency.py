"""E01: an emergency call from the number would be told the address that is registered for it."""

import re
import unicodedata

from testing_lab.applicability import is_regulated
from testing_lab.emergency.addresses import room_in
from testing_lab.exchanges.emergency_call import EmergencyTestCall
from testing_lab.findings import Finding, failed, inconclusive, not_applicable, passed
from testing_lab.registry import lab_test

CALLED, LOOKED_UP = 1.0, 0.0
BUSY = 486  # RFC 6881 15: the test service takes no more calls now


@lab_test(
    "E01",
    "Emergency route and address",
    exchange=EmergencyTestCall,
    unit="test calls",
    limit="told the address, letter by letter; 0 calls: its room kept",
    source="RFC 6881 15; RFC 5031; NENA-STA-010",
    applies=is_regulated,
)
def emergency(call: EmergencyTestCall) -> Finding:
    """Measured: the line of the answer that says where the caller is; the value says whether it was told in a test call
    (1) or only looked up, where there is no service to call (0). No live emergency number is ever called.
    What was looked up is ours if the room is: registers have ways of their own to write the rest."""
    if not call.registered:
        return not_applicable()  # nobody to register an address with, and so none to be told
    if call.looked_up is not None:
        return _of_the_register(call.registered, call.looked_up)
    if call.our_trouble or call.final_status in (None, BUSY):
        return inconclusive(f"the trunk or the test service answered {call.final_status or 'nothing'}")
    return _of_the_service(call)


def _of_the_service(call: EmergencyTestCall) -> Finding:
    if call.final_status is None or call.final_status >= 300:
        return failed(CALLED, f"the test service was not reached: {call.final_status}")
    if call.said is None:
        return failed(CALLED, "whoever answered is no test service: the answer has no text")
    lines = call.said.splitlines()
    if any(_letters(call.registered) in (_letters(line), _letters(line.partition(":")[2])) for line in lines):
        return passed(CALLED, call.registered)
    return failed(CALLED, f"registered {call.registered!r}, told {' | '.join(lines)[:300]!r}")


def _of_the_register(registered: str, looked_up: str) -> Finding:
    if room_in(registered) == room_in(looked_up):
        return passed(LOOKED_UP, f"only looked up, as its provider has no emergency test service: {looked_up}")
    return failed(LOOKED_UP, f"registered {registered!r}, and the register says {looked_up!r}")


def _letters(text: str) -> str:
    """Letters and digits, in one case, one space for whatever is between: how a carrier punctuates is its affair."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return re.sub(r"[\W_]+", " ", plain).strip()
