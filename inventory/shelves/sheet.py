"""SKUs in a spreadsheet: CSV with a line for each, as `manage.py skus --out` writes it and `--from` reads it."""

import csv
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, NamedTuple, TextIO

from django.core.exceptions import ValidationError

from inventory.models import Provider, Sku
from inventory.shelves import making
from inventory.shelves.making import Found, Terms

KIND = ("country", "number_type", "area_code")
TERMS = ("service_class", "level", "floor", "is_listed", "cost_limit", "currency", "provider")
TOLD = ("held", "asked")  # for whoever looks at the file; not read
WORDS = {"yes": True, "no": False}


class BadSheet(ValueError):
    """The message names the file, the line and what is wrong there; nothing was made."""


class Sheet(NamedTuple):
    """What a file asks for: SKUs that are not there yet, and how many that are."""

    missing: Sequence[Sku]
    existing: int


def write(name: str, found: Iterable[Found], terms: Terms) -> None:
    """The shelves with the terms that they would be made with; `-` is standard output. Raises OSError."""
    currencies = making.currencies()
    with _opened(name, "w") as file:
        lines = csv.DictWriter(file, [*KIND, *TERMS, *TOLD], restval="", lineterminator="\n")
        lines.writeheader()
        for each in found:
            row = making.row(each.shelf, terms, currencies)
            listed = "yes" if row.is_listed else "no"
            said = {"service_class": row.service_class, "cost_limit": f"{row.cost_limit:f}", "currency": row.currency}
            lines.writerow(each.shelf._asdict() | said | {"is_listed": listed, "held": each.held, "asked": each.asked})


def read(name: str) -> Sheet:
    """All lines, or none: raises BadSheet at the first that is no SKU. What a file leaves out is as in a new SKU."""
    missing, there, seen = list[Sku](), making.existing(), set[making.Shelf]()
    providers = {provider.slug: provider for provider in Provider.objects.all()}
    for line, values in _lines(name):
        try:
            sku = _sku(values, providers)
            shelf = making.shelf_of(sku)
            if shelf in seen:
                raise ValueError("this SKU stands in the file already")
            if shelf not in there:
                sku.full_clean()
                missing.append(sku)
        except (ValidationError, ValueError) as error:
            raise BadSheet(f"{name}, line {line}: {_told(error)}") from None
        seen.add(shelf)
    return Sheet(missing, len(seen) - len(missing))


def _lines(name: str) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Raises BadSheet."""
    try:
        with _opened(name, "r") as file:
            rows = csv.DictReader(file, strict=True)
            columns = rows.fieldnames or []
            if unknown := sorted({*columns} - {*KIND, *TERMS, *TOLD}) or sorted({*KIND[:2]} - {*columns}):
                raise BadSheet(f"{name}: its first line must name columns; look at: {', '.join(unknown)}")
            for row in rows:
                if None in row:
                    raise BadSheet(f"{name}, line {rows.line_num}: more values than the first line has columns")
                yield rows.line_num, {column: (value or "").strip() for column, value in row.items()}
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadSheet(f"{name}: {error}") from None


def _sku(values: Mapping[str, str], providers: Mapping[str, Provider]) -> Sku:
    """Raises ValueError, ValidationError."""
    given: dict[str, Any] = {name: values[name] for name in (*KIND, *TERMS) if values.get(name)}
    if "provider" in given:
        if given["provider"] not in providers:
            raise ValueError(f"provider: nobody has the slug {given['provider']!r}")
        given["provider"] = providers[given["provider"]]
    if "is_listed" in given:
        if given["is_listed"].lower() not in WORDS:
            raise ValueError("is_listed: yes or no")
        given["is_listed"] = WORDS[given["is_listed"].lower()]
    return Sku(**given)


def _told(error: ValidationError | ValueError) -> str:
    return "; ".join(error.messages) if isinstance(error, ValidationError) else str(error)


@contextmanager
def _opened(name: str, mode: Literal["r", "w"]) -> Iterator[TextIO]:
    """A file, or `-` for the standard streams. Excel's mark before UTF-8 is passed over."""
    if name == "-":
        yield sys.stdin if mode == "r" else sys.stdout
        return
    with Path(name).open(mode, encoding="utf-8-sig" if mode == "r" else "utf-8", newline="") as file:
        yield file
