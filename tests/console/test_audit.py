"""The audit log: everything staff did is in it, nothing of it goes away, and it is found."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from console import audit
from console.audit import Asked
from inventory.models import PhoneNumber
from tests.factories import UserFactory

LOG = "/console/admin/logentry/audit/"


def entry(user: User, about: str, what: str, **more: Any) -> LogEntry:
    return LogEntry.objects.create(user=user, object_repr=about, action_flag=CHANGE, change_message=what, **more)


def shown(client: Client, **given: str) -> str:
    return " ".join(client.get(LOG, given).content.decode().split())


def test_what_staff_do_and_what_they_look_at_is_in_it(
    staff: Client, number: PhoneNumber, everything: dict[str, str]
) -> None:
    staff.post(f"/console/inventory/phonenumber/{number.pk}/do/retire/", {"reason": "the carrier closes"})
    said = shown(staff)
    assert "Retire: the carrier closes" in said
    assert "opened the paper" in said
    assert "looked at what the rules ask for" in said
    special = {kind: shown(staff, kind=kind) for kind in ("roles", "word")}
    assert "roles from none to viewer: new here" in special["roles"]
    assert "force hold: nuisance calls" in special["word"]
    assert "Retire" not in special["roles"]


@pytest.mark.parametrize(
    "statement",
    ["UPDATE django_admin_log SET change_message = ''", "DELETE FROM django_admin_log"],
    ids=["update", "delete"],
)
def test_the_database_changes_and_deletes_nothing_of_it(staff_user: User, statement: str) -> None:
    entry(staff_user, "+14155550100", "Block: robocalls")
    with pytest.raises(DatabaseError, match="Cannot"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert LogEntry.objects.get().change_message == "Block: robocalls"


def test_it_is_found_by_person_object_and_day(staff: Client, staff_user: User) -> None:
    other = UserFactory.create(email="other@example.com", is_staff=True)
    now = timezone.now()
    entry(staff_user, "+14155550100", "Block: robocalls")
    entry(other, "+14155550100", "Clear blocks: all well")
    entry(other, "+14155550199", "Retire: long ago", action_time=now - timedelta(days=9))
    assert "robocalls" not in shown(staff, person=str(other.pk))
    assert "Retire" not in shown(staff, about="+14155550100")
    assert "Clear blocks" in shown(staff, about="+14155550100")
    ago = (now - timedelta(days=9)).date().isoformat()
    assert "robocalls" not in shown(staff, until=ago)
    assert "Retire" in shown(staff, since=ago, until=ago)


def test_pages_follow_each_other_by_time_over_all_its_tables(
    staff: Client, staff_user: User, everything: dict[str, str]
) -> None:
    same = timezone.now()
    for nth in range(7):
        entry(staff_user, f"object {nth}", f"deed {nth}", action_time=same)
    whole = audit.page(Asked(), limit=1_000)
    paged, after = [], ""
    while batch := audit.page(Asked(), after, limit=3):
        paged += batch
        after = batch[-1].place
    assert paged == whole
    assert len({deed.place for deed in whole}) == len(whole) > 9
    assert [deed.at for deed in whole] == sorted((deed.at for deed in whole), reverse=True)


def test_an_auditor_gets_all_of_it_as_csv_and_that_is_on_record(staff: Client, staff_user: User) -> None:
    entry(staff_user, "+14155550100", '=HYPERLINK("http://example.com")')
    answer: Any = staff.get(LOG, {"csv": "1", "about": "+14155550100"})
    lines = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode())))
    assert lines[0] == ["when (UTC)", "who", "kind", "of what", "what and why"]
    assert [cells[3:] for cells in lines[1:]] == [["'+14155550100", '\'=HYPERLINK("http://example.com")']]
    assert "attachment" in answer["Content-Disposition"]
    assert LogEntry.objects.latest("pk").change_message.startswith("Exported as CSV: ")


def test_it_opens_for_those_who_may_see_it_only(staff_user: User) -> None:
    client = Client()
    client.force_login(UserFactory.create(is_staff=True))
    assert client.get(LOG).status_code == 403
    assert client.get(LOG, {"csv": "1"}).status_code == 403


@pytest.mark.parametrize("query", ["after=x", "after=1,2,3", "kind=gossip", "person=0", "since=yesterday"])
def test_an_address_that_asks_for_nothing_known_leads_back_to_the_log(staff: Client, query: str) -> None:
    answer = staff.get(f"{LOG}?{query}")
    assert (answer.status_code, answer["Location"]) == (302, LOG)


def test_a_page_asks_as_often_for_many_deeds_as_for_one(
    staff: Client, staff_user: User, everything: dict[str, str], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for nth in range(30):
        entry(staff_user, f"object {nth}", "deed")
    staff.get(LOG)
    with django_assert_num_queries(6):  # session, user, three tables, the people to choose from
        staff.get(LOG)


@pytest.mark.parametrize("about", ["", "+14155550100"], ids=["all", "of-one-object"])
def test_it_is_read_by_indexes_on_time(staff_user: User, about: str) -> None:
    entry(staff_user, "+14155550100", "deed")
    with CaptureQueriesContext(connection) as queries:
        page = audit.page(Asked(about=about, person=staff_user))
        audit.page(Asked(about=about), page[-1].place)
    for query in queries.captured_queries:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute(f"EXPLAIN {query['sql']}")
            plan = "\n".join(line for (line,) in cursor.fetchall())
        assert "Seq Scan on django_admin_log" not in plan
        assert "Seq Scan on compliance_documentview" not in plan
        assert "Seq Scan on compliance_bundleview" not in plan
