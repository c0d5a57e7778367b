"""The page of a filing: the file, and the numbers behind its figures."""

from datetime import UTC, date, datetime
from hashlib import sha256

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from inventory.filings.freezing import freeze, usual_day
from inventory.models import Filing, FilingKind, LifecycleEntry
from tests.factories import AllocationFactory, NumberFactory, UserFactory


@pytest.fixture
def filing(db: None) -> Filing:
    AllocationFactory.create(first=14152010000)
    number = NumberFactory.create(e164=14152010100)
    at = datetime(2026, 2, 1, tzinfo=UTC)
    LifecycleEntry.objects.create(number=number, verb="source", target="SOURCED", actor="x", at=at)
    return freeze(FilingKind.NRUF, last_day=date(2026, 6, 30), actor="user:ann")


def test_staff_see_what_it_says_and_the_numbers_behind_a_figure(staff: Client, filing: Filing) -> None:
    page = f"/console/inventory/filing/{filing.pk}/change/"
    shown = staff.get(page).content.decode()
    assert "415-201" in shown
    assert "?line=1&amp;category=available#figure" in shown
    assert "category=aging" not in shown, "a figure of none leads nowhere"
    numbers = staff.get(f"{page}?line=1&category=available").content.decode()
    assert "+14152010999" in numbers
    assert "Line 1, available: 1000" in numbers


@pytest.mark.parametrize("asked", ["line=2&category=aging", "line=x&category=aging", "line=1&category=x", "line=1"])
def test_a_figure_that_is_none_is_not_shown(staff: Client, filing: Filing, asked: str) -> None:
    answer = staff.get(f"/console/inventory/filing/{filing.pk}/change/?{asked}")
    assert answer.status_code == 200
    assert 'id="figure"' not in answer.content.decode()


def test_the_file_is_for_staff(staff: Client, customer: Client, filing: Filing) -> None:
    address = f"/console/inventory/filing/{filing.pk}/file.csv"
    answer = staff.get(address)
    assert answer.content == bytes(filing.content)
    assert "nruf-2026-06-30.csv" in answer["Content-Disposition"]
    assert customer.get(address).status_code == 302
    assert staff.get("/console/inventory/filing/999/file.csv").status_code == 404


def test_a_file_of_other_columns_is_shown_as_it_was_made(staff: Client) -> None:
    """Made before a form changed: frozen, and no figure of it is looked up in the wrong column."""
    content = b"Block,Allocated to us,Assigned\r\n+44207946,yes,7\r\n"
    old = Filing.objects.create(
        kind=FilingKind.OFCOM,
        as_of=datetime(2026, 2, 1, tzinfo=UTC),
        content=content,
        digest=sha256(content).hexdigest(),
        rows=1,
        made_by="user:ann",
    )
    shown = staff.get(f"/console/inventory/filing/{old.pk}/change/?line=1&category=assigned").content.decode()
    assert "Allocated to us" in shown
    assert "Line 1, assigned" not in shown


MAKE = "/console/inventory/filing/make/"


@pytest.fixture
def held(db: None) -> None:
    """A range and a number of it, before the half year was over."""
    AllocationFactory.create(first=14152010000)
    number = NumberFactory.create(e164=14152010100)
    at = datetime(2026, 2, 1, tzinfo=UTC)
    LifecycleEntry.objects.create(number=number, verb="source", target="SOURCED", actor="x", at=at)


@pytest.mark.usefixtures("held")
def test_a_return_is_seen_before_it_is_frozen(staff: Client) -> None:
    assert MAKE in staff.get("/console/inventory/filing/").content.decode()
    chosen = {"kind": "nruf", "last_day": "2026-06-30"}
    seen = staff.post(MAKE, chosen).content.decode()
    assert "415-201" in seen
    assert "Nothing is kept yet" in seen
    assert not Filing.objects.exists()
    made = staff.post(MAKE, {**chosen, "freeze": "yes"}, follow=True).content.decode()
    filing = Filing.objects.get()
    assert (filing.kind, filing.made_by) == ("nruf", "user:staff@example.com")
    assert "nruf-2026-06-30.csv: 1 lines, frozen" in made
    assert "was made on" in staff.post(MAKE, chosen).content.decode()


@pytest.mark.usefixtures("held")
@pytest.mark.parametrize("kind", FilingKind.values)
def test_without_a_day_it_is_the_usual_one(staff: Client, kind: str) -> None:
    usual = usual_day(FilingKind(kind), timezone.now().date())
    answer = staff.post(MAKE, {"kind": kind})
    assert f"{usual:%Y-%m-%d}" in answer.content.decode()
    assert not Filing.objects.exists()


@pytest.mark.parametrize(
    ("kind", "last_day", "said"),
    [
        ("nruf", "2026-05-31", "as of 30 June or 31 December"),
        ("ofcom", "2099-01-01", "is not over"),
        ("moon", "2026-06-30", "moon is not one of the available choices"),
        ("nruf", "yesterday", "Enter a valid date"),
    ],
)
def test_what_can_t_be_made_is_said_and_nothing_is_kept(staff: Client, kind: str, last_day: str, said: str) -> None:
    answer = staff.post(MAKE, {"kind": kind, "last_day": last_day, "freeze": "yes"})
    assert said in answer.content.decode()
    assert not Filing.objects.exists()


def test_who_may_only_look_makes_none(db: None) -> None:
    clerk = UserFactory.create(is_staff=True)
    clerk.user_permissions.add(Permission.objects.get(codename="view_filing"))
    client = Client()
    client.force_login(clerk)
    assert MAKE not in client.get("/console/inventory/filing/").content.decode()
    assert client.get(MAKE).status_code == 403
