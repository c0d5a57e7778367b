import pytest
from hypothesis import given
from hypothesis import strategies as st

from testing_lab.messages import alphabet

GSM_TEXT = st.text(
    st.sampled_from("@£$¥èéùìòÇ\nØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./09:;<=>?¡AZÄÖÑÜ§¿azäöñüà^{}\\[~]|€\f")
)


@pytest.mark.parametrize(
    ("text", "octets"),
    [
        ("hello", b"hello"),
        ("@£$", b"\x00\x01\x02"),
        ("€[~]", b"\x1b\x65\x1b\x3c\x1b\x3d\x1b\x3e"),
        ("ÄÖÑÜ§¿äöñüà", bytes([*range(0x5B, 0x61), *range(0x7B, 0x80)])),
        ("ΔΦΓΛΩΠΨΣΘΞ", bytes([0x10, *range(0x12, 0x1B)])),
    ],
)
def test_code_points_of_23_038(text: str, octets: bytes) -> None:
    assert alphabet.encode(text) == (alphabet.GSM_DEFAULT, octets)
    assert alphabet.decode(alphabet.GSM_DEFAULT, octets) == text


@given(GSM_TEXT)
def test_the_default_alphabet_reads_back_what_it_wrote(text: str) -> None:
    assert alphabet.decode_gsm(alphabet.encode_gsm(text)) == text


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_every_text_survives_in_the_coding_it_picks(text: str) -> None:
    assert alphabet.decode(*alphabet.encode(text)) == text


@given(st.sampled_from([0, 1, 3, 4, 8, 0xF5]), st.binary(max_size=140))
def test_any_octets_decode_to_some_text(data_coding: int, octets: bytes) -> None:
    assert len(alphabet.decode(data_coding, octets)) <= len(octets)


def test_one_foreign_character_moves_the_text_to_ucs2() -> None:
    assert alphabet.encode("ç") == (alphabet.UCS2, b"\x00\xe7")
    assert alphabet.encode("😀") == (alphabet.UCS2, b"\xd8\x3d\xde\x00")


def test_unknown_and_lone_escapes_degrade_as_the_standard_says() -> None:
    assert alphabet.decode_gsm(b"\x1bA") == "A"
    assert alphabet.decode_gsm(b"a\x1b") == "a "
    assert alphabet.decode_gsm(b"\x1b\x1bA") == " A"
    assert alphabet.decode_gsm(b"\x80") == "\ufffd"


@pytest.mark.parametrize("data_coding", [alphabet.GSM_DEFAULT, alphabet.ASCII, alphabet.LATIN_1])
def test_a_coding_asked_for_is_not_changed_behind_ones_back(data_coding: int) -> None:
    with pytest.raises(UnicodeEncodeError):
        alphabet.encode_as(data_coding, "你好")
