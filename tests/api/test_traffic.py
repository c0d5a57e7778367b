"""Traffic events in bulk: from the operator's own account alone, as often as one likes."""

import gzip
import json
from base64 import b64encode
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Account
from api.concurrency import one_of
from api.traffic import body, views
from inventory.models import DailyContact
from tests.factories import AccountFactory, NumberFactory

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer

pytestmark = pytest.mark.django_db
PATH = "/inventory/v1/TrafficEvents?Feed=switch"
NUMBER = 14155550123
#: Whatever the time is, all of a test is of one UTC day.
NOON = timezone.now().replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=1)


@pytest.fixture
def operator() -> Account:
    NumberFactory.create(e164=NUMBER, quarantined=True, state_since="2020-01-01T00:00Z")
    return AccountFactory.create(is_operator=True)


def event(**changed: Any) -> bytes:
    fields = {"id": "1", "at": NOON.isoformat(), "to": f"+{NUMBER}", "from": "+12125550199"}
    return json.dumps({**fields, "channel": "voice", **changed}).encode()


def deliver(
    account: Account, content: bytes, path: str = PATH, kind: str = "application/x-ndjson", **headers: str
) -> "Answer":
    signed = "Basic " + b64encode(f"{account.sid}:{account.auth_token}".encode()).decode()
    return Client().post(path, content, content_type=kind, headers={"Authorization": signed, **headers})


def told(*counts: int) -> dict[str, int]:
    return {**dict(zip(("lines", "new", "known", "ours", "excluded", "refused"), counts, strict=True)), "days": 0}


def test_a_delivery_is_told_what_became_of_each_line(operator: Account) -> None:
    content = b"\n".join([
        event(), event(), event(id="2", to="+14155550199"), event(id="3", test=True), b"", b"{", event(channel="fax"),
    ])  # fmt: skip
    answer = deliver(operator, content)
    assert answer.status_code == 200
    refusals = [{"line": 6, "reason": "not JSON"}, {"line": 7, "reason": "channel: voice or sms"}]
    assert answer.json() == {"feed": "switch", **told(6, 2, 1, 1, 1, 2), "refusals": refusals}
    assert DailyContact.objects.get().voice == 1


def test_it_may_be_gzipped_and_told_again(operator: Account) -> None:
    content = gzip.compress(b"\n".join([event(id=str(each), **{"from": f"+1212555{each:04}"}) for each in range(500)]))
    for new in (500, 0):
        answer = deliver(operator, content, **{"Content-Encoding": "gzip"})
        assert answer.json() == {"feed": "switch", **told(500, new, 500 - new, new, 0, 0), "refusals": []}
    assert DailyContact.objects.get().voice == 500


def test_another_feed_has_events_of_its_own(operator: Account) -> None:
    deliver(operator, event())
    assert deliver(operator, event(), PATH.replace("switch", "honeypot")).json()["new"] == 1


def test_a_line_without_end_costs_one_line(operator: Account) -> None:
    answer = deliver(operator, b"x" * 100_000 + b"\n" + event())
    assert answer.json()["refusals"] == [{"line": 1, "reason": "longer than 4096 octets"}]
    assert answer.json()["new"] == 1


def test_what_breaks_off_is_refused_and_may_be_told_again_whole(operator: Account) -> None:
    content = gzip.compress(b"\n".join([event(id=str(each)) for each in range(100)]))
    assert deliver(operator, content[:-20], **{"Content-Encoding": "gzip"}).status_code == 400
    assert deliver(operator, content, **{"Content-Encoding": "gzip"}).json()["lines"] == 100


@pytest.mark.parametrize("encoding", [{}, {"Content-Encoding": "gzip"}])
def test_an_empty_delivery_says_nothing(operator: Account, encoding: dict[str, str]) -> None:
    answer = deliver(operator, b"", **encoding)
    assert (answer.status_code, answer.json()["lines"]) == (200, 0)


@pytest.mark.parametrize("unpacked", [b" " * 50_000_000, b" \n" * 25_000_000], ids=["one line", "lines"])
def test_a_bomb_ends_when_it_has_unpacked_too_much(
    operator: Account, monkeypatch: pytest.MonkeyPatch, unpacked: bytes
) -> None:
    read: list[int] = []

    class Source(gzip.GzipFile):
        def readline(self, size: int | None = -1) -> bytes:
            read.append(len(line := super().readline(size)))
            return line

    monkeypatch.setattr(body, "MOST_UNPACKED", 1_000_000)
    monkeypatch.setattr(gzip, "GzipFile", Source)
    answer = deliver(operator, gzip.compress(unpacked), **{"Content-Encoding": "gzip"})
    assert (answer.status_code, answer.json()["code"]) == (400, 20001)
    assert sum(read) < 1_100_000


@pytest.mark.parametrize(
    ("content", "headers"),
    [
        (b"not gzip", {"Content-Encoding": "gzip"}),
        (b"", {"Content-Encoding": "br"}),
        (b"", {"Content-Length": "40000000"}),
    ],
)
def test_what_cannot_be_unpacked_is_refused(operator: Account, content: bytes, headers: dict[str, str]) -> None:
    answer = deliver(operator, content, **headers)
    assert (answer.status_code, answer.json()["code"]) == (400, 20001)


@pytest.mark.parametrize("path", ["/inventory/v1/TrafficEvents", PATH[:-6], PATH + "x" * 40, PATH[:-6] + "lab"])
def test_a_feed_has_a_name_of_its_own(operator: Account, path: str) -> None:
    assert deliver(operator, event(), path).json()["code"] == 20001


def test_customers_may_not(operator: Account) -> None:
    answer = deliver(AccountFactory.create(), event())
    assert (answer.status_code, answer.json()["code"]) == (403, 20403)
    assert not DailyContact.objects.exists()


def test_who_comes_while_others_are_taken_comes_again(operator: Account) -> None:
    with one_of(9, "", "traffic"), one_of(9, "", "traffic"), one_of(9, "", "traffic"):
        answer = deliver(operator, event())
    assert (answer.status_code, answer.json()["code"]) == (429, 20429)
    assert int(answer["Retry-After"]) >= 1
    assert deliver(operator, event()).json()["new"] == 1
    assert views.AT_ONCE == 3


def test_only_lines_of_json_are_read(operator: Account) -> None:
    assert deliver(operator, event(), kind="application/json").status_code == 400
