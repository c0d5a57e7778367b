"""What kinds of number there are, and what a number can carry."""

import enum
from collections.abc import Iterable

from django.db.models import TextChoices


class NumberType(TextChoices):
    """The seven kinds of number that the Phone Numbers API sells (its resource names, in our spelling)."""

    LOCAL = "local", "Local"
    MOBILE = "mobile", "Mobile"
    NATIONAL = "national", "National"
    TOLL_FREE = "toll_free", "Toll-free"
    SHARED_COST = "shared_cost", "Shared cost"
    VOIP = "voip", "VoIP"
    MACHINE_TO_MACHINE = "machine_to_machine", "Machine to machine"


class Capability(enum.IntFlag):
    """What a number can carry, as a bit mask: small enough to sit inside a btree key."""

    VOICE = 1
    SMS = 2
    MMS = 4
    FAX = 8


ALL_CAPABILITIES = Capability.VOICE | Capability.SMS | Capability.MMS | Capability.FAX

_BY_NAME = {"voice": Capability.VOICE, "sms": Capability.SMS, "mms": Capability.MMS, "fax": Capability.FAX}


def capabilities_from_names(names: Iterable[str]) -> Capability:
    """Mask of the named capabilities, in any letter case. Raises ValueError on an unknown name."""
    mask = Capability(0)
    for name in names:
        try:
            mask |= _BY_NAME[name.strip().lower()]
        except KeyError:
            raise ValueError(f"unknown capability {name!r}: expected one of {', '.join(_BY_NAME)}") from None
    return mask


def capability_names(mask: int) -> list[str]:
    """Lower-case names in the fixed order voice, sms, mms, fax."""
    return [name for name, capability in _BY_NAME.items() if mask & capability]


def supersets(mask: int) -> list[int]:
    """All masks 0..15 that hold at least `mask`: "has these capabilities" as an IN list for a btree."""
    return [candidate for candidate in range(int(ALL_CAPABILITIES) + 1) if candidate & mask == mask]
