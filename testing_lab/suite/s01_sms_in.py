"""S01: a message to the number arrives, unchanged and soon."""

from testing_lab.exchanges.messages import MessageToNumber, judge_arrival
from testing_lab.findings import Finding
from testing_lab.registry import lab_test


@lab_test(
    "S01",
    "SMS in",
    exchange=MessageToNumber,
    unit="s",
    limit="the exact text within {arrival_s} s",
    source="SMPP 3.4; 3GPP TS 23.040",
)
def sms_in(message: MessageToNumber) -> Finding:
    """Measured: seconds from submission to delivery."""
    return judge_arrival(message)
