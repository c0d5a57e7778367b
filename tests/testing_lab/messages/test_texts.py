"""Test texts fit their messages, are never the same, and are known again however they were damaged."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from testing_lab.messages import alphabet, concatenation, texts
from testing_lab.messages.delivery import Delivery

SENDER = "12025550142"
SEEDS = [f"run {n}" for n in range(200)]


def arrived(body: bytes, data_coding: int = alphabet.GSM_DEFAULT, esm_class: int = 0) -> Delivery:
    return Delivery(SENDER, 1, "14155550123", body, data_coding, esm_class, datetime(2026, 11, 21, tzinfo=UTC))


def test_short_texts_fit_one_message_and_long_ones_three() -> None:
    assert all(len(alphabet.encode_gsm(texts.short(seed, "in"))) <= 160 for seed in SEEDS)
    long = [alphabet.encode_gsm(texts.long(seed, "in")) for seed in SEEDS]
    assert all(len(concatenation.split(body, 1, concatenation.SEPTETS_PER_PART)) == 3 for body in long)


def test_unicode_texts_fit_one_message_and_need_surrogate_pairs() -> None:
    for seed in SEEDS:
        text = texts.unicode(seed, "in")
        coding, octets = alphabet.encode(text)
        assert (coding, len(octets) <= 140) == (alphabet.UCS2, True)
        assert sum(ord(letter) > 0xFFFF for letter in text) >= 3
        assert any(0x7F < ord(letter) <= 0xFFFF for letter in text)


@pytest.mark.parametrize("make", [texts.short, texts.long, texts.unicode])
def test_texts_have_nothing_in_common_by_which_a_route_could_know_them(make: Callable[[str, str], str]) -> None:
    made = [make(seed, "in") for seed in SEEDS]
    assert len({text[:5] for text in made}) == len(SEEDS)
    assert not set.intersection(*(set(text.split()) for text in made))


TEXT = texts.unicode("run", "in")
UTF16 = TEXT.encode("utf-16-be")


@pytest.mark.parametrize(
    "delivery",
    [
        arrived(UTF16, alphabet.UCS2),
        arrived(UTF16[:10], alphabet.UCS2),
        arrived(UTF16, alphabet.GSM_DEFAULT),
        arrived(TEXT.encode("utf-16-le"), alphabet.UCS2),
        arrived(TEXT.encode("utf-8"), alphabet.LATIN_1),
        arrived(TEXT.encode("ascii", "replace")),
        arrived(TEXT.encode("ascii", "ignore")),
        arrived(bytes(octet if n % 3 else 0x3F for n, octet in enumerate(UTF16)), alphabet.UCS2),
        arrived(bytes.fromhex("050003070301") + UTF16, alphabet.UCS2),
    ],
    ids=["whole", "cut", "coding lost", "octets swapped", "UTF-8", "replaced", "removed", "garbled", "header unmarked"],
)
def test_a_damaged_text_is_known_again(delivery: Delivery) -> None:
    assert texts.is_like(TEXT, SENDER, delivery)


def test_other_texts_are_not_taken_for_it() -> None:
    """All runs of a daemon wait at one number: none may take what is another's."""
    kinds = {"unicode in": texts.unicode, "unicode out": texts.unicode, "S01": texts.short}
    others = [make(seed, purpose) for seed in SEEDS[:30] for purpose, make in kinds.items()]
    deliveries = [arrived(octets, coding) for coding, octets in map(alphabet.encode, others)]
    cut = [arrived(delivery.body[:10], delivery.data_coding) for delivery in deliveries]
    for text, own, own_cut in zip(others, deliveries, cut, strict=True):
        strangers = [delivery for delivery in (*deliveries, *cut) if delivery not in (own, own_cut)]
        assert not any(texts.is_like(text, SENDER, delivery) for delivery in strangers)
    assert not texts.is_like(others[0], SENDER, arrived(b""))


def test_from_another_sender_the_token_must_be_whole() -> None:
    third_gone = bytes(octet if n % 3 else 0x3F for n, octet in enumerate(UTF16))
    assert texts.is_like(TEXT, f"+{SENDER}", arrived(third_gone, alphabet.UCS2))
    assert not texts.is_like(TEXT, "72345", arrived(third_gone, alphabet.UCS2))
    assert texts.is_like(TEXT, "72345", arrived(UTF16[:10], alphabet.UCS2))
    assert texts.is_like(TEXT, "72345", arrived(UTF16, alphabet.UCS2))
