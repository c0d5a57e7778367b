"""Another account's bundles are not there: on every path the same 404, after the same queries."""

from collections.abc import Callable
from functools import partial

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Account
from compliance.lifecycle import BundleState
from compliance.models import Bundle
from compliance.services import evaluations
from tests.api.bundles.conftest import BUNDLES
from tests.api.bundles.irish import irish_bundle
from tests.api.conftest import Caller
from tests.api.test_incoming import refused

pytestmark = pytest.mark.django_db

#: Below a bundle: {item} and {evaluation} are its own.
PATHS = ["", "/ItemAssignments", "/ItemAssignments/{item}", "/Evaluations", "/Evaluations/{evaluation}", "/Copies"]
POSTS = {
    "": {"Status": "pending-review"},
    "/ItemAssignments": {"ObjectSid": "RD" + "0" * 32},
    "/Evaluations": {},
    "/Copies": {},
    "/ReplaceItems": {"FromBundleSid": "BU" + "0" * 32},
    "/Clones": {"TargetAccountSid": "AC" + "0" * 32},
}
DELETES = ["", "/ItemAssignments/{item}"]


def _posted(form: dict[str, str], caller: Caller, path: str) -> object:
    return caller.post(path, form)


REQUESTS: dict[str, Callable[[Caller, str], object]] = {
    **{f"GET {tail}": lambda caller, path: caller.get(path) for tail in PATHS},
    **{f"POST {tail}": partial(_posted, form) for tail, form in POSTS.items()},
    **{f"DELETE {tail}": lambda caller, path: caller.delete(path) for tail in DELETES},
}


@pytest.fixture
def hers(account: Account) -> Bundle:
    return irish_bundle(account, BundleState.APPROVED)


@pytest.mark.parametrize("name", sorted(REQUESTS))
def test_a_strangers_bundle_is_as_unknown_as_none(name: str, hers: Bundle, mallory: Caller) -> None:
    inside = {"item": hers.items.earliest("pk").sid, "evaluation": evaluations.run(hers).sid}
    tail = name.partition(" ")[2].format(**inside)
    seen = []
    for sid in (hers.sid, "BU" + "0" * 32):
        with CaptureQueriesContext(connection) as captured:
            answer = REQUESTS[name](mallory, f"{BUNDLES}/{sid}{tail}")
        refused(answer, 20404, 404)
        seen.append([query["sql"].replace(sid, "BU…") for query in captured if "accounts_" not in query["sql"]])
    assert [len(queries) for queries in seen] == [len(seen[0])] * 2
    assert [sql.partition("WHERE")[0] for sql in seen[0]] == [sql.partition("WHERE")[0] for sql in seen[1]]


def test_items_of_one_bundle_are_not_those_of_another(account: Account, ada: Caller) -> None:
    first, second = irish_bundle(account), irish_bundle(account)
    item, evaluation = first.items.earliest("pk").sid, evaluations.run(first).sid
    for tail in (f"ItemAssignments/{item}", f"Evaluations/{evaluation}"):
        refused(ada.get(f"{BUNDLES}/{second.sid}/{tail}"), 20404, 404)
        assert ada.get(f"{BUNDLES}/{first.sid}/{tail}").status_code == 200
    refused(ada.delete(f"{BUNDLES}/{second.sid}/ItemAssignments/{item}"), 20404, 404)


@pytest.mark.parametrize("sid", ["BU1", "bu" + "0" * 32, "BU" + "G" * 32, "RN" + "0" * 32])
def test_a_malformed_sid_is_a_path_that_there_is_not(sid: str, ada: Caller) -> None:
    refused(ada.get(f"{BUNDLES}/{sid}"), 20404, 404)
