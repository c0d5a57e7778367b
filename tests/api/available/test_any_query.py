"""Whatever is asked, the answer is documented: a page, or a refusal from the catalogue. Never a 500."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.available.parameters import FILTERS, OURS
from tests.api.available.window import FINDS, FINDS_BY_PASSPORT
from tests.api.conftest import Caller
from tests.api.test_fuzz import FUZZ, VALUES, documented

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_window")]

NAMES = [parameter.name for parameter in (*FILTERS, *OURS)]
GOOD = {name: sorted({query[name] for query, _ in (*FINDS, *FINDS_BY_PASSPORT) if name in query}) for name in NAMES}
PATTERNS = st.text("0123456789*%+$aZ", max_size=17)
CONTROLS = {"Quantity": ["1", "9"], "PageSize": ["1", "2", "1000"], "Page": ["0", "7"], "PageToken": ["", "a:b:c"]}


def plausible(name: str) -> st.SearchStrategy[tuple[str, str]]:
    """Mostly values that are read, so that they meet in one search; sometimes nonsense."""
    values = st.sampled_from(GOOD.get(name) or CONTROLS[name])
    mixed = st.one_of(values, values, values, PATTERNS if name == "Contains" else VALUES)
    return st.tuples(st.just(name), mixed)


QUERIES = st.lists(st.sampled_from([*NAMES, *CONTROLS]).flatmap(plausible), max_size=7).map(dict)


@FUZZ
@given(query=QUERIES, country=st.sampled_from(["US", "GB", "FR"]))
def test_search(ada: Caller, query: dict[str, Any], country: str) -> None:
    answer = ada.get(ada.of(f"AvailablePhoneNumbers/{country}/Local.json"), query)
    documented(answer)
    if answer.status_code == 200:
        assert len(answer.json()["available_phone_numbers"]) <= 5


@FUZZ
@given(query=QUERIES)
def test_following_pages_is_never_refused(ada: Caller, query: dict[str, str]) -> None:
    """A search that is answered is answered to its end and back, and finds the same in pages of one as at once."""
    wanted = {name: value for name, value in query.items() if name not in CONTROLS}
    whole = ada.get(ada.of("AvailablePhoneNumbers/US/Local.json"), wanted)
    if whole.status_code != 200:
        return
    uri, found = ada.of("AvailablePhoneNumbers/US/Local.json"), []
    page = ada.get(uri, wanted | {"PageSize": "1"}).json()
    while page:
        last = page
        found += [row["phone_number"] for row in page["available_phone_numbers"]]
        page = page["next_page_uri"] and ada.get(page["next_page_uri"]).json()
    assert found == [row["phone_number"] for row in whole.json()["available_phone_numbers"]]
    for number in reversed(found):
        assert [row["phone_number"] for row in last["available_phone_numbers"]] == [number]
        last = last["previous_page_uri"] and ada.get(last["previous_page_uri"]).json()
    assert not (found and last)
