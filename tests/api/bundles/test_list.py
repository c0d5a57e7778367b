"""The list of bundles: its filters, its orders, and its pages under each order."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Account
from compliance.lifecycle import BundleState
from compliance.models import Bundle, Regulation
from tests.api.bundles.conftest import BUNDLES
from tests.api.bundles.irish import irish_bundle, running_out
from tests.api.conftest import Caller
from tests.api.test_incoming import refused
from tests.factories import BundleFactory, RegulationFactory

pytestmark = pytest.mark.django_db

NOON = dt.datetime(2027, 3, 1, 12, tzinfo=dt.UTC)


def listed(caller: Caller, **query: Any) -> list[str]:
    answer = caller.get(BUNDLES, {name.replace("_le", "<").replace("_ge", ">"): text for name, text in query.items()})
    assert answer.status_code == 200, answer.content
    return [row["sid"] for row in answer.json()["results"]]


def paged(caller: Caller, **query: str) -> Iterator[dict[str, Any]]:
    """All pages, by the links of each."""
    page: dict[str, Any] = caller.get(BUNDLES, query).json()
    while True:
        yield page
        if not (following := page["meta"]["next_page_url"]):
            return
        page = caller.get(following[following.index("/v2") :]).json()


def german(account: Account, **fields: Any) -> Bundle:
    row: Bundle = BundleFactory.create(account=account, regulation=RegulationFactory.create(), items=[], **fields)
    return row


@pytest.fixture
def three(account: Account, irish: Regulation) -> list[Bundle]:
    """A draft, one that runs out on March 1st at noon, one that is being reviewed; of Germany the last."""
    return [
        irish_bundle(account, friendly_name="draft", items=[]),
        running_out(account, friendly_name="ending", valid_until=NOON + dt.timedelta(microseconds=7)),
        german(account, state=BundleState.IN_REVIEW, friendly_name="reviewed"),
    ]


FOUND: list[tuple[dict[str, str], set[int]]] = [
    ({}, {0, 1, 2}),
    ({"Status": "twilio-approved"}, {1}),
    ({"Status": "in-review"}, {2}),
    ({"FriendlyName": "draft"}, {0}),
    ({"FriendlyName": "Draft"}, set()),
    ({"IsoCountry": "ie"}, {0, 1}),
    ({"IsoCountry": "DE", "NumberType": "local", "EndUserType": "business"}, {2}),
    ({"NumberType": "toll-free"}, set()),
    ({"EndUserType": "individual"}, set()),
    ({"HasValidUntilDate": "true"}, {1}),
    ({"HasValidUntilDate": "false"}, {0, 2}),
    ({"ValidUntilDate": "2027-03-01"}, {1}),
    ({"ValidUntilDate": "2027-03-01T12:00:00Z"}, {1}),
    ({"ValidUntilDate": "2027-03-01T13:00:00+01:00"}, {1}),
    ({"ValidUntilDate": "2027-03-01T12:00:01Z"}, set()),
    ({"ValidUntilDate_le": "2027-03-01"}, {1}),
    ({"ValidUntilDate_le": "2027-02-28"}, set()),
    ({"ValidUntilDate_ge": "2027-03-01T12:00:00Z"}, {1}),
    ({"ValidUntilDate_ge": "2027-03-02"}, set()),
    ({"ValidUntilDate_ge": "2027-02-01", "ValidUntilDate_le": "2027-04-01"}, {1}),
]


@pytest.mark.parametrize(("query", "expected"), FOUND)
def test_each_filter_finds_its_own(query: dict[str, str], expected: set[int], ada: Caller, three: list[Bundle]) -> None:
    assert set(listed(ada, **query)) == {three[index].sid for index in expected}


def test_by_sids_and_by_regulation(ada: Caller, three: list[Bundle], irish: Regulation) -> None:
    assert listed(ada, BundleSids=f"{three[0].sid},{three[2].sid}") == [three[2].sid, three[0].sid]
    assert listed(ada, RegulationSid=irish.sid) == [three[1].sid, three[0].sid]


@pytest.mark.parametrize(
    "query",
    [
        {"Status": "approved"},
        {"BundleSids": "BU1"},
        {"BundleSids": ",".join(["BU" + "0" * 32] * 21)},
        {"RegulationSid": "RN1"},
        {"IsoCountry": "IRL"},
        {"NumberType": "imaginary"},
        {"EndUserType": "robot"},
        {"HasValidUntilDate": "maybe"},
        {"ValidUntilDate": "tomorrow"},
        {"ValidUntilDate<": "2027-13-01"},
        {"ValidUntilDate>": "9999-12-31T23:59:59-23:59"},
        {"SortBy": "name"},
        {"SortDirection": "up"},
    ],
)
def test_what_is_no_filter_is_refused(query: dict[str, str], ada: Caller, irish: Regulation) -> None:
    refused(ada.get(BUNDLES, query), 20001, 400)


@pytest.fixture
def many(account: Account, irish: Regulation) -> list[Bundle]:
    """Seven: changed in another order than made, three of them with an end, two of those with the same."""
    ends = {0: NOON, 3: NOON - dt.timedelta(days=3), 5: NOON}
    rows = [
        running_out(account, items=[], valid_until=ends[i]) if i in ends else irish_bundle(account, items=[])
        for i in range(7)
    ]
    start = timezone.now()
    for place, index in enumerate([4, 2, 6, 0, 5, 1, 3]):
        Bundle.objects.filter(pk=rows[index].pk).update(updated_at=start + dt.timedelta(seconds=place // 2))
    return [Bundle.objects.get(pk=row.pk) for row in rows]


FAR = dt.datetime.max.replace(tzinfo=dt.UTC)
KEYS = {
    "date-created": lambda row: row.pk,
    "date-updated": lambda row: (row.updated_at, row.pk),
    "valid-until": lambda row: (row.valid_until or FAR, row.pk),
}


@pytest.mark.parametrize("direction", ["ASC", "DESC"])
@pytest.mark.parametrize("sort_by", sorted(KEYS))
@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_pages_go_through_every_order_forth_and_back(
    sort_by: str, direction: str, size: int, ada: Caller, many: list[Bundle]
) -> None:
    wanted = [row.sid for row in sorted(many, key=KEYS[sort_by], reverse=direction == "DESC")]
    pages = list(paged(ada, SortBy=sort_by, SortDirection=direction, PageSize=str(size)))
    assert [row["sid"] for page in pages for row in page["results"]] == wanted
    back = pages[-1]
    for earlier in reversed(pages[:-1]):
        url = back["meta"]["previous_page_url"]
        back = ada.get(url[url.index("/v2") :]).json()
        assert [row["sid"] for row in back["results"]] == [row["sid"] for row in earlier["results"]]
    assert back["meta"]["previous_page_url"] is None


def test_newest_first_unless_asked_otherwise(ada: Caller, many: list[Bundle]) -> None:
    assert listed(ada) == [row.sid for row in reversed(many)]


@pytest.mark.parametrize("other", ["", "SortBy=date-updated&", "SortBy=valid-until&SortDirection=ASC&"])
def test_a_token_is_of_its_order(other: str, ada: Caller, many: list[Bundle]) -> None:
    page = ada.get(BUNDLES, {"SortBy": "valid-until", "PageSize": "2"}).json()
    token = page["meta"]["next_page_url"].partition("PageToken=")[2]
    refused(ada.get(f"{BUNDLES}?{other}PageToken={token}"), 21481, 400)


def test_the_list_is_the_accounts_own(mallory: Caller, three: list[Bundle]) -> None:
    assert listed(mallory) == []
    assert listed(mallory, BundleSids=three[0].sid) == []
    assert listed(mallory, FriendlyName="draft") == []
