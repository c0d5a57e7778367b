"""M01: a picture arrives, to the number and from it, as it was sent or as the carrier says that it converts it."""

from testing_lab.exchanges.picture_messages import Arrived, PictureMessages, PictureSent
from testing_lab.findings import Finding, failed, inconclusive, passed
from testing_lab.messages import mm4
from testing_lab.messages.link import Submission
from testing_lab.messages.picture import CONTENT_TYPE
from testing_lab.models.result import Outcome
from testing_lab.registry import lab_test


@lab_test(
    "M01",
    "MMS",
    exchange=PictureMessages,
    unit="octets",
    limit="same, or documented transcode (<= {different_bits} bits) in {arrival_s} s",
    source="3GPP TS 23.140 8.4 (MM4); RFC 2045",
)
def mms(messages: PictureMessages) -> Finding:
    """Measured: octets of the picture that arrived, of the smaller; the first failure decides."""
    findings = [_judge(way, messages) for way in messages.ways]
    for outcome in (Outcome.FAIL, Outcome.INCONCLUSIVE):
        found = [finding for finding in findings if finding.outcome == outcome]
        if found:
            return found[0]
    return min(findings, key=lambda finding: finding.value or 0.0)


def _judge(way: PictureSent, messages: PictureMessages) -> Finding:
    if way.not_sent:
        return inconclusive(f"{way.name}: {way.answer or way.submission.reason}")
    if way.submission.outcome == Submission.REFUSED:
        return failed(detail=f"{way.name}: refused: {way.submission.reason}")
    limit_s = messages.line.limits["M01", "arrival_s"]
    if way.arrived is None:
        said = f"; the MMSC said {way.answer}" if way.answer not in ("", mm4.STATUS_OK) else ""
        return failed(detail=f"{way.name}: did not arrive within {limit_s:g} s{said}")
    if way.arrived.source != way.source:
        return failed(way.arrived.look.size, f"{way.name}: the sender became {way.arrived.source or 'nothing'}")
    return _compare(way, way.arrived, messages)


def _compare(way: PictureSent, arrived: Arrived, messages: PictureMessages) -> Finding:
    came, sent = arrived.look, way.sent
    if came.sha256 == sent.sha256:
        if arrived.declared_type == CONTENT_TYPE:
            return passed(came.size)
        return failed(came.size, f"{way.name}: {CONTENT_TYPE} was declared {arrived.declared_type or 'nothing'}")
    seen = f"{way.name}: arrived as {came}; sent was {sent}"
    if not came.content_type:
        return failed(came.size, seen)
    if came.content_type not in messages.transcodes or arrived.declared_type != came.content_type:
        return failed(came.size, f"{seen}; declared {arrived.declared_type}, which is no documented transcode")
    most = messages.line.limits["M01", "different_bits"]
    if came.distance(sent) > most or came.width > sent.width or came.height > sent.height:
        return failed(came.size, f"{seen}; it is another picture")
    return passed(came.size, f"transcoded: {seen}")
