"""How a status callback is spelled is the affair of the API above, which answers through this port (`api.apps`)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from accounts.models import Account


@dataclass(frozen=True)
class Told:
    """What happened to a bundle. `state`: of `BundleState`; `valid_until`: ISO 8601, or blank."""

    account_sid: str
    bundle_sid: str
    state: str
    reason: str = ""
    valid_until: str = ""


@dataclass(frozen=True)
class Request:
    """A form to be sent, and its headers."""

    fields: Mapping[str, str]
    headers: Mapping[str, str]


class Wire(Protocol):
    """Who knows the spelling. `token` is the same for every attempt at one callback."""

    def request(self, told: Told, *, url: str, account: Account, token: str) -> Request:
        """The callback to this URL, signed for its account."""


_wires: list[Wire] = []


def spelled_by(wire: Wire) -> None:
    """From now on by this one."""
    _wires[:] = [wire]


def request(told: Told, *, url: str, account: Account, token: str) -> Request:
    """The callback as it goes out."""
    return _wires[0].request(told, url=url, account=account, token=token)
