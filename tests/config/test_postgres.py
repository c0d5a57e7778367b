"""The embedded PostgreSQL keeps what it was told, whatever happens to its processes."""

import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from config.stack import credentials, servers
from config.stack.postgres import DATABASE, Postgres
from config.stack.program import find, mark
from tests.patience import PATIENCE, eventually

LONG = "SELECT count(*) FROM generate_series(1, 60000) a, generate_series(1, 60000) b"  # minutes, and no disk


@pytest.fixture(scope="module")
def cluster(data: Path) -> Postgres:
    server = servers.needed(data, credentials.load_or_make(data), {"REDIS_URL": "given"}, for_tests=True)[0]
    assert isinstance(server, Postgres)
    return server


@contextlib.contextmanager
def connected(cluster: Postgres) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
    with psycopg.connect(cluster.url, autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (word text)")
        yield connection


def remembers(cluster: Postgres, word: str) -> bool:
    with connected(cluster) as connection:
        return connection.execute("SELECT 1 FROM kept WHERE word = %s", [word]).fetchone() is not None


def test_data_survives_a_stop(cluster: Postgres) -> None:
    with servers.running(cluster), connected(cluster) as connection:
        connection.execute("INSERT INTO kept VALUES ('stop')")
    with servers.running(cluster):
        assert remembers(cluster, "stop")


def test_data_survives_a_kill_while_a_query_runs(cluster: Postgres, data: Path) -> None:
    cluster = replace(cluster, durable=True)
    busy = threading.Thread(target=_count_for_minutes, args=(cluster,), daemon=True)
    with servers.running(cluster) as process, connected(cluster) as connection:
        connection.execute("INSERT INTO kept VALUES ('kill')")
        busy.start()
        running = "SELECT FROM pg_stat_activity WHERE state = 'active' AND query = %s"
        eventually(lambda: connection.execute(running, [LONG]).fetchone() is not None)
        os.kill(process.pid, signal.SIGKILL)
    with servers.running(cluster):
        assert remembers(cluster, "kill")
    busy.join(PATIENCE)
    assert not busy.is_alive()
    assert find(mark(data)) == []


def _count_for_minutes(cluster: Postgres) -> None:
    """Keep a backend too busy to notice that its postmaster is gone."""
    with contextlib.suppress(psycopg.OperationalError), psycopg.connect(cluster.url) as connection:
        connection.execute(LONG)


def test_a_lock_file_that_names_a_living_stranger_does_not_keep_it_from_starting(cluster: Postgres) -> None:
    with servers.running(cluster):
        lock_file = (cluster.folder / "postmaster.pid").read_text()
    stranger = "\n".join([str(os.getpid()), *lock_file.splitlines()[1:]])
    (cluster.folder / "postmaster.pid").write_text(stranger)
    with servers.running(cluster):
        assert cluster.is_ready()


@pytest.mark.parametrize("user", ["postgres", "nobody"])
def test_nobody_but_the_application_can_log_in(cluster: Postgres, user: str) -> None:
    with servers.running(cluster), pytest.raises(psycopg.OperationalError, match=r"no pg_hba\.conf entry"):
        psycopg.connect(host="127.0.0.1", port=cluster.port, user=user, dbname=DATABASE)


def test_the_application_is_no_superuser_and_needs_its_password(cluster: Postgres) -> None:
    with servers.running(cluster):
        with connected(cluster) as connection:
            assert connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone() == (
                False,
            )
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(cluster.url, password="wrong")


def test_a_cluster_that_was_cut_short_is_made_anew(data: Path) -> None:
    folder = data / "another"
    (folder / "postgres.unfinished").mkdir(parents=True)
    (folder / "postgres.unfinished" / "PG_VERSION").write_text("18\n")
    [other] = servers.needed(folder, credentials.load_or_make(folder), {"REDIS_URL": "given"}, for_tests=True)
    with servers.running(other):
        assert other.is_ready()


def test_its_text_is_unicode_whatever_the_locale(cluster: Postgres) -> None:
    with servers.running(cluster), connected(cluster) as connection:
        assert connection.execute("SELECT upper('å'), length('Malmö')").fetchone() == ("Å", 5)
