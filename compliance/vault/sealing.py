"""Envelope encryption: each object has a key of its own, and is bound to its name.

The object's key travels as text; the column that keeps it (`EncryptedText`) is what wraps it in the key ring, so that a
rotation rewrites 44 characters a document and no object. AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce; a
key seals one object, once.
"""

import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_VERSION = b"\x01"  # of this layout: version, nonce, ciphertext with its tag
_NONCE = 12


class BrokenSeal(Exception):
    """The bytes are not those that were sealed under this key and name."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """What goes to the storage, and the key that opens it, which does not."""

    ciphertext: bytes
    key: str = field(repr=False)


def seal(content: bytes, context: bytes) -> Sealed:
    """Encrypt under a fresh key. `context` is the object's name: under another one the object does not open."""
    key, nonce = AESGCM.generate_key(bit_length=256), os.urandom(_NONCE)
    ciphertext = AESGCM(key).encrypt(nonce, content, _VERSION + context)
    return Sealed(_VERSION + nonce + ciphertext, urlsafe_b64encode(key).decode())


def unseal(sealed: Sealed, context: bytes) -> bytes:
    """What was sealed. Raises BrokenSeal if the key, the name or a single bit is another."""
    version, nonce, ciphertext = (
        sealed.ciphertext[:1],
        sealed.ciphertext[1 : 1 + _NONCE],
        sealed.ciphertext[1 + _NONCE :],
    )
    if version != _VERSION or len(nonce) < _NONCE:
        raise BrokenSeal
    try:
        return AESGCM(urlsafe_b64decode(sealed.key)).decrypt(nonce, ciphertext, version + context)
    except InvalidTag:
        raise BrokenSeal from None
