"""What test messages say: new words each time, made from the run's seed, so that no route can know them.

Routes that lie have been seen to know the senders and words of test services and to treat those well. Nothing in these
texts is the same from one message to the next but their length and the alphabets they use. Each begins with a token of
its own, so that it is known again when only its first characters arrive.
"""

import hashlib
from collections.abc import Iterable
from random import Random

from testing_lab.messages import alphabet, concatenation
from testing_lab.messages.delivery import Delivery, subscriber

_LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
_VOCABULARY = (
    "about after again almost along always another answer around away back because before begin behind below "
    "better between book both bring call came carry change city close cold come country cross dark day door down "
    "during early earth east enough evening every family far field find first five follow forest found four "
    "friend garden give glass good great green half hand happy head hear heart help high hill home hour house "
    "idea island keep kind know land large last late learn leave left letter light line little live long look "
    "made make many market mean might mile minute month moon morning mother mountain much music name near never "
    "new next night north nothing number often old once only open order other over page paper part people place "
    "plain point quick rain read ready right river road room round school sea second seven short side sign silver "
    "simple sister small snow some song soon south spring start station stone story street summer sun sure table "
    "take talk tell ten thing think three time today together town train travel tree true turn under until very "
    "voice wait walk warm watch water week west where white while whole wind window winter woman wood word work "
    "world write year young"
)
_WORDS = _VOCABULARY.split()
_SIGNS = "@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ!\"#¤%&'()*+,-./:;<=>?¡ÄÖÑÜ§¿äöñüà^{}\\[~]|€"
"""All that the default alphabet and its extension have beside letters and digits: a carrier that loses one is found."""
_FOREIGN = (
    *("Привет", "вокзал", "ґанок", "καλημέρα", "θάλασσα", "你好", "天气很好", "東京駅", "ありがとう", "안녕하세요"),
    *("مرحبا", "كتاب", "שלום", "नमस्ते", "สวัสดี", "Łódź", "čaj", "İzmir", "Đà", "žluťoučký"),
)
_EMOJI = ("😀", "🎉", "🚀", "🐘", "🍀", "🌍", "📞", "🧡", "👍🏽", "👩\u200d🔬", "🇨🇦", "🏳️\u200d🌈", "𝄞", "🦊")
SEPTETS = 160
UNICODE_ROOM = 70
"""Septets, or UTF-16 units, in one message of 140 octets."""
_RECOGNISED, _TOKEN_ALONE = 0.5, 0.8
_TOKEN_LENGTH, _FEWEST = 5, 20
LONG_PARTS = 3
_LONG_LEAST, _LONG_MOST = 340, 440  # septets: more than two parts of 153 hold, and never more than three


def short(seed: str, purpose: str) -> str:
    """A text that fills one message of the default alphabet, with every sign of it in some order.

    It is as long as can be, so that a route which cuts off one septet is found.
    """
    chance = _chance(seed, purpose)
    token, number, signs = _token(chance), chance.randint(10, 99), "".join(chance.sample(_SIGNS, len(_SIGNS)))
    room = SEPTETS - len(alphabet.encode_gsm(f"{token}  {number} {signs}"))
    return f"{token} {_sentence_of(chance, room)} {number} {signs}"


def long(seed: str, purpose: str) -> str:
    """A text that three parts of the default alphabet hold, and two do not; no escaped sign may fall on a cut."""
    chance = _chance(seed, purpose)
    return f"{_token(chance)} {_sentence(chance, chance.randint(_LONG_LEAST, _LONG_MOST))}"


def unicode(seed: str, purpose: str) -> str:
    """A text that fills one UCS-2 message: several scripts, and emoji that need surrogate pairs (23.038, 6.2.3)."""
    chance = _chance(seed, purpose)
    text = f"{_token(chance)} {chance.choice(_WORDS)} {' '.join(chance.sample(_EMOJI, 3))}"
    for word in chance.sample(_FOREIGN, 8):
        if len(f"{text} {word}".encode("utf-16-be")) <= 2 * UNICODE_ROOM:
            text = f"{text} {word}"
    room = UNICODE_ROOM - len(text.encode("utf-16-be")) // 2
    # Not with letters of one foreign script: the octet that they share would make texts alike.
    return text + _sentence_of(chance, room)


def subject(seed: str, purpose: str) -> str:
    """A line of words, short enough that no mail system folds it."""
    chance = _chance(seed, purpose)
    return f"{_token(chance)} {_sentence(chance, 30)}"


def is_like(text: str, source: str, delivery: Delivery) -> bool:
    """Whether a delivery is what became of `text` from `source`; from anybody else at least its token must be whole.

    All runs of a daemon wait at one number, so what is another's must be told apart at once, while calls are up.
    """
    if delivery.text[:_TOKEN_LENGTH] == text[:_TOKEN_LENGTH] or delivery.text == text:
        return True
    same_sender = subscriber(source) == subscriber(delivery.source)
    return same_sender and likeness(text, delivery) >= _RECOGNISED


def likeness(text: str, delivery: Delivery) -> float:
    """How much of a delivery stands where it stood in `text`, 0 to 1, whatever became of its alphabet or its header.

    Damage must be seen as damage, and not as a loss: a third of the octets replaced, all but the first ten gone, or
    another alphabet claimed still leave a text more like itself than like any other.
    """
    if delivery.text == text:
        return 1.0
    octets = text.encode("utf-16-be").decode("latin-1")
    readings = set(_readings(delivery))
    as_text = max(_in_place(text, reading, token=_TOKEN_LENGTH) for reading in readings)
    return max(as_text, *(_in_place(octets, reading, token=2 * _TOKEN_LENGTH) for reading in readings))


def _in_place(text: str, reading: str, *, token: int) -> float:
    """Zeros, the upper octets of Latin letters, tell nothing; nor do few places, unless they begin with the token."""
    pairs = [(a, b) for a, b in zip(text, reading, strict=False) if a != "\0"]
    share = sum(a == b for a, b in pairs) / len(pairs) if len(pairs) >= _FEWEST else 0.0
    return max(share, _TOKEN_ALONE) if reading[:token] == text[:token] else share


def _readings(delivery: Delivery) -> Iterable[str]:
    yield delivery.text
    yield delivery.text.removeprefix("\ufeff")  # a mark of the byte order: damage, but not beyond recognition
    bare = concatenation.parse(delivery.body)
    for body in (delivery.body, bare.body if bare else b""):
        yield alphabet.decode_gsm(body)
        for codec in ("utf-16-be", "utf-16-le", "utf-8", "latin-1"):
            yield body.decode(codec, errors="replace")


def _sentence(chance: Random, length: int) -> str:
    words = [chance.choice(_WORDS)]
    while sum(map(len, words)) + len(words) - 1 < length:
        words.append(chance.choice(_WORDS))
    return " ".join(words)


def _sentence_of(chance: Random, length: int) -> str:
    """Words of exactly that length; the last one may be cut, but no space ends them."""
    cut = _sentence(chance, length)[:length]
    return f"{cut[:-1]}s" if cut.endswith(" ") else cut


def _token(chance: Random) -> str:
    return "".join(chance.choices(_LETTERS, k=_TOKEN_LENGTH))


def reference(seed: str) -> int:
    """The reference of a long message's parts: one octet."""
    return _chance(seed, "reference").randrange(256)


def _chance(seed: str, purpose: str) -> Random:
    return Random(hashlib.sha256(f"{seed}:{purpose}".encode()).digest())  # noqa: S311 - words, not secrets
