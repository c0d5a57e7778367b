"""Whether a webhook is Telnyx's own: an Ed25519 signature over its time and its body.

The vendor's client has a verifier for this, which needs PyNaCl; ours needs what we have.
"""

import json
import time
from base64 import b64decode
from collections.abc import Mapping

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

TOLERANCE = 300  # seconds either way, as the vendor's client has it; older ones are replays
LONGEST_KEY = 64


def key_of_order(headers: Mapping[str, str], body: bytes, public_key: str) -> str | None:
    """Our key of the order that a genuine and fresh webhook is about, else None. `public_key` is base64."""
    given = {name.lower(): value for name, value in headers.items()}
    stamp, signature = given.get("telnyx-timestamp", ""), given.get("telnyx-signature-ed25519", "")
    if not (_is_fresh(stamp) and _is_genuine(stamp, signature, body, public_key)):
        return None
    try:
        key = json.loads(body)["data"]["payload"]["customer_reference"]
    except (ValueError, LookupError, TypeError, RecursionError):
        return None
    return key if isinstance(key, str) and 0 < len(key) <= LONGEST_KEY else None


def _is_fresh(stamp: str) -> bool:
    return stamp.isascii() and stamp.isdigit() and len(stamp) < 12 and abs(time.time() - int(stamp)) <= TOLERANCE


def _is_genuine(stamp: str, signature: str, body: bytes, public_key: str) -> bool:
    try:
        key = Ed25519PublicKey.from_public_bytes(b64decode(public_key, validate=True))
        key.verify(b64decode(signature, validate=True), stamp.encode() + b"|" + body)
    except (ValueError, InvalidSignature):
        return False
    return True
