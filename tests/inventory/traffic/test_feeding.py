"""Lines of a feed: as JSON, as CSV, from a file, from a stream."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
import redis
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.utils import timezone

from inventory.models import DailyContact, FeedReport
from inventory.refusals import NotAFeed
from inventory.traffic import feeding, ingest, stream
from inventory.traffic.feeding import Report, feed_in, ndjson
from inventory.traffic.stream import GROUP, REFUSED, STREAM, Consumer
from tests.factories import NumberFactory

NUMBER = 14155550123
#: Whatever the time is, all of a test is of one UTC day.
NOON = timezone.now().replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=1)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _number() -> None:
    NumberFactory.create(e164=NUMBER, quarantined=True, state_since="2020-01-01T00:00Z")


def event(name: object, **changed: Any) -> dict[str, Any]:
    fields = {"id": str(name), "at": NOON.isoformat(), "to": f"+{NUMBER}", "from": f"+1212555{name:0>4}"}
    return {**fields, "channel": "voice", **changed}


def line(name: object, **changed: Any) -> bytes:
    return json.dumps(event(name, **changed)).encode()


def test_a_long_feed_is_taken_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeding, "BATCH", 10)
    told = feed_in(ndjson(line(each % 25) for each in range(35)), feed="switch")
    assert told == Report(lines=35, new=25, known=10, ours=25)
    assert DailyContact.objects.get().voice == 25


def test_what_came_before_a_crash_is_not_counted_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeding, "BATCH", 10)
    lines, take = [line(each) for each in range(30)], ingest.take

    def falls_over(batch: Any) -> Any:
        if DailyContact.objects.exists():
            raise OperationalError("the database restarts")
        return take(batch)

    monkeypatch.setattr(feeding, "take", falls_over)
    with pytest.raises(OperationalError):
        feed_in(ndjson(lines), feed="switch")
    monkeypatch.setattr(feeding, "take", take)
    assert feed_in(ndjson(lines), feed="switch") == Report(lines=30, new=20, known=10, ours=20)
    assert DailyContact.objects.get().voice == 30


def test_only_the_first_refusals_are_told_one_by_one() -> None:
    report = feed_in(ndjson(b"{" for _ in range(500)), feed="switch")
    assert (report.refused, len(report.refusals)) == (500, feeding.SHOWN)


def _csv(path: Path, *rows: str) -> Path:
    path.write_text("\n".join(["id,at,to,from,channel,otp", *rows]), encoding="utf-8-sig")
    return path


def test_a_csv_file_is_read_by_its_columns(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    now = NOON.isoformat()
    rows = [f"1,{now},+{NUMBER},+12125550199,sms,true", f"2,{now},+{NUMBER},,voice,", f'3,{now},"a, b",,voice,']
    call_command("import_traffic", _csv(tmp_path / "calls.csv", *rows), feed="switch")
    told = capsys.readouterr()
    assert told.out.strip() == "3 lines, 2 new, 0 known, 2 ours, 0 excluded, 0 days, 1 refused"
    assert told.err.strip() == "line 4: to: a number in E.164, such as +14155550123"
    day = DailyContact.objects.get()
    assert (day.voice, day.sms, day.otp) == (1, 1, 1)


@pytest.mark.parametrize(
    ("header", "missing"),
    [
        ("number,when", "id, at, to, channel are missing"),
        ("id;at;to;from;channel", "id, at, to, channel are missing"),
        ("id,to,from,channel", "at is missing"),
        ("day,provider", "id, at, to, channel are missing"),
        ("", "id, at, to, channel are missing"),
    ],
    ids=["others", "semicolons", "one", "no feed", "empty"],
)
def test_a_file_without_the_columns_is_refused_at_once(
    header: str, missing: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "calls.csv"
    path.write_text("\n".join([header, "a,b", "c,d"]) if header else "", encoding="utf-8")
    with pytest.raises(CommandError, match=missing):
        call_command("import_traffic", path, feed="switch")
    assert "line 2" not in capsys.readouterr().err


def test_a_file_of_days_alone_is_a_file_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "days.csv"
    path.write_text(f"feed,day\nhealthy,{NOON.date()}", encoding="utf-8")
    call_command("import_traffic", path, feed="switch")
    assert "1 days" in capsys.readouterr().out


def test_a_file_of_which_nothing_was_taken_has_failed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = f"1,soon,+{NUMBER},,voice,"
    with pytest.raises(CommandError, match="nothing was taken") as failed:
        call_command("import_traffic", _csv(tmp_path / "calls.csv", bad, bad), feed="switch")
    assert failed.value.returncode == 1
    assert "2 refused" in capsys.readouterr().out
    known = f"2,{NOON.isoformat()},+{NUMBER},,voice,"
    for _ in range(2):
        call_command("import_traffic", _csv(tmp_path / "calls.csv", bad, known), feed="switch")
    assert "0 new, 1 known" in capsys.readouterr().out


def test_a_file_of_json_lines_is_told_by_its_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "calls.jsonl"
    path.write_bytes(line(1) + b"\n" + line(2))
    call_command("import_traffic", path, feed="switch")
    assert "2 new" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["lab", " LAB", "", "  "])
def test_nobody_speaks_as_the_lab_or_without_a_name(name: str, tmp_path: Path, client: "redis.Redis") -> None:
    with pytest.raises(NotAFeed):
        feed_in(ndjson([line(1)]), feed=name)
    with pytest.raises(CommandError, match=r"^feed: "):
        call_command("import_traffic", _csv(tmp_path / "calls.csv"), feed=name)
    day = orjson.dumps({"feed": "healthy", "day": "2026-01-14"})
    write(client, line(1), day, feed=name)
    write(client, line(2))
    assert Consumer(client, "a").work() == 3
    assert (DailyContact.objects.get().voice, client.xlen(STREAM), client.xlen(REFUSED)) == (1, 0, 2)
    assert not FeedReport.objects.exists()


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="No such file"):
        call_command("import_traffic", tmp_path / "none.csv", feed="switch")


@pytest.fixture
def client() -> "redis.Redis":
    client = redis.Redis.from_url(settings.TRAFFIC_REDIS_URL)
    client.delete(STREAM, REFUSED)
    return client


def write(client: "redis.Redis", *events: bytes, feed: str = "switch") -> None:
    for each in events:
        client.xadd(STREAM, {"feed": feed, "event": each})


def test_the_stream_is_emptied_into_the_database(client: "redis.Redis") -> None:
    write(client, line(1), line(2))
    write(client, line(1), feed="another")
    assert Consumer(client, "a").work() == 3
    assert DailyContact.objects.get().voice == 2
    assert client.xlen(STREAM) == 0


def test_what_a_consumer_died_over_is_taken_by_the_next(client: "redis.Redis", monkeypatch: pytest.MonkeyPatch) -> None:
    def falls_over(*_: Any, **__: Any) -> Any:
        raise OperationalError("the database restarts")

    write(client, line(1), line(2))
    with monkeypatch.context() as patch, pytest.raises(OperationalError):
        patch.setattr(stream, "feed_in", falls_over)
        Consumer(client, "a").work()
    monkeypatch.setattr(stream, "ABANDONED_MS", 0)
    assert Consumer(client, "b").work() == 2
    assert (DailyContact.objects.get().voice, client.xlen(STREAM)) == (2, 0)
    pending: Any = client.xpending(STREAM, GROUP)
    assert pending["pending"] == 0


def test_entries_that_cannot_be_read_are_put_aside_without_what_they_hold(client: "redis.Redis") -> None:
    write(client, b"{", line(1, channel="fax"), line(2))
    client.xadd(STREAM, {"something": "else"})
    assert Consumer(client, "a").work() == 4
    assert (DailyContact.objects.get().voice, client.xlen(STREAM)) == (1, 0)
    refused: Any = client.xrange(REFUSED)
    reasons = sorted(fields[b"reason"].decode() for _, fields in refused)
    assert reasons == ["channel: voice or sms", "event: a JSON object", "feed: whose events these are, such as switch"]
    assert "1212555" not in repr(refused)


def test_names_of_the_dead_go_but_not_while_they_hold_something(
    client: "redis.Redis", monkeypatch: pytest.MonkeyPatch
) -> None:
    Consumer(client, "done").work()
    write(client, line(1))
    client.xreadgroup(GROUP, "holds", {STREAM: ">"})
    monkeypatch.setattr(stream, "DEAD_MS", -1)
    Consumer(client, "new")
    assert [consumer["name"] for consumer in client.xinfo_consumers(STREAM, GROUP)] == [b"holds"]


def test_a_redis_that_is_full_is_emptied(client: "redis.Redis", monkeypatch: pytest.MonkeyPatch) -> None:
    """It refuses what needs memory, and in a transaction everything."""
    pipeline = client.pipeline

    def is_full(*_: Any, **__: Any) -> Any:
        raise redis.OutOfMemoryError("command not allowed when used memory > 'maxmemory'.")

    Consumer(client, "before")
    write(client, b"{", line(1))
    for command in ("xadd", "xgroup_create"):
        monkeypatch.setattr(client, command, is_full)
    monkeypatch.setattr(
        client, "pipeline", lambda transaction=True: (is_full if transaction else pipeline)(transaction)
    )
    assert Consumer(client, "a").work() == 2
    assert (DailyContact.objects.get().voice, client.xlen(STREAM)) == (1, 0)
