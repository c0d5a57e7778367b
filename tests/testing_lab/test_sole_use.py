"""Two daemons never share an address, a bind or a reference number: each would hear what the other waits for."""

from collections.abc import Callable, Iterator

import pytest
from django.db import connection

from testing_lab.sole_use import InUse, SoleUse
from tests.patience import eventually
from tests.testing_lab.locks import locks_held

pytestmark = pytest.mark.django_db

Daemon = Callable[..., SoleUse]


@pytest.fixture
def daemon() -> Iterator[Daemon]:
    """Make what a daemon holds its things by; its session is closed after the test."""
    made: list[SoleUse] = []

    def make(*things: str) -> SoleUse:
        made.append(SoleUse(things))
        return made[-1]

    yield make
    for each in made:
        each.give_up()


def end_session(of: SoleUse) -> None:
    """As a restart of PostgreSQL does."""
    with of._session.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        [pid] = cursor.fetchone()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 60000)", [pid])  # waits until it is gone


def test_a_daemon_with_an_address_bind_and_number_of_its_own_works_beside_another(daemon: Daemon) -> None:
    daemon("address a", "bind a", "number a").take()
    daemon("address b", "bind b", "number b").take()
    assert locks_held() == 6


@pytest.mark.parametrize("shared", ["address a", "bind a", "number a"])
def test_what_one_daemon_uses_no_other_may(daemon: Daemon, shared: str) -> None:
    daemon("address a", "bind a", "number a").take()
    with pytest.raises(InUse, match=f"another lab daemon uses {shared}: "):
        daemon("the second's own", shared).take()


def test_who_was_refused_one_thing_keeps_none(daemon: Daemon) -> None:
    daemon("address a").take()
    with pytest.raises(InUse):
        daemon("bind b", "address a").take()
    eventually(lambda: locks_held() == 1)
    daemon("bind b").take()
    assert locks_held() == 2


def test_a_daemon_that_stops_or_dies_leaves_it_to_the_next(daemon: Daemon) -> None:
    stopped, dead = daemon("address a"), daemon("address b")
    stopped.take()
    stopped.give_up()
    dead.take()
    end_session(dead)
    eventually(lambda: locks_held() == 0)
    daemon("address a", "address b").take()
    assert locks_held() == 2


def test_a_daemon_whose_session_was_lost_has_it_again_unless_another_came_first(daemon: Daemon) -> None:
    first, second = daemon("address a"), daemon("address a")
    for _ in range(2):
        first.take()
        end_session(first)
    second.take()
    with pytest.raises(InUse):
        first.take()
