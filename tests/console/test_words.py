"""What staff say of a stay in quarantine, on its page and on its number's."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from inventory.models import Quarantine, QuarantineOverride
from inventory.models.quarantine import QuarantineSource
from inventory.quarantine.stays import enter
from tests.factories import NumberFactory, UserFactory

pytestmark = pytest.mark.django_db
REASON = {"reason": "the customer complained"}


def day(ahead: int) -> str:
    return str(timezone.now().date() + timedelta(days=ahead))


@pytest.fixture
def stay() -> Quarantine:
    number = NumberFactory.create(quarantined=True)
    return enter(number, source=QuarantineSource.RELEASED, since=timezone.now() - timedelta(days=10))


def pages(stay: Quarantine) -> list[str]:
    return [f"/console/inventory/quarantine/{stay.pk}", f"/console/inventory/phonenumber/{stay.number_id}"]


@pytest.mark.parametrize("where", [0, 1], ids=["stay", "number"])
def test_a_hold_is_said_and_withdrawn(staff: Client, stay: Quarantine, where: int) -> None:
    page = pages(stay)[where]
    assert "/do/force_hold/" in staff.get(f"{page}/change/").content.decode()
    staff.post(f"{page}/do/force_hold/", {**REASON, "until": day(30)})
    said = QuarantineOverride.objects.get()
    assert (said.action, str(said.until), said.actor) == ("force_hold", day(30), "user:staff@example.com")
    shown = staff.get(f"{page}/change/").content.decode()
    assert REASON["reason"] in shown
    assert ("/do/force_hold/" in shown, "/do/withdraw/" in shown) == (False, True)
    staff.post(f"{page}/do/withdraw/", {"reason": "settled"})
    said.refresh_from_db()
    assert (said.withdrawn_by, said.withdrawn_note) == ("user:staff@example.com", "settled")
    assert LogEntry.objects.count() == 2


def test_the_page_says_that_a_forced_release_waits_for_the_minimum(staff: Client, stay: Quarantine) -> None:
    page = pages(stay)[0]
    staff.post(f"{page}/do/force_release/", {**REASON, "expires_on": day(60)})
    assert (
        f"from {stay.earliest_at:%Y-%m-%d} on, when its minimum has passed"
        in staff.get(f"{page}/change/").content.decode()
    )


@pytest.mark.parametrize("until", ["", "yesterday", day(0), day(400)], ids=["none", "no day", "today", "too far"])
def test_a_hold_needs_a_day_ahead(staff: Client, stay: Quarantine, until: str) -> None:
    staff.post(f"{pages(stay)[0]}/do/force_hold/", {**REASON, "until": until})
    assert not QuarantineOverride.objects.exists()


@pytest.mark.parametrize(
    ("verb", "field"), [("force_hold", "until"), ("force_release", "expires_on"), ("force_retire", "expires_on")]
)
def test_a_day_too_far_ahead_is_told_beside_the_form_with_what_was_written(
    staff: Client, stay: Quarantine, verb: str, field: str
) -> None:
    answer = staff.post(f"{pages(stay)[0]}/do/{verb}/", {**REASON, field: day(400)})
    shown = answer.content.decode()
    assert answer.status_code == 200
    assert "at most a year ahead" in shown
    assert REASON["reason"] in shown


def test_to_force_a_release_takes_a_permission_of_its_own(stay: Quarantine) -> None:
    person, client = UserFactory.create(is_staff=True), Client()
    names = ["view_quarantine", "change_quarantine", "add_quarantineoverride", "change_quarantineoverride"]
    person.user_permissions.set(Permission.objects.filter(codename__in=names))
    client.force_login(person)
    page = pages(stay)[0]
    assert client.post(f"{page}/do/force_release/", {**REASON, "expires_on": day(9)}).status_code == 403
    assert b"Force release" not in client.get(f"{page}/change/").content
    assert client.post(f"{page}/do/force_hold/", {**REASON, "until": day(9)}).status_code == 302
    assert QuarantineOverride.objects.get().action == "force_hold"


def test_nothing_can_be_said_of_a_number_that_is_not_in_quarantine(staff: Client) -> None:
    number = NumberFactory.create()
    page = f"/console/inventory/phonenumber/{number.pk}"
    assert b"force_hold" not in staff.get(f"{page}/change/").content
    assert staff.post(f"{page}/do/force_hold/", {**REASON, "until": day(9)}).status_code == 404
