"""Messages that carry a one-time code are told from others."""

import pytest

from inventory.traffic.one_time_codes import is_one_time_code


@pytest.mark.parametrize(
    "text",
    [
        "Your verification code is 493817",
        "G-482910 is your Google verification code.",
        "493 817 ist Ihr Bestätigungscode",
        "Su código de acceso: 4938",
        "Use 493817 to sign in. Never share this code.",
        "Код: 493817",
        "您的验证码是 493817",
        "<#> 493817 is your one-time PIN. aBcDeFgHiJk",
    ],
)
def test_codes(text: str) -> None:
    assert is_one_time_code(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "See you at 18:30",
        "Your code",
        "Call me at +14155550123",
        "You owe 1234.56",
        "Table for 4 at eight",
    ],
)
def test_other_messages(text: str) -> None:
    assert not is_one_time_code(text)
