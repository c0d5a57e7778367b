"""Trunks in the console: staff keep them, what would not work is refused in words, and no password comes out."""

from datetime import time, timedelta
from threading import Thread
from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from testing_lab.models import Incident, IncidentKind, Purpose, RunState, Seat, SuiteRun, Trunk
from testing_lab.trunks import rows, seats
from tests.factories import NumberFactory, ProviderFactory, UserFactory

PASSWORD = "correct horse battery"
LIST = "/console/testing_lab/trunk/"
GIVEN = {
    "name": "carrier-a",
    "active": "on",
    "preference": "1",
    "address": "192.0.2.7:5060",
    "options_interval": "30",
    "username": "yard",
    "new_password": PASSWORD,
    "calls_per_second": "1",
    "most_calls": "10",
    "messages_per_second": "0.5",
    "quiet_from": "22:00",
    "quiet_until": "07:00",
    "time_zone": "Europe/Berlin",
}
KEPT = {**GIVEN, "new_password": ""}


def page(trunk: Trunk) -> str:
    return f"{LIST}{trunk.pk}/change/"


def shown(answer: Any) -> str:
    found: str = answer.content.decode()
    return found


@pytest.fixture
def trunk(staff: Client) -> Trunk:
    """Added in the console."""
    answer = staff.post(f"{LIST}add/", GIVEN)
    assert answer.status_code == 302, shown(answer)
    return Trunk.objects.get()


@pytest.fixture
def other(trunk: Trunk) -> Trunk:
    return Trunk.objects.create(name="carrier-b", address="198.51.100.7:5060", preference=2)


def test_staff_add_a_trunk_and_daemons_use_it_from_the_next_look_on(trunk: Trunk) -> None:
    [found] = rows.active()
    assert (found.address, found.username, found.password) == ("192.0.2.7:5060", "yard", PASSWORD)
    assert (found.calls_per_second, found.most_calls, found.messages_per_second) == (1.0, 10, 0.5)
    assert (found.quiet_from, found.quiet_until, found.time_zone) == (time(22), time(7), "Europe/Berlin")


def test_its_password_lies_encrypted_and_no_page_or_record_has_it(staff: Client, trunk: Trunk) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT password FROM testing_lab_trunk")
        assert PASSWORD not in cursor.fetchone()[0]
    staff.post(page(trunk), {**GIVEN, "new_password": f"{PASSWORD} staple", "most_calls": "20"})
    record = "".join(entry.change_message for entry in LogEntry.objects.all())
    for text in (record, shown(staff.get(page(trunk))), shown(staff.get(LIST))):
        assert "battery" not in text
    answer = staff.post(page(trunk), {**GIVEN, "most_calls": "1"})
    assert "battery" not in shown(answer), "nor does a form that comes back with errors"


def test_the_record_says_who_when_and_what_it_was_before(staff: Client, trunk: Trunk) -> None:
    staff.post(page(trunk), {**GIVEN, "most_calls": "20", "quiet_from": "", "quiet_until": ""})
    entry = LogEntry.objects.latest("pk")
    assert (str(entry.user), entry.object_repr) == ("staff@example.com", "carrier-a")
    for words in ("most_calls 10 → 20", "quiet_from 22:00:00 → None", "password given"):
        assert words in entry.change_message


def test_an_empty_password_keeps_the_one_that_stands_and_no_user_name_drops_it(staff: Client, trunk: Trunk) -> None:
    staff.post(page(trunk), {**KEPT, "most_calls": "20"})
    trunk.refresh_from_db()
    assert (trunk.most_calls, trunk.password) == (20, PASSWORD)
    staff.post(page(trunk), {**KEPT, "username": ""})
    trunk.refresh_from_db()
    assert (trunk.username, trunk.password) == ("", None)


@pytest.mark.parametrize("change", [{"address": "203.0.113.9:5060"}, {"username": "mallory"}])
def test_a_password_that_stands_is_sent_to_nobody_for_whom_it_was_not_given(
    staff: Client, trunk: Trunk, change: dict[str, str]
) -> None:
    answer = staff.post(page(trunk), KEPT | change)
    assert "give the password again" in shown(answer)
    assert staff.post(page(trunk), GIVEN | change).status_code == 302


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"name": ""}, "required"),
        ({"name": "carrier-b"}, "There is a trunk of this name already."),
        ({"preference": "2"}, "carrier-b has 2 already; 3 is free. Gaps are fine."),
        ({"preference": "-1"}, "greater than or equal to 0"),
        ({"address": "192.0.2.9"}, "Give the port too"),
        ({"address": "192.0.2.9:0"}, "Give the port too, from 1 to 65535"),
        ({"address": "192.0.2.9:65536"}, "Give the port too, from 1 to 65535"),
        ({"address": "192.0.2.256:5060"}, "neither an IPv4 address nor the name of a host"),
        ({"address": "sip:carrier.example:5060"}, "neither an IPv4 address nor the name of a host"),
        ({"address": "yard@carrier.example:5060"}, "neither an IPv4 address nor the name of a host"),
        ({"address": "198.51.100.7:5060"}, "carrier-b is at 198.51.100.7:5060 already: switch it off first."),
        ({"username": ""}, "The password needs its user name."),
        ({"new_password": ""}, "The user name needs its password."),
        ({"calls_per_second": "0"}, "greater than or equal to 0.01"),
        ({"calls_per_second": "nan"}, "Enter a number"),
        ({"messages_per_second": "-1"}, "greater than or equal to 0.01"),
        ({"most_calls": "1"}, "A suite has two calls up"),
        ({"most_calls": "99999"}, "less than or equal to 32767"),
        ({"options_interval": "0"}, "greater than or equal to 1"),
        ({"quiet_from": ""}, "Quiet hours need a beginning and an end."),
        ({"quiet_until": "22:00"}, "They would have no end."),
        ({"quiet_from": "25:00"}, "Enter a valid time"),
        ({"time_zone": "Europe/Atlantis"}, "not one of the available choices"),
    ],
    ids=str,
)
def test_what_would_not_work_is_refused_in_words(
    staff: Client, other: Trunk, wrong: dict[str, str], words: str
) -> None:
    fresh = {"name": "carrier-c", "preference": "3", "address": "192.0.2.9:5060"}
    answer = staff.post(f"{LIST}add/", GIVEN | fresh | wrong)
    assert answer.status_code == 200
    assert words in shown(answer)
    assert "Constraint" not in shown(answer), "the database need not be asked"
    assert Trunk.objects.count() == 2


def test_what_is_refused_does_not_show_in_what_is_known_of_the_trunk(staff: Client, trunk: Trunk) -> None:
    refused = {name: value for name, value in KEPT.items() if name != "active"} | {"most_calls": "1"}
    answer = shown(staff.post(page(trunk), refused))
    assert "A suite has two calls up" in answer
    assert "0 of 10 up" in answer
    assert "it is switched off" not in answer


@pytest.mark.django_db(transaction=True)
def test_what_another_takes_before_it_is_written_is_refused_in_words_too(
    staff: Client, trunk: Trunk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def take() -> None:
        Trunk.objects.create(name="carrier-b", preference=2)
        connection.close()

    def after_another(*args: Any) -> None:
        another = Thread(target=take)
        another.start()
        another.join()
        keep(*args)

    keep = rows.keep
    monkeypatch.setattr(rows, "keep", after_another)
    answer = staff.post(page(trunk), {**KEPT, "preference": "2"})
    assert answer.status_code == 200
    assert "carrier-b has 2 already; 3 is free." in shown(answer)


def test_what_daemons_wrote_meanwhile_is_not_written_over(
    staff: Client, trunk: Trunk, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep = rows.keep

    def after_the_daemon(*args: Any) -> None:
        rows.note_answer(trunk.pk, "lab-1", "no answer", changed=True)
        seats.book_call(trunk.pk, 0)
        keep(*args)

    monkeypatch.setattr(rows, "keep", after_the_daemon)
    staff.post(page(trunk), {**KEPT, "most_calls": "20"})
    trunk.refresh_from_db()
    assert (trunk.most_calls, trunk.is_up, trunk.trouble) == (20, False, "no answer")
    assert trunk.next_call_at is not None


def test_a_reason_in_octets_that_are_no_text_is_shown_as_far_as_it_can_be(staff: Client, trunk: Trunk) -> None:
    """As a gateway writes that speaks Latin-1."""
    reason = b"\xdcberlastet".decode("utf-8", "surrogateescape")
    rows.note_answer(trunk.pk, "lab-1", f"OPTIONS was answered 503 {reason}", changed=True)
    assert "OPTIONS was answered 503 \N{REPLACEMENT CHARACTER}berlastet" in shown(staff.get(LIST))


def test_at_another_address_nothing_is_known_of_it_yet(staff: Client, trunk: Trunk) -> None:
    rows.note_answer(trunk.pk, "lab-1", "407: refused", changed=True)
    staff.post(page(trunk), {**GIVEN, "address": "192.0.2.8:5060"})
    trunk.refresh_from_db()
    assert (trunk.is_up, trunk.trouble, trunk.heard_at) == (None, "", None)


def test_a_rate_that_is_raised_counts_from_now_on(staff: Client, trunk: Trunk) -> None:
    """At one call in hours, the next may begin hours from now."""
    Trunk.objects.update(next_call_at=timezone.now() + timedelta(hours=3))
    staff.post(page(trunk), {**KEPT, "calls_per_second": "10"})
    assert seats.book_call(trunk.pk, 0) == 0


def test_a_trunk_is_switched_off_and_who_switches_off_the_last_is_told(
    staff: Client, trunk: Trunk, other: Trunk
) -> None:
    off = {name: value for name, value in KEPT.items() if name != "active"}
    assert "places no calls" not in shown(staff.post(page(trunk), off, follow=True))
    assert rows.active() == [other]
    Trunk.objects.filter(pk=other.pk).update(active=False)
    staff.post(page(trunk), KEPT)
    assert "the lab places no calls" in shown(staff.post(page(trunk), off, follow=True))
    assert "switched off" in shown(staff.get(LIST))


def test_a_name_without_known_sources_opens_the_lab_to_everybody_and_the_page_says_so(
    staff: Client, trunk: Trunk, settings: LazySettings
) -> None:
    named = {**GIVEN, "address": "sip.carrier.example:5060"}
    assert "listens to everybody" in shown(staff.post(page(trunk), named, follow=True))
    settings.LAB_CARRIER_SOURCES = ["192.0.2.0/24"]
    answer = shown(staff.post(page(trunk), named, follow=True))
    assert "listens to everybody" not in answer
    assert "hears it only from addresses that LAB_CARRIER_SOURCES names" in answer


def test_its_name_stays_since_results_carry_it(staff: Client, trunk: Trunk) -> None:
    staff.post(page(trunk), {**KEPT, "name": "another"})
    trunk.refresh_from_db()
    assert trunk.name == "carrier-a"


def test_its_page_tells_how_it_is(staff: Client, trunk: Trunk, other: Trunk) -> None:
    assert "no lab daemon" in shown(staff.get(page(trunk)))
    assert "not asked yet" in shown(staff.get(page(trunk)))
    rows.note_answer(other.pk, "lab-1", "no answer to OPTIONS", changed=True)
    rows.note_answer(trunk.pk, "lab-1", "", changed=True)
    for _ in range(2):
        seats.take(trunk.pk, "lab-1", None)
    Seat.objects.create(trunk=trunk, daemon="lab-2", lease_until=timezone.now() + timedelta(minutes=1))
    Seat.objects.create(trunk=trunk, daemon="dead", taken_at=timezone.now(), lease_until=timezone.now())
    first, second = shown(staff.get(page(trunk))), shown(staff.get(page(other)))
    for words in ("answers", "lab daemon lab-1", "2 of 10 up, 1 waits", "it is the first route"):
        assert words in first
    assert "dead" not in first
    for words in ("down", "no answer to OPTIONS", "0 of 100 up", "none yet"):
        assert words in second
    run = SuiteRun.objects.create(
        number=NumberFactory.create(),
        purpose=Purpose.ROUTE,
        trunk=other,
        state=RunState.DONE,
        passed=False,
        finished_at=timezone.now(),
    )
    incident = Incident.objects.create(
        provider=ProviderFactory.create(name="Acme"),
        country="IE",
        kind=IncidentKind.ROUTE,
        route="carrier-b",
        began_at=timezone.now(),
        statistic=12.9,
        threshold=11.5,
        evidence=[],
    )
    second = shown(staff.get(page(other)))
    for words in (f"suiterun/{run.pk}/change/", f"incident/{incident.pk}/", "carrier-b fails numbers of Acme in IE"):
        assert words in second


def test_a_trunk_that_no_daemon_has_asked_for_long_is_used_by_none(staff: Client, trunk: Trunk) -> None:
    rows.note_answer(trunk.pk, "lab-1", "", changed=True)
    assert "no lab daemon" not in shown(staff.get(page(trunk)))
    Trunk.objects.update(asked_at=timezone.now() - timedelta(minutes=3))
    assert "no lab daemon" in shown(staff.get(page(trunk)))


def test_the_list_asks_once_for_all(
    staff: Client, trunk: Trunk, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(20):
        Trunk.objects.create(name=f"t{number}", address=f"203.0.113.{number}:5060", preference=10 + number)
    staff.get(LIST)
    with django_assert_num_queries(4):  # session, user, count, rows
        staff.get(LIST)


def test_who_may_only_look_sees_all_but_changes_nothing(trunk: Trunk) -> None:
    viewer, client = UserFactory.create(is_staff=True), Client()
    viewer.user_permissions.add(Permission.objects.get(codename="view_trunk"))
    client.force_login(viewer)
    seen = shown(client.get(page(trunk)))
    assert "Europe/Berlin" in seen
    for secret in (PASSWORD, "new_password"):
        assert secret not in seen
    assert client.post(page(trunk), KEPT).status_code == 403
    assert client.get(f"{LIST}add/").status_code == 403


def test_who_may_change_may_not_add(trunk: Trunk) -> None:
    editor, client = UserFactory.create(is_staff=True), Client()
    editor.user_permissions.add(*Permission.objects.filter(codename__in=["view_trunk", "change_trunk"]))
    client.force_login(editor)
    assert client.post(page(trunk), {**KEPT, "most_calls": "20"}).status_code == 302
    assert client.get(f"{LIST}add/").status_code == 403
    trunk.refresh_from_db()
    assert trunk.most_calls == 20
