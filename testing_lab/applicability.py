"""Which lines a test applies to, beyond their capability."""

from numbering.e164 import InvalidNumber
from numbering.types import NumberType
from testing_lab.line import Line

INBOUND_ONLY = {NumberType.TOLL_FREE, NumberType.SHARED_COST}
SIGNED_WITHIN = ("+1", "+33")  # NANP: SHAKEN (ATIS-1000074, CSTGA in Canada); France: loi Naegelen, MAN


def calls_out(line: Line) -> bool:
    """Numbers that others pay to call are sold for calls in; as a caller they are not shown, and not to be."""
    try:
        return line.number.number_type not in INBOUND_ONLY
    except InvalidNumber:
        return True


def is_signed(line: Line) -> bool:
    """Calls are signed within one framework: a token does not cross the border, so both ends lie in the same one."""
    return calls_out(line) and any(
        str(line.number).startswith(code) and str(line.reference).startswith(code) for code in SIGNED_WITHIN
    )
