"""S03: a long message to the number arrives in its parts, from which the text can be joined exactly."""

from collections.abc import Sequence

from testing_lab.exchanges.message_series import MessageSeries
from testing_lab.findings import Finding, failed, inconclusive, passed
from testing_lab.messages import alphabet
from testing_lab.messages.concatenation import join
from testing_lab.messages.delivery import Delivery, subscriber
from testing_lab.messages.link import Submission
from testing_lab.registry import lab_test


@lab_test(
    "S03",
    "Concatenated SMS",
    exchange=MessageSeries,
    unit="parts",
    limit="3 parts, once each, one sender, exact text, in {arrival_s} s",
    source="3GPP TS 23.040 9.2.3.24.1 and 9.2.3.24.8; SMPP 3.4 5.3.2.22",
)
def concatenated(series: MessageSeries) -> Finding:
    """Measured: how many different parts arrived. Their order does not matter: the header says it."""
    parts = series.parts
    if any(part.not_sent for part in parts):
        return inconclusive("a part could not be sent")
    for part in parts:
        if part.submitted and part.submitted.outcome == Submission.REFUSED:
            return failed(0, f"{part.name} was refused: {part.submitted.reason}")
    came = [delivery for part in parts for delivery in part.arrivals]
    limit_s = series.line.limits["S03", "arrival_s"]
    missing = [part.name for part in parts if part.latency_s is None or part.latency_s > limit_s]
    if missing and series.cut_off:
        return inconclusive("our link to the SMSC was lost")
    if missing:
        return failed(len(parts) - len(missing), f"{missing[0]} did not arrive within {limit_s:g} s")
    text = "".join(part.text for part in parts)
    if len(came) == len(parts) and all(each is came[0] for each in came):
        return _joined_by_carrier(came[0].text, text)
    return _joined(came, text)


def _joined(came: Sequence[Delivery], text: str) -> Finding:
    """As a telephone does it: parts belong together by sender, reference and total (23.040, 9.2.3.24.1)."""
    parts = [delivery.part for delivery in came if delivery.part is not None]
    count = len({part.number for part in parts})
    if len(parts) < len(came):
        return failed(count, "a part arrived without its header")
    if len(senders := {subscriber(delivery.source) for delivery in came}) > 1:
        return failed(count, f"the parts came from different senders: {', '.join(sorted(senders))}")
    if len(parts) > parts[0].total:
        return failed(count, f"{len(parts)} parts arrived, though {parts[0].total} were sent")
    whole = join(parts)
    if whole is None:
        return failed(count, "the headers of the parts contradict each other")
    read = alphabet.decode(came[0].data_coding, whole)
    return passed(count) if read == text else failed(count, f"the parts join to {_difference(read, text)}")


def _joined_by_carrier(read: str, text: str) -> Finding:
    """The recipient has what he should have."""
    if read == text:
        return passed(1, "the carrier joined the parts itself")
    return failed(1, f"the carrier joined the parts itself, to {_difference(read, text)}")


def _difference(read: str, text: str) -> str:
    at = next((i for i, (a, b) in enumerate(zip(read, text, strict=False)) if a != b), min(len(read), len(text)))
    return f"{read[at : at + 40]!r} where {text[at : at + 40]!r} was sent, from character {at + 1}"
