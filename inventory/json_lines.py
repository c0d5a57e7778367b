"""Files of JSON lines (https://jsonlines.org): read line by line, written whole or not at all. Pure."""

import gzip
import os
import tempfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import orjson

_MARK = b"\xef\xbb\xbf"  # that some editors put before UTF-8


class BadLine(ValueError):
    """The message names the file, the line (counted from 1) and what is wrong there."""


def read(path: Path) -> Iterator[Any]:
    """The value of each line; unpacked if the name ends in `.gz`. Blank lines may only be the last ones, so that the
    place of a value is its line. Raises BadLine, OSError."""
    blank = 0
    opener = gzip.open if path.suffix == ".gz" else open
    try:
        with opener(path, "rb") as lines:
            for number, line in enumerate(lines, start=1):
                text = line.removeprefix(_MARK).strip()
                if text and blank:
                    raise BadLine(f"{path}, line {blank}: is blank")
                if text:
                    yield _value(path, number, text)
                else:
                    blank = blank or number
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise BadLine(f"{path}: can't be unpacked to its end ({error})") from None


def _value(path: Path, number: int, text: bytes) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise BadLine(f"{path}, line {number}: is not JSON ({error})") from None


def write(path: Path, lines: Iterable[bytes]) -> None:
    """The lines to a file that takes its name when it is whole; `-` is standard output."""
    if str(path) == "-":
        with os.fdopen(1, "wb", closefd=False) as out:
            out.writelines(line + b"\n" for line in lines)
        return
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as out:
        unfinished = Path(out.name)
        try:
            out.writelines(line + b"\n" for line in lines)
            out.flush()
            unfinished.chmod(0o644)
            unfinished.replace(path)
        except BaseException:
            unfinished.unlink(missing_ok=True)
            raise
