"""Every page of the console: it opens for staff with data, for nobody else, and shows no secret."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.db.models import Model
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from console.moments import moments
from inventory.models import (
    AlphaRelief,
    DailyContact,
    LifecycleEntry,
    PhoneNumber,
    Provider,
    ProviderOrderLine,
    QuarantineDecision,
    QuarantineOverride,
    Tariff,
)
from inventory.models.quarantine import QuarantineSource
from inventory.quarantine import reliefs
from inventory.quarantine.nights.alone import decide_alone
from inventory.quarantine.nights.stretches import morning
from inventory.quarantine.stays import enter
from testing_lab.models import Limit, Outcome, Passport, Result, RunState, SuiteRun
from tests.factories import NumberFactory, ProviderFactory, UserFactory

MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)
EDITABLE = {
    *("inventory.StockTarget", "inventory.Tariff", "inventory.Sku", "inventory.SupplyTerms"),
    "testing_lab.Trunk",
}
ADDABLE = {
    "inventory.Allocation",
    "inventory.AlphaRelief",
    "inventory.FirmOrder",
    "testing_lab.Limit",
    "compliance.ReviewPolicy",
    "compliance.RolloutPolicy",
    "compliance.LegalHold",
    "compliance.RetentionPolicy",
}  # and never changed


def url(model: type[Model], page: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def pages(model: type[Model]) -> list[str]:
    row = model._default_manager.order_by("pk").first()
    assert row is not None, f"no {model._meta.label} to look at"
    return [url(model, "changelist"), url(model, "change", row.pk)]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_list_and_page_of_a_model_open_and_show_no_secret(
    model: type[Model], staff: Client, everything: dict[str, str]
) -> None:
    for page in pages(model):
        answer = staff.get(page)
        assert answer.status_code == 200
        shown = answer.content.decode()
        assert [name for name, secret in everything.items() if secret in shown] == []


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_only_what_staff_set_can_be_edited_and_nothing_can_be_deleted(model: type[Model], staff_user: User) -> None:
    request = RequestFactory().get("/")
    request.user = staff_user
    page = admin.site._registry[model]
    editable = model._meta.label in EDITABLE
    addable = editable or model._meta.label in ADDABLE
    assert (page.has_add_permission(request), page.has_change_permission(request)) == (addable, editable)
    assert not page.has_delete_permission(request)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_a_list_takes_as_many_queries_for_one_row_as_for_twenty(
    model: type[Model], staff: Client, everything: dict[str, str], django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(10):
        staff.get(url(model, "changelist"))


def test_staff_add_a_limit_from_a_day_on_but_none_for_the_past_or_for_what_no_test_reads(staff: Client) -> None:
    row = {"code": "V02", "quantity": "delay_s", "unit": "s", "value": "4.5", "country": "IE", "source": "our contract"}
    today = timezone.now().date()
    for wrong in ({"effective_from": today - timedelta(days=1)}, {"code": "V01"}, {"unit": "ms"}, {"value": "999"}):
        answer = staff.post(url(Limit, "add"), {**row, "effective_from": today, **wrong})
        assert (answer.status_code, Limit.objects.count()) == (200, 0), wrong
    staff.post(url(Limit, "add"), {**row, "effective_from": today})
    limit = Limit.objects.get()
    assert (limit.value, limit.country, limit.scope) == (4.5, "IE", "")
    assert limit.added_by.startswith("user:")


def test_a_relief_is_granted_by_the_service_and_its_bounds_are_told_beside_the_form(
    staff: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    granted, service = list[dict[str, Any]](), reliefs.grant

    def grant(**said: Any) -> AlphaRelief:
        granted.append(said)
        return service(**said)

    monkeypatch.setattr(reliefs, "grant", grant)
    ends = timezone.now() + timedelta(days=30)
    row = {"country": "US", "number_type": "local", "alpha": "0.2", "reason": "sold out"}
    row |= {"expires_at_0": f"{ends:%Y-%m-%d}", "expires_at_1": "12:00:00"}
    late = f"{timezone.now() + timedelta(days=62):%Y-%m-%d}"
    for wrong in ({"alpha": "0.31"}, {"alpha": "0.15"}, {"alpha": "0"}, {"expires_at_0": ""}, {"expires_at_0": late}):
        answer = staff.post(url(AlphaRelief, "add"), {**row, **wrong})
        assert (answer.status_code, AlphaRelief.objects.count()) == (200, 0), wrong
    assert staff.post(url(AlphaRelief, "add"), row).status_code == 302
    relief = AlphaRelief.objects.get()
    assert (relief.alpha, relief.reason, relief.expires_at.date()) == (0.2, "sold out", ends.date())
    assert [said["actor"] for said in granted] == [relief.actor]
    assert relief.actor.startswith("user:")
    assert LogEntry.objects.get().object_id == str(relief.pk)


def test_the_list_of_numbers_does_not_ask_once_for_each_number(
    staff: Client, number: PhoneNumber, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    NumberFactory.create_batch(20, provider=number.provider)
    staff.get("/console/inventory/phonenumber/")
    with django_assert_num_queries(4):  # session, user, rows, providers of the filter
        staff.get("/console/inventory/phonenumber/")


def test_a_numbers_page_takes_the_same_queries_for_a_long_life(
    staff: Client, everything: dict[str, str], number: PhoneNumber, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(21):  # blocks thrice: the latest, the open ones, any to clear by hand; stops; rules
        staff.get(f"/console/inventory/phonenumber/{number.pk}/change/")


def test_a_page_of_a_number_tells_its_life_and_its_papers(
    staff: Client, everything: dict[str, str], number: PhoneNumber
) -> None:
    shown = staff.get(f"/console/inventory/phonenumber/{number.pk}/change/").content.decode()
    for words in (str(number), number.number.national_format, "start_tests", "No contact", "Not for sale"):
        assert words in shown
    assert "Blocked: fraud (robocalls)" in shown


def test_the_page_of_a_number_says_what_keeps_it_off_sale_and_nothing_if_nothing_does(
    staff: Client, number: PhoneNumber
) -> None:
    """A passport that ran out before the retest sweep came by: the state alone reads "on sale"."""
    page = f"/console/inventory/phonenumber/{number.pk}/change/"
    assert (
        "On sale: its test passport and its cleanliness verdict are both current." in staff.get(page).content.decode()
    )
    PhoneNumber.objects.filter(pk=number.pk).update(passport_expires_at=timezone.now() - timedelta(minutes=1))
    shown = staff.get(page).content.decode()
    assert "Not for sale" in shown
    assert "Its test passport has run out" in shown
    assert "sold only while its test passport is current" in shown


def test_the_page_of_a_number_in_quarantine_says_what_the_engine_says_and_from_what(staff: Client) -> None:
    number = NumberFactory.create(quarantined=True)
    stay = enter(number, source=QuarantineSource.RELEASED, since=timezone.now() - timedelta(days=20))
    DailyContact.objects.create(number=number, day=timezone.now().date() - timedelta(days=5), sms=2, otp=1)
    word = {"expires_on": timezone.now().date() + timedelta(days=9), "actor": "user:ops", "reason": "lawyers ask"}
    QuarantineOverride.objects.create(stay=stay, action="force_hold", **word)
    shown = staff.get(f"/console/inventory/phonenumber/{number.pk}/change/").content.decode()
    for words in ("recent contacts over", "decided by hand: hold.", "Release predicted for", "the defaults"):
        assert words in shown
    assert "Force hold</span>, by ops: lawyers ask" in shown
    assert "One-time codes of somebody else still arrive" in shown
    assert not QuarantineDecision.objects.exists(), "to look is not to decide"


def test_the_page_of_a_number_says_that_its_first_night_in_quarantine_is_to_come(staff: Client) -> None:
    number = NumberFactory.create(quarantined=True)
    stay = enter(number, source=QuarantineSource.RELEASED, since=timezone.now() - timedelta(days=20))
    page = f"/console/inventory/phonenumber/{number.pk}/change/"
    assert "its first night is the coming one" in staff.get(page).content.decode()
    decide_alone(stay, morning(timezone.now()))
    shown = staff.get(page).content.decode()
    assert "recent contacts over" in shown
    assert "its first night" not in shown


def test_the_page_of_a_number_in_quarantine_draws_how_it_came_to_that(staff: Client) -> None:
    number = NumberFactory.create(quarantined=True)
    enter(number, source=QuarantineSource.RELEASED, since=timezone.now() - timedelta(days=20))
    shown = staff.get(f"/console/inventory/phonenumber/{number.pk}/change/").content.decode()
    for words in ('class="ny-past"', 'class="ny-threshold"', ">minimum</text>", ">today</text>"):
        assert words in shown


def test_a_life_is_told_in_one_order_whatever_it_is_made_of(
    staff: Client, everything: dict[str, str], number: PhoneNumber
) -> None:
    SuiteRun.objects.create(number=number, state=RunState.DROPPED)
    told = moments(number, [])
    assert [moment.at for moment in told] == sorted((moment.at for moment in told), reverse=True)
    assert {"On sale", "Sourced", "Blocked", "Suite is dropped"} & {moment.title for moment in told} == {
        *("On sale", "Blocked", "Suite is dropped")
    }


def test_the_time_machine_says_what_it_was_and_refuses_the_future(staff: Client, number: PhoneNumber) -> None:
    page = f"/console/inventory/phonenumber/{number.pk}/change/"
    assert "We did not have it on" in staff.get(f"{page}?at=2020-01-01T12:00").content.decode()
    now = f"{timezone.now():%Y-%m-%dT%H:%M:%S.%f}"
    assert "<dt>Had by</dt><dd>nobody</dd>" in staff.get(f"{page}?at={now}").content.decode()
    assert "Only the past is written down" in staff.get(f"{page}?at=2999-01-01T12:00").content.decode()
    assert "Enter a valid date" in staff.get(f"{page}?at=yesterday").content.decode()


def test_the_page_of_a_failed_number_says_which_test_failed_and_what_it_found(staff: Client) -> None:
    number = NumberFactory.create(failed=True)
    run = SuiteRun.objects.create(
        number=number, state=RunState.DONE, passed=False, attempt=1, finished_at=timezone.now()
    )
    for code, outcome, detail in (("V01", Outcome.FAIL, "no call arrived"), ("M01", Outcome.PASS, "")):
        Result.objects.create(run=run, attempt=1, code=code, outcome=outcome, detail=detail)
    shown = staff.get(f"/console/inventory/phonenumber/{number.pk}/change/").content.decode()
    assert "Failed V01 Inbound reach (no call arrived)<" in shown
    assert "Last test run" in shown
    assert "Test passport" not in shown


def test_a_number_on_sale_has_its_passport_to_print_and_one_that_is_not_has_none(staff: Client) -> None:
    tested = NumberFactory.create(tested_at=timezone.now())
    untested = NumberFactory.create(testing=True, tested_at=timezone.now())
    run = SuiteRun.objects.create(
        number=tested, state=RunState.DONE, passed=True, attempt=1, finished_at=timezone.now()
    )
    Passport.objects.create(number=tested, run=run, declared=3, tested=3, issued_at=timezone.now())
    shown = staff.get(f"/console/inventory/phonenumber/{tested.pk}/change/").content.decode()
    [link] = re.findall(r'href="([^"]+)">its page to print', shown)
    assert f"+{tested.e164}" in Client().get(link).content.decode().replace(" ", "").replace("-", "")
    assert "to print" not in staff.get(f"/console/inventory/phonenumber/{untested.pk}/change/").content.decode()


def test_a_list_that_is_empty_says_why(staff: Client) -> None:
    for query, words in (("", "Nothing here yet"), ("?q=%2B49", "Nothing matches"), ("?late=yes", "Nothing matches")):
        assert words in staff.get(f"/console/inventory/phonenumber/{query}").content.decode()
    assert "Add stock target" in staff.get("/console/inventory/stocktarget/").content.decode()


def test_a_moment_is_written_in_one_way_and_names_its_clock(staff: Client, everything: dict[str, str]) -> None:
    entry = LifecycleEntry.objects.order_by("-pk")[0]
    written = f"{entry.at:%Y-%m-%d %H:%M:%S} UTC"
    ledger = staff.get("/console/inventory/lifecycleentry/").content.decode()
    page = staff.get(f"/console/inventory/phonenumber/{entry.number_id}/change/").content.decode()
    assert written in ledger
    assert written in page
    for shown in (ledger, page):
        assert re.findall(r"\d{1,2} [A-Z][a-z]+ 20\d\d", shown) == []


def test_an_order_is_listed_with_its_state_in_one_word(staff: Client, everything: dict[str, str]) -> None:
    shown = staff.get("/console/inventory/providerorder/").content.decode()
    assert re.findall(r'class="field-shown_state[^>]*>([^<]+)<', shown) == ["intended"]


def test_a_line_of_an_order_leads_to_its_number(
    staff: Client, everything: dict[str, str], django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    line = ProviderOrderLine.objects.get()
    numbers = NumberFactory.create_batch(20, provider=line.order.provider)
    for number in numbers:
        line.pk, line._state.adding, line.e164, line.number, line.state = None, True, number.e164, number, "RECEIVED"
        line.save()
    with django_assert_max_num_queries(20):
        shown = staff.get(f"/console/inventory/providerorder/{line.order_id}/change/").content.decode()
    for number in numbers:
        assert f'href="/console/inventory/phonenumber/{number.pk}/change/"' in shown


def test_countries_are_chosen_by_name(staff: Client) -> None:
    NumberFactory.create(e164=498912345678, country="DE")
    Tariff.objects.create(country="FR", number_type="local", setup_price=0, monthly_price=1, currency="EUR")
    numbers = staff.get("/console/inventory/phonenumber/").content.decode()
    tariffs = staff.get("/console/inventory/tariff/").content.decode()
    assert "Germany" in numbers
    assert "country=DE" in numbers
    assert "France" in tariffs
    assert "country=FR" in tariffs


def test_a_providers_page_tells_what_its_last_audit_found(staff: Client, everything: dict[str, str]) -> None:
    differing, agreeing = Provider.objects.get(orphans=1), ProviderFactory.create(audited_at=timezone.now())
    shown = staff.get(f"/console/inventory/provider/{differing.pk}/change/").content.decode()
    for words in ("+1 415-555-9998", "it is billed, and we don&#x27;t have it", "Orphans", "Ghosts", "Audited at"):
        assert words in shown
    listed = staff.get("/console/inventory/provider/?differs=yes").content.decode()
    assert f"/provider/{differing.pk}/change/" in listed
    assert f"/provider/{agreeing.pk}/change/" not in listed


def test_a_trace_is_text_whatever_the_far_end_wrote_into_it(staff: Client, stuck_run: SuiteRun) -> None:
    sid = stuck_run.evidence.get().sid
    shown = staff.get(f"/console/testing_lab/suiterun/evidence/{sid}/").content.decode()
    assert "INVITE sip:+14155550000@127.0.0.1 SIP/2.0" in shown
    assert "&lt;script&gt;alert(1)" in shown
    assert "<script>alert(1)" not in shown


def test_stuck_runs_come_first(staff: Client, stuck_run: SuiteRun) -> None:
    shown = staff.get("/console/testing_lab/suiterun/").content.decode()
    assert 0 < shown.index("Stuck: inconclusive") < shown.index('id="changelist-form"')
    assert f"Run {stuck_run.pk}" in shown


@pytest.mark.parametrize("path", ["/console/", "/console/inventory/phonenumber/", "/console/accounts/account/"])
def test_nobody_but_staff_comes_in(path: str, client: Client, customer: Client) -> None:
    for visitor in (client, customer):
        answer = visitor.get(path)
        assert answer.status_code == 302
        assert answer["Location"].startswith("/console/login/")


def test_staff_sign_in_with_their_address(client: Client, staff_user: User) -> None:
    door = client.get("/console/login/?next=/console/")["Location"]
    assert door == "/sign-in?next=%2Fconsole%2F"
    form = {"login": staff_user.email, "password": "password", "next": "/console/"}
    assert client.post(door, form)["Location"] == "/console/"
    assert client.get("/console/").status_code == 200


def test_staff_see_only_what_they_have_a_permission_for(db: None) -> None:
    clerk, client = UserFactory.create(is_staff=True), Client()
    clerk.user_permissions.add(Permission.objects.get(codename="view_phonenumber"))
    client.force_login(clerk)
    assert client.get("/console/inventory/phonenumber/").status_code == 200
    assert client.get("/console/accounts/account/").status_code == 403


def test_a_row_that_is_not_there_is_not_found(staff: Client) -> None:
    assert staff.get("/console/inventory/phonenumber/999999/change/").status_code == 404
    assert staff.get("/console/testing_lab/suiterun/999999/change/").status_code == 404


def test_our_own_templates_hold_no_inline_script_or_style() -> None:
    from django.conf import settings

    for template in (settings.BASE_DIR / "templates").rglob("*.html"):
        assert not re.search(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son[a-z]+=|javascript:", template.read_text()), (
            template
        )


def test_every_link_of_the_side_bar_opens(staff: Client) -> None:
    from console.theme import UNFOLD

    links = [item["link"] for group in UNFOLD["SIDEBAR"]["navigation"] for item in group["items"]]
    assert {link: staff.get(link).status_code for link in links} == dict.fromkeys(links, 200)
    shown = staff.get("/console/").content.decode()
    assert [link for link in links if f'href="{link}"' not in shown] == []


def test_the_side_bar_and_the_pages_have_the_same_names() -> None:
    from console.theme import UNFOLD

    items = [item for group in UNFOLD["SIDEBAR"]["navigation"] for item in group["items"] if "permission" in item]
    named = {item["link"]: item["title"].lower() for item in items}
    shown = {url(model, "changelist"): str(model._meta.verbose_name_plural).lower() for model in MODELS}
    assert named.pop("/console/testing_lab/suiterun/scorecard/") == "scorecard"  # a page beside a list
    assert named.pop("/console/inventory/quarantine/board/") == "quarantine board"  # likewise
    assert named.pop("/console/admin/logentry/audit/") == "audit log"  # likewise
    assert named == {link: name for link, name in shown.items() if link in named}
    assert len(named) > 10


def test_one_entry_of_the_side_bar_is_where_one_is(rf: RequestFactory) -> None:
    from console.theme import UNFOLD

    items = [item for group in UNFOLD["SIDEBAR"]["navigation"] for item in group["items"] if "active" in item]
    for here in [item["link"] for item in items]:
        for path in (here, f"{here}1/change/"):
            assert [item["link"] for item in items if item["active"](rf.get(path))] == [here]


def test_the_theme_finds_our_style_sheets(staff: Client) -> None:
    from django.contrib.staticfiles import finders

    from console.theme import UNFOLD

    for sheet in [*UNFOLD["STYLES"], UNFOLD["SITE_ICON"]]:
        assert finders.find(sheet.removeprefix("/static/"))
        assert sheet in staff.get("/console/").content.decode()
