"""B4 of the design, to 1e-4."""

import subprocess
import sys
from typing import Any

import pytest

from inventory.restock import decide, propose
from tests.architecture.sizes import ROOT
from tests.inventory.restock.cases import DAY, FIRST, SECOND, first

EXAMPLES = [
    (FIRST, 0.95, {"m1": 2.4, "lam": 0.09901, "mean": 4.5149, "var": 32.901, "s": 16}),
    (FIRST, 0.98, {"m1": 2.4, "lam": 0.09901, "mean": 4.5149, "var": 32.901, "s": 22, "up_to": 29.1287}),
    (SECOND, 0.95, {"m1": 2.0, "lam": 0.005195, "mean": 0.05195, "var": 0.31736, "s": 0}),
    (SECOND, 0.98, {"m1": 2.0, "lam": 0.005195, "mean": 0.05195, "var": 0.31736, "s": 0}),
]


@pytest.mark.parametrize(("symbols", "level", "wanted"), EXAMPLES)
def test_the_terms_of_the_worked_examples(symbols: dict[str, Any], level: float, wanted: dict[str, float]) -> None:
    [proposal] = propose(DAY, [{"sku": "example", **symbols, "available": 0, "level": level, "floor": 0}])
    assert {name: proposal.terms[name] for name in wanted} == pytest.approx(wanted, abs=1e-4)


def test_the_floor_keeps_two_of_a_listed_locality() -> None:
    [proposal] = propose(DAY, [{"sku": "second", **SECOND, "available": 0}])
    assert proposal.terms["s"] == 2
    assert proposal.terms["up_to"] == pytest.approx(2.3117, abs=1e-4)
    [unlisted] = propose(DAY, [{"sku": "second", **SECOND, "available": 0, "listed": False}])
    assert unlisted.terms["s"] == 0


def test_the_first_example_orders_at_position_20_and_not_at_23() -> None:
    assert decide(DAY, [first()]) == {"first": 10}
    assert decide(DAY, [first(available=23)]) == {"first": 0}


def test_the_staff_sentence_tells_what_is_ordered_and_why() -> None:
    [proposal] = propose(DAY, [first(provider="acme")])
    assert proposal.sentence == (
        "4.5 expected in 19 days, at 98 % service: reorder point 22; position 20: order 10 from acme."
    )


def test_the_function_needs_neither_django_nor_settings() -> None:
    imports = "import sys; from inventory.restock import decide"
    code = f"{imports}; print(decide({DAY!r}, [{first()!r}]), 'django' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env={}, capture_output=True, text=True, check=True)
    assert done.stdout == "{'first': 10} False\n"
