"""Pictures: read by one process, seen by all, renewed before anybody waits."""

import itertools
import time
from collections.abc import Iterator

import pytest
from django.core.cache import cache
from redis import RedisError

from numbering.pictures import PATIENCE, SHARE, Picture


class Clock:
    """The time of day, and how long reading takes."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0
        self.reads = itertools.count(1)
        self.takes = 0.0

    def time(self) -> float:
        return self.now

    def read(self, *key: object) -> str:
        self.now += self.takes
        return f"{next(self.reads)} {key}"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(time, "time", made.time)
    monkeypatch.setattr(time, "monotonic", made.time)
    return made


@pytest.fixture
def two(clock: Clock) -> Iterator[tuple[Picture[str], Picture[str]]]:
    """The same picture, as two processes have it."""
    both = [Picture("test", clock.read, seconds=60, keys=lambda: [("a",), ("b",)]) for _ in range(2)]
    yield both[0], both[1]
    for each in both:
        each.forget()
        Picture.every.remove(each)


def test_what_one_process_has_read_no_other_reads(two: tuple[Picture[str], Picture[str]]) -> None:
    assert [each("a") for each in two] == ["1 ('a',)", "1 ('a',)"]
    assert two[1]("b") == "2 ('b',)"


def test_the_worker_renews_what_is_due_and_nothing_else(clock: Clock, two: tuple[Picture[str], Picture[str]]) -> None:
    page, worker = two
    assert (worker.renew(), worker.renew()) == (2, 0)
    clock.now += 61
    assert worker.renew() == 2
    assert page("b") == "4 ('b',)"


def test_two_workers_do_not_read_the_same(two: tuple[Picture[str], Picture[str]], clock: Clock) -> None:
    one, other = two
    meanwhile: list[int] = []

    def read(*key: object) -> str:
        meanwhile.append(other.renew())
        return clock.read(*key)

    one._make = read
    assert one.renew() == 1
    assert meanwhile == [1]  # the other reads "b" while the first still reads "a"


def test_a_page_sees_the_old_one_rather_than_wait(clock: Clock, two: tuple[Picture[str], Picture[str]]) -> None:
    page, _ = two
    assert page("a") == "1 ('a',)"
    clock.now += PATIENCE * 60 - 1
    assert page("a") == "1 ('a',)"


def test_where_no_worker_renews_it_the_page_reads_for_itself(
    clock: Clock, two: tuple[Picture[str], Picture[str]]
) -> None:
    page, _ = two
    page("a")
    clock.now += PATIENCE * 60 + 1
    assert page("a") == "2 ('a',)"


def test_what_takes_long_is_read_seldom(clock: Clock, two: tuple[Picture[str], Picture[str]]) -> None:
    _, worker = two
    clock.takes = 10.0
    worker.renew()
    clock.now += 10 / SHARE - 20
    assert worker.renew() == 0
    clock.now += 21
    assert worker.renew() == 2


def test_without_redis_each_process_reads_for_itself(
    two: tuple[Picture[str], Picture[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*args: object, **options: object) -> None:
        raise RedisError

    with monkeypatch.context() as outage:
        for name in ("get", "set"):
            outage.setattr(cache, name, away)
        assert [each("a") for each in two] == ["1 ('a',)", "2 ('a',)"]


def test_what_another_release_has_pickled_is_read_anew(
    two: tuple[Picture[str], Picture[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def pickled_elsewhere(*args: object, **options: object) -> None:
        raise TypeError("Yard.__new__() takes 3 positional arguments but 4 were given")

    page, worker = two
    with monkeypatch.context() as rollout:
        rollout.setattr(cache, "get", pickled_elsewhere)
        assert page("a") == "1 ('a',)"
        assert worker.renew() == 2


def test_another_release_has_pictures_of_its_own(two: tuple[Picture[str], Picture[str]]) -> None:
    ours, theirs = two
    theirs._edition = "another"
    assert (ours("a"), theirs("a"), ours("a")) == ("1 ('a',)", "2 ('a',)", "1 ('a',)")


def test_what_is_forgotten_is_read_anew_by_all(two: tuple[Picture[str], Picture[str]]) -> None:
    page, other = two
    page("a")
    page.forget()
    assert other("a") == "2 ('a',)"


def test_fresh_is_read_now_and_seen_by_all(clock: Clock, two: tuple[Picture[str], Picture[str]]) -> None:
    page, other = two
    assert (page("a"), page.fresh("a")) == ("1 ('a',)", "2 ('a',)")
    assert other("a") == "2 ('a',)"
