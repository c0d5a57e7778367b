"""Where else personal data may rest for a while: the rooms and doors above say how it is forgotten there.

Erasure calls all of them, in its own transaction, with the account and the SIDs that are erased.
"""

from collections.abc import Callable, Sequence

from accounts.models import Account

Forget = Callable[[Account, Sequence[str]], None]
_PLACES: list[Forget] = []


def also_in(forget: Forget) -> None:
    """From now on an erasure calls this too."""
    if forget not in _PLACES:
        _PLACES.append(forget)


def everywhere(account: Account, sids: Sequence[str]) -> None:
    """Let every other place forget what it holds of these."""
    for forget in _PLACES:
        forget(account, sids)
