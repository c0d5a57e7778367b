"""Envelope encryption: one key for each object, and the object bound to its name."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.vault.sealing import BrokenSeal, Sealed, seal, unseal

NAME = b"0" * 32


@given(content=st.binary(min_size=1, max_size=2000))
def test_what_was_sealed_opens_again(content: bytes) -> None:
    assert unseal(seal(content, NAME), NAME) == content


def test_nothing_of_the_content_or_of_its_repetition_is_seen() -> None:
    content = b"ID card of Jane Doe" * 50
    one, other = seal(content, NAME), seal(content, NAME)
    assert b"Jane" not in one.ciphertext
    assert one.key != other.key
    assert one.ciphertext[13:] != other.ciphertext[13:]


def test_the_key_is_not_printed() -> None:
    sealed = seal(b"x", NAME)
    assert sealed.key not in repr(sealed)


def test_an_object_does_not_open_under_another_name() -> None:
    with pytest.raises(BrokenSeal):
        unseal(seal(b"content", NAME), b"1" * 32)


def test_an_object_does_not_open_with_another_key() -> None:
    with pytest.raises(BrokenSeal):
        unseal(Sealed(seal(b"content", NAME).ciphertext, seal(b"content", NAME).key), NAME)


@given(place=st.integers(min_value=0, max_value=1 + 12 + 7 + 16 - 1), bit=st.integers(min_value=0, max_value=7))
def test_no_bit_may_change(place: int, bit: int) -> None:
    sealed = seal(b"content", NAME)
    changed = bytearray(sealed.ciphertext)
    changed[place] ^= 1 << bit
    with pytest.raises(BrokenSeal):
        unseal(replace(sealed, ciphertext=bytes(changed)), NAME)


@pytest.mark.parametrize("length", range(1 + 12 + 7 + 16))
def test_no_byte_may_be_missing(length: int) -> None:
    sealed = seal(b"content", NAME)
    with pytest.raises(BrokenSeal):
        unseal(replace(sealed, ciphertext=sealed.ciphertext[:length]), NAME)
