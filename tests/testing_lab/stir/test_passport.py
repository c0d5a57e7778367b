"""PASSporTs are read strictly and verified truly."""

import base64
from datetime import datetime

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given
from hypothesis import strategies as st

from testing_lab.stir.passport import BadCertificate, BadPassport, read, shaken
from tests.testing_lab.stir.signing import NOW, URL, Signatory, certificate_of, part

ORIG, DEST = "+14155550123", "+12025550142"
SIGNATORY = Signatory()

RFC_8225 = (  # its example, appendix A; it does not verify with the key printed there
    "eyJhbGciOiJFUzI1NiIsInR5cCI6InBhc3Nwb3J0IiwieDV1IjoiaHR0cHM6Ly9jZXJ0LmV4YW1wbGUub3JnL3Bhc3Nwb3J0LmNlciJ9."
    "eyJkZXN0Ijp7InVyaSI6WyJzaXA6YWxpY2VAZXhhbXBsZS5jb20iXX0sImlhdCI6MTQ3MTM3NTQxOCwib3JpZyI6eyJ0biI6IjEyMTU1NTUxMjEyIn19."
    "VLBCIVDCaeK6M4hLJb6SHQvacAQVvoiiEOWQ_iUkqk79UD81fHQ0E1b3_GluIkba7UWYRM47ZbNFdOJquE35cw"
)
RFC_7515 = (  # the ES256 example of JWS, appendix A.3, and its key
    "eyJhbGciOiJFUzI1NiJ9."
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ."
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
)
RFC_7515_POINT = ("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0")


def test_a_token_says_who_calls_whom() -> None:
    token = read(SIGNATORY.identity(ORIG, DEST, attest="B"))
    assert (token.orig, token.dest, token.attestation) == (ORIG, (DEST,), "B")
    assert (token.issued_at, token.certificate_url) == (NOW, URL)
    assert token.is_signed_with(SIGNATORY.certificate)


def test_the_example_of_the_rfc_is_read() -> None:
    token = read(RFC_8225)
    assert (token.orig, token.dest, token.issued_at) == ("+12155551212", (), 1471375418)
    assert token.certificate_url == "https://cert.example.org/passport.cer"


def test_the_example_of_es256_verifies() -> None:
    x, y = (int.from_bytes(base64.urlsafe_b64decode(f"{part}="), "big") for part in RFC_7515_POINT)
    key = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
    assert read(RFC_7515).is_signed_with(certificate_of(key))


def test_a_token_that_was_changed_or_signed_by_another_does_not_verify() -> None:
    identity = SIGNATORY.identity(ORIG, DEST)
    header, _, signature = identity.split(".", 2)
    forged = {"attest": "A", "dest": {"tn": [DEST[1:]]}, "iat": NOW, "orig": {"tn": "12025550199"}}
    assert not read(f"{header}.{part(forged)}.{signature}").is_signed_with(SIGNATORY.certificate)
    assert not read(identity).is_signed_with(Signatory().certificate)
    cut = identity.partition(";")[0][:-4]
    assert not read(cut).is_signed_with(SIGNATORY.certificate)


@pytest.mark.parametrize(
    ("day", "valid"), [("2025-12-31", False), ("2026-01-01", True), ("2035-12-29", True), ("2035-12-31", False)]
)
def test_the_certificate_must_be_valid_when_the_token_is_issued(day: str, valid: bool) -> None:
    issued = round(datetime.fromisoformat(f"{day}T12:00:00Z").timestamp())
    assert read(SIGNATORY.identity(ORIG, DEST, iat=issued)).is_issued_under(SIGNATORY.certificate) is valid


def test_what_is_no_certificate_has_no_dates() -> None:
    with pytest.raises(BadCertificate):
        read(SIGNATORY.identity(ORIG, DEST)).is_issued_under(b"rubbish")


@pytest.mark.parametrize(
    "certificate",
    [
        b"",
        b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        certificate_of(ec.generate_private_key(ec.SECP384R1()).public_key()),
        certificate_of(rsa.generate_private_key(65537, 2048).public_key()),
    ],
)
def test_what_is_no_certificate_for_es256_is_said_to_be_none(certificate: bytes) -> None:
    with pytest.raises(BadCertificate):
        read(SIGNATORY.identity(ORIG, DEST)).is_signed_with(certificate)


@pytest.mark.parametrize(
    "identity",
    [
        "",
        "..c2ln;info=<https://x>",  # the compact form of RFC 8225 7
        "e30.e30",
        f"{part([1])}.e30.c2ln",
        f"{part({'alg': 'none'})}.e30.c2ln",
        f"{part({'alg': 'ES256'})}.e3.c2ln",
        "a" * 9000 + ".e30.c2ln",
        "eyJhb.e30.c2ln",
        "[" * 4000 + ".e30.c2ln",
    ],
)
def test_what_is_no_token_in_full_form_is_refused(identity: str) -> None:
    with pytest.raises(BadPassport):
        read(identity)


@given(st.text(max_size=200) | st.binary(max_size=200).map(lambda octets: octets.decode("latin-1")))
def test_hostile_headers_are_refused_and_nothing_else_happens(identity: str) -> None:
    with pytest.raises(BadPassport):
        read(identity)


@pytest.mark.parametrize(
    "claims", [{"orig": "x", "dest": 3}, {"orig": {"tn": [5]}, "dest": {"tn": None}}, {"iat": "1"}]
)
def test_claims_of_a_wrong_shape_are_as_good_as_none(claims: dict[str, object]) -> None:
    token = read(f"{part({'alg': 'ES256'})}.{part(claims)}.c2ln")
    assert (token.orig, token.dest, token.issued_at) == ("", (), 0)


def test_of_several_tokens_the_one_of_shaken_counts() -> None:
    assert shaken([]) is None
    assert shaken(["a.b.c;ppt=div", "d.e.f;ppt=shaken"]) == "d.e.f;ppt=shaken"
    assert shaken(["a.b.c;ppt=div"]) == "a.b.c;ppt=div"
