"""Keys in band: what is played is found, and nothing else is."""

import numpy as np
import pytest

from testing_lab.media import dtmf, g711, goertzel, probe

ALL = "123A456B789C*0#D"
PACKET = 160


def found(audio: g711.Samples) -> str:
    return "".join(tone.key for tone in goertzel.detect(audio))


def at_level(audio: g711.Samples, decibel: float) -> g711.Samples:
    return np.asarray(audio * 10 ** (decibel / 20), dtype=np.int16)


@pytest.mark.parametrize("law", [g711.PCMU, g711.PCMA])
def test_every_key_is_found_through_either_law(law: int) -> None:
    assert found(g711.decode(g711.encode(dtmf.generate(ALL), law), law)) == ALL


def test_a_key_has_its_time_and_length() -> None:
    [_, second] = goertzel.detect(dtmf.generate("15"))
    assert second.start_s == pytest.approx(0.3, abs=0.01)
    assert second.length_s == pytest.approx(0.1, abs=0.01)


def test_what_is_no_key_has_no_frequencies() -> None:
    assert dtmf.frequencies("5") == (770.0, 1336.0)
    for key in ("E", "", "12"):
        with pytest.raises(ValueError, match="no key"):
            dtmf.frequencies(key)


def test_a_key_twice_is_two_keys_and_an_interrupted_one_is_one() -> None:
    assert found(dtmf.generate("55")) == "55"
    interrupted = dtmf.generate("5").reshape(-1, PACKET).copy()
    interrupted[2:4] = 0  # two packets lost of its five
    assert found(interrupted.reshape(-1)) == "5"


def test_the_repetition_that_a_bad_gateway_makes_is_a_second_key() -> None:
    echoed = dtmf.generate("5").reshape(-1, PACKET).copy()
    echoed[9:13] = echoed[:4]
    assert found(echoed.reshape(-1)) == "55"


@pytest.mark.parametrize(("tone_s", "keys"), [(0.02, ""), (0.04, "15"), (0.5, "15")])
def test_forty_milliseconds_are_a_key_and_twenty_are_none(tone_s: float, keys: str) -> None:
    assert found(dtmf.generate("15", tone_s)) == keys


@pytest.mark.parametrize(("decibel", "keys"), [(-20, "1590"), (-30, "")])
def test_an_attenuated_key_is_found_and_a_whispered_one_is_not(decibel: float, keys: str) -> None:
    assert found(at_level(dtmf.generate("1590"), decibel)) == keys


def test_a_pair_out_of_balance_is_no_key() -> None:
    time = np.arange(800) / g711.SAMPLE_RATE
    low, high = (np.sin(2 * np.pi * hertz * time) for hertz in dtmf.frequencies("1"))
    assert found(np.asarray(8000 * low + 8000 * high, np.int16)) == "1"
    assert found(np.asarray(8000 * low + 1600 * high, np.int16)) == ""


def test_speech_like_noise_silence_and_single_tones_hold_no_key() -> None:
    time = np.arange(16000) / g711.SAMPLE_RATE
    ringing = np.asarray(4000 * (np.sin(2 * np.pi * 440 * time) + np.sin(2 * np.pi * 480 * time)), np.int16)
    assert found(ringing) == ""
    assert found(np.zeros(8000, np.int16)) == found(np.zeros(10, np.int16)) == ""
    assert "".join(found(probe.generate(f"noise {i}", 7.0)) for i in range(10)) == ""


def test_keys_survive_random_loss_of_five_percent() -> None:
    rng = np.random.default_rng(4)
    for _ in range(30):
        packets = dtmf.generate("1590").reshape(-1, PACKET).copy()
        packets[rng.random(len(packets)) < 0.05] = 0
        assert found(packets.reshape(-1)) == "1590"
