"""Reading what a customer wrote: one form for what looks the same, and a bound on how long it may be."""

import re
import unicodedata

from django.utils.translation import gettext as _

_WORD_END = re.compile(r"[\W\d_]+")
_FIRST_OTHER_ALPHABET = "\u0370"  # Greek; what stands before is Latin, marks and signs
_LOOKALIKE_SCRIPTS = frozenset({"LATIN", "GREEK", "CYRILLIC", "ARMENIAN", "CHEROKEE"})


class Unreadable(ValueError):
    """The value is no text that we can read; the message says why, and never holds the value."""


def text_of(value: object, longest: int) -> str:
    """A JSON value as one line of text; "" for what counts as missing (null, blanks, an empty list or object).

    Normalised by NFKC (full-width digits, ligatures and non-breaking blanks become ordinary), without invisible
    characters (zero-width, soft hyphen, control), blanks collapsed and trimmed. Raises Unreadable for what is no text:
    numbers too, for a JSON number has lost its leading zeros.
    """
    if not isinstance(value, str):
        if value is None or value in ([], {}):
            return ""
        raise Unreadable(_("it must be given as text"))
    if len(value) > 4 * longest:  # before the normalisation: its cost grows with the length
        raise Unreadable(_("it may have at most %(most)s characters") % {"most": longest})
    text = tidy(value)
    if len(text) > longest:
        raise Unreadable(_("it may have at most %(most)s characters") % {"most": longest})
    return text


def tidy(text: str) -> str:
    """The text in the form that `text_of` tells of. Raises Unreadable for half of a surrogate pair."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    if not text.isprintable():
        text = "".join(letter for letter in text if _is_seen(letter))
    return " ".join(text.split())


def mixes_scripts(text: str) -> bool:
    """Whether a word holds letters of alphabets that look alike: a Cyrillic o in "Postfach" (Unicode TS #39)."""
    if not text or max(text) < _FIRST_OTHER_ALPHABET:
        return False
    return any(len(_scripts(word)) > 1 for word in _WORD_END.split(text))


def _is_seen(letter: str) -> bool:
    if "\ud800" <= letter <= "\udfff":
        raise Unreadable(_("it holds characters that are no text"))
    return letter.isprintable() or letter.isspace()


def _scripts(word: str) -> frozenset[str]:
    return _LOOKALIKE_SCRIPTS & {unicodedata.name(letter, "").partition(" ")[0] for letter in word}
