"""Bulk runs at the console: from the list by a dry run to a run that is over, and who may do what."""

from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.http import HttpResponse
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from inventory.bulk import runs, stretches
from inventory.lifecycle import State
from inventory.models import BlockReason, BulkRun, NumberBlock, PhoneNumber
from inventory.services import blocks
from tests.factories import NumberFactory, ProviderFactory, UserFactory

LIST = "/console/inventory/phonenumber/"
NEW = "/console/inventory/bulkrun/new/"
REASON = {"reason": "the carrier is leaving"}


def page(run: BulkRun) -> str:
    return f"/console/inventory/bulkrun/{run.pk}/change/"


def do(run: BulkRun, verb: str) -> str:
    return f"/console/inventory/bulkrun/{run.pk}/do/{verb}/"


def words(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def member(email: str, *permissions: str) -> Client:
    user = UserFactory.create(email=email, is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def stock(db: None) -> list[PhoneNumber]:
    """Three of one provider on sale in the US, one failed in the UK."""
    ours = NumberFactory.create_batch(3, provider=ProviderFactory.create(name="Alpha"))
    return [*ours, NumberFactory.create(e164=442079460018, failed=True)]


def ticked(client: Client, verb: str, numbers: list[PhoneNumber]) -> HttpResponse:
    chosen = {"action": verb, "_selected_action": [number.pk for number in numbers], "index": "0"}
    return client.post(LIST, chosen, follow=True)  # type: ignore[return-value]  # a response with its redirects


def test_numbers_that_are_ticked_come_into_a_dry_run(staff: Client, stock: list[PhoneNumber]) -> None:
    answer = ticked(staff, "start_tests", stock[:2])
    run = BulkRun.objects.get()
    assert set(run.items.values_list("number", flat=True)) == {number.pk for number in stock[:2]}
    assert "It would be done to <strong>2</strong> of them" in words(answer)
    assert "Send to the lab: 2 numbers" in words(answer)


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ({"country": "US"}, 3),
        ({"state__exact": "FAILED"}, 1),
        ({"q": "+4420"}, 1),
        ({"q": "+1", "state__exact": "FAILED"}, 0),
        ({}, 4),
    ],
    ids=["country", "state", "search", "both", "all"],
)
def test_all_that_the_filters_leave_come_into_one(
    staff: Client, stock: list[PhoneNumber], asked: dict[str, str], count: int
) -> None:
    answer = staff.post(NEW, {"verb": "block", **asked}, follow=True)
    if not count:
        assert "There are no numbers to do it to" in words(answer)
        return
    run = BulkRun.objects.get()
    assert (run.items.count(), run.asked) == (count, asked or {"everything": "yes"})
    assert "all that this list showed" in words(answer)


def test_the_dry_run_counts_by_state_country_and_provider_and_says_what_is_left(
    staff: Client, stock: list[PhoneNumber]
) -> None:
    blocks.place(number=stock[0], reason=BlockReason.FRAUD, actor="user:other")
    shown = words(staff.post(NEW, {"verb": "clear_blocks"}, follow=True))
    assert "It would be done to <strong>1</strong> of them; <strong>3</strong> would be left as they are." in shown
    assert "is not blocked" in shown
    row = '<td data-label="Numbers">1</td><td data-label="State">on sale</td> <td data-label="Country">US</td>'
    assert row in shown
    assert "Alpha" in shown


def test_it_is_begun_with_a_reason_done_and_undone(staff: Client, stock: list[PhoneNumber]) -> None:
    staff.post(NEW, {"verb": "block", "country": "US"})
    run = BulkRun.objects.get()
    assert "This field is required" in words(staff.post(do(run, "begin_blocking"), {"kind": "fraud"}))
    answer = staff.post(do(run, "begin_blocking"), {"kind": "fraud", **REASON}, follow=True)
    assert "0 of 3 numbers are dealt with" in words(answer)
    stretches.stretch(run.pk)
    assert "3 of 3 numbers are dealt with" in words(staff.get(f"/console/inventory/bulkrun/{run.pk}/progress/"))
    assert "Undo all of it" in words(staff.get(page(run)))
    staff.post(do(run, "undo"), REASON)
    undoing = BulkRun.objects.get(undoes=run)
    stretches.stretch(undoing.pk)
    assert not NumberBlock.objects.filter(cleared_at=None).exists()
    assert "Undone by" in words(staff.get(page(run)))
    said = list(LogEntry.objects.order_by("pk").values_list("object_id", "change_message"))
    assert said == [
        (str(run.pk), f"Begin: {REASON['reason']}"),
        (str(undoing.pk), f"Undo all of it: {REASON['reason']}"),
    ]


def test_a_mass_release_waits_for_somebody_else(
    staff: Client, stock: list[PhoneNumber], settings: LazySettings
) -> None:
    settings.BULK_RELEASES_ALONE = 1
    answer = staff.post(NEW, {"verb": "retire", "country": "US"}, follow=True)
    run = BulkRun.objects.get()
    assert "it takes two" in words(answer)
    asked = words(staff.post(do(run, "begin"), REASON, follow=True))
    assert "Nothing has begun yet" in asked
    assert "Begin: done" not in asked
    own = words(staff.get(page(run)))
    assert "somebody else decides" in own
    assert do(run, "approve") not in own
    refused = staff.post(do(run, "approve"), REASON, follow=True)
    assert "You asked for it yourself" in words(refused)
    lead = member("lead@example.com", "view_bulkrun", "approve_bulkrun")
    assert do(run, "approve") in words(lead.get(page(run)))
    assert "bulk run waits for a second person" in words(lead.get("/console/"))
    assert "Begun: Retire and hand back" in words(lead.post(do(run, "approve"), REASON, follow=True))
    assert "waits for a second person" not in words(lead.get("/console/"))
    stretches.stretch(run.pk)
    assert PhoneNumber.objects.filter(state=State.RETURNED).count() == 3


def test_who_asked_takes_it_back_and_nobody_else(
    staff: Client, stock: list[PhoneNumber], settings: LazySettings
) -> None:
    settings.BULK_RELEASES_ALONE = 1
    staff.post(NEW, {"verb": "retire", "country": "US"})
    run = BulkRun.objects.get()
    staff.post(do(run, "begin"), REASON)
    other = member("other@example.com", "view_bulkrun", "add_bulkrun")
    assert do(run, "withdraw") not in words(other.get(page(run)))
    assert "Nothing was done" in words(other.post(do(run, "withdraw"), REASON, follow=True))
    assert do(run, "withdraw") in words(staff.get(page(run)))
    assert "withdrawn by who asked" in words(staff.post(do(run, "withdraw"), REASON, follow=True))
    run.refresh_from_db()
    assert (run.state, run.decided_by, run.remark) == ("dropped", None, REASON["reason"])
    assert staff.post(do(run, "approve"), REASON).status_code == 404
    assert not PhoneNumber.objects.filter(state=State.RETURNED).exists()


def test_a_block_is_of_no_kind_until_somebody_says_which(staff: Client, stock: list[PhoneNumber]) -> None:
    where = f"/console/inventory/phonenumber/{stock[0].pk}/do/block/"
    assert '<option value="" selected>Choose…</option>' in words(staff.get(where))
    assert "This field is required" in words(staff.post(where, REASON))
    assert not NumberBlock.objects.exists()


def test_who_may_only_look_is_offered_nothing_and_refused_everything(
    stock: list[PhoneNumber], staff_user: User
) -> None:
    run = runs.draft(verb="retire", numbers=[stock[0].pk], user=staff_user)  # type: ignore[arg-type]  # as text
    viewer = member("viewer@example.com", "view_phonenumber", "view_bulkrun", "view_provider")
    assert "bulk-verb" not in words(viewer.get(LIST))
    assert viewer.post(NEW, {"verb": "retire"}).status_code == 403
    ticked(viewer, "retire", stock)
    for verb in ("begin", "approve", "refuse", "stop", "undo"):
        assert viewer.post(do(run, verb), REASON).status_code == 403
    assert BulkRun.objects.count() == 1
    nobody = member("nobody@example.com")
    assert nobody.get(page(run)).status_code == 403
    assert nobody.get(f"/console/inventory/bulkrun/{run.pk}/progress/").status_code == 403


def test_a_page_asks_as_often_for_many_numbers_as_for_one(
    staff: Client, staff_user: User, stock: list[PhoneNumber], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    NumberFactory.create_batch(20)
    staff.post(NEW, {"verb": "block"})
    run = BulkRun.objects.get()
    with django_assert_num_queries(8):  # session, user, run, its counts and reasons and groups, way back, undone by
        staff.get(page(run))


@pytest.mark.parametrize("given", [{"verb": "burn"}, {}, {"verb": "lift"}], ids=["unknown", "none", "only-undoes"])
def test_what_is_no_verb_makes_no_run(staff: Client, stock: list[PhoneNumber], given: dict[str, str]) -> None:
    assert "No dry run was made" in words(staff.post(NEW, given, follow=True))
    assert not BulkRun.objects.exists()
