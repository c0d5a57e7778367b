"""The passport on paper, as Chromium prints it."""

import re

import pytest
from django.test import Client
from playwright.sync_api import sync_playwright

from inventory.lifecycle import State
from testing_lab.findings import passed
from testing_lab.models import Outcome, Result
from testing_lab.registry import all_tests
from testing_lab.suite_runner import SuiteReport
from tests.api.conftest import Caller
from tests.api.lab.conftest import Seen, run_suite_on
from tests.api.lab.test_passports import page_of
from tests.factories import NumberFactory

pytestmark = pytest.mark.django_db


def fullest_page(caller: Caller) -> str:
    """A passport of long lines: each has a measurement, the longest limit and outcome, and there is all evidence."""
    number = NumberFactory.create(e164=14155551234, state=State.TESTING)
    exchanges = {test.exchanges[0].__name__ for test in all_tests()}
    run_suite_on(
        number,
        SuiteReport(
            {test.code: passed(11655.25) for test in all_tests()},
            {name: [Seen()] for name in exchanges},
            routes=dict.fromkeys(exchanges, "second"),
        ),
    )
    longest = max(Result.objects.values_list("limit", flat=True), key=len)
    Result.objects.update(limit=longest, outcome=Outcome.NOT_PERFORMED)
    page = Client().get(page_of(caller, number)).content.decode()
    assert page.count("not performed") == page.count(longest) == len(all_tests())
    return page


def sheets(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


def test_a_full_passport_prints_on_one_sheet_of_a4_or_letter(ada: Caller, chromium: str) -> None:
    page = fullest_page(ada)
    with sync_playwright() as browsers, browsers.chromium.launch(executable_path=chromium, args=["--no-sandbox"]) as it:
        paper = it.new_page()
        paper.set_content(page)
        assert sheets(paper.pdf(prefer_css_page_size=True)) == 1
        assert sheets(paper.pdf(format="Letter")) == 1
        paper.add_style_tag(content=".tests td { padding-block: 4mm }")
        assert sheets(paper.pdf(format="Letter")) == 2, "the sheets are counted"
