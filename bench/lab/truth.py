"""The truth table: which fault must fail which test. It is fixed, in committed files, before anything is measured."""

import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from random import Random
from typing import Any

import yaml

from bench.options import ROOT

STOCK = ROOT / "sandbox" / "data" / "faults.yaml"
OWN = ROOT / "bench" / "lab" / "truth.yaml"
FILES = (STOCK, OWN)
SPEAKS, FAXES = "speaks", "faxes"
"""What a number of the benchmark is sold for: calls and messages, or calls and fax."""


class NotCommitted(RuntimeError):
    """A file of the truth table isn't what is committed: it could have been fitted to the results."""


@dataclass(frozen=True, slots=True)
class Case:
    """What is wrong with one number, and which tests must find it, and may.

    `where` says where its severity comes from: "table", "drawn" by the seed, "healthy", or "curve": beside a limit,
    and not scored. `line` is SPEAKS or FAXES.
    """

    where: str
    kind: str = ""
    severity: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    fails: frozenset[str] = frozenset()
    may_fail: frozenset[str] = frozenset()
    seed: int = 0
    line: str = SPEAKS

    @property
    def name(self) -> str:
        """For people."""
        drawn = ", ".join(f"{name} {_short(value)}" for name, value in self.parameters.items())
        return f"{self.kind} {drawn or self.severity}" if self.kind else "healthy"


@dataclass(frozen=True, slots=True)
class Curve:
    """How often `test` fails at each of `values` of a parameter, on both sides of its limit."""

    test: str
    limit: str
    kind: str
    severity: str
    parameter: str
    unit: str
    scale: float
    values: tuple[float, ...]

    def cases(self, times: int) -> list[Case]:
        """`times` numbers for each value."""
        return [
            Case("curve", self.kind, self.severity, {self.parameter: value})
            for value in self.values
            for _ in range(times)
        ]


def check_committed() -> str:
    """A short name for the state of the truth table. Raises NotCommitted unless it is committed as it is."""
    for path in FILES:
        name = str(path.relative_to(ROOT))
        if _git("ls-files", "--error-unmatch", name) or _git("diff", "--quiet", "HEAD", "--", name):
            raise NotCommitted(f"{name} isn't committed as it is: commit it first, or try it with --draft")
    return fingerprint()


def fingerprint() -> str:
    """Twelve digits that change with any octet of the truth table."""
    return sha256(b"".join(path.read_bytes() for path in FILES)).hexdigest()[:12]


def of_table(seed: int) -> list[Case]:
    """Every row of the sandbox's table of what goes wrong with a number."""
    rows = yaml.safe_load(STOCK.read_text(encoding="utf-8"))["numbers"]
    return [_case("table", row, {}, seed) for row in rows]


def drawn(seed: int) -> list[Case]:
    """Every kind of `drawn`, with the severity that this seed draws."""
    chance = Random(f"severity {seed}")
    rows = _own()["drawn"]
    return [_case("drawn", row, dict(_draw(chance, row["parameters"])), seed) for row in rows]


def curves() -> list[Curve]:
    """The severities beside a limit."""
    return [Curve(**{**each, "values": tuple(each["values"])}) for each in _own()["curves"]]


def healthy_passes(line: str) -> frozenset[str]:
    """What every healthy number that is sold for this must pass."""
    return frozenset(_own()["healthy"][line])


def _own() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(OWN.read_text(encoding="utf-8"))
    return document


def _case(where: str, row: Mapping[str, Any], parameters: Mapping[str, Any], seed: int) -> Case:
    fails, may_fail = (frozenset(row.get(key, ())) for key in ("fails", "may_fail"))
    line = FAXES if row.get("needs") == "fax" else SPEAKS
    return Case(where, row["kind"], row["severity"], parameters, fails, may_fail, seed, line)


def _draw(chance: Random, spans: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, span in spans.items():
        yield name, chance.choice(span["one_of"]) if isinstance(span, dict) else round(chance.uniform(*span), 4)


def _git(*arguments: str) -> bool:
    """Whether it found fault."""
    command = ["git", "-C", str(ROOT), *arguments]
    return subprocess.run(command, capture_output=True, check=False).returncode != 0


def _short(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
