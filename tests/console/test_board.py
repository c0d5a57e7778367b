"""The quarantine board: who leaves when, by predicted day, and whose word stands against it."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.http import QueryDict
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from console import board
from inventory.models import AlphaRelief, PhoneNumber, Quarantine
from inventory.models.quarantine import QuarantineSource
from inventory.quarantine import overrides
from inventory.quarantine.stays import enter
from numbering.recent import forget_everything
from tests.factories import NumberFactory, UserFactory

BOARD = "/console/inventory/quarantine/board/"
TODAY = timezone.now().date


@pytest.fixture(autouse=True)
def _as_just_started() -> Iterator[None]:
    """What a process remembers is another test's."""
    forget_everything()
    yield
    forget_everything()


def resting(in_days: int | None, **fields: object) -> PhoneNumber:
    """A number that last night foretold to leave then; None: no night has looked at it."""
    number: PhoneNumber = NumberFactory.create(quarantined=True, **fields)
    stay = enter(number, source=QuarantineSource.RELEASED, since=timezone.now() - timedelta(days=20))
    if in_days is not None:
        foretold(stay, in_days)
    return number


def foretold(stay: Quarantine, in_days: int) -> None:
    said = {"state_day": TODAY() - timedelta(days=1), "recent_contacts": 1.5, "effective_days": 20.0}
    said |= {"likelihood": 0.14, "alpha": 0.1, "action": "hold", "action_rule": "likelihood"}
    Quarantine.objects.filter(pk=stay.pk).update(predicted_on=TODAY() + timedelta(days=in_days), **said)


def shown(staff: Client, query: str = "") -> str:
    return staff.get(f"{BOARD}?{query}").content.decode()


def test_who_leaves_first_stands_first_and_whose_day_is_not_known_is_left_out(staff: Client) -> None:
    late, soon, unknown = resting(9), resting(2), resting(None)
    page = shown(staff)
    assert 0 < page.index(str(soon)) < page.index(str(late))
    assert str(unknown) not in page


def test_it_says_why_in_a_sentence_and_how_far_from_release_it_is(staff: Client) -> None:
    resting(2)
    page = shown(staff)
    assert "1.5 recent contacts over 20.0 effective days; likelihood 14 %, not below 10 %; likelihood: hold." in page
    assert 'low="10.0" high="50" optimum="0" value="14.0"' in page


def test_a_column_shows_the_stays_of_its_days(staff: Client) -> None:
    soon, late = resting(2), resting(9)
    day = TODAY() + timedelta(days=2)
    page = shown(staff, f"since={day}&until={day}")
    assert str(soon) in page
    assert str(late) not in page


def test_a_country_has_a_board_of_its_own(staff: Client) -> None:
    american, german = resting(2), resting(3, e164=493012345678)
    page = shown(staff, "country=DE")
    assert str(german) in page
    assert str(american) not in page


def test_the_columns_count_this_week_by_day_and_then_by_week(db: None) -> None:
    for days in (-1, 0, 6, 7, 13, 30, 90):
        resting(days)
    columns = board.context(QueryDict())["columns"]
    assert [(column.label, column.stays) for column in columns][:2] == [("due", 1), (columns[1].label, 1)]
    assert [column.stays for column in columns[1:]] == [1, 0, 0, 0, 0, 0, 1, 2, 0, 0, 1, 0, 0, 0]


def test_the_list_goes_on_behind_its_last_row(staff: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(board, "PAGE", 2)
    numbers = [resting(2), resting(2), resting(2), resting(4)]
    first = shown(staff)
    seen, page = list[int](), first
    for _ in range(3):
        seen += [number.pk for number in numbers if f"/phonenumber/{number.pk}/change/" in page]
        if "More stays" not in page:
            break
        query = page.split("More stays")[0].rsplit('href="', 1)[1].split("#")[0].replace("&amp;", "&")
        page = staff.get(query).content.decode()
    assert seen == [number.pk for number in numbers]


def test_a_persons_word_is_told_and_can_be_taken_back(staff: Client) -> None:
    number = resting(2)
    stay = Quarantine.objects.get(number=number)
    assert f"/quarantine/{stay.pk}/do/force_hold/" in shown(staff)
    until = TODAY() + timedelta(days=30)
    overrides.force_hold(stay=stay, until=until, actor="user:ops", reason="nuisance calls")
    foretold(stay, 2)  # a word is heeded at once: the engine then foretells its end
    page = shown(staff)
    assert f"/quarantine/{stay.pk}/do/withdraw/" in page
    assert f"/quarantine/{stay.pk}/do/force_hold/" not in page
    assert "nuisance calls" in page


def test_who_may_only_look_is_offered_no_verb(db: None) -> None:
    resting(2)
    clerk, client = UserFactory.create(is_staff=True), Client()
    client.force_login(clerk)
    assert client.get(BOARD).status_code == 403
    clerk.user_permissions.add(Permission.objects.get(codename="view_quarantine"))
    page = client.get(BOARD).content.decode()
    assert "/do/" not in page
    assert "Relieve a shortage" not in page


def test_reliefs_in_force_are_told(staff: Client) -> None:
    now = timezone.now()
    who = {"actor": "user:ops", "reason": "sold out"}
    AlphaRelief.objects.create(country="US", number_type="local", alpha=0.2, expires_at=now + timedelta(days=9), **who)
    page = shown(staff)
    assert "20 %" in page
    assert "US local" in page


def test_an_empty_board_teaches(staff: Client) -> None:
    page = shown(staff)
    for words in ("Nobody leaves then", "Nobody holds a number", "No shortage is relieved", "Nothing to draw yet"):
        assert words in page


@pytest.mark.parametrize(
    "query", ["country=XX", "since=yesterday", "after=1", "after=2026-01-01.x", "since=2026-13-01"]
)
def test_nonsense_in_the_address_shows_the_whole_board(staff: Client, query: str) -> None:
    number = resting(2)
    assert str(number) in shown(staff, query)


def test_it_takes_as_many_queries_for_many_stays_as_for_one(
    staff: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for days in range(6):
        resting(days)
    shown(staff)
    with django_assert_num_queries(6):  # session, user; stays, words on them; holds; reliefs
        shown(staff)
