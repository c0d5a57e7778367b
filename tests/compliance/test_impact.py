"""What a version that waits would change, told before anybody activates it."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db.models import QuerySet
from pytest_django import DjangoAssertNumQueries

from accounts.models import Account
from compliance import holdings
from compliance.models import Bundle, Regulation, Rulebook
from compliance.rulebook.differences import differences
from compliance.services import rulebooks
from compliance.services.impact import Impact, impact_of, lacking
from numbering.models import Place, PlacePrefix
from numbering.recent import forget_everything
from tests.compliance.country_folder import Change, folder_of, rewrite
from tests.factories import AccountFactory, BundleFactory, DidFactory, DocumentFactory, EndUserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    forget_everything()


@pytest.fixture
def germany(tmp_path: Path) -> Path:
    rulebooks.load(folder_of(tmp_path, "DE"))
    return tmp_path


def business(document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = document["number_types"]["local"]["end_user_types"]["business"]
    return found


def ask_for_a_phone_number(document: dict[str, Any]) -> None:
    business(document)["end_user"]["fields"].append("phone_number")


def version(folder: Path, change: Change, day: str = "2026-11-21") -> Rulebook:
    rewrite(folder, "DE", change, snapshot_date=day)
    (waiting,) = rulebooks.load(folder).waiting
    return waiting


def approved(account: Account | None = None, **fields: Any) -> Bundle:
    bundle: Bundle = BundleFactory.create(account=account or AccountFactory.create(), approved=True, **fields)
    return bundle


def told(impact: Impact) -> dict[str, list[str]]:
    return {f"{each.number_type} {each.end_user_type}": list(each.differences) for each in impact.regulations}


def test_a_change_is_told_of_the_regulations_that_it_touches(germany: Path) -> None:
    impact = impact_of(version(germany, ask_for_a_phone_number))
    assert told(impact) == {"local business": ["field added: phone_number"]}
    assert (impact.version, impact.replaces) == (2, 1)


def test_a_version_with_other_notes_only_changes_nothing(germany: Path) -> None:
    impact = impact_of(version(germany, lambda document: business(document).update(notes=["something else"])))
    assert impact.regulations == []


CHANGES: list[tuple[Change, str]] = [
    (lambda it: it.update(enforced=False), "the rules are no longer enforced: an operator decides"),
    (lambda it: it["constraints"].update(address_scope="country"), "address scope: area_code becomes country"),
    (lambda it: it["constraints"].update(po_box_allowed=None), "post boxes allowed: no becomes nothing"),
    (lambda it: it["review"].update(mode="auto"), "review: manual becomes auto"),
    (lambda it: of_business(it)[0].update(max_age_months=3), "be old: nothing becomes 3"),
    (lambda it: of_business(it)[0].update(constraint_issuing_country="same"), "issuing country: nothing becomes same"),
    (lambda it: of_business(it).pop(), "requirement removed: business_reg_no_info"),
    (lambda it: of_business(it)[0]["accepted"].pop(), "business_name_info: accepted paper removed: tax_document"),
    (lambda it: of_business(it)[0]["accepted"][0]["fields"].append("document_number"), "field added: document_number"),
]


def of_business(rules: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = rules["end_user_types"]["business"]["supporting_documents"]
    return found


@pytest.mark.parametrize(("change", "said"), CHANGES)
def test_a_change_in_words(germany: Path, change: Change, said: str) -> None:
    before = rulebooks.current("DE")
    after = rulebooks.rules_in(version(germany, lambda document: change(document["number_types"]["local"])))
    assert before is not None
    assert any(said in line for line in differences(before, after, "local", "business"))


def test_bundles_that_lack_something_are_named_with_their_numbers(germany: Path) -> None:
    bundle = approved()
    did = DidFactory.create(account=bundle.account, bundle_sid=bundle.sid)
    (found,) = impact_of(version(germany, ask_for_a_phone_number)).bundles
    assert (found.sid, found.account_sid) == (bundle.sid, bundle.account.sid)
    assert [(lack.requirement, lack.field, lack.code) for lack in found.lacks] == [
        ("business_info", "phone_number", "end_user_field_missing")
    ]
    assert found.numbers == [f"+{did.number.e164}"]


def with_number(digits: int) -> Bundle:
    """Its papers prove an address in Berlin."""
    account = AccountFactory.create()
    licence = {"account": account, "type": "trade_license"}
    papers = [
        DocumentFactory.create(attributes=shown, **licence) for shown in ({"business_name": "Musterfirma GmbH"}, {})
    ]
    bundle = approved(account, items=[EndUserFactory.create(account=account), *papers])
    DidFactory.create(account=bundle.account, bundle_sid=bundle.sid, number__e164=digits)
    return bundle


def towns_of_the_area(document: dict[str, Any]) -> None:
    document["number_types"]["local"]["constraints"]["address_scope"] = "area_code"


def test_an_address_is_held_against_the_areas_of_the_numbers(tmp_path: Path) -> None:
    rewrite(folder_of(tmp_path, "DE"), "DE", anywhere_in_the_country)
    rulebooks.load(tmp_path)
    for name, prefix in (("Berlin", 4930), ("München", 4989)):
        town = {"country": "DE", "normalised_name": name.lower(), "granularity": "locality"}
        place = Place.objects.create(pk=prefix, name=name, source="libphonenumber", **town)
        PlacePrefix.objects.create(prefix=prefix, country="DE", place=place)
    with_number(493012345678)
    approved()
    away = with_number(498912345678)
    DidFactory.create(account=away.account, bundle_sid=away.sid, number__e164=493012345679)

    impact = impact_of(version(tmp_path, towns_of_the_area, "2026-11-22"))
    assert [(each.sid, each.lacks[0].field, each.lacks[0].code, len(each.lacks)) for each in impact.bundles] == [
        (away.sid, "city", "address_out_of_area", 1)
    ]


def anywhere_in_the_country(document: dict[str, Any]) -> None:
    document["number_types"]["local"]["constraints"]["address_scope"] = "country"


def test_many_bundles_take_as_few_queries_as_one(
    germany: Path, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    book = version(germany, ask_for_a_phone_number)
    queries = 5  # the bundles, what they hold (2), their numbers: for the areas, and to be named
    for digits in (493012345678, 498912345678, 494012345678):
        with_number(digits)
        lacking(list(bundles()), book, date(2026, 12, 1))  # what is remembered of the rules and places
        with django_assert_num_queries(queries):
            found = lacking(list(bundles()), book, date(2026, 12, 1))
            holdings.numbers_on([bundle.sid for bundle in found])
    assert len(found) == 3


def bundles() -> "QuerySet[Bundle]":
    return Bundle.objects.select_related("account", "regulation", "approved_under")


def test_what_a_bundle_lacked_before_is_no_impact(germany: Path) -> None:
    """The bundle has no proof of registration, approved all the same."""
    approved()

    def another_name(document: dict[str, Any]) -> None:
        of_business(document["number_types"]["local"])[0]["max_age_months"] = 3

    assert impact_of(version(germany, another_name)).bundles == []


def test_unconfirmed_rules_make_no_approved_bundle_lack_anything(germany: Path) -> None:
    approved()

    def nothing_read(document: dict[str, Any]) -> None:
        ask_for_a_phone_number(document)
        document["number_types"]["local"].update(confidence="inferred", enforced=False)

    assert impact_of(version(germany, nothing_read)).bundles == []


def test_bundles_of_other_countries_drafts_and_deleted_ones_are_left_alone(germany: Path) -> None:
    BundleFactory.create()
    impact = impact_of(version(germany, ask_for_a_phone_number))
    assert (impact.looked_at, impact.bundles) == (0, [])


def test_a_page_looks_at_some_bundles_only_and_says_so(germany: Path) -> None:
    for _ in range(3):
        approved()
    impact = impact_of(version(germany, ask_for_a_phone_number), most=2)
    assert (impact.looked_at, len(impact.bundles), impact.is_whole) == (2, 2, False)


def test_the_command_prints_the_impact(germany: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bundle = approved()
    version(germany, ask_for_a_phone_number)
    call_command("rulebook_impact", "de")
    shown = capsys.readouterr().out
    assert "DE version 2, instead of 1" in shown
    assert "field added: phone_number" in shown
    assert f"{bundle.sid} of {bundle.account.sid}, 0 numbers" in shown
    assert "1 of 1 approved bundles lack something" in shown


def test_the_impact_holds_nothing_of_the_papers(germany: Path, capsys: pytest.CaptureFixture[str]) -> None:
    approved()
    version(germany, ask_for_a_phone_number)
    call_command("rulebook_impact", "DE", "--json")
    shown = capsys.readouterr().out
    assert json.loads(shown)["bundles"][0]["lacks"][0]["code"] == "end_user_field_missing"
    for secret in ("Musterfirma", "Erika", "HRB 86891", "Unter den Linden"):
        assert secret not in shown


def test_the_command_puts_the_waiting_version_in_force(germany: Path, capsys: pytest.CaptureFixture[str]) -> None:
    waiting = version(germany, ask_for_a_phone_number)
    call_command("activate_rulebook", "de", "--effective-from", "2027-01-01", "--by", "anna")
    waiting.refresh_from_db()
    assert (waiting.effective_from, waiting.activated_by) == (date(2027, 1, 1), "user:anna")
    with pytest.raises(CommandError, match="in force from 2027-01-01"):
        call_command("activate_rulebook", "de", "--effective-from", "2027-02-01", "--by", "ben")
    with pytest.raises(CommandError, match=r"xx\.yaml"):
        call_command("rulebook_impact", "xx")


@pytest.mark.parametrize("command", [["activate_rulebook", "DE", "--by", "anna"], ["rulebook_impact", "DE"]])
def test_the_commands_say_how_a_day_is_written(command: list[str]) -> None:
    with pytest.raises(CommandError, match="“tomorrow” is no day: DAY is a date such as 2026-11-21"):
        call_command(*command, "--effective-from=tomorrow")


def test_a_first_version_has_only_new_regulations(germany: Path) -> None:
    impact = impact_of(Rulebook.objects.get())
    assert {change.kind for change in impact.regulations} == {"new"}
    assert len(impact.regulations) == Regulation.objects.count()
