"""Names of places: how they are compared, and the lasting id that follows from them."""

import re
import unicodedata
from hashlib import blake2b

# Libphonenumber shortens common words of town names; both sides of a comparison are written out.
_SHORT_FORMS = {
    "st": "saint",
    "ste": "sainte",
    "mt": "mount",
    "ft": "fort",
    "hts": "heights",
    "spgs": "springs",
    "pt": "point",
    "jct": "junction",
    "vlg": "village",
}
# Letters that NFKD leaves whole, written as GeoNames' plain-ASCII names write them.
_LETTERS = str.maketrans(
    {
        "ß": "ss",
        "ø": "o",
        "đ": "d",
        "ł": "l",
        "æ": "ae",
        "œ": "oe",
        "ð": "d",
        "þ": "th",
        "\N{LATIN SMALL LETTER DOTLESS I}": "i",
    }
)
# Straight and typographic apostrophes, modifier letters (also the okina), grave and acute accents.
_APOSTROPHES = str.maketrans("", "", "'\u2019\u2018\u02bc\u02bb`\u00b4")
_BREAK = re.compile(r"[\W_]+")


def normalise(name: str) -> str:
    """Lower case, no diacritics, no punctuation: "Saint-Étienne" and "ST. ETIENNE" -> "saint etienne"."""
    plain = unicodedata.normalize("NFKD", name).casefold().translate(_APOSTROPHES).translate(_LETTERS)
    letters = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return " ".join(_SHORT_FORMS.get(word, word) for word in _BREAK.split(letters) if word)


def place_id(*, country: str, region: str, normalised_name: str, granularity: str) -> int:
    """A 48-bit id from the natural key: the same in every build, and exact in a JavaScript number."""
    key = "\x1f".join((country, region, normalised_name, granularity))
    return int.from_bytes(blake2b(key.encode(), digest_size=6).digest(), "big")
