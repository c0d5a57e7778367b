"""How long our functions and files are. `python -m tests.architecture.sizes` prints it; a test keeps the budget."""

import ast
import statistics
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = (
    "config",
    "numbering",
    "accounts",
    "compliance",
    "inventory",
    "testing_lab",
    "api",
    "console",
    "portal",
    "sandbox",
    "bench",
)

MEDIAN_FUNCTION, P90_FUNCTION, LONGEST_FUNCTION = 8, 25, 50
LONGEST_FILE = 400


@dataclass(frozen=True, order=True)
class Function:
    """A function and its length in non-blank lines, docstring and decorators included."""

    lines: int
    place: str


def source_files(*rooms: str) -> list[Path]:
    """List the Python files of rooms, migrations aside."""
    found = (path for room in rooms for path in (ROOT / room).rglob("*.py"))
    return sorted(path for path in found if not {"migrations", "node_modules"} & set(path.parts))


def lines(path: Path) -> int:
    """Count the non-blank lines of a file."""
    return _filled(path.read_text(encoding="utf-8").splitlines())


def functions(path: Path) -> Iterator[Function]:
    """Measure every function of a file."""
    text = path.read_text(encoding="utf-8")
    rows = text.splitlines()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            place = f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
            yield Function(_filled(rows[first - 1 : node.end_lineno]), place)


def report() -> str:
    """Write the sizes of the rooms and of the tests as a table, then what is over the budget."""
    rows = [f"{'':<12}{'files':>7}{'lines':>8}{'functions':>11}{'median':>8}{'p90':>6}{'longest':>9}"]
    rows += [_row(name, source_files(*rooms)) for name, rooms in {"code": ROOMS, "tests": ("tests",)}.items()]
    return "\n".join([*rows, *over_budget(source_files(*ROOMS, "tests"))])


def over_budget(paths: list[Path]) -> list[str]:
    """Name the files and functions that are too long."""
    files = [f"{path.relative_to(ROOT)}: {lines(path)} lines" for path in paths if lines(path) > LONGEST_FILE]
    long = [f for path in paths for f in functions(path) if f.lines > LONGEST_FUNCTION]
    return files + [f"{function.place}: {function.lines} lines" for function in long]


def percentile(lengths: list[int], share: int) -> int:
    """Return the length that `share` percent of the functions don't exceed."""
    return sorted(lengths)[max(0, -(-len(lengths) * share // 100) - 1)]


def _row(name: str, paths: list[Path]) -> str:
    lengths = [function.lines for path in paths for function in functions(path)] or [0]
    total = sum(lines(path) for path in paths)
    median, p90 = statistics.median(lengths), percentile(lengths, 90)
    return f"{name:<12}{len(paths):>7}{total:>8}{len(lengths):>11}{median:>8}{p90:>6}{max(lengths):>9}"


def _filled(rows: list[str]) -> int:
    return sum(1 for row in rows if row.strip())


if __name__ == "__main__":
    sys.stdout.write(report() + "\n")
