import pytest

from numbering.vanity import to_digits


@pytest.mark.parametrize(
    ("letters", "digits"), [("800-FLOWERS", "800-3569377"), ("storm", "78676"), ("*QZ%", "*79%"), ("É", "É")]
)
def test_letters_are_the_digits_on_their_keys(letters: str, digits: str) -> None:
    assert to_digits(letters) == digits


def test_every_letter_has_a_key_in_both_cases() -> None:
    assert (
        to_digits("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
        == to_digits("abcdefghijklmnopqrstuvwxyz")
        == "22233344455566677778889999"
    )
