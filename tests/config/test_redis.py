"""The embedded Redis keeps the task queue, whatever happens to its process."""

import os
import signal
from pathlib import Path

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from config.stack import credentials, servers
from config.stack.redis import Redis
from tests.patience import PATIENCE


@pytest.fixture(scope="module")
def server(data: Path) -> Redis:
    found = servers.needed(data, credentials.load_or_make(data), {"DATABASE_URL": "given"}, for_tests=True)[0]
    assert isinstance(found, Redis)
    return found


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGKILL])
def test_a_queued_message_survives(server: Redis, ending: signal.Signals) -> None:
    with servers.running(server) as process:
        redis.Redis.from_url(server.url).rpush(ending.name, "message")
        os.kill(process.pid, ending)
        process.wait(PATIENCE)
    with servers.running(server):
        assert redis.Redis.from_url(server.url).lrange(ending.name, 0, -1) == [b"message"]


def test_it_asks_for_the_password(server: Redis) -> None:
    with servers.running(server), pytest.raises(redis.AuthenticationError):
        redis.Redis(port=server.port, retry=Retry(NoBackoff(), 0)).ping()


def test_its_password_is_on_no_command_line_and_closed_to_other_users(server: Redis) -> None:
    assert server.password not in " ".join(server.program().command)
    with servers.running(server):
        assert (server.folder / "redis.conf").stat().st_mode & 0o077 == 0


def test_a_link_that_it_laid_for_its_configuration_leads_nobody_astray(server: Redis, tmp_path: Path) -> None:
    """Under root we write into the folder of another user, who could name any file of root's this way."""
    ours = tmp_path / "ours"
    ours.write_text("untouched")
    server.prepare()
    (server.folder / "redis.conf").unlink()
    (server.folder / "redis.conf").symlink_to(ours)
    server.prepare()
    assert (ours.read_text(), ours.stat().st_uid) == ("untouched", os.geteuid())
    assert server.password in (server.folder / "redis.conf").read_text()
    assert not (server.folder / "redis.conf").is_symlink()
