"""Names that say nothing are not taken."""

import pytest

from tests.architecture import sizes

EMPTY_NAMES = {"util", "utils", "common", "helper", "helpers", "core", "misc", "lib"}


@pytest.mark.parametrize("room", [*sizes.ROOMS, "tests"])
def test_no_module_has_a_name_that_says_nothing(room: str) -> None:
    paths = [path.relative_to(sizes.ROOT) for path in sizes.source_files(room)]
    assert [path for path in paths if EMPTY_NAMES & {*path.with_suffix("").parts}] == []


def test_the_house_has_only_the_rooms_that_we_measure() -> None:
    folders = {path.parent.name for path in sizes.ROOT.glob("*/__init__.py")} - {"tests"}
    assert folders <= set(sizes.ROOMS)
