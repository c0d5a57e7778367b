"""Files of JSON lines."""

import gzip
from pathlib import Path

import pytest

from inventory.json_lines import BadLine, read, write


def test_what_was_written_is_read(tmp_path: Path) -> None:
    write(tmp_path / "out", [b'{"a": 1}', b"[2]"])
    assert list(read(tmp_path / "out")) == [{"a": 1}, [2]]
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_mark_before_utf_8_and_blank_lines_at_the_end_do_no_harm(tmp_path: Path) -> None:
    (tmp_path / "in").write_bytes(b"\xef\xbb\xbf1\r\n2\r\n\r\n \n")
    assert list(read(tmp_path / "in")) == [1, 2]


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"1\n{\n", "in, line 2: is not JSON"), (b"1\n\n2", "in, line 2: is blank"), (b"NaN", "line 1: is not JSON")],
)
def test_a_bad_line_is_named(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "in").write_bytes(content)
    with pytest.raises(BadLine, match=said):
        list(read(tmp_path / "in"))


@pytest.mark.parametrize("content", [gzip.compress(b"1\n" * 5_000)[:-9], b"1\n"], ids=["cut", "plain"])
def test_a_packed_file_that_breaks_off_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "in.gz").write_bytes(content)
    with pytest.raises(BadLine, match=r"in\.gz: can't be unpacked"):
        list(read(tmp_path / "in.gz"))


def test_nothing_takes_the_name_before_it_is_whole(tmp_path: Path) -> None:
    (tmp_path / "out").write_bytes(b"before")
    with pytest.raises(ZeroDivisionError):
        write(tmp_path / "out", (b"%d" % (1 // each) for each in (1, 0)))
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"before"]
