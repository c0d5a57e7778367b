import numpy as np
import pytest

from testing_lab.media import g711

EVERY_SAMPLE = np.arange(-32768, 32768, dtype=np.int16)
EVERY_CODE = np.arange(256, dtype=np.uint8)


@pytest.mark.parametrize(
    ("payload_type", "octet", "sample"),
    [
        (g711.PCMU, 0xFF, 0),
        (g711.PCMU, 0x80, 32124),
        (g711.PCMU, 0x00, -32124),
        (g711.PCMU, 0xEF, 132),
        (g711.PCMA, 0xD5, 8),
        (g711.PCMA, 0x55, -8),
        (g711.PCMA, 0xAA, 32256),
        (g711.PCMA, 0x2A, -32256),
    ],
)
def test_known_code_words(payload_type: int, octet: int, sample: int) -> None:
    assert g711.decode(bytes([octet]), payload_type).tolist() == [sample]
    assert g711.encode(np.array([sample], dtype=np.int16), payload_type).tolist() == [octet]


@pytest.mark.parametrize("payload_type", [g711.PCMU, g711.PCMA])
def test_every_code_word_survives_decoding_and_encoding(payload_type: int) -> None:
    again = g711.encode(g711.decode(EVERY_CODE, payload_type), payload_type)
    negative_zero = 0x7F  # mu-law has two zeros; they decode alike
    differs = EVERY_CODE[again != EVERY_CODE]
    assert differs.tolist() == ([negative_zero] if payload_type == g711.PCMU else [])


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_agrees_with_the_coder_of_the_standard_library() -> None:
    audioop = pytest.importorskip("audioop", reason="left the standard library in Python 3.13")
    whole = EVERY_SAMPLE[EVERY_SAMPLE % 4 == 0]  # audioop drops two bits by floor, which differs below zero
    assert g711.encode(whole, g711.PCMU).tobytes() == audioop.lin2ulaw(whole.tobytes(), 2)
    assert g711.encode(EVERY_SAMPLE, g711.PCMA).tobytes() == audioop.lin2alaw(EVERY_SAMPLE.tobytes(), 2)
    assert g711.decode(EVERY_CODE, g711.PCMU).tobytes() == audioop.ulaw2lin(EVERY_CODE.tobytes(), 2)
    assert g711.decode(EVERY_CODE, g711.PCMA).tobytes() == audioop.alaw2lin(EVERY_CODE.tobytes(), 2)


@pytest.mark.parametrize("payload_type", [g711.PCMU, g711.PCMA])
def test_quantising_noise_lies_35_db_below_a_nominal_tone(payload_type: int) -> None:
    time = np.arange(8000) / g711.SAMPLE_RATE
    tone = (8000 * np.sin(2 * np.pi * 1020 * time)).astype(np.int16)
    noise = g711.decode(g711.encode(tone, payload_type), payload_type).astype(float) - tone
    assert 10 * np.log10(np.mean(tone.astype(float) ** 2) / np.mean(noise**2)) > 35


def test_refuses_what_is_not_g711() -> None:
    with pytest.raises(KeyError):
        g711.decode(b"\0", 18)
