"""Whether a message carries a one-time code: somebody's account still knows this number. The text is not kept."""

import re

# Four to eight digits, or twice three, that are no part of a longer number, an amount or a time.
_CODE = re.compile(r"(?<![\d.,:/+-])(?:\d{4,8}|\d{3}[ -]\d{3}|[A-Z]-\d{4,8})(?![\d.,:/]*\d)")
_WORDS = re.compile(
    r"\b(?:\w*code|kod|c[oó]digo|codice|otp|t?pin|passcode|token|tan|2fa|one[- ]time|einmal\w*|verif\w*|confirm\w*|"
    r"best[äa]tig\w*|log-?in|sign[- ]in|anmeld\w*|acceso|connexion)\b|код|验证码|驗證碼|認証|인증",
    re.IGNORECASE,
)


def is_one_time_code(text: str) -> bool:
    """A short run of digits beside a word that announces one. Better one too many than one too few: it only warns."""
    return bool(_CODE.search(text) and _WORDS.search(text))
