"""The form of every regulation of the data: a control for each detail, a card for each paper, a page for each step."""

from collections.abc import Iterator
from datetime import date
from html import unescape

import pytest
from django.template.loader import render_to_string
from django.test import Client

from compliance.evaluation import evaluate
from compliance.evaluation.address_formats import library_format
from compliance.evaluation.addresses import NAMES
from compliance.evaluation.case import Case
from compliance.evaluation.outcome import Code
from compliance.models import Bundle, Regulation, RegulationVersion, Rulebook
from compliance.rulebook.catalogue import catalogue
from compliance.rulebook.rules import Availability, CountryRules
from compliance.services import rulebooks
from compliance.services.evaluations import Look
from numbering.recent import forget_everything
from portal.papers import cards, data_words, words
from portal.papers.address_form import AddressForm
from portal.papers.asking import shows_address
from portal.papers.draft import Draft
from portal.papers.you import details_form
from tests.compliance.evaluation.cases import ON, countries, rules_of
from tests.factories import loaded
from tests.portal.papers_world import customer, draft

#: One kind of number of each, tried page by page.
VISITED = {
    **{"AU": "local", "BR": "local", "DE": "national", "FR": "local", "GB": "local"},
    **{"IT": "local", "JP": "local", "US": "toll_free"},
}


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    forget_everything()
    yield
    forget_everything()


def drafts(country: str) -> Iterator[Draft]:
    """An empty one for each regulation of the country, in no database."""
    rules = rules_of(country)
    for number_type, kind in rules.number_types.items():
        for who in kind.end_users:
            yield empty(rules, Regulation(country=country, number_type=number_type, end_user_type=who))


def empty(rules: CountryRules, about: Regulation) -> Draft:
    outcome = evaluate(rules, about.number_type, about.end_user_type, Case(), ON)
    version = RegulationVersion(regulation=about, rulebook=Rulebook(version=1, effective_from=date(2026, 11, 20)))
    return Draft(Bundle(regulation=about), [], Look(version, rules, Case(), outcome))


@pytest.mark.parametrize("country", countries())
def test_the_form_has_a_control_for_each_detail(country: str) -> None:
    for each in drafts(country):
        wanted, form = each.wanted, details_form(each)
        groups = form.groups(each.bundle.regulation.end_user_type, wanted.fields, None, ())
        controls = {control.field.name: control for group in groups for control in group.controls}
        if wanted.listed:
            assert set(controls) == set(wanted.listed)
        assert {name for name, control in controls.items() if control.is_asked} == set(wanted.fields)
        for name, control in controls.items():
            shown = render_to_string("portal/papers/control.html", {"control": control})
            assert f'name="{name}"' in shown
            assert f'for="id_{name}"' in shown


@pytest.mark.parametrize("country", countries())
def test_the_form_has_a_card_for_each_paper(country: str) -> None:
    for each in drafts(country):
        for requirement in each.wanted.documents:
            for paper in requirement.accepted:
                card = cards.card(each, requirement, paper.type)
                shown = unescape(render_to_string("portal/papers/card.html", shown_with(each, card)))
                assert f'id="{requirement.requirement_name}"' in shown
                assert card.title in shown
                assert all(words.paper_name(kind.type) in shown for kind in requirement.accepted)
                assert set(paper.fields) - {"address_sids"} <= set(card.form.fields)
                assert ('type="file"' in shown) is paper.file_required


def shown_with(each: Draft, card: cards.Card) -> dict[str, object]:
    each.bundle.sid = "BU" + "0" * 32
    return {"draft": each, "card": card, "files": catalogue().files, "names": []}


@pytest.mark.django_db
def test_each_country_has_the_form_of_its_addresses() -> None:
    for country, _name in words.countries():
        form, asked = AddressForm(country), library_format(country)
        assert asked is not None
        assert asked.required <= set(form.fields), country
        assert {"customer_name", "street", "city"} <= set(form.fields), country


@pytest.mark.django_db
@pytest.mark.parametrize("country", VISITED)
def test_each_step_of_the_form_renders(country: str) -> None:
    loaded(country)
    client, account = customer()
    for about in rulebooks.regulations(country, VISITED[country]):
        path = f"/papers/new?country={country}&type={about.number_type}&who={about.end_user_type}"
        asked = rules_of(country).of(about.number_type).of(about.end_user_type)
        if asked.available == Availability.NO:
            assert "not sold to this kind of customer" in page(client, path)
            continue
        assert all(each.name in page(client, path) for each in asked.documents)
        bundle = draft(account, country, about.number_type, about.end_user_type)
        shown = {step: page(client, f"/papers/{bundle.sid}/{step}") for step in STEPS}
        assert all(f'name="{name}"' in shown["you"] for name in asked.listed)
        assert all(f'id="{each.requirement_name}"' in shown["documents"] for each in asked.documents)
        has_none = "No paper has to show an address" in shown["addresses"]
        assert has_none is not any(map(shows_address, asked.documents))
        assert shown["check"].count("<h3>") == 1 + len(asked.documents)


STEPS = ("where", "you", "addresses", "documents", "check")


def page(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return unescape(answer.content.decode())


def test_every_word_of_the_data_is_listed_for_translators() -> None:
    asked = [each for country in countries() for draft in drafts(country) for each in draft.wanted.documents]
    assert {each.name for each in asked} == set(data_words.REQUIREMENTS)
    assert {each.sides for each in asked if each.sides} == set(data_words.SIDES)
    assert {each.friendly_name for each in catalogue().document_types.values()} == set(data_words.PAPERS)
    said = {text for code in Code for text in (code.reason.explanation, code.reason.how_to_fix)}
    assert said == set(data_words.FAULTS)
    others = {text for reason in catalogue().reasons.values() for text in (reason.explanation, reason.how_to_fix)}
    assert others - said == set(data_words.REVIEWS)
    assert {field.friendly_name for field in catalogue().fields.values()} == set(data_words.FIELDS)
    assert {each.friendly_name for each in catalogue().end_user_types.values()} == set(data_words.PEOPLE)
    assert set(NAMES.values()) == set(data_words.ADDRESS_PARTS)
    wanted = [draft.wanted for country in countries() for draft in drafts(country)]
    whens = {condition.get("when") for each in wanted for condition in each.conditional_documents}
    assert whens - {None, ""} == set(data_words.CONDITIONS)
