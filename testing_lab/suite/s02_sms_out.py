"""S02: a message from the number arrives unchanged and still says who sent it."""

from testing_lab.exchanges.messages import MessageFromNumber, judge_arrival
from testing_lab.findings import Finding, failed
from testing_lab.registry import lab_test


@lab_test(
    "S02",
    "SMS out, sender kept",
    exchange=MessageFromNumber,
    unit="s",
    limit="the exact text from the exact number within {arrival_s} s",
    source="SMPP 3.4",
)
def sms_out(message: MessageFromNumber) -> Finding:
    """Measured: seconds from submission to delivery."""
    if message.arrived and message.sender != str(message.line.number):
        return failed(message.latency_s, f"the sender became {message.sender or 'nothing'}")
    return judge_arrival(message)
