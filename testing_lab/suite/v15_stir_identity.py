"""V15: the network vouches for the caller, in a token that says so truly."""

from testing_lab.applicability import is_signed
from testing_lab.exchanges.outbound_call import OutboundCall
from testing_lab.findings import Finding, failed, inconclusive, passed
from testing_lab.registry import lab_test
from testing_lab.stir.passport import BadCertificate, BadPassport, Passport, read

SUFFICIENT = ("A", "B")


@lab_test(
    "V15",
    "STIR Identity",
    exchange=OutboundCall,
    limit="intact, orig the number, A or B, at most {fresh_s} s old",
    source="ATIS-1000074; RFC 8224; RFC 8225",
    applies=is_signed,
)
def stir_identity(call: OutboundCall) -> Finding:
    """Measured: the PASSporT in the Identity header of a call from the number."""
    if not call.arrivals:
        return inconclusive("no call arrived")
    if call.identity is None:
        return failed(detail="no Identity header")
    try:
        token = read(call.identity)
    except BadPassport as error:
        return failed(detail=f"the Identity header is unreadable: {error}")
    return _judge(call, token)


def _judge(call: OutboundCall, token: Passport) -> Finding:
    if call.certificate is None:
        return inconclusive(f"the token can't be verified: {call.no_certificate or 'no certificate'}")
    age_s = call.arrived_at - token.issued_at
    if fault := _fault(call, token, call.certificate):
        return failed(detail=fault)
    if abs(age_s) > call.line.limits["V15", "fresh_s"]:  # RFC 8224 4.1; it may be our clock that is wrong
        return inconclusive(f"issued {age_s:.0f} s before it came")
    return passed(detail=f"attestation {token.attestation}")


def _fault(call: OutboundCall, token: Passport, certificate: bytes) -> str:
    """What is wrong with the token, or nothing."""
    try:
        intact, valid = token.is_signed_with(certificate), token.is_issued_under(certificate)
    except BadCertificate as error:
        return f"the certificate is {error}"
    faults = {
        "the signature does not fit: the token was changed on its way": not intact,
        "the certificate was not valid when the token was issued": not valid,
        f"signed for {token.orig or 'nobody'}": token.orig != str(call.line.number),
        f"signed for a call to {', '.join(token.dest) or 'nobody'}": str(call.line.reference) not in token.dest,
        f"attestation {token.attestation or 'missing'}": token.attestation not in SUFFICIENT,
    }
    return next((fault for fault, holds in faults.items() if holds), "")
