"""Settings from the environment, read and checked once; docs/sandbox.md lists them."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

Address = tuple[str, int]
DATA = Path(__file__).parent / "data"
E164 = re.compile(r"\+[1-9][0-9]{6,14}")


class BadSettings(ValueError):
    """The environment does not describe a carrier that can start."""


@dataclass(frozen=True, slots=True)
class Settings:
    http: Address
    sip: Address
    sip_second: Address | None
    sip_credentials: tuple[str, str] | None
    smpp: Address
    inbound_sip: tuple[Address, ...]
    mms: Address
    inbound_mms: Mapping[str, Address]
    state: Path
    seed: int
    api_key: str
    smpp_system_ids: frozenset[str]
    smpp_password: str
    faulty_share: float
    reference_numbers: frozenset[str]
    carriers: Path
    faults: Path | None
    fill_seconds: tuple[float, float] | None


def read(environ: Mapping[str, str]) -> Settings:
    """Settings from SANDBOX_* variables. Raises BadSettings with the variable's name and what it should be."""
    faults = environ.get("SANDBOX_FAULTS")
    return Settings(
        http=_address(environ, "SANDBOX_HTTP", "127.0.0.1:8190"),
        sip=_media_address(environ, "SANDBOX_SIP", "127.0.0.1:5070"),
        sip_second=_media_address(environ, "SANDBOX_SIP_SECOND", "") if environ.get("SANDBOX_SIP_SECOND") else None,
        sip_credentials=_credentials(environ, "SANDBOX_SIP_USER", "SANDBOX_SIP_PASSWORD"),
        smpp=_address(environ, "SANDBOX_SMPP", "127.0.0.1:2775"),
        inbound_sip=_addresses(environ, "SANDBOX_INBOUND_SIP", "127.0.0.1:5080"),
        mms=_address(environ, "SANDBOX_MMS", "127.0.0.1:2525"),
        inbound_mms=_by_domain(environ, "SANDBOX_INBOUND_MMS", "127.0.0.1:2526"),
        state=Path(environ.get("SANDBOX_STATE", ".data/sandbox.sqlite3")),
        seed=_integer(environ, "SANDBOX_SEED", "1"),
        api_key=_secret(environ, "SANDBOX_API_KEY"),
        smpp_system_ids=frozenset(environ.get("SANDBOX_SMPP_SYSTEM_ID", "lab").split(",")),
        smpp_password=_secret(environ, "SANDBOX_SMPP_PASSWORD"),
        faulty_share=_share(environ, "SANDBOX_FAULTY_SHARE", "0.1"),
        reference_numbers=_numbers(environ, "SANDBOX_REFERENCE_NUMBERS", "+12025550142"),
        carriers=Path(environ.get("SANDBOX_CARRIERS", str(DATA / "carriers.yaml"))),
        faults=Path(faults) if faults else None,
        fill_seconds=_seconds(environ, "SANDBOX_FILL_SECONDS"),
    )


def _address(environ: Mapping[str, str], name: str, default: str) -> Address:
    address = _host_and_port(environ.get(name, default))
    if address is None:
        raise BadSettings(f"{name} must be host:port, for example {default}")
    return address


def _host_and_port(text: str) -> Address | None:
    host, colon, port = text.strip().rpartition(":")
    return (host, int(port)) if host and colon and port.isdecimal() and int(port) < 65536 else None


def _addresses(environ: Mapping[str, str], name: str, default: str) -> tuple[Address, ...]:
    """One or more, separated by commas."""
    found = [_host_and_port(part) for part in environ.get(name, default).split(",")]
    addresses = tuple(address for address in found if address is not None)
    if len(addresses) != len(found):
        raise BadSettings(f"{name} must be host:port, or several separated by commas, for example {default}")
    return addresses


def _by_domain(environ: Mapping[str, str], name: str, default: str) -> Mapping[str, Address]:
    """`host:port` for everybody (under the empty domain), and further ones as `domain=host:port`."""
    parts = [part.rpartition("=") for part in environ.get(name, default).split(",")]
    doors = {domain.strip().lower(): _host_and_port(door) for domain, _, door in parts}
    known = {domain: door for domain, door in doors.items() if door is not None}
    if len(known) != len(parts) or "" not in known:
        raise BadSettings(f"{name} must be host:port, for example {default}, then any domain=host:port, with commas")
    return known


def _media_address(environ: Mapping[str, str], name: str, default: str) -> Address:
    """The address stands in Via, Record-Route and SDP, so it must be one that peers can send to."""
    host, port = _address(environ, name, default)
    try:
        usable = not ipaddress.IPv4Address(host).is_unspecified
    except ValueError:
        usable = False
    if not usable:
        raise BadSettings(f"{name} must be an IPv4 address that peers can reach, for example {default}")
    return host, port


def _integer(environ: Mapping[str, str], name: str, default: str) -> int:
    try:
        return int(environ.get(name, default))
    except ValueError:
        raise BadSettings(f"{name} must be a whole number") from None


def _secret(environ: Mapping[str, str], name: str) -> str:
    value = environ.get(name, "")
    if not value:
        raise BadSettings(f"{name} must be set: the carrier has no built-in secret")
    return value


def _credentials(environ: Mapping[str, str], user: str, password: str) -> tuple[str, str] | None:
    """Both or neither."""
    if bool(environ.get(user)) != bool(environ.get(password)):
        raise BadSettings(f"{user} and {password} must both be set, or neither")
    return (environ[user], environ[password]) if environ.get(user) else None


def _share(environ: Mapping[str, str], name: str, default: str) -> float:
    text = environ.get(name, default)
    if not re.fullmatch(r"0(\.[0-9]+)?|1(\.0+)?", text):
        raise BadSettings(f"{name} must be a share between 0 and 1")
    return float(text)


def _numbers(environ: Mapping[str, str], name: str, default: str) -> frozenset[str]:
    numbers = frozenset(part.strip() for part in environ.get(name, default).split(",") if part.strip())
    if not all(E164.fullmatch(number) for number in numbers):
        raise BadSettings(f"{name} must be E.164 numbers such as +12025550142, separated by commas")
    return numbers


def _seconds(environ: Mapping[str, str], name: str) -> tuple[float, float] | None:
    text = environ.get(name)
    if not text:
        return None
    match = re.fullmatch(r"([0-9.]+)-([0-9.]+)", text)
    if not match or float(match[1]) > float(match[2]):
        raise BadSettings(f"{name} must be a range of seconds, for example 0.2-2.0")
    return float(match[1]), float(match[2])
