"""Letters on the telephone keypad (ITU-T E.161, figure 2: arrangement option A)."""

KEYPAD = {"ABC": "2", "DEF": "3", "GHI": "4", "JKL": "5", "MNO": "6", "PQRS": "7", "TUV": "8", "WXYZ": "9"}

_DIGIT_OF = str.maketrans(
    {letter: digit for letters, digit in KEYPAD.items() for key in letters for letter in (key, key.lower())}
)


def to_digits(text: str) -> str:
    """Put its digit for each Latin letter and leave everything else: "800-FLOWERS" -> "800-3569377"."""
    return text.translate(_DIGIT_OF)
