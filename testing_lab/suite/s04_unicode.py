"""S04: letters of other scripts and emoji arrive as they were sent, to the number and from it."""

from testing_lab.exchanges.message_series import MessageSeries, Sent
from testing_lab.findings import Finding, at_most, failed, inconclusive
from testing_lab.messages.link import Submission
from testing_lab.models.result import Outcome
from testing_lab.registry import lab_test


@lab_test(
    "S04",
    "Unicode SMS",
    exchange=MessageSeries,
    unit="s",
    limit="the exact text both ways, within {arrival_s} s",
    source="3GPP TS 23.038 6.2.3 (UCS-2); SMPP 3.4 5.2.19; Unicode 3.9 (UTF-16)",
)
def unicode_sms(series: MessageSeries) -> Finding:
    """Measured: seconds from submission to delivery, of the slower way; the first failure decides."""
    findings = [_judge(message, series) for message in series.unicode]
    for outcome in (Outcome.FAIL, Outcome.INCONCLUSIVE):
        found = [finding for finding in findings if finding.outcome == outcome]
        if found:
            return found[0]
    return max(findings, key=lambda finding: finding.value or 0.0)


def _judge(message: Sent, series: MessageSeries) -> Finding:
    limit_s = series.line.limits["S04", "arrival_s"]
    if message.not_sent:
        return inconclusive(f"{message.name}: could not be sent")
    if message.submitted and message.submitted.outcome == Submission.REFUSED:
        return failed(detail=f"{message.name}: refused: {message.submitted.reason}")
    if not message.arrivals and series.cut_off:
        return inconclusive("our link to the SMSC was lost")
    if not message.arrivals:
        return failed(detail=f"{message.name}: did not arrive within {limit_s:g} s")
    return _judge_arrived(message, limit_s)


def _judge_arrived(message: Sent, limit_s: float) -> Finding:
    wrong = next((delivery.text for delivery in message.arrivals if delivery.text != message.text), None)
    if wrong is not None:
        return failed(message.latency_s, f"{message.name}: arrived as {wrong!r}, sent was {message.text!r}")
    if len(message.arrivals) > 1:
        return failed(message.latency_s, f"{message.name}: arrived {len(message.arrivals)} times")
    return at_most(limit_s, message.latency_s, "")
